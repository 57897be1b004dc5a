"""What only the fallback needs: a filter before pyte, and bounds of its own."""

from __future__ import annotations

import pytest

from virttui.terminal.pyte_filter import SequenceFilter
from virttui.terminal.pyte_screen import HistoryScreen


@pytest.mark.parametrize(
    ("output", "tokens"),
    [
        (b"text\x1b[31mred", [b"text", b"\x1b[31m", b"red"]),
        (b"\x1b[38:2::1:2:3m\x1b[4:3;1m", [b"\x1b[38;2;1;2;3m", b"\x1b[4;1m"]),
        (b"\x1b[123456C", [b"\x1b[9999C"]),
        (b"\x1b[?25l", [b"\x1b[?25l"]),
        (b"\x1b[1;2A\x1b[1:2A\x1b[>c\x1b[!p\x1b[4 q\x1b[?1;2c", []),
        (b"a\x1bPq#0~\x07~\x1b\\b", [b"a", b"b"]),
        (b"a\x1b]0;t\x07b\x1b]0;t\x18c\x1b]0;t\x1b[Cd", [b"a", b"b", b"c", b"\x1b[C", b"d"]),
        (b"\x1b(0\x1b#8\x1b%@\x1bE", [b"\x1b(0", b"\x1b#8", b"\r\x1bD"]),
        (b"a\xc2\x9b31mb", [b"a31mb"]),
    ],
)
def test_tokens_are_those_that_pyte_understands(output: bytes, tokens: list[bytes]) -> None:
    assert [token for token in SequenceFilter().tokens(output) if token] == tokens


@pytest.mark.parametrize("part", [b"1", b";", b" "])
def test_a_sequence_without_end_takes_no_memory(part: bytes) -> None:
    filtered = SequenceFilter()
    for data in (b"\x1b[", *[part * 1000] * 50):
        assert list(filtered.tokens(data)) == []
    assert len(filtered._rest) <= 256


def test_marks_on_a_cell_are_bounded_however_they_come() -> None:
    screen = HistoryScreen(20, 6)
    screen.draw("a" + "\u0327" * 100)
    for _ in range(100):
        screen.draw("\u0327")
    assert len(screen.buffer[0][0].data) <= 8
