"""The snapshots of a domain as a tree of moments, with the present one in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

from virttui.model.domains.snapshots import Snapshot


class Moment(Struct, frozen=True):
    """One row of the tree: a snapshot, or ``None`` for now.

    ``depth`` counts the moments before it on its way from the root. ``last`` says, for each of
    these and for itself, whether it is the last child of its parent. ``on_the_way`` says that it
    lies between the root and now.
    """

    snapshot: Snapshot | None
    depth: int = 0
    last: tuple[bool, ...] = ()
    on_the_way: bool = False

    @property
    def name(self) -> str:
        """The snapshot's name, "" for now."""
        return self.snapshot.name if self.snapshot is not None else ""


def moments(snapshots: Sequence[Snapshot]) -> list[Moment]:
    """The rows, a parent before its children, older ones first, now the last child of its parent.

    One whose parent is missing, or that is its own ancestor, is a root: nothing is left out.
    """
    named = {one.name: one for one in snapshots}
    current = next((one.name for one in snapshots if one.current), "")
    way = _way(named, current)
    children: dict[str, list[Snapshot]] = defaultdict(list)
    for snapshot in snapshots:
        children[snapshot.parent if snapshot.parent in named else ""].append(snapshot)
    _break_circles(children, snapshots)
    rows: list[Moment] = []
    # A chain may be longer than Python calls deep.
    waiting: list[tuple[Snapshot | None, tuple[bool, ...]]] = _waiting(children, "", current, ())
    while waiting:
        one, last = waiting.pop()
        on_the_way = one is None or one.name in way
        rows.append(Moment(one, len(last) - 1, last, on_the_way))
        if one is not None:
            waiting += _waiting(children, one.name, current, last)
    return rows


def _waiting(
    children: dict[str, list[Snapshot]], parent: str, current: str, last: tuple[bool, ...]
) -> list[tuple[Snapshot | None, tuple[bool, ...]]]:
    """The children of a moment, the first of them at the end."""
    found: list[Snapshot | None] = sorted(
        children.get(parent, ()), key=lambda one: (one.taken or 0.0, one.name)
    )
    if parent == current:
        found.append(None)
    return [(one, (*last, place == len(found) - 1)) for place, one in enumerate(found)][::-1]


def _way(named: dict[str, Snapshot], current: str) -> set[str]:
    way: set[str] = set()
    while current in named and current not in way:
        way.add(current)
        current = named[current].parent
    return way


def _break_circles(children: dict[str, list[Snapshot]], snapshots: Sequence[Snapshot]) -> None:
    """Make a root of one snapshot of each circle, which no root leads to."""
    reached: set[str] = set()
    _reach(children, list(children[""]), reached)
    for one in snapshots:
        if one.name not in reached:
            children[one.parent].remove(one)
            children[""].append(one)
            _reach(children, [one], reached)


def _reach(children: dict[str, list[Snapshot]], waiting: list[Snapshot], reached: set[str]) -> None:
    while waiting:
        one = waiting.pop()
        if one.name not in reached:
            reached.add(one.name)
            waiting += children.get(one.name, ())
