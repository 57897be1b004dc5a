"""Turns: a large crowd asked a few at a time, each as often as the others."""

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

    def turn(self, crowd: Sequence[str]) -> list[str]:
        """The members whose turn it is. ``rounds`` becomes the turns until all were asked."""
        size = min(self._size, max(1, math.ceil(len(crowd) / self._spread)))
        self.rounds = max(1, math.ceil(len(crowd) / size))
        if len(crowd) <= size:
            return list(crowd)
        begin = self._next % len(crowd)
        self._next = begin + size
        return [*crowd[begin : begin + size], *crowd[: max(0, self._next - len(crowd))]]
