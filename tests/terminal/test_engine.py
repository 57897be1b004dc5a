"""Which engine is taken, when it is loaded, and that it is the one that is known."""

from __future__ import annotations

import json
import sys

import pytest
from pyghostty import ffi, lib

from tests.layers.test_arrows import loaded
from virttui.terminal import engine, ghostty_abi
from virttui.terminal.ghostty import Ghostty
from virttui.terminal.pyte_engine import PyteEngine


def test_neither_is_loaded_before_the_first_console() -> None:
    modules = ("engine", "screen", "parser", "keys", "paste", "search", "cells", "row")
    names = loaded("\n".join(f"import virttui.terminal.{name}" for name in modules))
    assert not {"pyghostty", "cffi", "pyte", "wcwidth", "textual"} & names


def test_the_faster_one_is_taken() -> None:
    assert isinstance(engine.new_engine(80, 24), Ghostty)


def test_without_its_wheel_the_other_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, engine.ENGINES[0])
    monkeypatch.delitem(sys.modules, "virttui.terminal.ghostty_abi")
    monkeypatch.setitem(sys.modules, "pyghostty", None)
    assert isinstance(engine.new_engine(80, 24), PyteEngine)


def test_another_library_than_known_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, engine.ENGINES[0])
    monkeypatch.setitem(ghostty_abi.TERMINAL_VALUES, "TERMINAL_DATA_COLS", "uint32_t")
    assert isinstance(engine.new_engine(80, 24), PyteEngine)


@pytest.mark.parametrize(
    ("table", "name", "kind"),
    [
        (ghostty_abi.TERMINAL_VALUES, "TERMINAL_DATA_COLS", "uint32_t"),
        (ghostty_abi.TERMINAL_VALUES, "TERMINAL_DATA_TOTAL_ROWS", "uint16_t"),
        (ghostty_abi.RENDER_VALUES, "RENDER_STATE_DATA_DIRTY", "bool"),
        (ghostty_abi.CELL_VALUES, "RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_LEN", "uint16_t"),
        (ghostty_abi.CELL_VALUES, "RENDER_STATE_ROW_CELLS_DATA_STYLE", "GhosttyStyleColor"),
        (ghostty_abi.ROW_VALUES, "RENDER_STATE_ROW_DATA_CELLS_RAW", "uint64_t"),
    ],
)
def test_a_wrong_type_of_a_value_is_found(
    monkeypatch: pytest.MonkeyPatch, table: dict[str, str], name: str, kind: str
) -> None:
    ghostty_abi.check()
    monkeypatch.setitem(table, name, kind)
    with pytest.raises(ghostty_abi.OtherLibrary, match=name):
        ghostty_abi.check()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"style_id":{"lsb":26', '"style_id":{"lsb":27'),
        ('"SPACER_TAIL":2', '"SPACER_TAIL":3'),
        ('"SCROLLBACK_MAX_BYTES":27', '"SCROLLBACK_MAX_BYTES":28'),
        ('"strikethrough":{"offset":62', '"strikethrough":{"offset":61'),
        ('"y":{"offset":4', '"y":{"offset":2'),
    ],
)
def test_another_layout_is_found(monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    described = json.loads(ffi.string(lib.ghostty_type_json()))
    text = json.dumps(described, separators=(",", ":"))
    assert old in text
    monkeypatch.setattr(ghostty_abi, "described", lambda: json.loads(text.replace(old, new)))
    with pytest.raises(ghostty_abi.OtherLibrary):
        ghostty_abi.check()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLIPBOARD_WRITE_MAX_BYTES", 0),
        ("KITTY_IMAGE_STORAGE_LIMIT", 0),
        ("SCROLLBACK_MAX_BYTES", 24 * 1024**2),
    ],
)
def test_the_library_has_our_limits(name: str, value: int) -> None:
    assert Ghostty(80, 24)._get(f"TERMINAL_DATA_{name}") == value
