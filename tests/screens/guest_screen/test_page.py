"""The page of a guest's screen in the running app, on scripted screenshots."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import FixedClock, running_app
from virttui.model.commands import Verb
from virttui.model.domains.guest_screen import GuestDisplays
from virttui.model.errors import TimedOut
from virttui.model.queries import DisplaysQuery, ScreenshotQuery
from virttui.screens.console.screen import ConsoleScreen
from virttui.screens.guest_screen.watch import EVERY, LOST
from virttui.terminal.images.decode import decode

from .watched import NAME, graphics, lines_of, text_screen, watched

LOGIN = f"{NAME} login:"


def saved_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_v_shows_a_text_screen_as_text() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        page = await watched(ui, clock, text_screen("Debian 12", "", LOGIN), f"│{LOGIN}")
        assert page.asked[0].key == fleet.key(NAME)
        assert "80x25, read as text ─" in ui.text("rule")
        side = ui.text("side")
        assert "shows    text, 80x25" in side and "vnc 127.0.0.1:5907" in side
        assert "virtio, 1 screen" in side and "It waits for a login." in side
        assert f"{NAME}  It waits for a login." in ui.text("answer")


async def test_at_80x24_it_has_22_rows_one_line_above_and_one_below() -> None:
    clock = FixedClock()
    async with running_app((80, 24), clock=clock) as ui:
        await watched(ui, clock, text_screen(*lines_of(25)), "line 25")
        lines = ui.painted().splitlines()
        assert lines[0].startswith(f"━━ kvm01 › {NAME} › screen ─")
        assert lines[0].endswith(" rows 4-25 of 25 ─")
        assert lines[1].startswith("line 4") and lines[22].startswith("line 25")
        assert lines[23].startswith(" tab send keys  enter look now  u freeze")
        await ui.press("g")
        assert ui.painted().splitlines()[1].startswith("line 1 ")
        assert "rows 1-22 of 25" in ui.text("rule")
        await ui.press("G")
        assert "rows 4-25 of 25" in ui.text("rule")


async def test_it_is_looked_at_again_after_its_time_and_not_before() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        page = await watched(ui, clock, text_screen("one"), "one")
        await page.pass_by(EVERY - 0.1)
        assert len(page.asked) == 1
        await page.shows(text_screen("two"), "two")
        assert len(page.asked) == 2
        await ui.press("enter")
        assert len(page.asked) == 3
        await ui.press("u")
        await page.pass_by(10 * EVERY)
        assert len(page.asked) == 3 and "frozen" in ui.text("rule")
        await ui.press("u")
        await page.pass_by(0)
        assert len(page.asked) == 4


async def test_what_stays_the_same_paints_nothing_though_the_cursor_blinks() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        page = await watched(ui, clock, text_screen(LOGIN), LOGIN)
        since = page.page.screen_watch.since
        painted: list[object] = []
        page.page.rows.refresh = lambda *regions, **how: painted.append(regions)  # type: ignore[assignment, method-assign]
        for cursor in ((15, 0), None, (15, 0)):
            ui.backend.screenshot = text_screen(LOGIN, cursor=cursor)
            await page.pass_by(EVERY)
            count = len(page.asked)
            await ui.wait_for(lambda: page.page.screen_watch.data == ui.backend.screenshot.data)  # type: ignore[union-attr]
            assert count > 1
        assert not painted and page.page.screen_watch.since == since


async def test_pictures_are_asked_for_only_while_the_page_is_on_top() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        page = await watched(ui, clock, text_screen("one"), "one")
        await ui.press("question_mark")
        await page.pass_by(10 * EVERY)
        assert len(page.asked) == 1
        await ui.press("escape")
        await ui.wait_for(lambda: len(page.asked) == 2, "it looks again")
        await ui.press("escape")
        assert ui.top() is ui.console and ui.backend.inspected[-1] is None
        await page.pass_by(10 * EVERY)
        assert len(page.asked) == 2


async def test_an_image_is_drawn_by_quadrants_and_i_takes_another_way() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        page = await watched(ui, clock, graphics(), "800x600 in 69x26 cells")
        assert "drawn    by quadrants" in ui.text("side")
        assert "Too coarse to read" in ui.text("side")
        await ui.press("i")
        await ui.wait_for(lambda: "by half blocks" in ui.text("side"))
        await ui.press("i")
        await ui.wait_for(lambda: "by letters" in ui.text("side"))
        await ui.press("slash")
        assert "search: an image has no text" in ui.text("answer")
        await page.shows(text_screen(LOGIN), "720x400 in")
        await ui.press("i")
        await ui.wait_for(lambda: f"│{LOGIN}" in ui.painted(), "text after the last way")


async def test_without_colours_an_image_is_letters() -> None:
    clock = FixedClock()
    async with running_app(clock=clock, theme="none") as ui:
        await watched(ui, clock, graphics(), "800x600 in")
        assert "by letters" in ui.text("side")


async def test_a_guest_that_does_not_answer_stops_only_its_own_page() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        page = await watched(ui, clock, text_screen(LOGIN), LOGIN)
        why = "kvm01 took no picture within 5 s: its QEMU is busy"
        ui.backend.screenshot = TimedOut(why)
        await page.pass_by(EVERY)
        await ui.wait_for(lambda: why in ui.text("answer"))
        assert LOGIN in ui.painted(), "what was seen last stays"
        assert "as of " in ui.text("rule")
        await page.shows(text_screen("alive"), "alive")
        assert "as of " not in ui.text("rule") and why not in ui.text("answer")


async def test_an_answer_that_never_comes_is_asked_for_again() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        page = await watched(ui, clock, text_screen("one"), "one")
        ui.backend.mute = True
        await page.pass_by(EVERY)
        await page.pass_by(EVERY)
        assert len(page.asked) == 2
        await page.pass_by(LOST)
        assert len(page.asked) == 3


async def test_a_guest_that_is_off_is_not_asked_and_is_waited_for() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        ui.put_cursor("legacy-crm-2011")
        await ui.press("v")
        await ui.wait_for(lambda: "is off, so it has no screen." in ui.text("words"))
        assert "s start" in ui.text("keys") and not ui.backend.queries_of(ScreenshotQuery)
        await ui.press("s")
        assert ui.backend.commands[-1].verb is Verb.START


async def test_search_lights_the_matches_and_escape_ends_it_first() -> None:
    clock = FixedClock()
    async with running_app((80, 24), clock=clock) as ui:
        screen = text_screen("failed one", *lines_of(22), "Failed two", LOGIN)
        page = await watched(ui, clock, screen, LOGIN)
        await ui.press("slash")
        await ui.type("failed")
        await ui.press("enter")
        assert "/failed 2 of 2" in ui.text("rule")
        await ui.press("n")
        assert "/failed 1 of 2" in ui.text("rule") and "failed one" in ui.painted()
        await ui.press("N")
        assert "/failed 2 of 2" in ui.text("rule")
        await ui.press("slash", *["backspace"] * 6)
        await ui.type("nowhere")
        await ui.press("enter")
        assert "no line has nowhere" in ui.screen_text()
        await ui.press("escape")
        # The line of the message gives its row back, and then the rule says so.
        await ui.wait_for(lambda: "rows 4-25" in ui.text("rule"))
        assert page.page.search.text == ""
        await ui.press("escape")
        assert ui.top() is ui.console


async def test_y_copies_the_text() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        await watched(ui, clock, text_screen("one", "", LOGIN), LOGIN)
        await ui.press("y")
        assert ui.app.clipboard == f"one\n\n{LOGIN}"
        assert "copied 3 lines of its screen" in ui.text("answer")


async def test_e_saves_what_the_host_sent_and_replaces_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        page = await watched(ui, clock, graphics(), "800x600 in")
        await ui.press("e", "enter")
        await ui.wait_for(lambda: "saved " in ui.text("answer"))
        (path,) = saved_in(tmp_path)
        assert path.name.startswith(f"{NAME}-") and path.suffix == ".png"
        assert path.read_bytes() == page.page.screen_watch.data and path.stat().st_mode & 0o077 == 0
        assert decode(path.read_bytes()).width == 800
        await ui.press("e", "enter")
        await ui.wait_for(lambda: "is there already; choose another name" in ui.text("answer"))
        await ui.press("e")
        await ui.type("/nowhere")
        await ui.press("enter")
        await ui.wait_for(lambda: "nowhere: Not a directory" in ui.text("answer"))


async def test_a_domain_without_video_says_so() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        ui.backend.displays = GuestDisplays()
        ui.backend.mute = False
        ui.put_cursor(NAME)
        await ui.press("v")
        await ui.wait_for(lambda: "has no video device" in ui.text("words"))
        assert "its console is c" in ui.text("words")


async def test_o_goes_to_the_other_screen() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        two = GuestDisplays((), ("qxl", "qxl"), 2)
        page = await watched(ui, clock, text_screen("first"), "first", two)
        ui.backend.screenshot = text_screen("second")
        await ui.press("o")
        await page.pass_by(0)
        await ui.wait_for(lambda: "second" in ui.painted())
        assert page.asked[-1].screen == 1 and "its screen 2 of 2" in ui.text("rule")


async def test_a_lifecycle_key_asks_on_the_page_of_a_running_guest() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        await watched(ui, clock, text_screen(LOGIN), LOGIN)
        await ui.press("p")
        assert "Pause" in ui.screen_text() and not ui.backend.commands
        await ui.press("escape")


async def test_from_the_screen_to_the_console_and_back() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        page = await watched(ui, clock, text_screen(LOGIN), LOGIN)
        await ui.press("c")
        await ui.wait_for(lambda: ui.top() is page.page, "no serial port, so it is back")
        assert "has no serial port" in ui.text("answer")


async def test_a_host_opened_for_reading_takes_no_picture_and_says_so() -> None:
    first, *others = fleet.inventories()
    only_read = replace(first, host=replace(first.host, read_only=True))
    async with running_app(messages=(only_read, *others), read_only=True) as ui:
        ui.put_cursor(NAME)
        await ui.press("v")
        assert not ui.backend.queries_of(DisplaysQuery)
        assert (
            "screen: libvirt takes no picture here: kvm01 was opened for reading only"
            in ui.text("answer")
        )


async def test_from_the_console_v_shows_the_screen() -> None:
    from tests.screens.console.test_page import STOP, opened

    async with running_app() as ui:
        ui.backend.screenshot = text_screen(LOGIN)
        await opened(ui)
        await ui.press(STOP, "v")
        await ui.wait_for(lambda: LOGIN in ui.painted())
        await ui.press("escape")
        assert isinstance(ui.top(), ConsoleScreen) and ui.backend.consoles
