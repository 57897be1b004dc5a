"""The next times of a poller's topics."""

from __future__ import annotations


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
