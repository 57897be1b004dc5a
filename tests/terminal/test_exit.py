"""The process ends in order while a terminal is fed: a thread that went on feeding crashed it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

EXIT = """
import atexit, threading

def say():  # registered first, so that it is called last
    print([one.name for one in threading.enumerate() if one.name == "terminal parser"])

atexit.register(say)
from virttui.terminal.parser import Parser
from virttui.terminal.screen import TerminalScreen

screen = TerminalScreen()
told = threading.Event()
parser = Parser(screen, told.set, lambda data: None)
data = b"\\x1b[31mred\\x1b[m and a line of a log\\x1b[6n\\r\\n" * 2000

def feed():
    while True:
        parser.feed(data)

threading.Thread(target=feed, daemon=True).start()
told.wait()
screen.update()
{end}
"""


@pytest.mark.parametrize("end", ["", "raise SystemExit(0)"] * 5)
def test_python_ends_while_it_is_fed(end: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EXIT.format(end=end)], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "[]\n", "the parser's thread has ended before"
