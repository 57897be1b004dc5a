"""The times at which what is known may be painted again."""

from __future__ import annotations

SHARE_OF_A_CORE = 0.06
"""Messages are painted no more often than keeps their painting under this share of a core."""
FIGURES_PACE = 0.9
"""Figures of several hosts are painted once in this share of the refresh interval."""
MOST = 2.0
"""Seconds that a message waits at most."""


class PaintSchedule:
    """When the screen was painted last, and what that cost. Times are of one monotonic clock.

    ``interval`` is the refresh interval in seconds.
    """

    def __init__(self, interval: float) -> None:
        self._pace = FIGURES_PACE * min(1.0, interval)
        self._painted_at = 0.0
        self._cost = 0.0

    def painted(self, now: float, cost: float) -> None:
        """The screen was painted, with ``cost`` seconds of processor time."""
        self._painted_at, self._cost = now, cost

    def age(self, now: float) -> float:
        """Seconds since the screen was painted."""
        return now - self._painted_at

    def wait(self, now: float, *, gather: bool) -> float:
        """Seconds until it may be painted again, 0 for now; ``gather``: figures alone changed."""
        pause = max(self._cost / SHARE_OF_A_CORE, self._pace if gather else 0.0)
        return max(0.0, min(MOST, self._painted_at + pause - now))
