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


async def form(made: RunningApp, kind: str, name: str = "old-wiki") -> Knowing:
    """Open the form of a device for a domain of the scene."""
    knowing = Knowing(made.backend)
    made.put_cursor(name)
    await typed(made, f"add {kind}")
    await made.wait_for(lambda: isinstance(made.app.screen, DeviceDialog), "the form")
    await made.wait_for(lambda: "enter" in made.text("keys"), "its fields")
    await made.settle()
    return knowing


async def typed(made: RunningApp, line: str) -> None:
    await made.press("colon")
    await made.type(line)
    await made.press("enter")


def field(made: RunningApp) -> Input:
    found = made.app.screen.query_one(Input)
    assert found.parent is not None
    return found


async def reviewed(made: RunningApp) -> None:
    await made.wait_for(lambda: isinstance(made.app.screen, EditDialog), "the review")
    await made.wait_for(lambda: "reading" not in made.text("body"), "the change")


async def test_enter_is_enough_for_a_disk() -> None:
    async with running_app((80, 24)) as made:
        await form(made, "disk")
        assert field(made).value == "volume"
        assert "data.qcow2" in made.text("foot") and "qcow2, 1.0G" in made.text("foot")
        assert "vdb" in made.text("foot")
        await made.press("enter")
        await reviewed(made)
        assert "+" in made.text("body") and "volume='data.qcow2'" in made.text("body")
        assert made.backend.commands == []
        await made.press("y")
        (command,) = made.backend.commands
        edit = arguments_of(command, EditArguments)
        assert command.verb is Verb.EDIT and edit.change is not None
        assert edit.change.value("words") == "disk vdb"
        assert "<target dev='vdb' bus='virtio'/>" in arguments_of(
            command, EditArguments
        ).change.value("xml")
        assert arguments_of(command, EditArguments).when is ApplyWhen.NEXT_BOOT, "it is off"


async def test_a_volume_that_somebody_has_is_named_in_the_review_and_asked_about() -> None:
    async with running_app() as made:
        await form(made, "disk", "legacy-crm-2011")
        await made.press("right", "enter")
        await made.type("/srv/default/gitlab.qcow2")
        await made.press("enter")
        await reviewed(made)
        said = " ".join(made.text("body").split())
        assert "its volume is used by gitlab, which runs" in said
        await made.press("y")
        assert made.backend.commands == [] and "Anyway: Apply" in made.text("body")
        await made.press("y")
        (command,) = made.backend.commands
        assert command.verb is Verb.EDIT


async def test_fields_are_walked_turned_and_typed() -> None:
    async with running_app() as made:
        await form(made, "disk")
        await made.press("tab", "down", "down", "down")
        assert field(made).value == "virtio"
        await made.type("sc")
        assert "scsi" in made.text("foot")
        await made.press("tab")
        assert "scsi" in made.text("body"), "what begins a value is that value"
        assert field(made).value == "sda", "its target follows its bus"
        await made.press("shift+tab", "left")
        assert field(made).value == "ide" and "hda" in made.text("foot")
        await made.press("ctrl+u")
        await made.type("floppy")
        await made.press("tab")
        assert field(made).value == "floppy" and "no match" in made.text("foot")
        await made.press("enter")
        assert isinstance(made.top(), DeviceDialog), "a value that is none goes nowhere"
        await made.press("escape")
        assert made.top() is made.console and made.backend.commands == []


async def test_a_path_that_is_missing_is_where_enter_goes() -> None:
    async with running_app() as made:
        await form(made, "disk")
        await made.press("right", "enter")
        assert isinstance(made.top(), DeviceDialog)
        assert field(made).value == "" and "path is missing" in made.text("foot")
        await made.type("srv")
        assert "is not a path" in made.text("foot")
        await made.press("home")
        await made.type("/")
        await made.press("enter")
        await reviewed(made)


async def test_the_cursor_begins_where_something_is_missing() -> None:
    async with running_app() as made:
        await form(made, "filesystem")
        assert "virtiofs needs shared memory" in made.text("body")
        assert "folder" in made.text("before")
        await made.type("/srv/share")
        await made.press("enter")
        await reviewed(made)
        assert "<source dir='/srv/share'/>" in made.text("body")


async def test_a_nic_of_each_that_is_marked() -> None:
    async with running_app() as made:
        Knowing(made.backend)
        made.put_cursor("web-01")
        await made.press("space")
        made.put_cursor("gitlab")
        await made.press("space")
        await typed(made, "add nic")
        await made.wait_for(lambda: isinstance(made.app.screen, DeviceDialog))
        await made.wait_for(lambda: "enter" in made.text("keys"), "its fields")
        assert "MAC" not in made.text("foot"), "each gets its own"
        await made.press("enter")
        await reviewed(made)
        assert "Apply to 2" in made.text("body")
        await made.press("y")
        first, second = (arguments_of(c, EditArguments).change for c in made.backend.commands)
        assert first is not None and second is not None
        assert first.value("xml") != second.value("xml")
        assert "network='" in first.value("xml") and "52:54:00:" in second.value("xml")


async def test_a_disk_is_made_with_its_volume_in_one_go() -> None:
    async with running_app((80, 24)) as made:
        await form(made, "disk")
        await made.type("new")
        await made.press("tab", "tab")
        assert field(made).value == "web-01-vdb.qcow2"
        await made.press("tab")
        await made.type("7Q")
        assert "is not a size" in made.text("foot")
        await made.press("home", "ctrl+k")
        await made.type("7G")
        await made.press("enter")
        await reviewed(made)
        assert "vol-create-as" in made.text("body") and "Back" in made.text("body")
        assert not made.backend.commands
        await made.press("escape")
        await made.wait_for(lambda: isinstance(made.app.screen, DeviceDialog), "back")
        await made.wait_for(lambda: "7G" in made.painted(), "as it was left")
        await made.press("enter")
        await reviewed(made)
        await made.press("y")
        first, second = made.backend.commands
        work = arguments_of(first, VolumeOperation)
        assert first.verb is Verb.CREATE
        assert work.new is not None and work.pool.uuid == "pool-default"
        assert (work.new.capacity, work.new.format) == (7 * GIB, "qcow2")
        edit = arguments_of(second, EditArguments)
        assert second.verb is Verb.EDIT and edit.change is not None
        assert 'volume="web-01-vdb.qcow2"' in edit.change.value("xml").replace("'", '"')
        assert made.backend.paces[-1].stop_at_failure, "no disk without its volume"


async def test_a_disk_is_for_one_domain() -> None:
    async with running_app() as made:
        Knowing(made.backend)
        for name in ("web-01", "gitlab"):
            made.put_cursor(name)
            await made.press("space")
        await typed(made, "add disk")
        assert "one domain at a time" in made.screen_text()
        await made.press("escape", "e")
        assert isinstance(made.top(), SettingsDialog)
        await made.wait_for(lambda: "max-memory" in made.text("foot"))
        await made.type("add disk")
        assert "to one domain" in made.text("foot")
        await made.press("enter")
        assert isinstance(made.top(), SettingsDialog)


async def test_the_settings_lead_to_the_form() -> None:
    async with running_app() as made:
        Knowing(made.backend)
        made.put_cursor("old-wiki")
        await made.press("e")
        await made.wait_for(lambda: "max-memory" in made.text("foot"))
        await made.type("add rng")
        await made.press("enter")
        await made.wait_for(lambda: isinstance(made.app.screen, DeviceDialog))
        await made.wait_for(lambda: "/dev/urandom" in made.text("foot"))


async def test_what_cannot_be_says_why_in_the_list_and_in_the_form() -> None:
    has = Q35.replace("</devices>", "<tpm model='tpm-tis'/></devices>")
    async with running_app() as made:
        Knowing(made.backend, has)
        made.put_cursor("old-wiki")
        await typed(made, "add")
        assert isinstance(made.top(), DeviceKindDialog)
        await made.wait_for(lambda: "one already" in made.text("foot"), "the reason")
        await made.type("tpm")
        await made.press("enter")
        assert isinstance(made.top(), DeviceKindDialog)
        await made.press("escape")
        await typed(made, "add tpm")
        await made.wait_for(lambda: "one already" in made.text("body"), "the reason")
        await made.press("enter")
        assert made.top() is made.console


async def test_host_devices_are_asked_for() -> None:
    async with running_app() as made:
        await form(made, "usb")
        await made.wait_for(lambda: field(made).value == "046d:c52b")
        assert "Logitech" in made.text("note")
        await made.press("enter")
        await reviewed(made)
        assert "0xc52b" in made.text("body")


async def test_nothing_is_made_before_the_definition_is_read() -> None:
    async with running_app() as made:
        knowing = Knowing(made.backend)
        knowing.silent = {DefinitionQuery}
        made.put_cursor("old-wiki")
        await typed(made, "add rng")
        assert "reading its definition" in made.text("body")
        await made.press("enter")
        assert made.top() is made.console
        await typed(made, "add rng")
        (query,) = (
            q for q in made.backend.queries[-2:] if isinstance(q, DefinitionQuery)
        )  # fmt: skip
        made.backend.publish(result_of(query, error=TimedOut("kvm01 does not answer")))
        await made.wait_for(lambda: "does not answer" in made.text("body"))


async def test_a_form_in_the_workbench_writes_into_the_text_alone() -> None:
    async with running_app() as made:
        Knowing(made.backend)
        made.put_cursor("old-wiki")
        await made.press("x")
        page = made.app.screen
        assert isinstance(page, XmlEditorScreen)
        await made.wait_for(lambda: "web-01" in page.state.stored.editor.text, "its text")
        await made.press("f5")
        assert isinstance(made.top(), DeviceKindDialog)
        await made.type("rng")
        await made.press("enter")
        await made.wait_for(lambda: isinstance(made.app.screen, DeviceDialog))
        await made.wait_for(lambda: "/dev/urandom" in made.text("foot"))
        await made.press("enter")
        await made.wait_for(lambda: made.top() is page, "the workbench")
        assert "<rng model='virtio'>" in page.state.stored.editor.text
        assert page.state.stored.editor.text.replace("\n", "").startswith("<domain type='kvm'>")
        assert "rng" in page.state.stored.editor.document.lines[page.state.stored.row_now]
        assert made.backend.commands == []
        await made.press("ctrl+z")
        assert "<rng" not in page.state.stored.editor.text


async def test_a_form_fits_small_and_large_terminals() -> None:
    for size in ((80, 24), (40, 12), (200, 60)):
        async with running_app(size) as made:
            await form(made, "disk")
            for _ in range(9):
                await made.press("tab")
            assert made.app.screen.query_one("#foot").region.bottom <= size[1], size


async def test_a_domain_is_named_on_the_line() -> None:
    async with running_app() as made:
        Knowing(made.backend)
        made.put_cursor("old-wiki")
        await typed(made, "add rng on gitlab")
        await made.wait_for(lambda: isinstance(made.app.screen, DeviceDialog))
        asked = [q.key for q in made.backend.queries if isinstance(q, DefinitionQuery)]
        assert asked == [fleet.key("gitlab")]


async def test_settings_and_add_say_the_same_of_what_cannot_be() -> None:
    without = Q35.replace("<devices>", "<devices><controller type='usb' model='none'/>")
    async with running_app((120, 36)) as made:
        Knowing(made.backend, without)
        made.put_cursor("old-wiki")
        await typed(made, "add")
        await made.wait_for(lambda: "it has no USB" in made.text("foot"), "why not")
        await made.press("escape", "e")
        await made.wait_for(lambda: "memory" in made.text("foot"), "its settings")
        await made.type("add usb")
        await made.wait_for(lambda: "it has no USB" in made.text("foot"), "why not")
        await made.press("enter")
        assert isinstance(made.top(), SettingsDialog), "what cannot be opens no form"
