"""The flow of a revert: the question, then the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from virttui.actions.target import ActionTarget
from virttui.model.commands import Target
from virttui.screens.base.types import Submit

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


class RevertFlow:
    """Reverts one domain to one of its snapshots."""

    def __init__(self, screen: ActionScreen, submit: Submit) -> None:
        self._screen = screen
        self._submit = submit

    def open(self, subject: ActionTarget, name: str, *, force: bool = False) -> None:
        """Ask whether it is meant; ``force`` goes on where libvirt calls it risky."""
        self._screen.run_flow(self._ask(subject, name, force=force))

    async def _ask(self, subject: ActionTarget, name: str, *, force: bool) -> None:
        from virttui.modals.snapshots.revert import RevertDialog

        target = Target(subject.kind, subject.key, subject.name)
        dialog = RevertDialog(target, subject.host.name, name, force=force)
        command = await self._screen.show_dialog(dialog)
        if command is not None:
            self._submit((command,))
