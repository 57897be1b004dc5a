"""What a form makes, followed until it is there: the cursor goes to it, or the form comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command, Target
from virttui.model.errors import OperationError
from virttui.model.tasks import Task, TaskState

if TYPE_CHECKING:
    from virttui.modals.base.creation_progress import CreationOutcome
    from virttui.screens.base.screen_protocol import ActionScreen
    from virttui.screens.main.batches import BatchFlow

Back = Callable[[OperationError | None], None]
"""Opens a form again, with why nothing was made."""


class CreationFollower:
    """Hands over what a form came to, and keeps its user out of the list until it has ended."""

    def __init__(self, screen: ActionScreen, bulk: BatchFlow) -> None:
        self._screen = screen
        self._bulk = bulk
        self._waiting: list[tuple[set[int], Callable[[], None]]] = []

    def submit(
        self,
        commands: Sequence[Command],
        back: Back | None = None,
        made: Target | None = None,
        done: Callable[[], None] | None = None,
        pace: BatchPolicy = IN_PARALLEL,
    ) -> None:
        """Hand commands over.

        The cursor goes to ``made``, else to the first target. ``back`` opens the form again when
        nothing was made; ``done`` hears that all was made, whenever that is.
        """
        target = made or commands[0].target
        if len(commands) > 1:
            closed = self._bulk.submit(
                commands, pace, closed=lambda tasks: self._closed(tasks, target, back)
            )
            self._remember(closed, done)
            return
        from virttui.modals.base.creation_progress import CreationProgressDialog

        ids = self._screen.console.submit(commands)
        if not ids:
            return
        self._remember(ids, done)

        def ended(how: CreationOutcome | None) -> None:
            if how is not None and how.failed and back is not None:
                back(how.task.trouble)

        title = f"{commands[0].verb.value} {target.name}"
        sheet = CreationProgressDialog(
            title, ids[0], lambda: self._screen.show(target), back=back is not None
        )
        self._screen.app.push_screen(sheet, ended)

    def _closed(self, tasks: Sequence[Task], target: Target, back: Back | None) -> None:
        """A batch was looked at: on to what it made, or back where it made nothing."""
        first = min(tasks, key=lambda task: task.id)
        if first.state is TaskState.DONE:
            self._screen.show(target)
            return
        nothing = all(task.state is not TaskState.DONE for task in tasks)
        if back is not None and first.state is TaskState.FAILED and nothing:
            back(first.trouble)

    def _remember(self, ids: Sequence[int], done: Callable[[], None] | None) -> None:
        if done is not None and ids:
            self._waiting.append((set(ids), done))

    def heard(self, task: Task) -> None:
        """A task changed: who waits for the success of all of its kind is told."""
        if not task.state.ended:
            return
        for ids, done in [one for one in self._waiting if task.id in one[0]]:
            if task.state is TaskState.DONE:
                ids.discard(task.id)
            if task.state is not TaskState.DONE or not ids:
                self._waiting.remove((ids, done))
            if not ids:
                done()
