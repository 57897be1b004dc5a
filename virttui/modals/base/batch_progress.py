"""What came of a batch: failures first, each with its reason; only those can be asked again."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from textual import events

from virttui import formatting
from virttui.modals.base.modal import Dialog, button, row
from virttui.model.identity import ObjectId
from virttui.model.tasks import Task, TaskState
from virttui.panes.domains.graph_drawer import task_glyph
from virttui.panes.main.tasks import tally, task_message
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import (
    BLANK,
    Background,
    Line,
    Role,
    Run,
    clean,
    cut_end,
    fit,
    plain,
    within,
    wrapped,
)
from virttui.store.fleet_state import FleetState

_ORDER = {
    TaskState.FAILED: 0,
    TaskState.RUNNING: 1,
    TaskState.WAITING: 2,
    TaskState.CANCELLED: 3,
    TaskState.DONE: 4,
}


class SkippedTarget(Struct, frozen=True):
    """One that nothing was asked of, and why."""

    key: ObjectId
    name: str
    host: str
    why: str


class BatchChoice(Struct, frozen=True):
    """What is to be done after the sheet: ask these again, or mark these."""

    retry: tuple[Task, ...] = ()
    mark: tuple[Task, ...] = ()


class BatchDialog(Dialog[BatchChoice]):
    """Follows the tasks of one batch; gives back what is to be done next, or None."""

    WIDTH = 100

    def __init__(
        self, verb: str, ids: Sequence[int], skipped: Sequence[SkippedTarget] = ()
    ) -> None:
        super().__init__(verb)
        self._verb = verb
        self._ids = frozenset(ids)
        self._skipped = tuple(skipped)
        self._tasks: list[Task] = []
        self._hosts: dict[str, str] = {}
        self._place = 0

    def on_mount(self) -> None:
        """Draw what is known already."""
        self.update_state(self.console.fleet_state())

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what the tasks say now."""
        self._tasks = sorted(
            (task for task in fleet_state.tasks if task.id in self._ids),
            key=lambda task: (_ORDER[task.state], task.id),
        )
        self._hosts = {id: i.host.name for id, i in fleet_state.inventories.items()}
        count = len(self._tasks) + len(self._skipped)
        self._place = max(0, min(self._place, count - 1))
        self._box.border_title = f"{self._verb}: {tally(self._tasks, len(self._skipped))}"
        self.draw()

    @property
    def _failed(self) -> tuple[Task, ...]:
        return tuple(task for task in self._tasks if task.state is TaskState.FAILED)

    @property
    def _waiting(self) -> tuple[Task, ...]:
        return tuple(task for task in self._tasks if task.state is TaskState.WAITING)

    # -- drawing ---------------------------------------------------------------------------

    def body(self) -> list[Line]:
        """The rows, what the chosen one could do, the buttons."""
        look = self.look
        rows: list[Task | SkippedTarget] = [*self._tasks, *self._skipped]
        advice = self._advice()
        room = max(1, self.room - len(advice) - (3 if self.tight else 5))
        start = max(0, min(self._place - room // 2, len(rows) - room))
        shown = [
            self._line(one, look) if isinstance(one, Task) else self._left_out(one)
            for one in rows[start : start + room]
        ]
        if 0 <= self._place - start < len(shown):
            lit = shown[self._place - start]
            shown[self._place - start] = tuple(
                r._replace(background=Background.CHOSEN) for r in lit
            )
        return [*shown, BLANK, *advice, BLANK, self._buttons()]

    def _line(self, task: Task, look: RenderContext) -> Line:
        name = fit(task.command.target.name, 22)
        host = fit(self._hosts.get(task.command.target.key.host, ""), 8)
        role = Role.TEXT if task.state is TaskState.FAILED else Role.MUTED
        words = cut_end(f"{host} {clean(self._words(task, look))}", self.width - 27)
        line = (Run(" "), task_glyph(task, look), Run(f" {name} "), Run(words, role))
        return within(line, self.width)

    def _words(self, task: Task, look: RenderContext) -> str:
        took = formatting.span(task.duration(look.now))
        if task.state is TaskState.DONE:
            return (
                f"{task_message(task)} after {took}"
                if task.duration(look.now) >= 1
                else task_message(task)
            )
        if task.state is TaskState.RUNNING:
            return f"{task_message(task)}, {took}" if task_message(task) else took
        if task.state is TaskState.WAITING:
            return "waits"
        return task_message(task)

    def _left_out(self, one: SkippedTarget) -> Line:
        said = f" - {fit(one.name, 22)} {fit(one.host, 8)} skipped: {clean(one.why)}"
        return within((Run(cut_end(said, self.width), Role.MUTED),), self.width)

    def _advice(self) -> list[Line]:
        """The whole reason of the chosen row, with what to do; none of it is cut."""
        if self._place >= len(self._tasks):
            left = self._skipped[self._place - len(self._tasks) :][:1]
            words = f"{left[0].name}: {left[0].why}" if left else ""
        else:
            words = _whole(self._tasks[self._place])
        lines = wrapped(clean(words), self.width) if words else [""]
        most = max(1, self.room - 8)
        if len(lines) > most:
            lines = [*lines[: most - 1], "… y copies all of it"]
        return [(Run(line or " ", Role.MUTED),) for line in lines]

    def _buttons(self) -> Line:
        parts = [button("", "Close", focused=True)]
        if self._failed and not self._waiting:
            many = (
                f"the {len(self._failed)} failed ones"
                if len(self._failed) > 1
                else "the failed one"
            )
            parts += [
                button("r", f"Retry {many}"),
                button("m", "Mark them" if len(self._failed) > 1 else "Mark it"),
            ]
        if self._waiting:
            parts.append(button("X", f"Drop the {len(self._waiting)} queued"))
        return row(*parts)

    def hints(self) -> list[KeyHint]:
        """The keys."""
        shown = [KeyHint("enter", "close, it continues" if self._going else "close", keep=True)]
        if self._failed:
            shown += [KeyHint("r", "retry failed", not self._waiting), KeyHint("m", "mark failed")]
        return [*shown, KeyHint("y", "copy as text"), KeyHint("↑↓", "move")]

    @property
    def _going(self) -> bool:
        return not all(task.state.ended for task in self._tasks)

    # -- keys ------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """Close, retry, mark, copy, drop what waits."""
        key = event.key
        step = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -8, "pagedown": 8}.get(key, 0)
        count = len(self._tasks) + len(self._skipped)
        self._place = max(0, min(self._place + step, count - 1))
        if key in ("enter", "escape", "q"):
            self.finish(None)
        elif key == "r" and self._failed and not self._waiting:
            self.finish(BatchChoice(retry=self._failed))
        elif key == "m" and self._failed:
            self.finish(BatchChoice(mark=self._failed))
        elif key == "X" and self._waiting:
            for task in self._waiting:
                self.console.cancel(task.id)
        elif key == "y":
            self.app.copy_to_clipboard(self.as_text())
            self._box.border_subtitle = "copied"
        else:
            self.draw()
        return True

    def as_text(self) -> str:
        """All of it, as lines of text."""
        lines = [f"{self._verb}: {tally(self._tasks, len(self._skipped))}"]
        for task in self._tasks:
            host = self._hosts.get(task.command.target.key.host, "")
            words = clean(_whole(task).partition(": ")[2] or task_message(task))
            lines.append(f"{task.state.value}  {clean(task.command.target.name)}  {host}  {words}")
        lines += [plain(self._left_out(one)).strip() for one in self._skipped]
        return "\n".join(lines)


def _whole(task: Task) -> str:
    """What became of a task, in all that is known of it."""
    words = task_message(task)
    if task.trouble is not None:
        trouble = task.trouble
        own = (
            f"libvirt says: {trouble.libvirt_message}"
            if trouble.libvirt_message not in ("", words)
            else ""
        )
        words = ". ".join(part.rstrip(".") for part in (words, trouble.advice, own) if part)
    return f"{task.command.target.name}: {words}" if words else ""
