"""A guest's output changes nothing outside of its rows."""

from __future__ import annotations

import random

import pytest
from rich.cells import cell_len

from tests.terminal.engines import NAMES, engine
from virttui.terminal.cells import is_dropped
from virttui.terminal.screen import TerminalScreen

HOSTILE = {
    "clipboard": b"\x1b]52;c;" + b"QUJD" * 250_000 + b"\x07",
    "title without end": b"\x1b]2;" + b"t" * 1_000_000,
    "one line": b"x" * 1_000_000,
    "device control string": b"\x1bP$q" + b"m" * 500_000 + b"\x1b\\",
    "sixel": b"\x1bPq" + b"#0;2;0;0;0~-" * 50_000 + b"\x1b\\",
    "picture": b"\x1b_Ga=T,f=24,s=500,v=500,m=1;" + b"AAAA" * 100_000 + b"\x1b\\",
    "picture of a file": b"\x1b_Ga=T,t=f,f=100;L2V0Yy9wYXNzd2Q=\x1b\\",
    "digits": b"\x1b[" + b"1" * 4_400 + b"m",
    "digits without end": b"\x1b[" + b"1" * 300_000,
    "parameters": b"\x1b[" + b"1;" * 100_000 + b"m",
    "saved cursors": b"\x1b7" * 30_000,
    "marks on one cell": b"a" + "\u0301".encode() * 30_000,
    "marks between sequences": b"a" + "\u0327\x1b[m".encode() * 10_000,
    "zero width": "\u200b".encode() * 50_000,
    "bells": b"\x07" * 100_000,
    "alternate screens": b"\x1b[?1049h\x1b[?1049l" * 1_000,
    "insert everywhere": b"\x1b[9999@\x1b[9999L\x1b[9999P\x1b[9999M\x1b[9999X" * 50,
    "tabs": b"\x1bH\x1b[C" * 20_000,
    "hyperlinks": b"".join(b"\x1b]8;;http://%d/\x07x" % n for n in range(10_000)),
    "wrong charset": b"\x1b%@\x9b31m\x1b%G",
}


@pytest.fixture(params=NAMES)
def screen(request: pytest.FixtureRequest) -> TerminalScreen:
    return TerminalScreen(engine=engine(str(request.param)))


def assert_harmless(screen: TerminalScreen) -> None:
    screen.update()
    columns, rows = screen.size
    assert (columns, rows, len(screen.rows)) == (80, 24, 24)
    assert screen.cursor.column < columns and screen.cursor.row < rows
    for row in [*screen.rows, *screen.lines(0, 200)]:
        text = "".join(run.text for run in row)
        assert cell_len(text) <= columns
        assert not any(is_dropped(char) for char in text), ascii(text)


@pytest.mark.parametrize("name", HOSTILE)
def test_it_does_no_harm_and_what_follows_is_shown(
    screen: TerminalScreen, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    screen.feed(HOSTILE[name])
    assert_harmless(screen)
    screen.feed(b"\x18\x1b\\\x1b[m\x1b[2J\x1b[Hstill here")
    screen.update()
    assert screen.rows[0][0].text == "still here"
    assert capfd.readouterr() == ("", "")


PARTS = [
    b"\x1b[", b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b\\", b"\x1b", b"\x07", b"\x9b", b"\x18", b";",
    b":", b"?", b">", b"!", b"$", b" ", b"\r", b"\n", b"\t", b"\b", b"\x0e", b"\x0f", b"(0", b"#8",
    b"%G", *(bytes([letter]) for letter in range(0x40, 0x7F)),
    *(b"%d" % n for n in (0, 1, 3, 38, 48, 99)),
    b"1049", b"2004", b"65535", "中".encode(), "e\u0301".encode(), "👨\u200d👩".encode(),
    "\u202e".encode(), b"\xff", b"\xe4\xb8", "ก\u0e31".encode(), b"text of a log",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_random_sequences_do_no_harm(screen: TerminalScreen, seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(20):
        screen.feed(b"".join(chosen.choices(PARTS, k=200)))
        assert_harmless(screen)


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_do_no_harm(screen: TerminalScreen, seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(10):
        screen.feed(chosen.randbytes(2000))
        assert_harmless(screen)
