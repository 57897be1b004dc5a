"""The flows that import a domain from a file of this machine, and archive one into a file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from virttui.actions.target import ActionContext, ActionTarget
from virttui.local.paths import check_new
from virttui.model.commands import ArchiveArguments, Command, Target, Verb
from virttui.model.errors import OperationError
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory
from virttui.model.provision.appliance import Appliance
from virttui.model.types import OnStatus
from virttui.render.search import PickerItem
from virttui.screens.base.types import Submit
from virttui.screens.provision.choose_host import choose_host
from virttui.screens.provision.os_systems import os_systems
from virttui.store.context_parts import no_writable_host, writable_hosts

if TYPE_CHECKING:
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen

ENDING = ".vtar"
"""The file name extension of our archives, which are tar archives."""

_VIRT_V2V = "virt-v2v"
_CONVERTERS = (
    PickerItem("qemu-img", "here", "hardware mapped, disks converted as they are", key="1"),
    PickerItem(_VIRT_V2V, "by virt-v2v", "it installs virtio drivers in the guest", key="2"),
)


class ImportArchiveFlow:
    """Imports domains, and archives them."""

    def __init__(self, screen: ActionScreen, submit: Submit, following: CreationFollower) -> None:
        self._screen = screen
        self._submit, self._following = submit, following
        self._folders: list[ExitStack] = []
        """Folders of converted disks that a command reads; it deletes each disk after use."""

    # -- in ------------------------------------------------------------------------------------

    def open(self, situation: ActionContext, file: str = "") -> None:
        """Import the domain in a file; ``file`` is a path that was typed already."""
        self._screen.run_flow(self._import(situation, file))

    async def _import(self, situation: ActionContext, file: str) -> None:
        """Ask for the file, the way its disks are converted and the host, then for the rest."""
        from virttui.appliances import virt_v2v
        from virttui.modals.base.chooser import PickerDialog
        from virttui.modals.provision.conversion_progress import ConversionDialog

        appliance = await self._open_file(file)
        if appliance is None:
            return
        converted: ExitStack | None = None
        if virt_v2v.available(appliance):
            dialog = PickerDialog(f"Convert {appliance.name}", _CONVERTERS)
            way = await self._screen.show_dialog(dialog)
            if way is None:
                return
            if way == _VIRT_V2V:
                converted = ExitStack()
                convert = partial(self._convert, appliance, converted)
                progress = ConversionDialog(f"virt-v2v: {appliance.name}", convert)
                appliance = await self._screen.show_dialog(progress)
                if appliance is None:
                    return
        inventory = await self._choose_host(situation, appliance)
        if inventory is not None:
            await self._fill_in(inventory, appliance, converted)
        elif converted is not None:
            converted.close()

    async def _open_file(self, file: str) -> Appliance | None:
        """Ask for the file of an appliance and read it; None when that is cancelled."""
        from virttui.appliances.open_appliance import open_appliance
        from virttui.modals.provision.import_form import FilePathDialog

        about = "An OVA, OVF, VMX, libvirt XML, an archive of ours, or a container's configuration."
        found: dict[str, Appliance] = {}

        def read(file: str) -> None:
            found[file] = open_appliance(file)

        dialog = FilePathDialog("import a machine", "Open", "~/", about, read, file)
        path = await self._screen.show_dialog(dialog)
        return found[path] if path is not None else None

    def _convert(self, appliance: Appliance, folder: ExitStack, on_status: OnStatus) -> Appliance:
        """Convert an appliance into a private folder, which ``folder`` deletes. On a thread."""
        from virttui.appliances.qemu_img import scratch
        from virttui.appliances.virt_v2v import convert

        where = str(self._screen.console.settings.scratch or "")
        with ExitStack() as mine:
            found = convert(appliance, mine.enter_context(scratch(where)), on_status)
            folder.push(mine.pop_all())
        return found

    async def _choose_host(
        self, situation: ActionContext, appliance: Appliance
    ) -> Inventory | None:
        fleet_state = self._screen.console.fleet_state()
        hosts = writable_hosts(
            fleet_state, [subject.key.host for subject in situation.subjects[:1]]
        )
        if not hosts:
            self._screen.show_message(f"import: {no_writable_host(fleet_state)}", bad=True)
            return None
        title = f"Import {appliance.name}: to which host"
        return await choose_host(self._screen, title, hosts, lambda one: one.host.hypervisor)

    async def _fill_in(
        self,
        inventory: Inventory,
        appliance: Appliance,
        converted: ExitStack | None,
    ) -> None:
        """The form with its review, and the command.

        ``converted`` is the folder of converted disks, None without one: its files go with the
        first attempt, so a failure does not lead back to the form.
        """
        from virttui.modals.provision.import_form import ImportDialog

        entered: Mapping[str, str] = {}
        failure: OperationError | None = None
        while True:
            dialog = ImportDialog(inventory, appliance, os_systems(), entered, failure)
            made = await self._screen.show_dialog(dialog)
            if made is None:
                if converted is not None:
                    converted.close()
                return
            if converted is not None:
                self._folders.append(converted)
            target = Target(Kind.DOMAIN, ObjectId(inventory.host.id, made.uuid), made.plan.name)
            command = Command(Verb.PROVISION, target, made.plan)
            failed = await self._following.submit((command,), reopens=converted is None)
            if failed is None:
                return
            entered, failure = dialog.entered, failed.trouble

    # -- out -----------------------------------------------------------------------------------

    def pack(self, subject: ActionTarget, file: str = "") -> None:
        """Archive a domain into one file."""
        self._screen.run_flow(self._pack(subject, file))

    async def _pack(self, subject: ActionTarget, file: str) -> None:
        from virttui.modals.provision.import_form import FilePathDialog

        about = (
            "One tar archive: definition with its passwords (only you may read the file), every "
            "disk whole, NVRAM, checksums. Without snapshots and what a TPM holds."
        )
        usual = f"~/{subject.name.replace('/', '-')}{ENDING}"
        title = f"archive {subject.name}"
        dialog = FilePathDialog(title, "Archive", usual, about, check_new, file)
        chosen = await self._screen.show_dialog(dialog)
        if chosen is not None:
            self._submit((_archive(subject, chosen),))


def _archive(subject: ActionTarget, file: str) -> Command:
    target = Target(Kind.DOMAIN, subject.key, subject.name)
    return Command(Verb.ARCHIVE, target, ArchiveArguments(str(Path(file).expanduser().absolute())))
