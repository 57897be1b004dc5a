"""Pages of text about guests: what an agent told, and the output of a program that it ran."""

from __future__ import annotations

import shlex
import time
import uuid
from collections.abc import Sequence

from virttui import formatting
from virttui.model.domains.guest_agent import GuestProgram
from virttui.model.errors import OperationError
from virttui.model.identity import ObjectId
from virttui.model.queries import (
    ProgramQuery,
    ProgramResult,
    QueryResult,
    RunProgramQuery,
    RunProgramResult,
)
from virttui.screens.base.text_screen import TextScreen
from virttui.store.fleet_state import FleetState

ASK_AGAIN = 0.5
"""Seconds between two looks at a program that runs."""


class FixedText:
    """The lines of a page that do not change."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    async def fill(self, page: TextScreen) -> None:
        """Add the lines."""
        page.add(self._lines)

    def stop(self) -> None:
        """Nothing works for it."""


class ProgramScreen(TextScreen, inherit_bindings=False):
    """The output of a program in one guest or several, in the order in which they end."""

    def __init__(
        self, line: Sequence[str], targets: Sequence[tuple[ObjectId, str]], name: str
    ) -> None:
        super().__init__(f"{shlex.join(line)} inside {name}", FixedText(()))
        self._line = tuple(line)
        self._names = dict(targets)
        self._at_work: dict[ObjectId, GuestProgram] = {}
        self._ended = 0
        self._start_id = str(uuid.uuid4())
        self._began = time.monotonic()

    def on_mount(self) -> None:
        """Start it everywhere, and look at it again and again."""
        super().on_mount()
        self.status(self._state)
        for key in self._names:
            self.console.ask(RunProgramQuery(key, self._line, self._start_id))
        self.set_interval(ASK_AGAIN, self._look)

    def _state(self) -> str:
        left = len(self._names) - self._ended
        if not left:
            return "ended"
        took = formatting.span(time.monotonic() - self._began)
        where = f" in {left} of {len(self._names)}" if len(self._names) > 1 else ""
        return f"running{where}, {took}; esc leaves it running"

    def _look(self) -> None:
        if self.is_current:
            for key, program in self._at_work.items():
                self.console.ask(ProgramQuery(key, program.pid))

    def update_state(self, fleet_state: FleetState) -> None:
        """Time goes on."""
        self.draw()

    def on_query_result(self, result: QueryResult) -> None:
        """A program was started, is still running, or has ended."""
        key = result.query.key
        if isinstance(result, RunProgramResult) and result.query.run == self._start_id:
            if result.program is not None:
                self._at_work[key] = result.program
            else:
                self._end(key, _failed(result.error))
        elif isinstance(result, ProgramResult) and key in self._at_work:
            program = result.program
            if program is not None and program.pid != self._at_work[key].pid:
                return
            if program is not None and program.ended:
                self._end(key, _lines(program))
            elif result.error is not None:
                self.show_message(f"{self._names[key]}: {result.error.message}", bad=True)

    def _end(self, key: ObjectId, lines: Sequence[str]) -> None:
        self._at_work.pop(key, None)
        self._ended += 1
        head = [f"-- {self._names[key]}"] if len(self._names) > 1 else []
        self.add([*head, *lines, *([""] if head else [])])


def _failed(error: OperationError | None) -> list[str]:
    if error is None:
        return ["it was not started"]
    return [f"it was not started: {error.message}", *([error.quoted] if error.quoted else [])]


def _lines(program: GuestProgram) -> list[str]:
    """The output, the errors behind it, and how it ended."""
    lines = program.output.decode("utf-8", "replace").splitlines()
    errors = program.errors.decode("utf-8", "replace").splitlines()
    lines += [*(["", "what it wrote as errors:"] if errors and lines else []), *errors]
    if program.cut:
        lines.append("the agent kept no more of its output")
    if program.signal is not None:
        ended = f"ended by signal {program.signal}"
    else:
        ended = "ended" if program.status is None else f"exit {program.status}"
    return [*lines, *([""] if lines else []), ended]
