"""Text is found in whatever row it is, and also across two."""

from __future__ import annotations

import pytest

from tests.terminal.engines import NAMES, engine
from virttui.terminal import search
from virttui.terminal.screen import TerminalScreen
from virttui.terminal.search import Match, SearchResult, find


@pytest.fixture(params=NAMES)
def screen(request: pytest.FixtureRequest) -> TerminalScreen:
    return TerminalScreen(engine=engine(str(request.param), 20, 6))


def test_lower_case_finds_both_and_upper_case_itself(screen: TerminalScreen) -> None:
    screen.feed(b"oom Oom OOM\r\n\r\nnone\r\nOOM")
    assert find(screen, "oom").matches == (
        Match(0, 0, 3), Match(0, 4, 3), Match(0, 8, 3), Match(3, 0, 3),
    )  # fmt: skip
    assert find(screen, "OOM").matches == (Match(0, 8, 3), Match(3, 0, 3))
    assert find(screen, "absent") == find(screen, "") == SearchResult()


def test_it_is_searched_as_text_and_not_as_a_pattern(screen: TerminalScreen) -> None:
    screen.feed(b"a.c abc [x]")
    assert find(screen, "a.c").matches == (Match(0, 0, 3),)
    assert find(screen, "[x]").matches == (Match(0, 8, 3),)


def test_places_are_cells(screen: TerminalScreen) -> None:
    screen.feed("中文 e\u0301t é\u200bx".encode())
    assert find(screen, "ét").matches == (Match(0, 5, 2),)
    assert find(screen, "文").matches == (Match(0, 2, 2),)


def test_a_match_may_go_on_in_the_next_row(screen: TerminalScreen) -> None:
    screen.feed(b"x" * 17 + b"kernel panic\r\nker\r\nnel")
    assert find(screen, "kernel").matches == (Match(0, 17, 6),)


def test_rows_that_are_full_to_the_end_of_a_part_are_joined(screen: TerminalScreen) -> None:
    rows = 999
    screen.feed(b"y\r\n" * rows + b"x" * 17 + b"kernel panic\r\n" + b"z\r\n" * 500)
    assert find(screen, "kernel").matches == (Match(rows, 17, 6),)
    screen.feed(b"w" * 20 * 2500)
    assert len(find(screen, "w" * 20).matches) == 2500


def test_too_many_matches_are_said(screen: TerminalScreen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_MATCHES", 10)
    screen.feed(b"a" * 11)
    found = find(screen, "a")
    assert (len(found.matches), found.complete) == (10, False)
