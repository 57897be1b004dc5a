"""The flow of taking a snapshot: the sheet, then the commands."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from virttui.actions.target import ActionTarget
from virttui.model.commands import Target
from virttui.screens.base.types import Submit

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


class TakeSnapshotFlow:
    """Takes one snapshot of each of some domains."""

    def __init__(self, screen: ActionScreen, submit: Submit) -> None:
        self._screen = screen
        self._submit = submit

    def open(self, subjects: Sequence[ActionTarget], entered: Mapping[str, str] = {}) -> None:
        """Open the sheet; ``entered`` are values that were typed already."""
        self._screen.run_flow(self._ask(subjects, entered))

    async def _ask(self, subjects: Sequence[ActionTarget], entered: Mapping[str, str]) -> None:
        from virttui.modals.snapshots.take import TakeSnapshotDialog

        targets = [Target(one.kind, one.key, one.name) for one in subjects]
        name = usual_name(self._screen.look.epoch)
        commands = await self._screen.show_dialog(TakeSnapshotDialog(targets, name, entered))
        if commands:
            self._submit(commands)


def usual_name(epoch: float) -> str:
    """The name that is proposed: when it is taken, in local time."""
    return time.strftime("snapshot-%Y%m%d-%H%M%S", time.localtime(epoch))
