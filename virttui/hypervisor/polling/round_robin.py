"""Turns: a large crowd asked a few at a time, each as often as the others."""

from __future__ import annotations

import math
from collections.abc import Sequence


class RoundRobin:
    """Gives out at most ``size`` members a turn, going on where the last turn ended."""

    def __init__(self, size: int) -> None:
        self._most = size
        self._size = size
        self._next = 0
        self.rounds = 1

    def pace(self, each: float, budget: float) -> None:
        """Fit the size of a turn to ``budget`` seconds, at ``each`` seconds a member."""
        self._size = max(1, min(self._most, int(budget / each))) if each > 0 else self._most

    def turn(self, crowd: Sequence[str]) -> list[str]:
        """The members whose turn it is. ``rounds`` becomes the turns until all were asked."""
        self.rounds = max(1, math.ceil(len(crowd) / self._size))
        if len(crowd) <= self._size:
            return list(crowd)
        begin = self._next % len(crowd)
        self._next = begin + self._size
        return [*crowd[begin : begin + self._size], *crowd[: max(0, self._next - len(crowd))]]
