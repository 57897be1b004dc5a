"""What real programs wrote for a terminal of 80x24 is shown alike by both engines at any moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal.engines import NAMES, engine
from virttui.terminal.screen import TerminalScreen

RECORDINGS = sorted((Path(__file__).parent / "recordings").iterdir())
"""Named by the program and its TERM."""


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_both_engines_show_the_same(path: Path) -> None:
    output = path.read_bytes()
    one, other = (TerminalScreen(engine=engine(name)) for name in NAMES)
    most = 0
    for start in range(0, len(output), 50):
        for screen in (one, other):
            screen.feed(output[start : start + 50])
            screen.update()
        assert one.rows == other.rows, f"after {start + 50} bytes"
        assert (one.cursor, one.modes) == (other.cursor, other.modes), f"after {start + 50} bytes"
        most = max(most, sum(row != () for row in one.rows))
    assert most == 24
