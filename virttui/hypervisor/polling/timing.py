"""When what is asked next: the times of topics, and the turns of a large crowd."""

from __future__ import annotations

import math
from collections.abc import Sequence

# Domains out of view that all hosts together give a figure in one tick, at most: what they take
# must not grow with the fleet, and coarse histories want a figure of each in 10 s.
_FIGURES = 1000
# Definitions out of view that they read again in 10 s, at most: events tell of most changes.
_DEFINITIONS = 250
# The least share of one host.
_LEAST_FIGURES, _LEAST_DEFINITIONS = 20, 5


class RoundRobin:
    """Gives out at most ``size`` members a turn, going on where the last turn ended.

    With ``spread`` all are asked once in at least so many turns, however few they are.
    """

    def __init__(self, size: int, spread: int = 1) -> None:
        self._most = size
        self._size = size
        self._spread = spread
        self._next = 0
        self.rounds = 1

    @classmethod
    def of_figures(cls, hosts: int, spread: int = 1) -> RoundRobin:
        """The turns for a figure, of the domains out of view on one of so many hosts."""
        return cls(max(_LEAST_FIGURES, _FIGURES // max(1, hosts)), spread)

    @classmethod
    def of_definitions(cls, hosts: int) -> RoundRobin:
        """The turns for a definition read again, of the domains of one of so many hosts."""
        return cls(max(_LEAST_DEFINITIONS, _DEFINITIONS // max(1, hosts)))

    def pace(self, each: float, budget: float) -> None:
        """Fit the size of a turn to ``budget`` seconds, at ``each`` seconds a member."""
        self._size = max(1, min(self._most, int(budget / each))) if each > 0 else self._most

    def turn(self, crowd: Sequence[str], ticks: int = 1) -> list[str]:
        """The members whose turn it is. ``rounds`` becomes the turns until all were asked.

        A turn that comes only every so many ``ticks`` is so many times as large.
        """
        size = ticks * min(self._size, max(1, math.ceil(len(crowd) / self._spread)))
        self.rounds = max(1, math.ceil(len(crowd) / size))
        if len(crowd) <= size:
            return list(crowd)
        begin = self._next % len(crowd)
        self._next = begin + size
        return [*crowd[begin : begin + size], *crowd[: max(0, self._next - len(crowd))]]


class Timetable:
    """The next time of each topic, in seconds of the poller's clock.

    A topic without an entry is due at once.
    """

    def __init__(self) -> None:
        self._next: dict[str, float] = {}

    def next(self, topic: str, default: float) -> float:
        """The next time of a topic, or ``default`` where it has none."""
        return self._next.get(topic, default)

    def is_due(self, topic: str, now: float) -> bool:
        """Return true if the time of a topic has come."""
        return now >= self._next.get(topic, now)

    def set(self, topic: str, when: float) -> None:
        """Set the next time of a topic."""
        self._next[topic] = when

    def take(self, topic: str, now: float, interval: float) -> bool:
        """Return true if a topic is due; its next time is then ``interval`` seconds from now."""
        due = self.is_due(topic, now)
        if due:
            self._next[topic] = now + interval
        return due

    def take_beat(self, topic: str, now: float, interval: float) -> bool:
        """The same, with times ``interval`` seconds apart although calls are late; none twice."""
        due = self.is_due(topic, now)
        if due:
            self._next[topic] = max(self._next.get(topic, now) + interval, now)
        return due

    def advance(self, topic: str, when: float, now: float) -> None:
        """Move a topic to ``when`` at the latest; one without an entry stays due ``now``."""
        self._next[topic] = min(self._next.get(topic, now), when)

    def advance_all(self, when: float) -> None:
        """Move every topic with an entry to ``when`` at the latest."""
        self._next = {topic: min(next, when) for topic, next in self._next.items()}

    def clear(self) -> None:
        """Make everything due."""
        self._next.clear()
