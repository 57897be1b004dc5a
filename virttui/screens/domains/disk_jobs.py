"""Disks of running domains under the hands: grown, moved, their chains made shorter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from virttui.model.commands import Command, Target, Verb
from virttui.model.domains.disk_jobs import DiskJob

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

        if self._screen.view_state.read_only:
            self._screen.show_message(f"{verb}: this run is read-only")
            return

        def entered(work: DiskJob | None) -> None:
            if work is not None:
                self._submit((Command(verb, target, disk_work=work),))

        values = {FIELDS[verb]: value} if value else {}
        self._screen.app.push_screen(DiskDialog(verb, target, disk, values), entered)
