"""The link of a long command to the fleet: progress goes out, a cancellation comes in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from virttui.hypervisor.connection.types import Connection
from virttui.model.errors import Cancelled
from virttui.model.tasks import Progress

# Seconds between two words on how far it is, and for how long the rate is smoothed.
EVERY = 0.5
SMOOTH = 0.3


class TaskControl:
    """Made on the fleet thread, used on the worker of the command; ``pull`` comes from the fleet.

    What ``lasts`` goes on when nobody is there any more to hear of it.
    """

    def __init__(
        self,
        tell: Callable[[Progress], None],
        amend: Callable[[str], None] = lambda words: None,
        visit: Callable[[str], AbstractContextManager[Connection]] | None = None,
        wait_for_consoles: Callable[[str], None] = lambda uuid: None,
        *,
        lasts: bool = False,
    ) -> None:
        self._tell = tell
        self._lasts = lasts
        self.amend = amend
        """Takes better words for an end that was told already; called from any thread."""
        self.wait_for_consoles = wait_for_consoles
        """Returns when the open consoles of a domain that was just started are attached."""
        self._visit = visit
        self._pulled = threading.Event()
        self._done = self._reported = 0
        self._rate: float | None = None
        self._reported_at = time.monotonic()

    def visit(self, host: str) -> AbstractContextManager[Connection]:
        """A connection to another host of the fleet, of the command's own, while it is wanted."""
        if self._visit is None:
            raise LookupError(host)
        return self._visit(host)

    def pull(self) -> None:
        """Have the command end soon."""
        self._pulled.set()

    def let_go(self) -> None:
        """Nobody waits for it any more: what does not last ends."""
        if not self._lasts:
            self.pull()

    def advance(self, count: int, total: int) -> None:
        """So many more bytes of ``total`` are done. Raises Cancelled once it was pulled."""
        self.reach(self._done + count, total)

    def reach(self, done: int, total: int, counts: str = "") -> None:
        """``done`` bytes of ``total``, or of what ``counts`` names, are done by now.

        Raises Cancelled once it was pulled.
        """
        self.check()
        self._done = done
        now = time.monotonic()
        passed = now - self._reported_at
        if passed < EVERY:
            return
        rate = (self._done - self._reported) / passed
        self._rate = rate if self._rate is None else self._rate + SMOOTH * (rate - self._rate)
        self._reported, self._reported_at = self._done, now
        self._tell(Progress(self._done, max(total, self._done), self._rate, counts))

    def check(self) -> None:
        """Raises Cancelled once it was pulled."""
        if self._pulled.is_set():
            raise Cancelled("cancelled")

    def rest(self, seconds: float) -> bool:
        """Wait so long, or until it is pulled; whether it was."""
        return self._pulled.wait(seconds)
