"""The flows of disk jobs: resize, block copy, block commit and block pull."""

from __future__ import annotations

from typing import TYPE_CHECKING

from virttui.model.commands import Command, Target, Verb
from virttui.screens.base.types import Submit

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen

FIELDS = {
    Verb.RESIZE: "size",
    Verb.BLOCK_COPY: "pool",
    Verb.BLOCK_COMMIT: "base",
    Verb.BLOCK_PULL: "base",
}
"""The field that a typed value after the disk name fills in."""


class DiskJobFlow:
    """Runs a job on one disk of a running domain, from a form."""

    def __init__(self, screen: ActionScreen, submit: Submit) -> None:
        self._screen = screen
        self._submit = submit

    def open(self, verb: Verb, target: Target, disk: str, value: str = "") -> None:
        """Open the form of one kind of job; ``value`` is its main field, if that was typed."""
        self._screen.run_flow(self.ask(verb, target, disk, value))

    async def ask(self, verb: Verb, target: Target, disk: str, value: str = "") -> None:
        """The form and the command, as a part of a flow."""
        from virttui.modals.domains.disk_job import DiskDialog

        if self._screen.view_state.read_only:
            self._screen.show_message(f"{verb.label}: this run is read-only")
            return
        values = {FIELDS[verb]: value} if value else {}
        work = await self._screen.show_dialog(DiskDialog(verb, target, disk, values))
        if work is not None:
            self._submit((Command(verb, target, work),))
