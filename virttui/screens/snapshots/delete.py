"""The flow that deletes snapshots: the question, then the command."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Protocol, TypeVar

from textual.screen import Screen

from virttui.modals.snapshots.delete import Choose, DeleteSnapshotsDialog
from virttui.model.commands import Command, Target, Verb
from virttui.model.domains.snapshots import Snapshot
from virttui.planning.snapshots.delete import older
from virttui.widgets.app_protocol import AppServices

R = TypeVar("R")


class DialogScreen(Protocol):
    """A screen that can ask, and put commands to work."""

    @property
    def console(self) -> AppServices:
        """The app."""

    def run_flow(self, flow: Coroutine[object, object, None]) -> None:
        """Run a flow of dialogs."""

    async def show_dialog(self, dialog: Screen[R]) -> R:
        """Show a dialog; its result."""


def chosen_by(
    names: Sequence[str], *, keep: int | None = None, before: float | None = None
) -> Choose:
    """Those of ``names``; without any all but the newest ``keep``, taken ``before`` a moment."""

    def choose(there: Sequence[Snapshot]) -> Sequence[str]:
        return names or older(there, keep=keep, before=before)

    return choose


async def delete_snapshots(
    screen: DialogScreen, target: Target, host: str, choose: Choose
) -> tuple[int, ...]:
    """Ask about the snapshots of a domain that ``choose`` names; the tasks, none if cancelled."""
    agreed = await screen.show_dialog(DeleteSnapshotsDialog(target.key, target.name, host, choose))
    if agreed is None:
        return ()
    return screen.console.submit((Command(Verb.DELETE_SNAPSHOTS, target, agreed),))
