"""Disks of running domains under the hands: grown, moved, their chains made shorter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from virttui.model.commands import Command, Target, Verb
from virttui.model.domains.disk_jobs import DiskJob
from virttui.panes.virsh_equivalent import virsh

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen

Submit = Callable[[tuple[Command, ...]], None]
FIELDS = {
    Verb.RESIZE: "size",
    Verb.BLOCK_COPY: "pool",
    Verb.BLOCK_COMMIT: "base",
    Verb.BLOCK_PULL: "base",
}
"""The field that a word behind the disk fills in."""


class DiskJobFlow:
    """Work on one disk of a running domain, each by a form."""

    def __init__(self, screen: ActionScreen, submit: Submit) -> None:
        self._screen = screen
        self._submit = submit

    def open(self, verb: Verb, target: Target, disk: str, value: str = "") -> None:
        """Fill in the form of one kind of work; ``value`` is its main field, where it is named."""
        from virttui.modals.domains.disk_job import DiskDialog
        from virttui.planning.devices import disk_jobs

        if self._screen.view_state.read_only:
            self._screen.show_message(f"{verb}: this run is read-only")
            return
        host = self._screen.view_state.fleet_state.host(target.key.host)
        uri = host.uri if host is not None else ""

        def command(work: DiskJob) -> Command:
            return Command(verb, target, disk_work=work)

        def entered(work: DiskJob | None) -> None:
            if work is not None:
                self._submit((command(work),))

        sheet = DiskDialog(
            verb,
            target,
            disk,
            disk_jobs,
            lambda work: virsh(command(work), uri),
            {FIELDS[verb]: value} if value else {},
        )
        self._screen.app.push_screen(sheet, entered)
