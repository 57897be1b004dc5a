"""Batches: several commands submitted together, their progress, and retries of what failed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command
from virttui.model.identity import Kind
from virttui.model.tasks import Task

if TYPE_CHECKING:
    from virttui.modals.base.batch_progress import SkippedTarget
    from virttui.screens.base.screen_protocol import ActionScreen


class BatchFlow:
    """Submits batches and shows their progress. ``retry`` runs tasks again, after asking."""

    def __init__(
        self, screen: ActionScreen, retry: Callable[[Sequence[Task]], Awaitable[None]]
    ) -> None:
        self._screen = screen
        self._retry = retry
        self._paces: dict[int, BatchPolicy] = {}

    def forget(self) -> None:
        """Another backend numbers its tasks anew."""
        self._paces.clear()

    def pace_of(self, task: Task) -> BatchPolicy:
        """How the batch of a task was worked through."""
        return self._paces.get(task.id, IN_PARALLEL)

    def submit(self, commands: Sequence[Command], pace: BatchPolicy) -> tuple[int, ...]:
        """Submit several commands; returns the ids of their tasks, none if nobody takes them."""
        ids = self._screen.console.submit(commands, pace)
        self.let_go(commands)
        self._paces.update(dict.fromkeys(ids, pace))
        return ids

    def let_go(self, commands: Sequence[Command]) -> None:
        """Drop the marks that led to these commands; those that a filter hides stay."""
        view = self._screen.view_state.view
        if not view.cursor.marks.isdisjoint(command.target.key for command in commands):
            view.cursor.marks -= {row.key for row in view.rows_marked}

    async def follow(
        self,
        commands: Sequence[Command],
        ids: Sequence[int],
        skipped: Sequence[SkippedTarget] = (),
    ) -> Sequence[Task]:
        """Show the progress of a batch until the user closes it.

        Returns its tasks, none where the user retries or marks some of them.
        """
        from virttui.modals.base.batch_progress import BatchDialog

        choice = await self._screen.show_dialog(BatchDialog(_title(commands), ids, skipped))
        if choice is None:
            return [one for one in self._screen.console.fleet_state().tasks if one.id in ids]
        if choice.mark:
            self._mark(choice.mark)
        if choice.retry:
            await self._retry(choice.retry)
        return ()

    def open(self, tasks: Sequence[Task]) -> None:
        """Show a batch of the tasks pane again."""
        self._screen.run_flow(self._open(tasks))

    async def _open(self, tasks: Sequence[Task]) -> None:
        await self.follow([task.command for task in tasks], [task.id for task in tasks])

    def _mark(self, tasks: Sequence[Task]) -> None:
        """Mark what failed, in its own pane."""
        view_state, kind = self._screen.view_state, tasks[0].command.target.kind
        view_state.open({Kind.NETWORK: "networks", Kind.POOL: "storage"}.get(kind, "domains"))
        view_state.view.cursor.marks |= {task.command.target.key for task in tasks}
        view_state.arrange()
        self._screen.paint()


def _title(commands: Sequence[Command]) -> str:
    """The verb they share, or the name of what goes through several."""
    first = commands[0]
    same = all(command.verb is first.verb for command in commands)
    return first.verb.label if same else first.target.name
