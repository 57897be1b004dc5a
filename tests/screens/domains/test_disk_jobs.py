"""Work on disks that run: reached by the settings and by the line, filled in, handed over."""

from __future__ import annotations

from msgspec.structs import replace

from tests.arguments import arguments_of
from tests.libvirtxml.disks.test_chains import LIVE, THREE
from tests.planning.devices.guests import Q35
from tests.scenes.results import result_of
from tests.scenes.running_app import RunningApp, ScriptedBackend, running_app
from tests.screens.domains.test_add_device import VOLUMES, field, type_line
from virttui.modals.domains.disk_job import DiskDialog, MediaDialog
from virttui.modals.domains.edit_preview import EditDialog
from virttui.modals.domains.settings import SettingsDialog
from virttui.model.commands import Verb
from virttui.model.documents import DocumentText
from virttui.model.domains.disk_jobs import BackingChain, DiskJob
from virttui.model.errors import TimedOut
from virttui.model.queries import (
    BackingChainsQuery,
    BackingChainsResult,
    DefinitionQuery,
    DefinitionResult,
    Query,
    VolumesQuery,
    VolumesResult,
)

CDROM = "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk></devices>"


class ChainAnswers:
    """Answers about a domain that runs and its disks, as its host does."""

    def __init__(self, backend: ScriptedBackend, *chains: BackingChain) -> None:
        self._backend, self._chains = backend, chains or (THREE,)
        self.silent = False
        backend.asked = self

    def __call__(self, query: Query) -> None:
        answer = result_of(query)
        if isinstance(query, BackingChainsQuery) and self.silent:
            answer = result_of(query, error=TimedOut("libvirt does not answer about it"))
        elif isinstance(query, BackingChainsQuery):
            answer = BackingChainsResult(query, chains=self._chains)
        elif isinstance(query, VolumesQuery):
            answer = VolumesResult(query, volumes=VOLUMES)
        elif isinstance(query, DefinitionQuery):
            stored = Q35.replace("</devices>", CDROM)
            answer = DefinitionResult(query, definition=DocumentText(query.document, stored, LIVE))
        self._backend.publish(answer)


async def opened(ui: RunningApp) -> None:
    await ui.wait_for(lambda: isinstance(ui.app.screen, DiskDialog), "the form")
    await ui.wait_for(lambda: "esc" in ui.text("keys") and field(ui).value, "its fields")


async def test_a_disk_is_moved_by_the_line() -> None:
    async with running_app() as ui:
        ChainAnswers(ui.backend)
        ui.put_cursor("web-01")
        await type_line(ui, "move vda")
        await opened(ui)
        assert "becomes one volume" in ui.text("foot")
        assert not ui.backend.commands, "nothing happens before the last key"
        await ui.press("enter")
        (command,) = ui.backend.commands
        assert command.verb is Verb.BLOCK_COPY and command.target.name == "web-01"
        job = arguments_of(command, DiskJob)
        assert job is not None and job.new is not None
        assert job.chain == tuple(layer.source for layer in THREE.layers)


async def test_escape_leaves_everything_as_it_is() -> None:
    async with running_app() as ui:
        ChainAnswers(ui.backend)
        ui.put_cursor("web-01")
        await type_line(ui, "commit vda")
        await opened(ui)
        await ui.press("escape")
        assert ui.app.screen is ui.console and not ui.backend.commands


async def test_the_settings_of_what_runs_lead_to_its_disks() -> None:
    async with running_app() as ui:
        ChainAnswers(ui.backend)
        ui.put_cursor("web-01")
        await ui.press("e")
        assert isinstance(ui.app.screen, SettingsDialog)
        await ui.wait_for(lambda: "max-memory" in ui.text("foot"))
        await ui.type("vda pull")
        assert "3 files into the first" in ui.text("foot")
        await ui.press("enter")
        await opened(ui)
        await ui.press("enter")
        (command,) = ui.backend.commands
        job = arguments_of(command, DiskJob)
        assert command.verb is Verb.BLOCK_PULL and job is not None
        assert job.base == 3


async def test_a_disk_grows_by_what_is_typed() -> None:
    async with running_app() as ui:
        ChainAnswers(ui.backend)
        ui.put_cursor("web-01")
        await type_line(ui, "grow vda 10G")
        await opened(ui)
        assert "only grow" in ui.text("foot")
        await ui.press("enter")
        assert not ui.backend.commands, "what is wrong is not handed over"
        field(ui).value = "+5G"
        await ui.wait_for(lambda: "at once" in ui.text("foot"), "what it comes to")
        await ui.press("enter")
        (command,) = ui.backend.commands
        job = arguments_of(command, DiskJob)
        assert job is not None and job.capacity == 25 * 1024**3


async def test_what_cannot_be_told_or_done_says_why() -> None:
    async with running_app() as ui:
        telling = ChainAnswers(ui.backend, replace(THREE, layers=THREE.layers[:1]))
        ui.put_cursor("web-01")
        await type_line(ui, "pull vda")
        await ui.wait_for(lambda: "has no backing file" in ui.text("body"), "the reason")
        await ui.press("enter")
        await type_line(ui, "move vdz")
        await ui.wait_for(lambda: "has no disk vdz" in ui.text("body"), "the reason")
        await ui.press("escape")
        telling.silent = True
        await type_line(ui, "move vda")
        await ui.wait_for(lambda: "does not answer" in ui.text("body"), "the reason")
        await ui.press("escape")
        await type_line(ui, "move vda nowhere")
        assert "no active pool is called nowhere" in ui.screen_text()
        assert not ui.backend.commands


async def test_a_medium_is_chosen_from_every_pool() -> None:
    async with running_app() as ui:
        ChainAnswers(ui.backend)
        ui.put_cursor("web-01")
        await ui.press("e")
        await ui.wait_for(lambda: "max-memory" in ui.text("foot"))
        await ui.type("sda media")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.app.screen, MediaDialog), "the form")
        await ui.wait_for(lambda: "rescue.iso" in ui.text("foot"), "the images")
        assert "data.qcow2" not in ui.text("foot"), "that is no medium"
        await ui.press("right", "enter")
        await ui.wait_for(lambda: isinstance(ui.app.screen, EditDialog), "what it changes")
        await ui.wait_for(lambda: "rescue.iso" in ui.text("body"), "the change")
        assert not ui.backend.commands
