"""Which images the terminal itself can draw: asked before a screen takes it, never while it runs.

Only terminals are asked that may have kitty's graphics or sixel, as their environment says: others
would make the start wait. In tmux, screen and zellij none is asked, since they pass neither on.
"""

from __future__ import annotations

import os
import re
import select
import termios
import time
import tty
from collections.abc import Mapping
from contextlib import suppress

Cell = tuple[int, int]
"""Pixels of a cell across and down; (0, 0) where they are not known."""
Graphics = tuple[str, Cell]
"""KITTY, SIXEL or "" for neither, and the size of a cell."""

KITTY, SIXEL = "kitty", "sixel"
NONE: Graphics = ("", (0, 0))
PATIENCE = 0.3
"""Seconds for which an answer is waited for."""

_QUESTION = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[c"
"""Whether it knows kitty's graphics, the size of a cell, and what it is, which all answer."""
_END = re.compile(rb"\x1b\[\?([\d;]*)c")
_CELL = re.compile(rb"\x1b\[6;(\d{1,4});(\d{1,4})t")
_TERMS = re.compile(r"xterm-kitty|xterm-ghostty|wezterm|foot|contour|mlterm|konsole|.*-sixel")
_PROGRAMS = frozenset({"kitty", "ghostty", "wezterm", "iterm.app", "konsole", "mintty", "rio"})
_MULTIPLEXERS = ("TMUX", "STY", "ZELLIJ")


def may_be_asked(environment: Mapping[str, str]) -> bool:
    """Whether the terminal may draw images, as far as its environment tells."""
    if any(environment.get(name) for name in _MULTIPLEXERS):
        return False
    term = environment.get("TERM", "")
    if re.match(r"tmux|screen|dumb|linux", term):
        return False
    program = environment.get("TERM_PROGRAM", "").casefold()
    return bool(
        _TERMS.match(term)
        or program in _PROGRAMS
        or environment.get("KITTY_WINDOW_ID")
        or environment.get("KONSOLE_VERSION")
    )


def understood(answer: bytes) -> Graphics:
    """What an answer says. Sixel needs the size of a cell, since such an image is not scaled."""
    found = _CELL.search(answer)
    cell = (int(found[2]), int(found[1])) if found is not None else (0, 0)
    if b"\x1b_Gi=31;OK\x1b\\" in answer:
        return KITTY, cell
    end = _END.search(answer)
    if end is not None and b"4" in end[1].split(b";")[1:] and all(cell):
        return SIXEL, cell
    return NONE


def ask(environment: Mapping[str, str], path: str = "/dev/tty") -> Graphics:
    """Ask the terminal of this process; ``NONE`` where it does not answer in time, or is none."""
    if not may_be_asked(environment):
        return NONE
    try:
        terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return NONE
    try:
        before = termios.tcgetattr(terminal)
        try:
            tty.setcbreak(terminal)
            os.write(terminal, _QUESTION)
            return understood(_answer(terminal))
        finally:
            termios.tcsetattr(terminal, termios.TCSANOW, before)
    except (OSError, termios.error):
        return NONE
    finally:
        os.close(terminal)


def _answer(terminal: int) -> bytes:
    """What comes until the last question is answered; what is typed meanwhile is dropped."""
    until, heard = time.monotonic() + PATIENCE, b""
    while _END.search(heard) is None:
        left = until - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            with suppress(termios.error):
                termios.tcflush(terminal, termios.TCIFLUSH)
            return b""
        data = os.read(terminal, 4096)
        if not data:
            return b""
        heard += data
    return heard
