"""Keys and text for the guest, chosen on the page of its screen."""

from __future__ import annotations

from textual import events

from tests.scenes import fleet
from tests.scenes.running_app import FixedClock, RunningApp, running_app
from virttui.modals.base.chooser import PickerDialog
from virttui.modals.base.confirm import ConfirmDialog
from virttui.model.commands import Verb
from virttui.model.domains.guest_screen import Display, GuestDisplays, KeysArguments
from virttui.model.domains.keyboard_layouts import LAYOUTS, typed
from virttui.model.tasks import Progress, Task, TaskState
from virttui.screens.guest_screen.screen import GuestScreen

from .watched import DISPLAYS, NAME, text_screen, watched

LOGIN = f"{NAME} login:"
WINDOWS = GuestDisplays((Display("vnc", "127.0.0.1", 5903),), ("qxl",), 1, windows=True)


def sent(ui: RunningApp) -> list[KeysArguments]:
    """The keys that were submitted so far."""
    found = [one for one in ui.backend.commands if one.verb is Verb.SEND_KEYS]
    return [one.arguments for one in found if isinstance(one.arguments, KeysArguments)]


async def tell(ui: RunningApp, state: TaskState, progress: Progress | None = None) -> None:
    """Tell how the last command goes on."""
    await ui.publish(
        Task(
            ui.backend.numbers - 1,
            ui.backend.commands[-1],
            state,
            fleet.NOW,
            fleet.EPOCH,
            words="sent it" if state is TaskState.DONE else "",
            progress=progress,
        )
    )


async def choose(ui: RunningApp, words: str) -> None:
    """Choose an item of the menu beside the screen."""
    page = ui.top()
    assert isinstance(page, GuestScreen)
    if not page.sender.focused:
        await ui.press("tab")
    place = [item.words for item in page.sender.items].index(words)
    await ui.press(*["down"] * (place - page.sender.place), *["up"] * (page.sender.place - place))
    await ui.press("enter")


async def test_the_menu_beside_the_screen_sends_a_key_and_says_so() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        page = await watched(ui, clock, text_screen(LOGIN), LOGIN)
        assert "─ send keys ─" in ui.text("side") and "▌" not in ui.text("side")
        await choose(ui, "ctrl+alt+f2")
        assert "▌ ctrl+alt+f2      second login" in ui.text("side")
        (keys,) = sent(ui)
        assert keys == KeysArguments(((29, 56, 60),), "ctrl+alt+f2")
        assert ui.backend.commands[-1].target.name == NAME
        looked = len(page.asked)
        await tell(ui, TaskState.DONE)
        await page.pass_by(1.0)
        assert len(page.asked) == looked + 1, "what came of it is looked at"
        await ui.press("escape")
        assert "▌" not in ui.text("side") and ui.top() is page.page


async def test_at_80x24_the_menu_lies_over_the_screen_and_is_searched() -> None:
    clock = FixedClock()
    async with running_app((80, 24), clock=clock) as ui:
        await watched(ui, clock, text_screen(LOGIN), LOGIN)
        await ui.press("tab")
        assert isinstance(ui.top(), PickerDialog)
        await ui.type("sysrq s")
        await ui.press("enter")
        await ui.frame()
        assert sent(ui) == [KeysArguments(((56, 99, 31),), "sysrq s")]


async def test_what_loses_work_asks_with_the_name_and_what_is_lost() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await watched(ui, clock, text_screen(LOGIN), LOGIN)
        for words, lost in (("ctrl+alt+del", "A Linux reboots at once"),
                            ("sysrq b", "what was not written to its disks is lost")):  # fmt: skip
            await choose(ui, words)
            assert isinstance(ui.top(), ConfirmDialog)
            assert f"Send {words} to {NAME} on kvm01?" in ui.screen_text()
            assert lost in " ".join(ui.screen_text().split())
            await ui.press("enter")
            assert not sent(ui), "Cancel has the focus"
            await ui.press("escape")
        await choose(ui, "sysrq b")
        await ui.press("y")
        assert [one.label for one in sent(ui)] == ["sysrq b"]


async def test_a_windows_logs_in_with_ctrl_alt_del_without_a_question() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await watched(ui, clock, text_screen("Press Ctrl+Alt+Delete"), "Press Ctrl", WINDOWS)
        assert "sysrq" not in ui.text("side")
        await choose(ui, "ctrl+alt+del")
        assert [one.strokes for one in sent(ui)] == [((29, 56, 111),)]


async def test_a_text_is_typed_with_enter_or_without() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await watched(ui, clock, text_screen(LOGIN), LOGIN)
        await choose(ui, "type a text…")
        await ui.type("ro")
        await ui.press("enter")
        assert sent(ui) == [KeysArguments(((19,), (24,), (28,)), "2 characters and enter")]
        await tell(ui, TaskState.DONE)
        await choose(ui, "type a text…")
        await ui.type("A")
        await ui.press("tab")
        assert sent(ui)[-1] == KeysArguments(((42, 30),), "1 character")


async def test_a_password_is_not_shown_nor_kept() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await watched(ui, clock, text_screen("Password: "), "Password:")
        await choose(ui, "type a password…")
        await ui.type("hunter2")
        assert "hunter2" not in ui.painted() and "•••••••" in ui.painted()
        await ui.press("enter")
        assert sent(ui)[0].strokes == typed("hunter2\n", LAYOUTS["us"])[0]
        assert "hunter2" not in repr(ui.backend.commands) and "35" not in repr(sent(ui))
        page = ui.top()
        assert isinstance(page, GuestScreen) and page.prompt.text == ""


async def test_the_layout_is_that_of_the_display_and_can_be_chosen() -> None:
    clock = FixedClock()
    german = GuestDisplays(DISPLAYS.displays, ("virtio",), 1, keymap="de")
    async with running_app((120, 36), clock=clock) as ui:
        await watched(ui, clock, text_screen(LOGIN), LOGIN, german)
        await choose(ui, "type a text…")
        await ui.type("z")
        await ui.press("tab")
        assert sent(ui)[-1].strokes == ((21,),)
        await tell(ui, TaskState.DONE)
        await choose(ui, "layout")
        await ui.type("us")
        await ui.press("enter")
        await ui.frame()
        await choose(ui, "type a text…")
        await ui.type("zß")
        await ui.press("tab")
        assert "not on a us keyboard: ß" in ui.text("answer") and len(sent(ui)) == 1


async def test_another_key_is_named() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await watched(ui, clock, text_screen(LOGIN), LOGIN)
        await choose(ui, "another key…")
        await ui.type("hyper+x")
        await ui.press("enter")
        assert "hyper is not held with others" in ui.text("answer") and not sent(ui)
        await choose(ui, "another key…")
        await ui.type("shift+f10")
        await ui.press("enter")
        assert sent(ui) == [KeysArguments(((42, 68),), "shift+f10")]


async def test_a_paste_asks_says_how_far_it_is_and_can_be_stopped() -> None:
    clock = FixedClock()
    async with running_app((80, 24), clock=clock) as ui:
        await watched(ui, clock, text_screen(LOGIN), LOGIN)
        for answer, count in (("n", 0), ("y", 1)):
            ui.app.screen.post_message(events.Paste("uname -a\r\nid\n"))
            await ui.settle()
            assert f"types 13 characters in 2 lines into {NAME}" in ui.text("answer")
            await ui.press("x", answer)
            assert len(sent(ui)) == count
        assert sent(ui)[0].strokes == typed("uname -a\nid\n", LAYOUTS["us"])[0]
        await tell(ui, TaskState.RUNNING, Progress(4, 12, None, "key"))
        assert f"sends 12 keys to {NAME}: 4 so far" in ui.text("answer")
        await ui.press("q")
        assert not ui.backend.cancelled
        await ui.press("escape")
        assert ui.backend.cancelled == [ui.backend.numbers - 1]
        await tell(ui, TaskState.CANCELLED, Progress(5, 12, None, "key"))
        assert "stopped after 5 keys" in ui.text("keys")


async def test_nothing_is_sent_to_a_guest_that_is_off() -> None:
    async with running_app((120, 36)) as ui:
        ui.put_cursor("legacy-crm-2011")
        await ui.press("v", "tab")
        assert "send keys: " in ui.text("answer") and not ui.backend.commands


async def test_the_line_opens_the_screen_and_sends() -> None:
    async with running_app((120, 36)) as ui:
        ui.backend.displays, ui.backend.screenshot = DISPLAYS, text_screen(LOGIN)
        await ui.press("colon")
        await ui.type(f"keys alt+f2 enter on {NAME}")
        await ui.press("enter")
        await ui.wait_for(lambda: sent(ui), "keys")
        assert sent(ui) == [KeysArguments(((56, 60), (28,)), "alt+f2 enter")]
        assert isinstance(ui.top(), GuestScreen)


async def test_the_line_asks_for_what_loses_work_and_keeps_no_text() -> None:
    async with running_app((120, 36)) as ui:
        ui.backend.displays, ui.backend.screenshot = DISPLAYS, text_screen(LOGIN)
        await ui.press("colon")
        await ui.type(f"keys sysrq b on {NAME}")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.top(), ConfirmDialog), "a question")
        await ui.press("escape", "escape")
        assert ui.top() is ui.console and not sent(ui)
        await ui.press("colon")
        await ui.type(f"type --enter 'my secret' on {NAME}")
        await ui.press("enter")
        await ui.wait_for(lambda: sent(ui), "a text")
        assert sent(ui)[0].label == "9 characters and enter"
        await tell(ui, TaskState.DONE)
        await ui.press("escape", "colon", "up")
        assert "my secret" not in ui.painted()
