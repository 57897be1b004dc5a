"""Ten thousand lines are kept, followed and searched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.terminal.engines import NAMES, PYTE, engine
from tests.terminal.output import numbered, texts
from virttui.terminal.engine import SCROLLBACK_LINES
from virttui.terminal.row import row_text
from virttui.terminal.screen import TerminalScreen
from virttui.terminal.search import find


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def screen(name: str) -> TerminalScreen:
    return TerminalScreen(engine=engine(name))


def test_ten_thousand_numbered_lines_are_all_kept_and_found(screen: TerminalScreen) -> None:
    screen.feed(numbered(30_000))
    kept = texts(screen.lines(0, screen.line_count))
    last = [f"line {n:06d} of a log" for n in range(30_000 - SCROLLBACK_LINES, 30_000)]
    assert kept[-len(last) - 1 :] == [*last, ""]
    found = find(screen, "OF A LOG".lower())
    assert found.complete
    assert [match.line for match in found.matches] == list(range(screen.line_count - 1))
    assert all((match.column, match.width) == (12, 8) for match in found.matches)
    (one,) = find(screen, "line 029123").matches
    assert kept[one.line] == "line 029123 of a log"


def test_ten_thousand_wide_lines_are_all_kept(name: str) -> None:
    screen = TerminalScreen(engine=engine(name, 200, 50))
    count = 12_000 if name != PYTE else 10_100
    for first in range(0, count, 100):
        text = b"".join(b"%06d" % n + b"x" * 180 + b"\r\n" for n in range(first, first + 100))
        screen.feed(text)
    lines = texts(screen.lines(0, screen.line_count))
    assert [line[:6] for line in lines[-SCROLLBACK_LINES - 1 : -1]] == [
        f"{n:06d}" for n in range(count - SCROLLBACK_LINES, count)
    ]


def test_a_pinned_line_is_followed_until_it_goes(screen: TerminalScreen) -> None:
    screen.feed(numbered(SCROLLBACK_LINES))
    pin, last = screen.pin(5000), screen.pin(10**9)
    assert screen.pinned_line(pin) == 5000
    assert screen.pinned_line(last) == screen.line_count - 1
    text = row_text(screen.lines(5000, 1)[0])
    screen.feed(numbered(4000, SCROLLBACK_LINES))
    now = screen.pinned_line(pin)
    assert now is not None and now < 5000
    assert row_text(screen.lines(now, 1)[0]) == text
    screen.feed(numbered(4000))
    assert screen.pinned_line(pin) is None
    assert screen.pinned_line(last) is not None
    screen.unpin(pin)
    screen.unpin(last)


@pytest.mark.parametrize("more", [2_000, 30_000])
def test_lines_that_go_while_it_searches_move_what_was_found(
    screen: TerminalScreen, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    """Output between two parts lets old lines go: matches of earlier parts move with theirs."""
    screen.feed(b"".join(b"n%06d\r\n" % n for n in range(13_000)))
    parts = screen.text()

    def with_output() -> Iterator[tuple[int, list[str]]]:
        for number, part in enumerate(parts):
            yield part
            if number == 6:
                screen.feed(b"".join(b"m%06d\r\n" % n for n in range(more)))

    monkeypatch.setattr(screen, "text", with_output)
    found = [screen.lines(match.line, 1)[0][0].text for match in find(screen, "500").matches]
    kept = [row[0].text for row in screen.lines(0, screen.line_count) if row]
    assert found == [text for text in kept if "500" in text]
