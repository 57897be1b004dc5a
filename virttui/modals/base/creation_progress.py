"""The progress of a creation, until the object is listed or the task has failed."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from textual import events

from virttui import formatting
from virttui.modals.base.modal import Dialog, button, row
from virttui.model.tasks import Task, TaskState
from virttui.panes.main.tasks import task_message
from virttui.panes.provision.failure import failure
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, wrapped
from virttui.store.fleet_state import FleetState

SECONDS_TO_SHOW = 5.0
"""How long what was made may take to be listed, before nobody waits for it any more."""


class CreationOutcome(Struct, frozen=True):
    """How it ended while it was followed: the task, and whether that is to be gone back from."""

    task: Task
    failed: bool


class CreationProgressDialog(Dialog[CreationOutcome]):
    """Gives back how a task ended, or None where nobody waited for that.

    ``shown`` puts the cursor on what was made, and is false while it is not listed yet: until then
    a letter would act on another row. Where no form can be gone back to (``back`` is false) a
    failure is told here, whole.
    """

    WIDTH = 72

    def __init__(self, title: str, id: int, shown: Callable[[], bool], *, back: bool) -> None:
        super().__init__(title)
        self._number, self._is_shown, self._back = id, shown, back
        self._followed: Task | None = None

    def on_mount(self) -> None:
        """Draw; the task may have ended already."""
        super().on_mount()
        self.update_state(self.console.fleet_state())

    def update_state(self, fleet_state: FleetState) -> None:
        """Apply the state of the task, and look for the created object."""
        task = next((one for one in fleet_state.tasks if one.id == self._number), None)
        if task is not None:
            self.on_task(task)

    def on_task(self, task: Task) -> None:
        """The task changed."""
        if task.id != self._number:
            return
        self._followed = task
        done = task.state is TaskState.DONE and (self._is_shown() or self._is_late(task))
        if done or task.state is TaskState.CANCELLED:
            self.finish(CreationOutcome(task, failed=False))
        elif task.state is TaskState.FAILED and self._back:
            self.finish(CreationOutcome(task, failed=True))
        elif self.is_mounted:
            self.draw()

    def _is_late(self, task: Task) -> bool:
        return task.ended_at is not None and self.look.now - task.ended_at > SECONDS_TO_SHOW

    @property
    def _failed(self) -> bool:
        return self._followed is not None and self._followed.state is TaskState.FAILED

    def body(self) -> list[Line]:
        """The progress, or why the task failed."""
        task = self._followed
        if task is not None and self._failed and task.trouble is not None:
            lines = failure(task.trouble, self.width)
            return [*lines, BLANK, row(button("esc", "Close", focused=True))]
        words = (task_message(task) if task is not None else "") or "running"
        lines = [(Run(part),) for part in wrapped(clean(words), self.width)]
        if task is not None and task.progress is not None and task.progress.progress is not None:
            far, left = task.progress, formatting.size(task.progress.remaining)
            bar = self.look.bar(far.progress, max(10, self.width - 20))
            lines.append((Run(bar, Role.ACCENT), Run(f"  {left} left")))
        about = "esc closes this window and the task continues; 5 lists it, X there cancels it."
        return [*lines, BLANK, *((Run(one, Role.MUTED),) for one in wrapped(about, self.width))]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [KeyHint("esc", "close" if self._failed else "close, it continues", keep=True)]

    def take_key(self, event: events.Key) -> bool:
        """Only ``esc`` closes it: letters that were meant for a row do nothing here."""
        if event.key == "escape" or (event.key == "enter" and self._failed):
            self.finish(None)
        return True
