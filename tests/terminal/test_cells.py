"""What leaves a cell is harmless and as wide as the cell."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from virttui.terminal.cells import REPLACEMENT, RowBuilder, clean_cell, is_dropped
from virttui.terminal.row import DEFAULT, CellStyle, Run

RED = CellStyle(foreground=1)

DROPPED = {
    "bidi override": "\u202e",
    "bidi isolate": "\u2066",
    "arabic letter mark": "\u061c",
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "tag": "\U000e0041",
    "hangul choseong filler": "\u115f",
    "hangul filler": "\u3164",
    "halfwidth hangul filler": "\uffa0",
    "grapheme joiner": "\u034f",
    "variation selector": "\ufe0f",
    "line separator": "\u2028",
    "escape": "\x1b",
    "delete": "\x7f",
    "8-bit control": "\x9b",
}


@pytest.mark.parametrize("name", DROPPED)
def test_what_is_not_seen_is_dropped(name: str) -> None:
    char = DROPPED[name]
    assert is_dropped(char)
    assert clean_cell(f"a{char}", 1) == "a"
    assert clean_cell(char, 1) == " "


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("e\u0301", 1, "é"),
        ("中", 2, "中"),
        ("中", 1, REPLACEMENT),
        ("a", 2, "a "),
        ("▶\ufe0f", 2, "▶ "),
        ("👨\u200d👩\u200d👧", 2, "👨"),
        ("\u0301", 1, " "),
        ("", 2, "  "),
        ("a" + "\u0327" * 50, 1, "a" + "\u0327" * 7),
    ],
)
def test_a_cell_is_padded_or_replaced(text: str, width: int, shown: str) -> None:
    assert clean_cell(text, width) == shown


@given(st.text(max_size=12), st.sampled_from((1, 2)))
def test_any_text_has_the_width_of_its_cell(text: str, width: int) -> None:
    shown = clean_cell(text, width)
    assert cell_len(shown) == width
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in shown)


@given(st.lists(st.tuples(st.text(max_size=4), st.sampled_from((1, 2))), max_size=12))
def test_any_cells_side_by_side_have_the_width_of_all(cells: list[tuple[str, int]]) -> None:
    builder = RowBuilder()
    for text, width in cells:
        builder.add(text, width, RED)
    assert sum(cell_len(run.text) for run in builder.row()) == sum(width for _, width in cells)


def test_halves_of_a_flag_are_not_joined_across_cells() -> None:
    builder = RowBuilder()
    builder.add("\U0001f1e9", 2, RED)
    builder.add("\U0001f1ea", 2, RED)
    (run,) = builder.row()
    assert cell_len(run.text) == 4


def test_neighbours_of_one_style_are_one_run() -> None:
    builder = RowBuilder()
    builder.add_ascii("ab", DEFAULT)
    builder.add_ascii("c", CellStyle())
    builder.add("中", 2, RED)
    builder.add_ascii("d ", CellStyle(foreground=1))
    builder.add_ascii("  ", DEFAULT)
    assert builder.row() == (Run("abc"), Run("中d ", RED))
