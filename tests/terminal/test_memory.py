"""What a guest writes takes no memory without end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal.engines import GHOSTTY, NAMES

ROOT = Path(__file__).parents[2]

MEBIBYTE = 1024**2

PLAIN = """
for first in range(0, 30_000 if name == GHOSTTY else 11_000, 100):
    screen.feed(b"".join(b"%06d a line of a log that is about as long as they are\\r\\n" % n
                         for n in range(first, first + 100)))
"""
COLOURS = """
for n in range(12_000 if name == GHOSTTY else 2_000):
    screen.feed(b"".join(b"\\x1b[38;2;%d;%d;%dmx" % (n & 255, x, n >> 8) for x in range(80)))
"""
MARKS = """
line = ("a" + "\\u0301\\u0327" * 4 + "\\u0328").encode() * 80
for n in range(12_000 if name == GHOSTTY else 600):
    screen.feed(line)
"""
LINKS = """
for n in range(120_000 if name == GHOSTTY else 1_000):
    screen.feed(b"\\x1b]8;;http://%d/%s\\x07link \\x1b]8;;\\x07" % (n, b"x" * 200))
"""

PICTURES = """
for n in range(100):
    screen.feed(b"\\x1b_Ga=t,f=24,s=200,v=200,i=%d;" % (n + 1) + b"AAAA" * 40_000 + b"\\x1b\\\\")
"""
CLIPBOARD = """
screen.feed(b"\\x1b]52;c;")
for n in range(5_000):
    screen.feed(b"QUJD" * 1_000)
screen.feed(b"\\x07")
"""
CURSORS = """
screen.feed(b"\\x1b7" * 200_000)
"""

GROWTH = """
import gc, os, sys
from pathlib import Path
from tests.terminal.engines import GHOSTTY, engine
from virttui.terminal.screen import TerminalScreen

def resident():
    gc.collect()
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")

name = sys.argv[1]
screen = TerminalScreen(engine=engine(name))
screen.feed(b"x")
screen.update()
before = resident()
{output}
screen.update()
print(resident() - before)
"""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("output", "most"),
    [
        pytest.param(PLAIN, 30, id="plain"),
        pytest.param(COLOURS, 80, id="colours"),
        pytest.param(MARKS, 80, id="marks"),
        pytest.param(LINKS, 80, id="hyperlinks"),
        pytest.param(PICTURES, 5, id="pictures"),
        pytest.param(CLIPBOARD, 10, id="clipboard"),
        pytest.param(CURSORS, 5, id="saved cursors"),
    ],
)
def test_memory_is_bounded(name: str, output: str, most: int) -> None:
    code = GROWTH.format(output=output)
    done = subprocess.run(
        [sys.executable, "-c", code, name], capture_output=True, text=True, check=True, cwd=ROOT
    )
    # pyte's rows are weighed one by one; a page of the other's memory is larger than it looks.
    assert int(done.stdout) / MEBIBYTE < (most if name == GHOSTTY else min(most, 30))
