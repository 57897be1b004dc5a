"""Machines that come in from files of this machine, and go out into one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from virttui.actions.target import ActionContext, ActionTarget
from virttui.local.paths import check_new
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import OperationError
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory
from virttui.model.provision.appliance import Appliance, ImportPlan
from virttui.render.search import PickerItem
from virttui.screens.provision.os_systems import os_systems
from virttui.store.create_context import able, nobody

if TYPE_CHECKING:
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen

Submit = Callable[[tuple[Command, ...]], None]
ENDING = ".vtar"
"""What archives of ours end in; they are tar archives."""


class ImportArchiveFlow:
    """Brings machines in, and packs them."""

    def __init__(self, screen: ActionScreen, submit: Submit, following: CreationFollower) -> None:
        self._screen = screen
        self._submit, self._following = submit, following
        self._folders: list[tuple[Appliance, ExitStack]] = []

    # -- in ------------------------------------------------------------------------------------

    def open(self, situation: ActionContext, file: str = "") -> None:
        """Bring the machine in a file to a host, one after the other asked for."""
        from virttui.appliances.open_appliance import opened
        from virttui.modals.provision.import_form import FilePathDialog

        about = "An OVA, OVF, VMX, libvirt XML, an archive of ours, or a container's configuration."
        found: dict[str, Appliance] = {}

        def read(file: str) -> None:
            found[file] = opened(file)

        def entered(file: str | None) -> None:
            if file is not None:
                self._way(situation, found[file])

        sheet = FilePathDialog("import a machine", "Open", "~/", about, read, file)
        self._screen.app.push_screen(sheet, entered)

    def _way(self, situation: ActionContext, appliance: Appliance) -> None:
        """By what its disks are converted, where there is a choice."""
        from virttui.appliances import virt_v2v
        from virttui.modals.base.chooser import PickerDialog

        if not virt_v2v.available(appliance):
            self._host(situation, appliance)
            return
        entries = [
            PickerItem("qemu-img", "here", "hardware mapped, disks converted as they are", key="1"),
            PickerItem("virt-v2v", "by virt-v2v", "it puts virtio drivers into the guest", key="2"),
        ]

        def chosen(id: str | None) -> None:
            if id == "virt-v2v":
                self._by_v2v(situation, appliance)
            elif id is not None:
                self._host(situation, appliance)

        self._screen.app.push_screen(PickerDialog(f"Convert {appliance.name}", entries), chosen)

    def _by_v2v(self, situation: ActionContext, appliance: Appliance) -> None:
        """Convert it first, into a folder of ours; its disks go once they are brought in."""
        from virttui.appliances.qemu_img import scratch
        from virttui.appliances.virt_v2v import converted
        from virttui.modals.provision.conversion_progress import ConversionDialog

        folder = ExitStack()
        place = str(self._screen.console.settings.scratch or "")

        def unpack(told: Callable[[str], None]) -> Appliance:
            with ExitStack() as mine:
                found = converted(appliance, mine.enter_context(scratch(place)), told)
                folder.push(mine.pop_all())
            return found

        def made(found: Appliance | None) -> None:
            if found is not None:
                self._folders.append((found, folder))
                self._host(situation, found)

        self._screen.app.push_screen(ConversionDialog(f"virt-v2v: {appliance.name}", unpack), made)

    def _host(self, situation: ActionContext, appliance: Appliance) -> None:
        here = [subject.key.host for subject in situation.subjects[:1]]
        hosts = able(self._screen.console.fleet_state(), here)
        if not hosts:
            self._screen.show_message(
                f"import: {nobody(self._screen.console.fleet_state())}", bad=True
            )
        elif len(hosts) == 1:
            self._fill(hosts[0], appliance)
        else:
            self._choose(hosts, appliance)

    def _choose(self, hosts: Sequence[Inventory], appliance: Appliance) -> None:
        from virttui.modals.base.chooser import PickerDialog

        by_id = {one.host.id: one for one in hosts}
        entries = [PickerItem(id, one.host.name, one.host.hypervisor) for id, one in by_id.items()]

        def chosen(id: str | None) -> None:
            if id is not None:
                self._fill(by_id[id], appliance)
            else:
                self._forget(appliance)

        title = f"Import {appliance.name}: to which host"
        self._screen.app.push_screen(PickerDialog(title, entries), chosen)

    def _fill(
        self,
        inventory: Inventory,
        appliance: Appliance,
        entered: Mapping[str, str] = {},
        failed: OperationError | None = None,
    ) -> None:
        from virttui.modals.provision.import_form import ImportDialog

        host = inventory.host
        # What was converted for it is spent with the first try.
        converted = any(known is appliance for known, _ in self._folders)

        def back(why: OperationError | None) -> None:
            self._fill(inventory, appliance, sheet.entered, why)

        def decided(made: ImportPlan | None) -> None:
            if made is not None:
                target = Target(Kind.DOMAIN, ObjectId(host.id, made.uuid), made.plan.name)
                command = Command(Verb.PROVISION, target, plan=made.plan)
                self._following.submit((command,), None if converted else back)
            else:
                self._forget(appliance)

        sheet = ImportDialog(inventory, appliance, os_systems(), entered, failed)
        self._screen.app.push_screen(sheet, decided)

    def _forget(self, appliance: Appliance) -> None:
        """It is not brought in: what was converted for it goes. What is brought in goes then."""
        for known, folder in self._folders:
            if known is appliance:
                folder.close()
        self._folders = [one for one in self._folders if one[0] is not appliance]

    # -- out -----------------------------------------------------------------------------------

    def pack(self, subject: ActionTarget, file: str = "") -> None:
        """Write a machine into one file."""
        from virttui.modals.provision.import_form import FilePathDialog

        about = (
            "One tar archive: definition with its passwords (only you may read the file), every "
            "disk whole, NVRAM, checksums. Without snapshots and what a TPM holds."
        )
        usual = f"~/{subject.name.replace('/', '-')}{ENDING}"

        def entered(file: str | None) -> None:
            if file is not None:
                self._pack(subject, file)

        sheet = FilePathDialog(f"archive {subject.name}", "Archive", usual, about, check_new, file)
        self._screen.app.push_screen(sheet, entered)

    def _pack(self, subject: ActionTarget, file: str) -> None:
        target = Target(Kind.DOMAIN, subject.key, subject.name)
        path = str(Path(file).expanduser().absolute())
        self._submit((Command(Verb.ARCHIVE, target, file=path),))
