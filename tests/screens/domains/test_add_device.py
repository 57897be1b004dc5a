"""Adding a device: chosen, filled in, looked at, made; nothing happens before the last key."""

from __future__ import annotations

from textual.widgets import Input

from tests.arguments import arguments_of
from tests.planning.devices.guests import CARD, KNOWLEDGE, LOGI, Q35
from tests.scenes import fleet
from tests.scenes.results import result_of
from tests.scenes.running_app import RunningApp, ScriptedBackend, running_app
from virttui.modals.domains.device import DeviceDialog
from virttui.modals.domains.device_kinds import DeviceKindDialog
from virttui.modals.domains.edit_preview import EditDialog
from virttui.modals.domains.settings import SettingsDialog
from virttui.model.commands import ApplyWhen, EditArguments, Verb
from virttui.model.documents import DocumentText
from virttui.model.errors import TimedOut
from virttui.model.inventory import Volume
from virttui.model.queries import (
    DefinitionQuery,
    DefinitionResult,
    HostDevicesQuery,
    HostDevicesResult,
    HostValuesQuery,
    HostValuesResult,
    Query,
    VolumesQuery,
    VolumesResult,
)
from virttui.model.volumes import VolumeOperation
from virttui.screens.xml_editor.screen import XmlEditorScreen

GIB = 1024**3
VOLUMES = (
    Volume("data.qcow2", "/srv/default/data.qcow2", "qcow2", GIB, GIB),
    Volume("rescue.iso", "/srv/default/rescue.iso", "iso", GIB, GIB),
)


class Knowing:
    """Answers as a host does; what is in ``silent`` is asked in vain."""

    def __init__(self, backend: ScriptedBackend, stored: str = Q35, live: str = "") -> None:
        self._backend, self._stored, self._live = backend, stored, live
        self.silent: set[type[Query]] = set()
        backend.asked = self

    def __call__(self, query: Query) -> None:
        self._backend.queries.append(query)
        if type(query) in self.silent:
            return
        answer = result_of(query)
        if isinstance(query, DefinitionQuery):
            told = DocumentText(query.document, self._stored, self._live)
            answer = DefinitionResult(query, definition=told)
        elif isinstance(query, HostValuesQuery):
            answer = HostValuesResult(query, host_values=KNOWLEDGE)
        elif isinstance(query, VolumesQuery):
            answer = VolumesResult(query, volumes=VOLUMES)
        elif isinstance(query, HostDevicesQuery):
            answer = HostDevicesResult(query, devices=(CARD, LOGI))
        self._backend.publish(answer)


async def form(ui: RunningApp, kind: str, name: str = "old-wiki") -> Knowing:
    """Open the form of a device for a domain of the scene."""
    knowing = Knowing(ui.backend)
    ui.put_cursor(name)
    await type_line(ui, f"add {kind}")
    await ui.wait_for(lambda: isinstance(ui.app.screen, DeviceDialog), "the form")
    await ui.wait_for(lambda: "enter" in ui.text("keys"), "its fields")
    await ui.settle()
    return knowing


async def type_line(ui: RunningApp, line: str) -> None:
    await ui.press("colon")
    await ui.type(line)
    await ui.press("enter")


def field(ui: RunningApp) -> Input:
    found = ui.app.screen.query_one(Input)
    assert found.parent is not None
    return found


async def reviewed(ui: RunningApp) -> None:
    await ui.wait_for(lambda: isinstance(ui.app.screen, EditDialog), "the review")
    await ui.wait_for(lambda: "reading" not in ui.text("body"), "the change")


async def test_enter_is_enough_for_a_disk() -> None:
    async with running_app((80, 24)) as ui:
        await form(ui, "disk")
        assert field(ui).value == "volume"
        assert "data.qcow2" in ui.text("foot") and "qcow2, 1.0G" in ui.text("foot")
        assert "vdb" in ui.text("foot")
        await ui.press("enter")
        await reviewed(ui)
        assert "+" in ui.text("body") and "volume='data.qcow2'" in ui.text("body")
        assert ui.backend.commands == []
        await ui.press("y")
        (command,) = ui.backend.commands
        edit = arguments_of(command, EditArguments)
        assert command.verb is Verb.EDIT and edit.change is not None
        assert edit.change.value("words") == "disk vdb"
        assert "<target dev='vdb' bus='virtio'/>" in arguments_of(
            command, EditArguments
        ).change.value("xml")
        assert arguments_of(command, EditArguments).when is ApplyWhen.NEXT_BOOT, "it is off"


async def test_a_volume_that_somebody_has_is_named_in_the_review_and_asked_about() -> None:
    async with running_app() as ui:
        await form(ui, "disk", "legacy-crm-2011")
        await ui.press("right", "enter")
        await ui.type("/srv/default/gitlab.qcow2")
        await ui.press("enter")
        await reviewed(ui)
        said = " ".join(ui.text("body").split())
        assert "its volume is used by gitlab, which runs" in said
        await ui.press("y")
        assert ui.backend.commands == [] and "Anyway: Apply" in ui.text("body")
        await ui.press("y")
        (command,) = ui.backend.commands
        assert command.verb is Verb.EDIT


async def test_fields_are_walked_turned_and_typed() -> None:
    async with running_app() as ui:
        await form(ui, "disk")
        await ui.press("tab", "down", "down", "down")
        assert field(ui).value == "virtio"
        await ui.type("sc")
        assert "scsi" in ui.text("foot")
        await ui.press("tab")
        assert "scsi" in ui.text("body"), "what begins a value is that value"
        assert field(ui).value == "sda", "its target follows its bus"
        await ui.press("shift+tab", "left")
        assert field(ui).value == "ide" and "hda" in ui.text("foot")
        await ui.press("ctrl+u")
        await ui.type("floppy")
        await ui.press("tab")
        assert field(ui).value == "floppy" and "no match" in ui.text("foot")
        await ui.press("enter")
        assert isinstance(ui.top(), DeviceDialog), "a value that is none goes nowhere"
        await ui.press("escape")
        assert ui.top() is ui.console and ui.backend.commands == []


async def test_a_path_that_is_missing_is_where_enter_goes() -> None:
    async with running_app() as ui:
        await form(ui, "disk")
        await ui.press("right", "enter")
        assert isinstance(ui.top(), DeviceDialog)
        assert field(ui).value == "" and "path is missing" in ui.text("foot")
        await ui.type("srv")
        assert "is not a path" in ui.text("foot")
        await ui.press("home")
        await ui.type("/")
        await ui.press("enter")
        await reviewed(ui)


async def test_the_cursor_begins_where_something_is_missing() -> None:
    async with running_app() as ui:
        await form(ui, "filesystem")
        assert "virtiofs needs shared memory" in ui.text("body")
        assert "folder" in ui.text("before")
        await ui.type("/srv/share")
        await ui.press("enter")
        await reviewed(ui)
        assert "<source dir='/srv/share'/>" in ui.text("body")


async def test_a_nic_of_each_that_is_marked() -> None:
    async with running_app() as ui:
        Knowing(ui.backend)
        ui.put_cursor("web-01")
        await ui.press("space")
        ui.put_cursor("gitlab")
        await ui.press("space")
        await type_line(ui, "add nic")
        await ui.wait_for(lambda: isinstance(ui.app.screen, DeviceDialog))
        await ui.wait_for(lambda: "enter" in ui.text("keys"), "its fields")
        assert "MAC" not in ui.text("foot"), "each gets its own"
        await ui.press("enter")
        await reviewed(ui)
        assert "Apply to 2" in ui.text("body")
        await ui.press("y")
        first, second = (arguments_of(c, EditArguments).change for c in ui.backend.commands)
        assert first is not None and second is not None
        assert first.value("xml") != second.value("xml")
        assert "network='" in first.value("xml") and "52:54:00:" in second.value("xml")


async def test_a_disk_is_made_with_its_volume_in_one_go() -> None:
    async with running_app((80, 24)) as ui:
        await form(ui, "disk")
        await ui.type("new")
        await ui.press("tab", "tab")
        assert field(ui).value == "web-01-vdb.qcow2"
        await ui.press("tab")
        await ui.type("7Q")
        assert "is not a size" in ui.text("foot")
        await ui.press("home", "ctrl+k")
        await ui.type("7G")
        await ui.press("enter")
        await reviewed(ui)
        assert "vol-create-as" in ui.text("body") and "Back" in ui.text("body")
        assert not ui.backend.commands
        await ui.press("escape")
        await ui.wait_for(lambda: isinstance(ui.app.screen, DeviceDialog), "back")
        await ui.wait_for(lambda: "7G" in ui.painted(), "as it was left")
        await ui.press("enter")
        await reviewed(ui)
        await ui.press("y")
        first, second = ui.backend.commands
        work = arguments_of(first, VolumeOperation)
        assert first.verb is Verb.CREATE
        assert work.new is not None and work.pool.uuid == "pool-default"
        assert (work.new.capacity, work.new.format) == (7 * GIB, "qcow2")
        edit = arguments_of(second, EditArguments)
        assert second.verb is Verb.EDIT and edit.change is not None
        assert 'volume="web-01-vdb.qcow2"' in edit.change.value("xml").replace("'", '"')
        assert ui.backend.paces[-1].stop_at_failure, "no disk without its volume"


async def test_a_disk_is_for_one_domain() -> None:
    async with running_app() as ui:
        Knowing(ui.backend)
        for name in ("web-01", "gitlab"):
            ui.put_cursor(name)
            await ui.press("space")
        await type_line(ui, "add disk")
        assert "one domain at a time" in ui.screen_text()
        await ui.press("escape", "e")
        assert isinstance(ui.top(), SettingsDialog)
        await ui.wait_for(lambda: "max-memory" in ui.text("foot"))
        await ui.type("add disk")
        assert "to one domain" in ui.text("foot")
        await ui.press("enter")
        assert isinstance(ui.top(), SettingsDialog)


async def test_the_settings_lead_to_the_form() -> None:
    async with running_app() as ui:
        Knowing(ui.backend)
        ui.put_cursor("old-wiki")
        await ui.press("e")
        await ui.wait_for(lambda: "max-memory" in ui.text("foot"))
        await ui.type("add rng")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.app.screen, DeviceDialog))
        await ui.wait_for(lambda: "/dev/urandom" in ui.text("foot"))


async def test_what_cannot_be_says_why_in_the_list_and_in_the_form() -> None:
    has = Q35.replace("</devices>", "<tpm model='tpm-tis'/></devices>")
    async with running_app() as ui:
        Knowing(ui.backend, has)
        ui.put_cursor("old-wiki")
        await type_line(ui, "add")
        assert isinstance(ui.top(), DeviceKindDialog)
        await ui.wait_for(lambda: "one already" in ui.text("foot"), "the reason")
        await ui.type("tpm")
        await ui.press("enter")
        assert isinstance(ui.top(), DeviceKindDialog)
        await ui.press("escape")
        await type_line(ui, "add tpm")
        await ui.wait_for(lambda: "one already" in ui.text("body"), "the reason")
        await ui.press("enter")
        assert ui.top() is ui.console


async def test_host_devices_are_asked_for() -> None:
    async with running_app() as ui:
        await form(ui, "usb")
        await ui.wait_for(lambda: field(ui).value == "046d:c52b")
        assert "Logitech" in ui.text("note")
        await ui.press("enter")
        await reviewed(ui)
        assert "0xc52b" in ui.text("body")


async def test_nothing_is_made_before_the_definition_is_read() -> None:
    async with running_app() as ui:
        knowing = Knowing(ui.backend)
        knowing.silent = {DefinitionQuery}
        ui.put_cursor("old-wiki")
        await type_line(ui, "add rng")
        assert "reading its definition" in ui.text("body")
        await ui.press("enter")
        assert ui.top() is ui.console
        await type_line(ui, "add rng")
        (query,) = (
            q for q in ui.backend.queries[-2:] if isinstance(q, DefinitionQuery)
        )  # fmt: skip
        ui.backend.publish(result_of(query, error=TimedOut("kvm01 does not answer")))
        await ui.wait_for(lambda: "does not answer" in ui.text("body"))


async def test_a_form_in_the_workbench_writes_into_the_text_alone() -> None:
    async with running_app() as ui:
        Knowing(ui.backend)
        ui.put_cursor("old-wiki")
        await ui.press("x")
        page = ui.app.screen
        assert isinstance(page, XmlEditorScreen)
        await ui.wait_for(lambda: "web-01" in page.state.stored.editor.text, "its text")
        await ui.press("f5")
        assert isinstance(ui.top(), DeviceKindDialog)
        await ui.type("rng")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.app.screen, DeviceDialog))
        await ui.wait_for(lambda: "/dev/urandom" in ui.text("foot"))
        await ui.press("enter")
        await ui.wait_for(lambda: ui.top() is page, "the workbench")
        assert "<rng model='virtio'>" in page.state.stored.editor.text
        assert page.state.stored.editor.text.replace("\n", "").startswith("<domain type='kvm'>")
        assert "rng" in page.state.stored.editor.document.lines[page.state.stored.row_now]
        assert ui.backend.commands == []
        await ui.press("ctrl+z")
        assert "<rng" not in page.state.stored.editor.text


async def test_a_form_fits_small_and_large_terminals() -> None:
    for size in ((80, 24), (40, 12), (200, 60)):
        async with running_app(size) as ui:
            await form(ui, "disk")
            for _ in range(9):
                await ui.press("tab")
            assert ui.app.screen.query_one("#foot").region.bottom <= size[1], size


async def test_a_domain_is_named_on_the_line() -> None:
    async with running_app() as ui:
        Knowing(ui.backend)
        ui.put_cursor("old-wiki")
        await type_line(ui, "add rng on gitlab")
        await ui.wait_for(lambda: isinstance(ui.app.screen, DeviceDialog))
        asked = [q.key for q in ui.backend.queries if isinstance(q, DefinitionQuery)]
        assert asked == [fleet.key("gitlab")]


async def test_settings_and_add_say_the_same_of_what_cannot_be() -> None:
    without = Q35.replace("<devices>", "<devices><controller type='usb' model='none'/>")
    async with running_app((120, 36)) as ui:
        Knowing(ui.backend, without)
        ui.put_cursor("old-wiki")
        await type_line(ui, "add")
        await ui.wait_for(lambda: "it has no USB" in ui.text("foot"), "why not")
        await ui.press("escape", "e")
        await ui.wait_for(lambda: "memory" in ui.text("foot"), "its settings")
        await ui.type("add usb")
        await ui.wait_for(lambda: "it has no USB" in ui.text("foot"), "why not")
        await ui.press("enter")
        assert isinstance(ui.top(), SettingsDialog), "what cannot be opens no form"
