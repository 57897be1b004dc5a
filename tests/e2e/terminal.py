"""A terminal to test in: the app as a real process, what it draws as lines of text.

``press`` types, ``wait_for`` waits for what must be seen, with a deadline; nothing sleeps. On
failure the screen is in the message.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import pyte

from tests.patience import PATIENCE

from .child import Child

KEYS = {
    "enter": "\r",
    # As a terminal says it that was asked to tell it from the beginning of another key.
    "escape": "\x1b[27u",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    **{f"ctrl+{chr(code + 96)}": chr(code) for code in range(1, 27)},
}

# What pyte would draw as text: questions with < = > (keyboard protocols) and with $ (modes).
_FOREIGN = re.compile(
    rb"\x1b\[[<=>][0-9;:]*[ -/]*[@-~]|\x1b\[\??[0-9;]*\$[a-z]|\x1bP.*?\x1b\\", re.S
)
# The beginning of a sequence whose end is in the next chunk.
_CUT = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|P[^\x1b]*\x1b?|\][^\x07\x1b]*\x1b?)?$", re.S)


class Picture:
    """What bytes written to a terminal look like."""

    def __init__(self, columns: int, lines: int) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Draw; a sequence cut in two waits for its end."""
        data = self._rest + data
        cut = _CUT.search(data)
        self._rest = data[cut.start() :] if cut else b""
        self._stream.feed(_FOREIGN.sub(b"", data[: cut.start()] if cut else data))

    @property
    def lines(self) -> list[str]:
        """The screen, trailing blanks cut off."""
        return [line.rstrip() for line in self.screen.display]


class Terminal:
    """``with Terminal("--demo") as it: it.wait_for("db-primary-01")``.

    ``env`` is added to an environment without the user's own settings; ``home`` holds those the
    app finds and writes.
    """

    def __init__(
        self,
        *arguments: str,
        size: tuple[int, int] = (120, 36),
        env: Mapping[str, str] | None = None,
        home: Path | None = None,
        command: tuple[str, ...] = (sys.executable, "-m", "virttui"),
    ) -> None:
        self._builder = Picture(*size)
        self._seen = 0
        self.child = Child([*command, *arguments], *size, environment(home, env))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.child.__exit__(kind, error, trace)

    @property
    def lines(self) -> list[str]:
        """What the screen shows now."""
        self._look()
        return self._builder.lines

    @property
    def text(self) -> str:
        """The screen as one string."""
        return "\n".join(self.lines)

    @property
    def raw(self) -> bytes:
        """Every byte written so far."""
        return b"".join(data for _, data in self.child.chunks)

    def line(self, pattern: str) -> str:
        """The first line in which a pattern is found, or ""."""
        return next((line for line in self.lines if re.search(pattern, line)), "")

    def style(self, pattern: str) -> pyte.screens.Char | None:
        """The first cell of what a pattern finds, with its colours."""
        for number, line in enumerate(self.lines):
            if found := re.search(pattern, line):
                return self._builder.screen.buffer[number][found.start()]
        return None

    def press(self, *keys: str) -> float:
        """Type keys by name, or text as it is; returns the moment of the last one."""
        at = time.monotonic()
        for key in keys:
            at = self.child.write(KEYS.get(key, key))
        return at

    def wait_for(
        self, what: str | Callable[[], object], seconds: float = PATIENCE, why: str = ""
    ) -> float:
        """Wait until a pattern is seen or a predicate is true; returns the seconds it took."""
        began = time.monotonic()
        holds = self._sees(what) if isinstance(what, str) else what
        while not holds():
            if time.monotonic() - began > seconds:
                raise AssertionError(self._complaint(why or str(what), seconds))
            with self.child.wrote:
                if len(self.child.chunks) == self._seen and not self.child.closed:
                    self.child.wrote.wait(0.1)
                elif self.child.closed and self.child.status is not None and not holds():
                    raise AssertionError(self._complaint(why or str(what), seconds))
        return time.monotonic() - began

    def wait_gone(self, pattern: str, seconds: float = PATIENCE) -> float:
        """Wait until a pattern is seen no more."""
        sees = self._sees(pattern)
        return self.wait_for(lambda: not sees(), seconds, f"{pattern} to go")

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size."""
        self._look()
        self._builder.screen.resize(lines, columns)
        self.child.resize(columns, lines)

    def exit_status(self, seconds: float = 5.0) -> int:
        """Wait for the end of the app."""
        return self.child.exit_status(seconds)

    def _sees(self, pattern: str) -> Callable[[], bool]:
        wanted = re.compile(pattern)
        return lambda: wanted.search(self.text) is not None

    def _look(self) -> None:
        chunks = self.child.chunks
        while self._seen < len(chunks):
            self._builder.feed(chunks[self._seen][1])
            self._seen += 1

    def _complaint(self, what: str, seconds: float) -> str:
        status = self.child.status
        end = "" if status is None else f"; it ended with {status}"
        shown = "\n".join(f"  │{line}" for line in self.lines).rstrip("\n │")
        return f"not within {seconds:g} s: {what}{end}\n{shown}"


def environment(home: Path | None = None, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment for a modern terminal, without what would change the app."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TEXTUAL", "VIRTTUI", "LIBVIRT", "SSH_", "XDG_", "PYTEST", "COV"))
        and name not in ("NO_COLOR", "TMUX", "STY", "EDITOR", "COLUMNS", "LINES")
    }
    env |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    if home is not None:
        env["HOME"] = str(home)
    return env | dict(more or {})
