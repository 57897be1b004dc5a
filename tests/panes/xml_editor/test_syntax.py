"""Tokens of lines in view: right after any changes, scanned anew only as far as needed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virttui.libvirtxml.text.tokenizer import Mode, Token, line_tokens
from virttui.model.severity import Severity
from virttui.panes.xml_editor import syntax as module
from virttui.panes.xml_editor.syntax import Syntax
from virttui.panes.xml_editor.text_line import LineMarks, LineViewport, gutter, masked, source
from virttui.render.glyphs import ASCII, RenderContext
from virttui.render.line import length, plain

LINES = st.lists(
    st.sampled_from(["<a b='1'>", "<!--", "-->", "text", "<![CDATA[", "]]>", "<b c='", "'/>", ""]),
    min_size=1,
    max_size=12,
)


def whole(lines: list[str]) -> list[list[Token]]:
    mode, found = Mode.TEXT, []
    for line in lines:
        tokens, mode = line_tokens(line, mode)
        found.append(tokens)
    return found


@dataclass
class Change:
    top: int
    old: int
    new: list[str] = field(default_factory=list)


@given(LINES, st.lists(st.tuples(st.integers(0, 11), st.integers(0, 3), LINES, st.booleans())))
def test_after_any_changes_lines_have_the_tokens_of_the_whole_text(
    lines: list[str], changes: list[tuple[int, int, list[str], bool]]
) -> None:
    syntax = Syntax()
    for row in range(len(lines)):
        syntax.tokens(lines, row)
    for top, more, new, looked in changes:
        top = min(top, len(lines) - 1)
        bottom = min(top + more, len(lines) - 1)
        lines = [*lines[:top], *new, *lines[bottom + 1 :]]
        syntax.changed(top, bottom, top + len(new) - 1)
        if looked:
            row = len(lines) // 2
            assert syntax.tokens(lines, row) == whole(lines)[row]
    assert [syntax.tokens(lines, row) for row in range(len(lines))] == whole(lines)


def test_a_letter_in_a_long_text_scans_a_few_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["<a>", *["<b c='1'/>"] * 5000, "</a>"]
    syntax = Syntax()
    syntax.tokens(lines, len(lines) - 1)
    scanned = 0

    def counting(line: str, mode: Mode) -> tuple[list[Token], Mode]:
        nonlocal scanned
        scanned += 1
        return line_tokens(line, mode)

    monkeypatch.setattr(module, "line_tokens", counting)
    lines[2500] = "<b c='12'/>"
    syntax.changed(2500, 2500, 2500)
    syntax.tokens(lines, 4000)
    assert scanned < 10


@given(
    st.text(max_size=60),
    st.integers(1, 40),
    st.integers(0, 30),
    st.none() | st.integers(0, 60),
    st.none() | st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
def test_a_line_takes_exactly_its_cells(
    text: str, width: int, left: int, cursor: int | None, selected: tuple[int, int] | None
) -> None:
    text = text.replace("\n", " ")
    tokens, _ = line_tokens(text, Mode.TEXT)
    drawn = source(text, tokens, LineMarks(1), LineViewport(width, left, cursor, False, selected))
    assert length(drawn) == width


def test_the_gutter_tells_number_fault_and_change() -> None:
    line = gutter(LineMarks(24, Severity.WARNING, True), True, RenderContext(), 9)
    assert plain(line) == "  24 ! ┃ "
    assert (
        plain(gutter(LineMarks(24, Severity.ERROR, True), True, RenderContext(ASCII), 9))
        == "  24 x | "
    )


def test_a_password_that_is_typed_is_dots_and_a_stand_in_is_not() -> None:
    def shown(text: str) -> str:
        return masked(text, line_tokens(text, Mode.TEXT)[0])

    assert shown("<g passwd='s3cret' port='1'/>") == "<g passwd='******' port='1'/>"
    assert shown("<g passwd='s3cr") == "<g passwd='****"
    assert shown("<g passwd='(hidden 1)'/>") == "<g passwd='(hidden 1)'/>"
