"""Batches on the screen: given to the backend, followed in a sheet, asked again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from virttui.model.commands import AT_ONCE, Command, Pace
from virttui.model.inventory import Kind
from virttui.model.tasks import Task

if TYPE_CHECKING:
    from virttui.modals.batch import Outcome, Skipped
    from virttui.screens.place import Place


class Bulk:
    """What several commands given together need of the screen."""

    def __init__(self, screen: Place) -> None:
        self._screen = screen

    def submit(
        self, commands: Sequence[Command], pace: Pace = AT_ONCE, skipped: Sequence[Skipped] = ()
    ) -> None:
        """Hand several commands over and follow them in a sheet."""
        ids = self._screen.console.submit(commands, pace)
        self.let_go(commands)
        if ids:
            self.follow(commands[0].verb.value, ids, pace, skipped)

    def let_go(self, commands: Sequence[Command]) -> None:
        """Drop the marks that led to these commands; of others, named on a line, they know not."""
        marks = self._screen.stage.view.hold.marks
        if not marks.isdisjoint(command.target.key for command in commands):
            marks.clear()

    def follow(
        self,
        verb: str,
        ids: Sequence[int],
        pace: Pace = AT_ONCE,
        skipped: Sequence[Skipped] = (),
    ) -> None:
        """Show what comes of a batch."""
        from virttui.modals.batch import BatchSheet

        def closed(outcome: Outcome | None) -> None:
            if outcome is None:
                return
            if outcome.retry:
                self.submit([task.command for task in outcome.retry], pace)
            if outcome.mark:
                self._mark(outcome.mark)

        sheet = BatchSheet(verb, ids, skipped)
        self._screen.app.push_screen(sheet, closed)

    def open(self, tasks: Sequence[Task]) -> None:
        """Show a batch of the tasks pane again."""
        self.follow(tasks[0].command.verb.value, [task.id for task in tasks])

    def _mark(self, tasks: Sequence[Task]) -> None:
        """Mark what failed, in its own pane."""
        stage, kind = self._screen.stage, tasks[0].command.target.kind
        stage.open({Kind.NETWORK: "networks", Kind.POOL: "storage"}.get(kind, "domains"))
        stage.view.hold.marks |= {task.command.target.key for task in tasks}
        stage.arrange()
        self._screen.paint()
