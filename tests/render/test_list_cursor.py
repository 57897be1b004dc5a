from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from virttui.model.identity import ObjectId
from virttui.render.list_cursor import ListCursor


def keys(*names: str) -> list[ObjectId]:
    return [ObjectId("h", name) for name in names]


def settled(*names: str, height: int = 3) -> ListCursor:
    cursor = ListCursor()
    cursor.settle(keys(*names), height)
    return cursor


def test_the_cursor_begins_on_the_first_row() -> None:
    assert settled("a", "b").cursor == ObjectId("h", "a")
    assert settled().cursor is None


def test_an_untouched_cursor_waits_for_the_first_figures() -> None:
    cursor = ListCursor()
    cursor.settle(keys("a", "b"), 3, known=False)
    cursor.settle(keys("b", "a"), 3, known=False)
    assert cursor.cursor == ObjectId("h", "b")
    cursor.settle(keys("a", "b"), 3, known=True)
    assert cursor.cursor == ObjectId("h", "b")


def test_a_figure_missing_later_does_not_move_the_cursor() -> None:
    """A guest that has just started has no CPU figure; the next key must still hit what it hit."""
    cursor = ListCursor()
    cursor.settle(keys("a", "b"), 3, known=True)
    cursor.settle(keys("b"), 3, known=True)
    cursor.settle(keys("a", "b"), 3, known=False)
    assert cursor.cursor == ObjectId("h", "b")


def test_the_cursor_stays_on_its_key() -> None:
    cursor = settled("a", "b", "c")
    cursor.move(1, 3)
    cursor.settle(keys("c", "a", "b"), 3)
    assert (cursor.cursor, cursor.index) == (ObjectId("h", "b"), 2)


def test_a_row_that_goes_hands_the_cursor_to_its_neighbour() -> None:
    cursor = settled("a", "b", "c")
    cursor.move(1, 3)
    cursor.settle(keys("a", "c"), 3)
    assert cursor.cursor == ObjectId("h", "c")
    cursor.settle(keys("a"), 3)
    assert cursor.cursor == ObjectId("h", "a")


def test_a_hand_over_is_known_until_a_hand_moves() -> None:
    cursor = settled("a", "b", "c")
    cursor.move(1, 3)
    cursor.settle(keys("a", "c"), 3)
    assert cursor.row_vanished
    cursor.settle(keys("c", "a"), 3)
    assert cursor.row_vanished, "still nobody looked"
    cursor.move(1, 3)
    assert not cursor.row_vanished
    cursor.settle(keys("c"), 3, by_hand=True)
    assert not cursor.row_vanished, "a filter was typed: whoever did looks"


def test_a_row_that_was_gone_for_a_while_is_found_again() -> None:
    cursor = settled("a", "b", "c")
    cursor.move(2, 3)
    cursor.settle([], 3)
    cursor.settle(keys("c", "a"), 3)
    assert cursor.cursor == ObjectId("h", "c")


def test_following_keeps_the_row_in_view() -> None:
    cursor = settled("a", "b", "c", "d", "e", height=2)
    cursor.follow = True
    cursor.settle(keys("b", "c", "d", "e", "a"), 2)
    assert list(cursor.visible(2)) == keys("e", "a")


def test_without_following_the_view_stays() -> None:
    cursor = settled("a", "b", "c", "d", "e", height=2)
    cursor.settle(keys("b", "c", "d", "e", "a"), 2)
    assert list(cursor.visible(2)) == keys("b", "c")


def test_marks_are_toggled_and_inverted() -> None:
    cursor = settled("a", "b", "c")
    cursor.toggle()
    cursor.invert()
    assert cursor.marks == set(keys("b", "c"))


def test_jumping_to_what_is_not_there_is_told() -> None:
    cursor = settled("a", "b")
    assert cursor.jump(ObjectId("h", "b"), 3)
    assert not cursor.jump(ObjectId("h", "z"), 3)


@given(st.lists(st.integers(-9, 9), max_size=30), st.integers(1, 6), st.integers(1, 12))
def test_the_cursor_is_always_in_view_after_a_move(
    moves: list[int], height: int, count: int
) -> None:
    cursor = ListCursor()
    cursor.settle(keys(*map(str, range(count))), height)
    for by in moves:
        cursor.move(by, height)
        assert cursor.cursor in cursor.visible(height)
        assert 0 <= cursor.offset <= max(0, count - height)


def test_what_was_just_made_is_in_view_until_a_hand_moves() -> None:
    keys = [ObjectId("h", str(n)) for n in range(30)]
    cursor = ListCursor()
    cursor.settle(keys, 10)
    cursor.jump(keys[3], 10)
    cursor.kept_in_view = True
    moved = [*keys[:3], *keys[4:], keys[3]]
    cursor.settle(moved, 10)
    assert keys[3] in cursor.visible(10)
    cursor.move(-1, 10)
    cursor.settle(keys, 10)
    cursor.settle(list(reversed(keys)), 10)
    assert not cursor.kept_in_view
