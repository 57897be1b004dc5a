"""The progress of what a form creates: then the cursor goes there, or the form opens again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command, Target
from virttui.model.tasks import Task, TaskState

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen
    from virttui.screens.main.batches import BatchFlow


class CreationFollower:
    """Submits the commands of a form, and keeps its user out of the list until they have ended."""

    def __init__(self, screen: ActionScreen, bulk: BatchFlow) -> None:
        self._screen = screen
        self._bulk = bulk
        self._waiting: list[tuple[set[int], Callable[[], None]]] = []

    async def submit(
        self,
        commands: Sequence[Command],
        made: Target | None = None,
        done: Callable[[], None] | None = None,
        pace: BatchPolicy = IN_PARALLEL,
        *,
        reopens: bool = True,
    ) -> Task | None:
        """Submit commands and show their progress.

        Returns the task that failed, if nothing was created and the form is to open again; with
        ``reopens`` false it never is, and the progress says why. The cursor goes to ``made``, else
        to the first target. ``done`` is called when all was created, whenever that is.
        """
        target = made or commands[0].target
        several = len(commands) > 1
        submit = self._screen.console.submit
        ids = self._bulk.submit(commands, pace) if several else submit(commands)
        if not ids:
            return None
        if done is not None:
            self._waiting.append((set(ids), done))
        if several:
            return self._batch_failure(await self._bulk.follow(commands, ids), target)
        from virttui.modals.base.creation_progress import CreationProgressDialog

        title = f"{commands[0].verb.label} {target.name}"
        dialog = CreationProgressDialog(
            title, ids[0], lambda: self._screen.show(target), back=reopens
        )
        outcome = await self._screen.show_dialog(dialog)
        return outcome.task if outcome is not None and outcome.failed else None

    def _batch_failure(self, tasks: Sequence[Task], target: Target) -> Task | None:
        """Show what a batch created, or return its first task if that failed and nothing is."""
        first = min(tasks, key=lambda task: task.id, default=None)
        if first is not None and first.state is TaskState.DONE:
            self._screen.show(target)
        nothing = all(task.state is not TaskState.DONE for task in tasks)
        failed = first is not None and first.state is TaskState.FAILED and nothing
        return first if failed else None

    def on_task(self, task: Task) -> None:
        """Take a changed task: call ``done`` of its commands once all have succeeded."""
        if not task.state.ended:
            return
        for ids, done in [one for one in self._waiting if task.id in one[0]]:
            if task.state is TaskState.DONE:
                ids.discard(task.id)
            if task.state is not TaskState.DONE or not ids:
                self._waiting.remove((ids, done))
            if not ids:
                done()
