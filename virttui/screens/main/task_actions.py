"""What is done to tasks: asked again, dropped, ended; jobs of others ended and finished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.actions.registry import CONFIRM_RETRY
from virttui.actions.target import ActionContext
from virttui.model.commands import (
    IN_PARALLEL,
    BatchPolicy,
    Command,
    DeleteDomainArguments,
    JobArguments,
    Target,
    Verb,
)
from virttui.model.domains.jobs import Job
from virttui.model.identity import Kind
from virttui.model.tasks import Task, TaskState

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen
from virttui.screens.base.types import Submit

_CONFIRM_RETRY = CONFIRM_RETRY | {Verb.ABORT_JOB, Verb.BLOCK_COMMIT}
"""Also what no action has as its verb: dialogs submit these, after they have asked."""


class TaskFlow:
    """The tasks under the hands. ``pace_of`` gives the pace a task was given with."""

    def __init__(
        self, screen: ActionScreen, submit: Submit, pace_of: Callable[[Task], BatchPolicy]
    ) -> None:
        self._screen = screen
        self._submit = submit
        self._pace_of = pace_of

    def retry(self, situation: ActionContext) -> None:
        """Ask again for what failed or was not done, of one task or of all of a batch."""
        tasks = situation.batch or (() if situation.task is None else (situation.task,))
        self._screen.run_flow(self.again(tasks))

    async def again(self, tasks: Sequence[Task]) -> None:
        """Ask again, at the pace it had; what had to be confirmed is confirmed again."""
        ended = (TaskState.FAILED, TaskState.CANCELLED)
        asked = tuple(task.command for task in tasks if task.state in ended)
        if not asked:
            return
        pace = self._pace_of(tasks[0])
        if asked[0].verb not in _CONFIRM_RETRY and pace == IN_PARALLEL:
            self._submit(asked, pace)
            return
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        verb = asked[0].verb.label
        deleted = (one.arguments for one in asked)
        number = sum(len(one.volumes) for one in deleted if isinstance(one, DeleteDomainArguments))
        consequence = (
            f"{formatting.counted(number, 'volume')} will be gone for good." if number else ""
        )
        of = formatting.listed([command.target.name for command in asked])
        question = Confirmation(
            f"{verb} again",
            f"{verb.capitalize()} {of} again{_paced(pace)}?",
            verb.capitalize(),
            name=asked[0].target.name,
            consequence=consequence,
            danger=True,
        )
        if await self._screen.show_dialog(ConfirmDialog(question)) is not None:
            self._submit(asked, pace)

    def cancel(self, situation: ActionContext) -> None:
        """Drop a task that waits; end a job that is at work, after asking."""
        if situation.job is not None:
            self._screen.run_flow(self._abort(situation.job))
        elif situation.batch:
            for task in situation.batch:
                if task.state is TaskState.WAITING:
                    self._screen.console.cancel(task.id)
        elif situation.task is not None:
            self._screen.console.cancel(situation.task.id)

    async def _abort(self, job: Job) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        what = f"{job.operation} of {job.name}{' ' + job.disk if job.disk else ''}"
        question = Confirmation(
            "end a job",
            f"End the {what}?",
            "End it",
            name=job.name,
            consequence="Its progress is lost; the guest keeps running as before.",
            danger=True,
        )
        if await self._screen.show_dialog(ConfirmDialog(question)) is not None:
            target = Target(Kind.DOMAIN, job.key, job.name)
            made = Command(Verb.ABORT_JOB, target, JobArguments(job.disk, job.operation))
            self._submit((made,), IN_PARALLEL)

    def finish(self, situation: ActionContext) -> None:
        """Have a disk go on with what a job of others has copied."""
        if (job := situation.job) is not None:
            target = Target(Kind.DOMAIN, job.key, job.name)
            made = Command(Verb.FINISH_JOB, target, JobArguments(job.disk, job.operation))
            self._submit((made,), IN_PARALLEL)


def _paced(pace: BatchPolicy) -> str:
    """How it goes, where it is not all at once."""
    words = ["one by one"] if pace.one_by_one else []
    words += ["until the first failure"] if pace.stop_at_failure else []
    return f", {' '.join(words)}" if words else ""
