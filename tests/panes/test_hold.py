from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from virttui.model.identity import ObjectId
from virttui.render.list_cursor import ListCursor


def keys(*names: str) -> list[ObjectId]:
    return [ObjectId("h", name) for name in names]


def settled(*names: str, height: int = 3) -> ListCursor:
    hold = ListCursor()
    hold.settle(keys(*names), height)
    return hold


def test_the_cursor_begins_on_the_first_row() -> None:
    assert settled("a", "b").cursor == ObjectId("h", "a")
    assert settled().cursor is None


def test_an_untouched_cursor_waits_for_the_first_figures() -> None:
    hold = ListCursor()
    hold.settle(keys("a", "b"), 3, known=False)
    hold.settle(keys("b", "a"), 3, known=False)
    assert hold.cursor == ObjectId("h", "b")
    hold.settle(keys("a", "b"), 3, known=True)
    assert hold.cursor == ObjectId("h", "b")


def test_a_figure_missing_later_does_not_move_the_cursor() -> None:
    """A guest that has just started has no CPU figure; the next key must still hit what it hit."""
    hold = ListCursor()
    hold.settle(keys("a", "b"), 3, known=True)
    hold.settle(keys("b"), 3, known=True)
    hold.settle(keys("a", "b"), 3, known=False)
    assert hold.cursor == ObjectId("h", "b")


def test_the_cursor_stays_on_its_key() -> None:
    hold = settled("a", "b", "c")
    hold.move(1, 3)
    hold.settle(keys("c", "a", "b"), 3)
    assert (hold.cursor, hold.place) == (ObjectId("h", "b"), 2)


def test_a_row_that_goes_hands_the_cursor_to_its_neighbour() -> None:
    hold = settled("a", "b", "c")
    hold.move(1, 3)
    hold.settle(keys("a", "c"), 3)
    assert hold.cursor == ObjectId("h", "c")
    hold.settle(keys("a"), 3)
    assert hold.cursor == ObjectId("h", "a")


def test_a_hand_over_is_known_until_a_hand_moves() -> None:
    hold = settled("a", "b", "c")
    hold.move(1, 3)
    hold.settle(keys("a", "c"), 3)
    assert hold.handed
    hold.settle(keys("c", "a"), 3)
    assert hold.handed, "still nobody looked"
    hold.move(1, 3)
    assert not hold.handed
    hold.settle(keys("c"), 3, by_hand=True)
    assert not hold.handed, "a filter was typed: whoever did looks"


def test_a_row_that_was_gone_for_a_while_is_found_again() -> None:
    hold = settled("a", "b", "c")
    hold.move(2, 3)
    hold.settle([], 3)
    hold.settle(keys("c", "a"), 3)
    assert hold.cursor == ObjectId("h", "c")


def test_following_keeps_the_row_in_view() -> None:
    hold = settled("a", "b", "c", "d", "e", height=2)
    hold.follow = True
    hold.settle(keys("b", "c", "d", "e", "a"), 2)
    assert list(hold.visible(2)) == keys("e", "a")


def test_without_following_the_view_stays() -> None:
    hold = settled("a", "b", "c", "d", "e", height=2)
    hold.settle(keys("b", "c", "d", "e", "a"), 2)
    assert list(hold.visible(2)) == keys("b", "c")


def test_marks_are_toggled_and_inverted() -> None:
    hold = settled("a", "b", "c")
    hold.toggle()
    hold.invert()
    assert hold.marks == set(keys("b", "c"))


def test_jumping_to_what_is_not_there_is_told() -> None:
    hold = settled("a", "b")
    assert hold.jump(ObjectId("h", "b"), 3)
    assert not hold.jump(ObjectId("h", "z"), 3)


@given(st.lists(st.integers(-9, 9), max_size=30), st.integers(1, 6), st.integers(1, 12))
def test_the_cursor_is_always_in_view_after_a_move(
    moves: list[int], height: int, count: int
) -> None:
    hold = ListCursor()
    hold.settle(keys(*map(str, range(count))), height)
    for by in moves:
        hold.move(by, height)
        assert hold.cursor in hold.visible(height)
        assert 0 <= hold.offset <= max(0, count - height)


def test_what_was_just_made_is_in_view_until_a_hand_moves() -> None:
    keys = [ObjectId("h", str(n)) for n in range(30)]
    hold = ListCursor()
    hold.settle(keys, 10)
    hold.jump(keys[3], 10)
    hold.kept_in_view = True
    moved = [*keys[:3], *keys[4:], keys[3]]
    hold.settle(moved, 10)
    assert keys[3] in hold.visible(10)
    hold.move(-1, 10)
    hold.settle(keys, 10)
    hold.settle(list(reversed(keys)), 10)
    assert not hold.kept_in_view
