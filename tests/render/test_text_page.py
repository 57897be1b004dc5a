from __future__ import annotations

from virttui.render.glyphs import UNICODE, RenderContext
from virttui.render.line import Background, length, plain
from virttui.render.text_page import LONGEST, TextPage

LOOK = RenderContext(UNICODE, True, 0.0, 0.0)


def page(count: int = 50, height: int = 10, **how: bool) -> TextPage:
    made = TextPage(**how)
    made.add(f"line {number}" for number in range(count))
    made.resize(height)
    return made


def shown(made: TextPage, width: int = 30) -> list[str]:
    lines = made.draw(LOOK, width)
    assert all(length(line) == width for line in lines)
    return [plain(line).strip() for line in lines]


def test_it_scrolls_with_the_cursor() -> None:
    made = page()
    assert shown(made)[0] == "▌line 0"
    made.go(20)
    assert shown(made)[-1] == "▌line 20"
    made.turn(1)
    assert made.place == 30
    made.turn(-9)
    assert made.place == 0 and shown(made)[0] == "▌line 0"


def test_searching_goes_to_what_is_ahead_and_round() -> None:
    made = page()
    made.go(15)
    made.search("line 1")
    assert made.place == 15 and made.counted() == "7 of 11"
    assert made.next_hit(1) and made.place == 16
    made.go(19)
    assert made.next_hit(1) and made.place == 1
    assert made.next_hit(-1) and made.place == 19
    made.search("nowhere")
    assert made.counted() == "no match" and not made.next_hit(1)


def test_capitals_are_meant() -> None:
    made = TextPage()
    made.add(["Error", "error"])
    made.search("error")
    assert made.hits == [0, 1]
    made.search("Error")
    assert made.hits == [0]


def test_what_is_found_is_lit() -> None:
    made = TextPage()
    made.add(["one two one"])
    made.search("one")
    made.resize(3)
    lit = [run.text for run in made.draw(LOOK, 20)[0] if run.background is Background.CHOSEN]
    assert lit == ["one", "one"]


def test_lines_that_come_later_are_searched_too() -> None:
    made = TextPage()
    made.search("x")
    made.add(["a", "x"])
    assert made.hits == [1]


def test_following_keeps_to_the_end_until_the_cursor_leaves_it() -> None:
    made = page(follow=True)
    assert made.place == 49
    made.add(["new"])
    assert made.place == 50
    made.go(3)
    made.add(["newer"])
    assert made.place == 3


def test_control_characters_are_visible_and_tabs_are_blanks() -> None:
    made = TextPage()
    made.add(["\x1b[2Jgone\r", "a\tb"])
    made.resize(5)
    assert shown(made) == ["▌\\x1b[2Jgone", "a       b"]


def test_endless_lines_go_on_in_the_next_and_sideways() -> None:
    made = TextPage()
    made.add(["x" * (LONGEST + 1)])
    assert len(made.lines) == 2
    made.resize(5)
    made.sideways(1)
    made.sideways(-5)
    assert shown(made)[0].startswith("▌xxx")


def test_an_empty_page_is_drawn() -> None:
    made = TextPage()
    made.resize(5)
    made.move(1)
    made.turn(1)
    made.sideways(1)
    assert shown(made) == [] and made.position == ""
