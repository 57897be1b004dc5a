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


def script(ui: RunningApp, *names: str, live: bool = False) -> None:
    """Give domains a definition like web-01's."""
    for name in names:
        xml = XML.replace("web-01", name)
        ui.backend.definitions[document(name)] = DocumentText(
            document(name), xml, RUNNING.replace("web-01", name) if live else ""
        )


async def chosen(ui: RunningApp, words: str) -> None:
    """``e``, and an entry by its words."""
    ui.put_cursor("web-01")
    await ui.press("e")
    assert isinstance(ui.top(), SettingsDialog)
    await ui.wait_for(lambda: "memory" in ui.text("foot"), "its settings")
    await ui.type(words)
    await ui.press("enter")


async def looked_at(ui: RunningApp) -> str:
    """Wait for what an edit would change."""
    await ui.wait_for(lambda: isinstance(ui.app.screen, EditDialog), "the change")
    await ui.wait_for(lambda: "reading" not in ui.text("body"), "all definitions")
    await ui.settle()
    return ui.text("body")


def only(ui: RunningApp) -> Command:
    (command,) = ui.backend.commands
    return command


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_a_setting_is_chosen_typed_looked_at_and_made(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        script(ui, "web-01")
        await chosen(ui, "title")
        assert isinstance(ui.top(), SettingDialog)
        await ui.press("enter")
        assert isinstance(ui.top(), SettingDialog), "the same value is no edit"
        await ui.press("end")
        await ui.type(" and last")
        await ui.press("enter")
        body = await looked_at(ui)
        assert "Shop, first</title>" in body and "Shop, first and last</title>" in body
        assert SECRET not in ui.painted()
        assert "(•) next boot" in body
        await ui.press("enter")
        assert ui.backend.commands == []
        assert isinstance(ui.top(), SettingDialog), "back leads to the form again"
        assert ui.app.screen.query_one(Input).value == "Shop, first and last"
        await ui.type("Shop, first!")
        await ui.press("enter")
        await looked_at(ui)
        await ui.press("y")
        command = only(ui)
        assert (
            command.verb is Verb.EDIT
            and arguments_of(command, EditArguments).when is ApplyWhen.NEXT_BOOT
        )
        assert arguments_of(command, EditArguments).change == SettingChange(
            "title", "", (("", "Shop, first!"),)
        )
        assert command.target.key == fleet.key("web-01")


async def test_a_value_that_cannot_be_is_refused_in_the_form() -> None:
    async with running_app((80, 24)) as ui:
        script(ui, "web-01")
        await chosen(ui, "memory")
        field = ui.app.screen.query_one(Input)
        assert field.selected_text == field.value != ""
        await ui.press("end")
        await ui.type("200M")
        await ui.press("enter")
        await ui.wait_for(lambda: "is not a size" in ui.text("foot"), "why not")
        assert isinstance(ui.top(), SettingDialog) and "setmem" not in ui.painted()
        await ui.press("backspace")
        assert "is not a size" not in ui.text("foot"), "something else is typed now"
        await ui.press("home", "ctrl+k")
        await ui.type("2G")
        await ui.press("enter")
        assert "setmem" in await looked_at(ui)
        assert ui.backend.commands == []


async def test_a_setting_with_few_values_lists_them_and_arrows_choose() -> None:
    async with running_app((80, 24)) as ui:
        script(ui, "web-01")
        await chosen(ui, "nic1 link")
        assert "up  down" in ui.text("foot")
        await ui.press("right", "enter")
        assert "link" in await looked_at(ui)
        await ui.press("y")
        assert arguments_of(only(ui), EditArguments).change == SettingChange(
            "link", "nic1", (("", "down"),)
        )


async def test_a_network_is_chosen_from_those_of_the_host() -> None:
    async with running_app((80, 24)) as ui:
        script(ui, "web-01")
        await chosen(ui, "nic1 network")
        here = ui.app.fleet_state().inventories["kvm01"].networks.values()
        assert here and all(one.name in ui.text("foot") for one in here)


async def test_what_cannot_be_made_has_no_line_by_hand() -> None:
    async with running_app((80, 24)) as ui:
        script(ui, "web-01")
        ui.put_cursor("web-01")
        await ui.type(":set memory lots")
        await ui.press("enter")
        body = await looked_at(ui)
        assert "lots is not a size" in body and "setmem" not in body and "when" not in body


async def test_when_is_chosen() -> None:
    async with running_app() as ui:
        script(ui, "web-01", live=True)
        ui.put_cursor("web-01")
        await ui.type(":set nic1 link down")
        await ui.press("enter")
        body = await looked_at(ui)
        assert "(•) now and next boot" in body and "link" in body
        await ui.press("w")
        assert "(•) next boot" in ui.text("body")
        await ui.press("w", "y")
        assert arguments_of(only(ui), EditArguments).when is ApplyWhen.LIVE
        assert arguments_of(only(ui), EditArguments).change == SettingChange(
            "link", "nic1", (("", "down"),)
        )


async def test_what_a_guest_takes_only_at_its_next_boot_is_said() -> None:
    async with running_app() as ui:
        script(ui, "web-01", live=True)
        ui.put_cursor("web-01")
        await ui.type(":set cpu host-passthrough")
        await ui.press("enter")
        await looked_at(ui)
        await ui.press("w", "w")
        assert "nothing is restarted" in ui.text("body") or "next boot" in ui.text("body")
        await ui.press("escape")
        assert ui.backend.commands == []


async def test_an_edit_of_several_names_those_it_leaves_out() -> None:
    async with running_app((80, 24)) as ui:
        script(ui, "web-01")
        xml = XML.replace("web-01", "web-02").replace("Shop, first", "Shop")
        ui.backend.definitions[document("web-02")] = DocumentText(document("web-02"), xml)
        ui.backend.definitions[document("web-03")] = TimedOut("kvm02 does not answer")
        await ui.type(":set title Shop on web-01 web-02 web-03")
        await ui.press("enter")
        body = await looked_at(ui)
        assert "has this value already" in body and "kvm02 does not answer" in body
        assert "Apply to 1" in body
        await ui.press("down")
        assert "the stored definition already has this value" in ui.text("body")
        await ui.press("y")
        assert only(ui).target.name == "web-01"


async def test_marks_are_edited_together() -> None:
    async with running_app() as ui:
        script(ui, *NAMES)
        for name in NAMES:
            ui.put_cursor(name)
            await ui.press("space")
        await ui.type(":set vcpus 2")
        await ui.press("enter")
        assert "Apply to 3" in await looked_at(ui)
        await ui.press("y")
        assert {command.target.name for command in ui.backend.commands} == set(NAMES)
        assert {arguments_of(command, EditArguments).change for command in ui.backend.commands} == {
            SettingChange("vcpus", "", (("", "2"),))
        }


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
    async with running_app() as ui:
        script(ui, "web-01")
        ui.put_cursor("web-01")
        await ui.type(f":{line}")
        await ui.press("enter")
        await ui.wait_for(lambda: said in ui.painted(), "what is wrong")
        assert ui.backend.commands == [] and ui.top() is ui.console


async def test_values_that_cannot_be_are_refused_in_words() -> None:
    async with running_app() as ui:
        script(ui, "web-01")
        ui.put_cursor("web-01")
        await ui.type(":set memory lots")
        await ui.press("enter")
        await ui.settle()
        if ui.top() is not ui.console:
            assert "lots" in await looked_at(ui)
            await ui.press("y")
        assert ui.backend.commands == []


async def test_set_is_completed() -> None:
    async with running_app() as ui:
        ui.put_cursor("web-01")
        await ui.type(":set mem")
        await ui.press("tab")
        assert "set memory" in ui.console.query_one("Prompt Input", Input).value


async def test_a_read_only_run_sets_nothing() -> None:
    async with running_app(read_only=True) as ui:
        script(ui, "web-01")
        ui.put_cursor("web-01")
        await ui.press("e")
        assert ui.top() is ui.console and "read-only" in ui.painted()
        await ui.type(":set title x")
        await ui.press("enter")
        await ui.settle()
        assert ui.top() is ui.console and ui.backend.commands == []
        await ui.wait_for(lambda: "set: this run is read-only" in ui.painted(), "the reason")


async def test_a_definition_that_cannot_be_had_is_told() -> None:
    async with running_app() as ui:
        ui.backend.definitions[document()] = TimedOut("kvm01 does not answer")
        ui.put_cursor("web-01")
        await ui.press("e")
        await ui.wait_for(lambda: "does not answer" in ui.screen_text(), "why")
        await ui.press("enter")
        assert ui.backend.commands == []
