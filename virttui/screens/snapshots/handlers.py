"""The actions on snapshots of domains: their page, taking, deleting, going back to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.actions import availability
from virttui.actions.target import ActionContext
from virttui.commandline.parsed import DropSnapshotsCommand, RevertCommand, SnapshotCommand
from virttui.model.commands import Target
from virttui.screens.main.action_flows import ActionFlows
from virttui.screens.main.dispatcher import ActionRequest

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


class SnapshotActions:
    """The handlers of those actions."""

    _screen: ActionScreen
    flows: ActionFlows
    context_of: Callable[[Sequence[Target]], ActionContext]

    def open_snapshots(self, request: ActionRequest) -> None:
        """Open the page of a domain's snapshots."""
        from virttui.screens.snapshots.screen import SnapshotsScreen

        context = request.context
        subject = context.subjects[0]
        watched = subject.key if context.pane == "details" else None
        read_only = self._screen.view_state.read_only
        self._screen.app.push_screen(
            SnapshotsScreen(
                subject.domain,
                lambda snapshot: self.flows.clones.open(subject, snapshot=snapshot),
                read_only=read_only,
                watched_after=watched,
            )
        )

    def take_snapshot(self, request: ActionRequest) -> None:
        """Take a snapshot of the domains, on one sheet."""
        self._take(request.context, {})

    def run_snapshot_line(
        self, intent: SnapshotCommand | RevertCommand | DropSnapshotsCommand
    ) -> None:
        """Take the snapshot of a line, or ask what is lost by reverting to it or deleting some."""
        from virttui.commandline.snapshots import entered

        context = self.context_of(intent.targets)
        if self._screen.view_state.read_only:
            self._screen.show_message("snapshot: this run is read-only")
        elif not context.subjects:
            self._screen.show_message("snapshot: the domain is gone")
        elif isinstance(intent, SnapshotCommand):
            self._take(context, entered(intent))
        elif isinstance(intent, DropSnapshotsCommand):
            self._screen.run_flow(self._drop(intent))
        elif reason := availability.snapshot(context.subjects[0]):
            self._screen.show_message(f"revert: {reason}")
        else:
            self.flows.reverts.open(context.subjects[0], intent.name, force=intent.force)

    async def _drop(self, intent: DropSnapshotsCommand) -> None:
        from virttui.screens.snapshots.delete import chosen_by, delete_snapshots

        screen, (target,) = self._screen, intent.targets
        before = None if intent.older is None else screen.look.epoch - intent.older
        choose = chosen_by(intent.names, keep=intent.keep, before=before)
        host = screen.view_state.fleet_state.host_name(target.key.host)
        await delete_snapshots(screen, target, host, choose)

    def _take(self, context: ActionContext, values: Mapping[str, str]) -> None:
        """Take a snapshot of the domains that can have one; ``values`` were typed already."""
        able = [one for one in context.subjects if not availability.snapshot(one)]
        if not able:
            reason = availability.snapshot(context.subjects[0]) if context.subjects else ""
            self._screen.show_message(f"snapshot: {reason or 'no domain is selected'}")
            return
        self.flows.snapshots.open(able, values)
        if left := len(context.subjects) - len(able):
            self._screen.show_message(f"snapshot: {formatting.counted(left, 'domain')} left out")
