"""Quick edits: ``e``, ``:set``, one domain and several, some of which refuse."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.arguments import arguments_of
from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from tests.scenes.xml_editor import RUNNING, SECRET, XML, document
from virttui.modals.domains.edit_preview import EditDialog
from virttui.modals.domains.setting import SettingDialog
from virttui.modals.domains.settings import SettingsDialog
from virttui.model.commands import ApplyWhen, Command, EditArguments, SettingChange, Verb
from virttui.model.documents import DocumentText
from virttui.model.errors import TimedOut

NAMES = ("web-01", "web-02", "web-03")


def script(made: RunningApp, *names: str, live: bool = False) -> None:
    """Give domains a definition like web-01's."""
    for name in names:
        xml = XML.replace("web-01", name)
        made.backend.definitions[document(name)] = DocumentText(
            document(name), xml, RUNNING.replace("web-01", name) if live else ""
        )


async def chosen(made: RunningApp, words: str) -> None:
    """``e``, and an entry by its words."""
    made.put_cursor("web-01")
    await made.press("e")
    assert isinstance(made.top(), SettingsDialog)
    await made.wait_for(lambda: "memory" in made.text("foot"), "its settings")
    await made.type(words)
    await made.press("enter")


async def looked_at(made: RunningApp) -> str:
    """Wait for what an edit would change."""
    await made.wait_for(lambda: isinstance(made.app.screen, EditDialog), "the change")
    await made.wait_for(lambda: "reading" not in made.text("body"), "all definitions")
    await made.settle()
    return made.text("body")


def only(made: RunningApp) -> Command:
    (command,) = made.backend.commands
    return command


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_a_setting_is_chosen_typed_looked_at_and_made(size: tuple[int, int]) -> None:
    async with running_app(size) as made:
        script(made, "web-01")
        await chosen(made, "title")
        assert isinstance(made.top(), SettingDialog)
        await made.press("enter")
        assert isinstance(made.top(), SettingDialog), "the same value is no edit"
        await made.press("end")
        await made.type(" and last")
        await made.press("enter")
        body = await looked_at(made)
        assert "Shop, first</title>" in body and "Shop, first and last</title>" in body
        assert SECRET not in made.painted()
        assert "(•) next boot" in body
        await made.press("enter")
        assert made.backend.commands == []
        assert isinstance(made.top(), SettingDialog), "back leads to the form again"
        assert made.app.screen.query_one(Input).value == "Shop, first and last"
        await made.type("Shop, first!")
        await made.press("enter")
        await looked_at(made)
        await made.press("y")
        command = only(made)
        assert (
            command.verb is Verb.EDIT
            and arguments_of(command, EditArguments).when is ApplyWhen.NEXT_BOOT
        )
        assert arguments_of(command, EditArguments).change == SettingChange(
            "title", "", (("", "Shop, first!"),)
        )
        assert command.target.key == fleet.key("web-01")


async def test_a_value_that_cannot_be_is_refused_in_the_form() -> None:
    async with running_app((80, 24)) as made:
        script(made, "web-01")
        await chosen(made, "memory")
        field = made.app.screen.query_one(Input)
        assert field.selected_text == field.value != ""
        await made.press("end")
        await made.type("200M")
        await made.press("enter")
        await made.wait_for(lambda: "is not a size" in made.text("foot"), "why not")
        assert isinstance(made.top(), SettingDialog) and "setmem" not in made.painted()
        await made.press("backspace")
        assert "is not a size" not in made.text("foot"), "something else is typed now"
        await made.press("home", "ctrl+k")
        await made.type("2G")
        await made.press("enter")
        assert "setmem" in await looked_at(made)
        assert made.backend.commands == []


async def test_a_setting_with_few_values_lists_them_and_arrows_choose() -> None:
    async with running_app((80, 24)) as made:
        script(made, "web-01")
        await chosen(made, "nic1 link")
        assert "up  down" in made.text("foot")
        await made.press("right", "enter")
        assert "link" in await looked_at(made)
        await made.press("y")
        assert arguments_of(only(made), EditArguments).change == SettingChange(
            "link", "nic1", (("", "down"),)
        )


async def test_a_network_is_chosen_from_those_of_the_host() -> None:
    async with running_app((80, 24)) as made:
        script(made, "web-01")
        await chosen(made, "nic1 network")
        here = made.app.fleet_state().inventories["kvm01"].networks.values()
        assert here and all(one.name in made.text("foot") for one in here)


async def test_what_cannot_be_made_has_no_line_by_hand() -> None:
    async with running_app((80, 24)) as made:
        script(made, "web-01")
        made.put_cursor("web-01")
        await made.type(":set memory lots")
        await made.press("enter")
        body = await looked_at(made)
        assert "lots is not a size" in body and "setmem" not in body and "when" not in body


async def test_when_is_chosen() -> None:
    async with running_app() as made:
        script(made, "web-01", live=True)
        made.put_cursor("web-01")
        await made.type(":set nic1 link down")
        await made.press("enter")
        body = await looked_at(made)
        assert "(•) now and next boot" in body and "link" in body
        await made.press("w")
        assert "(•) next boot" in made.text("body")
        await made.press("w", "y")
        assert arguments_of(only(made), EditArguments).when is ApplyWhen.LIVE
        assert arguments_of(only(made), EditArguments).change == SettingChange(
            "link", "nic1", (("", "down"),)
        )


async def test_what_a_guest_takes_only_at_its_next_boot_is_said() -> None:
    async with running_app() as made:
        script(made, "web-01", live=True)
        made.put_cursor("web-01")
        await made.type(":set cpu host-passthrough")
        await made.press("enter")
        await looked_at(made)
        await made.press("w", "w")
        assert "nothing is restarted" in made.text("body") or "next boot" in made.text("body")
        await made.press("escape")
        assert made.backend.commands == []


async def test_an_edit_of_several_names_those_it_leaves_out() -> None:
    async with running_app((80, 24)) as made:
        script(made, "web-01")
        xml = XML.replace("web-01", "web-02").replace("Shop, first", "Shop")
        made.backend.definitions[document("web-02")] = DocumentText(document("web-02"), xml)
        made.backend.definitions[document("web-03")] = TimedOut("kvm02 does not answer")
        await made.type(":set title Shop on web-01 web-02 web-03")
        await made.press("enter")
        body = await looked_at(made)
        assert "has this value already" in body and "kvm02 does not answer" in body
        assert "Apply to 1" in body
        await made.press("down")
        assert "the stored definition already has this value" in made.text("body")
        await made.press("y")
        assert only(made).target.name == "web-01"


async def test_marks_are_edited_together() -> None:
    async with running_app() as made:
        script(made, *NAMES)
        for name in NAMES:
            made.put_cursor(name)
            await made.press("space")
        await made.type(":set vcpus 2")
        await made.press("enter")
        assert "Apply to 3" in await looked_at(made)
        await made.press("y")
        assert {command.target.name for command in made.backend.commands} == set(NAMES)
        assert {
            arguments_of(command, EditArguments).change for command in made.backend.commands
        } == {SettingChange("vcpus", "", (("", "2"),))}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("set memory", "say what to set"),
        ("set nonsense", "nonsense"),
        ("set memory ", "it needs"),
        ("set autostart perhaps", "autostart is on or off"),
        ("set vda nonsense x", "cannot be set of a device"),
        ("set remove ", "name the device"),
        ("set title x on no-such-domain", "no-such-domain"),
    ],
)
async def test_a_line_that_makes_no_sense_sets_nothing(line: str, said: str) -> None:
    async with running_app() as made:
        script(made, "web-01")
        made.put_cursor("web-01")
        await made.type(f":{line}")
        await made.press("enter")
        await made.wait_for(lambda: said in made.painted(), "what is wrong")
        assert made.backend.commands == [] and made.top() is made.console


async def test_values_that_cannot_be_are_refused_in_words() -> None:
    async with running_app() as made:
        script(made, "web-01")
        made.put_cursor("web-01")
        await made.type(":set memory lots")
        await made.press("enter")
        await made.settle()
        if made.top() is not made.console:
            assert "lots" in await looked_at(made)
            await made.press("y")
        assert made.backend.commands == []


async def test_set_is_completed() -> None:
    async with running_app() as made:
        made.put_cursor("web-01")
        await made.type(":set mem")
        await made.press("tab")
        assert "set memory" in made.console.query_one("Prompt Input", Input).value


async def test_a_read_only_run_sets_nothing() -> None:
    async with running_app(read_only=True) as made:
        script(made, "web-01")
        made.put_cursor("web-01")
        await made.press("e")
        assert made.top() is made.console and "read-only" in made.painted()
        await made.type(":set title x")
        await made.press("enter")
        await made.settle()
        assert made.top() is made.console and made.backend.commands == []
        await made.wait_for(lambda: "set: this run is read-only" in made.painted(), "the reason")


async def test_a_definition_that_cannot_be_had_is_told() -> None:
    async with running_app() as made:
        made.backend.definitions[document()] = TimedOut("kvm01 does not answer")
        made.put_cursor("web-01")
        await made.press("e")
        await made.wait_for(lambda: "does not answer" in made.screen_text(), "why")
        await made.press("enter")
        assert made.backend.commands == []
