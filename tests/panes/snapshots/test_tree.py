"""Every snapshot has its place in the tree, and now comes after the current one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from virttui.model.domains.snapshots import Snapshot
from virttui.panes.snapshots.page import branches
from virttui.panes.snapshots.tree import moments
from virttui.render.glyphs import RenderContext


def drawn(snapshots: Sequence[Snapshot]) -> list[str]:
    """The names with their strokes, and a + where one lies on the way to now."""
    look = RenderContext()
    return [
        f"{branches(one, look)}{one.name or 'now'}{'+' if one.on_the_way else ''}"
        for one in moments(snapshots)
    ]


def test_the_tree_of_the_page() -> None:
    snapshots = [
        Snapshot("before-17.4", "before-17.3", taken=4.0, current=True),
        Snapshot("failed-17.3", "before-17.3", taken=3.0),
        Snapshot("fresh-install", taken=1.0),
        Snapshot("deeper", "failed-17.3", taken=5.0),
        Snapshot("before-17.3", "fresh-install", taken=2.0),
    ]
    assert drawn(snapshots) == [
        "fresh-install+",
        "└ before-17.3+",
        "  ├ failed-17.3",
        "  │ └ deeper",
        "  └ before-17.4+",
        "    └ now+",
    ]


def test_without_a_current_one_now_stands_alone() -> None:
    assert drawn([Snapshot("a", taken=1.0)]) == ["a", "now+"]
    assert drawn([]) == ["now+"]


def test_a_missing_parent_or_a_circle_loses_none() -> None:
    snapshots = [Snapshot("a", "gone"), Snapshot("b", "c"), Snapshot("c", "b", current=True)]
    assert sorted(one.name for one in moments(snapshots)) == ["", "a", "b", "c"]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=10))
def test_any_metadata_is_a_tree_of_all_of_it(made: list[tuple[int, int, bool]]) -> None:
    snapshots = list(
        {str(name): Snapshot(str(name), str(parent), current=now) for name, parent, now in made}
        .values()
    )  # fmt: skip
    rows = moments(snapshots)
    assert sorted(one.name for one in rows) == sorted(["", *(one.name for one in snapshots)])
    assert all(len(one.last) == one.depth + 1 for one in rows)
    assert all(after.depth <= before.depth + 1 for before, after in pairwise(rows))


def test_a_long_chain_is_drawn() -> None:
    snapshots = [Snapshot(str(place), str(place - 1), taken=place) for place in range(3000)]
    assert len(moments(snapshots)) == 3001
