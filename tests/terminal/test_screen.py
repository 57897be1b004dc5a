"""Lines above the screen, sizes, replies and modes; who waits for a screen is next."""

from __future__ import annotations

import threading

import pytest

from tests.patience import PATIENCE
from tests.terminal.conditions import wait_until
from tests.terminal.engines import NAMES, engine
from tests.terminal.output import numbered, texts
from virttui.terminal.ghostty import Ghostty
from virttui.terminal.row import CellStyle, Cursor, Modes, Row, Run, row_text
from virttui.terminal.screen import MOST_COLUMNS, MOST_ROWS, TerminalScreen


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def screen(name: str) -> TerminalScreen:
    return TerminalScreen(engine=engine(name))


def test_only_rows_that_look_different_are_told(screen: TerminalScreen) -> None:
    screen.feed(b"a\r\nb\r\nc")
    assert list(screen.update()) == [0, 1, 2]
    assert list(screen.update()) == []
    screen.feed(b"\x1b[2;1HB")
    assert list(screen.update()) == [1]
    screen.feed(b"\x1b[2;1HB\x1b[1;1Ha")  # the same again
    assert list(screen.update()) == []
    screen.feed(b"\x1b[24;1H\n")
    assert list(screen.update()) == [0, 1, 2]


def test_the_cursor_is_of_the_last_update(screen: TerminalScreen) -> None:
    screen.feed(b"\x1b[5;9H\x1b[?25l")
    assert screen.cursor == Cursor()
    screen.update()
    assert screen.cursor == Cursor(8, 4, visible=False)


def test_lines_that_scrolled_out_are_kept_with_their_colours(screen: TerminalScreen) -> None:
    screen.feed(b"\x1b[31mred\x1b[m\r\n" + numbered(100))
    assert screen.line_count == 102
    assert screen.lines(0, 1) == [(Run("red", CellStyle(foreground=1)),)]
    assert texts(screen.lines(60, 60))[0] == "line 000059 of a log"
    assert texts(screen.lines(60, 60))[-2:] == ["line 000099 of a log", ""]
    assert screen.lines(102, 5) == []
    screen.update()
    assert row_text(screen.rows[0]) == "line 000077 of a log", "the screen itself stays"


def test_the_alternate_screen_leaves_what_was_before(screen: TerminalScreen) -> None:
    screen.feed(numbered(50) + b"$ vi\x1b[?1049h\x1b[H" + numbered(100))
    screen.update()
    assert row_text(screen.rows[0]) == "line 000077 of a log"
    screen.feed(b"\x1b[?1049l")
    screen.update()
    assert screen.line_count == 51
    assert texts(screen.lines(49, 2)) == ["line 000049 of a log", "$ vi"]
    assert screen.cursor == Cursor(4, 23)


def test_the_guest_may_erase_what_is_above(screen: TerminalScreen) -> None:
    screen.feed(numbered(100) + b"\x1b[H\x1b[2J\x1b[3Jx")
    assert screen.line_count == 24
    screen.feed(numbered(100) + b"\x1bc")
    assert screen.line_count == 24


def test_another_size(screen: TerminalScreen) -> None:
    screen.feed(numbered(30))
    screen.resize(100, 40)
    screen.update()
    assert screen.size == (100, 40) and len(screen.rows) == 40
    screen.feed(b"\x1b[40;100Hx")
    screen.update()
    assert row_text(screen.rows[39]) == " " * 99 + "x"
    screen.resize(20, 5)
    screen.update()
    assert screen.size == (20, 5) and len(screen.rows) == 5
    assert all(len(row_text(row)) <= 20 for row in screen.rows)
    screen.resize(10**6, 10**6)
    assert screen.size == (MOST_COLUMNS, MOST_ROWS)
    screen.resize(0, 0)
    assert screen.size == (2, 1)


def test_a_smaller_screen_keeps_the_line_of_the_cursor(screen: TerminalScreen) -> None:
    screen.feed(numbered(20) + b"$ ")
    screen.resize(80, 10)
    screen.update()
    assert row_text(screen.rows[screen.cursor.row]) == "$"
    lines = texts(screen.lines(0, screen.line_count))
    assert [line for line in lines if line][:20] == [f"line {n:06d} of a log" for n in range(20)]


@pytest.mark.parametrize("sequence", [b"\x1b[?3h", b"\x1b[?40h\x1b[?3h", b"\x1b[8;50;132t"])
def test_the_guest_does_not_resize_us(screen: TerminalScreen, sequence: bytes) -> None:
    screen.feed(b"before" + sequence)
    assert screen.size == (80, 24)
    screen.feed(b"\x1b[2J\x1b[H" + b"a" * 81)
    screen.update()
    assert texts(screen.rows[:2]) == ["a" * 80, "a"]


def test_what_is_written_after_such_a_try_is_where_it_belongs(screen: TerminalScreen) -> None:
    screen.feed(b"\x1b[44m\x1b[?40h\x1b[?3h\x1b[Hhello\r\nworld")
    screen.update()
    assert [text[:5] for text in texts(screen.rows[:2])] == ["hello", "world"]


def test_replies_are_returned(screen: TerminalScreen) -> None:
    assert screen.feed(b"ab\x1b[6n") == b"\x1b[1;3R"
    assert screen.feed(b"\x1b[5n") == b"\x1b[0n"
    assert screen.feed(b"\x1b[c").startswith(b"\x1b[?")
    assert screen.feed(b"text\x1b[") == b""
    assert screen.feed(b"6n") == b"\x1b[1;7R"


@pytest.mark.parametrize(
    "question",
    [b"\x1b[21t", b"\x1b[14t", b"\x1b[18t", b"\x1b]10;?\x07", b"\x1b]52;c;?\x07", b"\x05"],
    ids=["title", "pixels", "size", "colour", "clipboard", "answerback"],
)
def test_what_is_ours_is_not_replied(screen: TerminalScreen, question: bytes) -> None:
    assert screen.feed(b"\x1b]2;secret title\x07" + question) == b""


def test_modes_for_keys_and_pastes(screen: TerminalScreen) -> None:
    screen.feed(b"\x1b[?1h\x1b[?2004h")
    screen.update()
    assert screen.modes == Modes(application_cursor=True, bracketed_paste=True)
    screen.feed(b"\x1b[?1l\x1b[?2004l")
    screen.update()
    assert screen.modes == Modes()


def test_after_its_end_it_takes_everything_and_has_nothing(screen: TerminalScreen) -> None:
    screen.feed(b"abc")
    pin = screen.pin(0)
    screen.close()
    screen.close()
    assert screen.feed(b"abc\x1b[6n") == b""
    assert (screen.update(), screen.line_count, screen.lines(0, 5)) == ((), 0, [])
    assert (list(screen.text()), screen.pinned_line(pin)) == ([], None)
    screen.resize(40, 10)
    screen.unpin(screen.pin(0))


class SlowEngine(Ghostty):
    """Notes what is called; the first feed lasts until the test lets it go on."""

    def __init__(self) -> None:
        super().__init__(80, 24)
        self.called: list[str] = []
        self.entered, self.may_go_on = threading.Event(), threading.Event()

    def feed(self, data: bytes) -> bytes:
        self.called.append("feed")
        self.entered.set()
        assert self.may_go_on.wait(PATIENCE)
        return super().feed(data)

    def changed_rows(self) -> dict[int, Row]:
        self.called.append("read")
        return super().changed_rows()


def test_a_reader_waits_for_one_piece_of_what_is_fed() -> None:
    engine = SlowEngine()
    screen = TerminalScreen(engine=engine)
    feeder = threading.Thread(target=screen.feed, args=(b"x" * 4 * Ghostty.PIECE,))
    reader = threading.Thread(target=screen.update)
    feeder.start()
    assert engine.entered.wait(PATIENCE)
    reader.start()
    wait_until(screen._next_in_line.locked)
    engine.may_go_on.set()
    feeder.join()
    reader.join()
    assert engine.called == ["feed", "read", "feed", "feed", "feed"]
