"""Batches on the screen: given to the backend, followed in a sheet, asked again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command
from virttui.model.identity import Kind
from virttui.model.tasks import Task

if TYPE_CHECKING:
    from virttui.modals.base.batch_progress import BatchChoice, SkippedTarget
    from virttui.screens.base.screen_protocol import ActionScreen


class BatchFlow:
    """What several commands given together need of the screen."""

    def __init__(self, screen: ActionScreen, retry: Callable[[Sequence[Task]], None]) -> None:
        self._screen = screen
        self._retry = retry
        self._paces: dict[int, BatchPolicy] = {}

    def forget(self) -> None:
        """Another backend numbers its tasks anew."""
        self._paces.clear()

    def pace_of(self, task: Task) -> BatchPolicy:
        """How the batch of a task was worked through."""
        return self._paces.get(task.id, IN_PARALLEL)

    def submit(
        self,
        commands: Sequence[Command],
        pace: BatchPolicy = IN_PARALLEL,
        skipped: Sequence[SkippedTarget] = (),
        closed: Callable[[Sequence[Task]], None] | None = None,
    ) -> tuple[int, ...]:
        """Hand several commands over and follow them in a sheet; their tasks' ids.

        ``closed`` hears of the tasks when the sheet was closed and nothing else was asked for.
        """
        ids = self._screen.console.submit(commands, pace)
        self.let_go(commands)
        self._paces.update(dict.fromkeys(ids, pace))
        if ids:
            self.follow(_title(commands), ids, skipped, closed)
        return ids

    def let_go(self, commands: Sequence[Command]) -> None:
        """Drop the marks that led to these commands; those that a filter hides stay."""
        view = self._screen.view_state.view
        if not view.cursor.marks.isdisjoint(command.target.key for command in commands):
            view.cursor.marks -= {row.key for row in view.rows_marked}

    def follow(
        self,
        verb: str,
        ids: Sequence[int],
        skipped: Sequence[SkippedTarget] = (),
        then: Callable[[Sequence[Task]], None] | None = None,
    ) -> None:
        """Show what comes of a batch."""
        from virttui.modals.base.batch_progress import BatchDialog

        def closed(outcome: BatchChoice | None) -> None:
            if outcome is None:
                tasks = [one for one in self._screen.console.fleet_state().tasks if one.id in ids]
                if then is not None and tasks:
                    then(tasks)
                return
            if outcome.retry:
                self._retry(outcome.retry)
            if outcome.mark:
                self._mark(outcome.mark)

        sheet = BatchDialog(verb, ids, skipped)
        self._screen.app.push_screen(sheet, closed)

    def open(self, tasks: Sequence[Task]) -> None:
        """Show a batch of the tasks pane again."""
        self.follow(_title([task.command for task in tasks]), [task.id for task in tasks])

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
    return first.verb.value if same else first.target.name
