"""A terminal is asked whether it draws images: only where it may, and never for long."""

from __future__ import annotations

import os
import pty
import threading
import time

import pytest

from virttui.local import terminal_graphics
from virttui.local.terminal_graphics import KITTY, NONE, SIXEL, ask, may_be_asked, understood

FOOT = {"TERM": "foot"}


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, True),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, True),
        (FOOT, True),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux"}, False),
        ({"TERM": "screen-256color", "TERM_PROGRAM": "WezTerm"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_only_terminals_that_may_draw_images_are_asked(
    environment: dict[str, str], asked: bool
) -> None:
    assert may_be_asked(environment) is asked


@pytest.mark.parametrize(
    ("answer", "graphics"),
    [
        (b"\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;c", (KITTY, (10, 20))),
        (b"\x1b_Gi=31;OK\x1b\\\x1b[?62;c", (KITTY, (0, 0))),
        (b"\x1b[6;18;9t\x1b[?62;4;22c", (SIXEL, (9, 18))),
        (b"\x1b[?62;4;22c", NONE),
        (b"\x1b[6;18;9t\x1b[?4;22c", NONE),
        (b"\x1b_Gi=31;EINVAL: no\x1b\\\x1b[?62c", NONE),
        (b"", NONE),
    ],
)
def test_an_answer_is_understood(answer: bytes, graphics: tuple[str, tuple[int, int]]) -> None:
    assert understood(answer) == graphics


class Terminal:
    """A terminal that answers the question in pieces, or not at all."""

    def __init__(self, answer: tuple[bytes, ...]) -> None:
        self.ours, self.theirs = pty.openpty()
        self.path = os.ttyname(self.theirs)
        self.heard = b""
        self._answer = answer
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while b"\x1b[c" not in self.heard:
            self.heard += os.read(self.ours, 1024)
        for piece in self._answer:
            os.write(self.ours, piece)
            time.sleep(0.01)

    def close(self) -> None:
        os.close(self.ours)
        os.close(self.theirs)


def test_an_answer_in_pieces_is_heard_and_the_terminal_is_as_before() -> None:
    terminal = Terminal((b"\x1b_Gi=31;", b"OK\x1b\\\x1b[6;20", b";10t\x1b[?62", b";c"))
    import termios

    before = termios.tcgetattr(terminal.theirs)
    assert ask(FOOT, terminal.path) == (KITTY, (10, 20))
    assert termios.tcgetattr(terminal.theirs) == before
    terminal.close()


def test_a_terminal_that_says_nothing_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminal_graphics, "PATIENCE", 0.05)
    terminal = Terminal(())
    assert ask(FOOT, terminal.path) == NONE
    terminal.close()


def test_where_there_is_no_terminal_nothing_is_asked() -> None:
    assert ask(FOOT, "/dev/null") == NONE
    assert ask(FOOT, "/there/is/none") == NONE
