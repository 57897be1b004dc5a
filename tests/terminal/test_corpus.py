"""Both engines show what a guest writes, also when it comes in parts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from tests.terminal.corpus import COLUMNS, CORPUS, PYTE_CANNOT, ROWS, Case
from tests.terminal.engines import NAMES, PYTE, engine
from virttui.terminal.row import Row, row_text
from virttui.terminal.screen import TerminalScreen


def cases() -> Iterator[object]:
    for name in NAMES:
        for one in CORPUS:
            reason = PYTE_CANNOT.get(one.name) if name == PYTE else None
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            yield pytest.param(name, one, marks=marks, id=f"{name}: {one.name}")


def shown(name: str, *output: bytes) -> TerminalScreen:
    screen = TerminalScreen(engine=engine(name, COLUMNS, ROWS))
    for part in output:
        screen.feed(part)
    screen.update()
    return screen


@pytest.mark.parametrize(("name", "one"), list(cases()))
def test_the_screen_is_as_a_terminal_shows_it(name: str, one: Case) -> None:
    screen = shown(name, one.output)
    if one.rows is not None:
        rows = [row_text(row) for row in screen.rows]
        assert rows == [*one.rows, *[""] * (ROWS - len(one.rows))]
    if one.runs is not None:
        assert tuple((run.text, run.style) for run in screen.rows[0]) == one.runs
    if one.cursor is not None:
        assert screen.cursor == one.cursor
    for row in screen.rows:
        assert_harmless(row)


def assert_harmless(row: Row) -> None:
    text = "".join(run.text for run in row)
    assert cell_len(text) <= COLUMNS
    assert text.isprintable() or all(char.isprintable() or char == " " for char in text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("one", CORPUS, ids=lambda one: one.name)
def test_output_in_two_parts_shows_the_same(name: str, one: Case) -> None:
    whole = shown(name, one.output)
    positions = range(1, len(one.output)) if len(one.output) < 200 else (1, 2, 50, 150)
    for position in positions:
        parts = shown(name, one.output[:position], one.output[position:])
        assert (parts.rows, parts.cursor) == (whole.rows, whole.cursor), position
    if len(one.output) < 200:
        bytewise = shown(name, *(one.output[n : n + 1] for n in range(len(one.output))))
        assert (bytewise.rows, bytewise.cursor) == (whole.rows, whole.cursor)
