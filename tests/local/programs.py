"""A program on a terminal as a test uses it: what it wrote so far, and how it ended."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping

from tests.patience import PATIENCE
from virttui.local.pty_process import PtyProcess


class Program:
    """A program that runs, with what it wrote so far."""

    def __init__(self, *line: str, environment: Mapping[str, str] | None = None) -> None:
        self.changed = threading.Condition()
        self.output = b""
        self.status: int | None = None
        # What these say of another terminal would hide the size of this one from the program.
        ours = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
        self.process = PtyProcess(line, (100, 30), self._take, self._end, environment or ours)

    def _take(self, data: bytes) -> None:
        with self.changed:
            self.output += data
            self.changed.notify_all()

    def _end(self, status: int) -> None:
        with self.changed:
            self.status = status
            self.changed.notify_all()

    def wait(self, holds: Callable[[], object]) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, PATIENCE), (self.output, self.status)

    def ended(self) -> int:
        self.wait(lambda: self.status is not None)
        assert self.status is not None
        return self.status
