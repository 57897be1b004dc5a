"""Lines of styled runs, and text that fits cells.

A ``Line`` is a tuple of ``Run``; a run has a role (what it means) and a ground (what it lies on).
Widgets turn the pair into colours, so everything here can be tested as plain text.

Text from libvirt is data: it goes through ``clean`` before it is measured, which makes every
character visible that would not take one or two cells of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len


class Role(StrEnum):
    """The role of a run; the themes give each a colour. A ``MARK`` is underlined."""

    TEXT = "text"
    STRONG = "strong"
    MUTED = "muted"
    FAINT = "faint"
    LINE = "line"
    ACCENT = "accent"
    ACCENT_STRONG = "accent-strong"
    GRAPH = "graph"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    BAD_STRONG = "bad-strong"
    ALARM = "alarm"
    TAB = "tab"
    BUTTON = "button"
    OK_MARK = "ok-mark"
    BAD_MARK = "bad-mark"
    WARN_MARK = "warn-mark"


class Background(StrEnum):
    """The background of a run."""

    PLAIN = "plain"
    CURSOR = "cursor"
    PANEL = "panel"
    FIELD = "field"
    CHOSEN = "chosen"
    ADDED = "added"
    REMOVED = "removed"


class Run(NamedTuple):
    """A stretch of cells in one style."""

    text: str
    role: Role = Role.TEXT
    background: Background = Background.PLAIN


Line = tuple[Run, ...]

BLANK: Line = ()

_FLAGS = range(0x1F1E6, 0x1F200)
_SKINS = range(0x1F3FB, 0x1F400)


def clean(text: str) -> str:
    """``text`` with everything made visible that a terminal would obey, hide or combine.

    Escapes, line ends, bidirectional marks, zero-width and combining characters become
    ``\\x1b``, ``\\u202e`` and so on; what is left takes as many cells as its characters do.
    """
    if text.isascii() and text.isprintable():
        return text
    return _clean(text)


@lru_cache(maxsize=4096)
def _clean(text: str) -> str:
    return "".join(map(_visible, unicodedata.normalize("NFC", text)))


def _visible(char: str) -> str:
    code = ord(char)
    # Flags and skin tones melt into their neighbours, so their width depends on them.
    if char.isprintable() and cell_len(char) and code not in _FLAGS and code not in _SKINS:
        return char
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def text_width(text: str) -> int:
    """The number of cells that clean text takes."""
    return len(text) if text.isascii() else cell_len(text)


def head(text: str, width: int) -> str:
    """The beginning of clean ``text`` that takes at most ``cells``."""
    if text_width(text) <= width:
        return text
    taken, end = 0, 0
    for char in text:
        taken += cell_len(char)
        if taken > width:
            break
        end += 1
    return text[:end]


def tail(text: str, width: int) -> str:
    """The end of clean ``text`` that takes at most ``cells``."""
    return head(text[::-1], width)[::-1]


def cut(text: str, width: int, mark: str = "…") -> str:
    """``text`` in at most ``cells``, shortened in the middle: fleets differ at the end."""
    if text_width(text) <= width:
        return text
    if width < 4:
        return head(text, width)
    end = min(6, (width - 1) // 3)
    return head(text, width - 1 - end) + mark + tail(text, end)


def cut_end(text: str, width: int, mark: str = "…") -> str:
    """``text`` in at most ``cells``, shortened at its end: for sentences."""
    if text_width(text) <= width:
        return text
    return head(text, width - 1) + mark if width > 0 else ""


def fit(text: str, width: int, *, right: bool = False, mark: str = "…") -> str:
    """Cleaned ``text`` in exactly ``width`` cells, cut in the middle or padded."""
    if len(text) <= width and text.isascii() and text.isprintable():
        return text.rjust(width) if right else text.ljust(width)
    text = cut(clean(text), width, mark)
    gap = " " * (width - text_width(text))
    return gap + text if right else text + gap


def length(line: Iterable[Run]) -> int:
    """The number of cells that a line takes."""
    return sum(text_width(run.text) for run in line)


def plain(line: Iterable[Run]) -> str:
    """The text of a line alone."""
    return "".join(run.text for run in line)


_BLOCKS = frozenset({Role.ALARM, Role.TAB, Role.BUTTON})
"""Roles that paint the cell itself, so that a blank in them can be seen."""


def merged(runs: Iterable[Run]) -> Line:
    """The same cells in as few runs as can be.

    Neighbours of one style become one, and blanks join either neighbour: a blank shows only its
    ground. Each run saved is some forty bytes on the wire.
    """
    builder = LineBuilder()
    for run in runs:
        builder.add(*run)
    return builder.line()


class LineBuilder:
    """Builds a line from its left to its right end, in as few runs as can be: see ``merged``.

    A run is made when its end is known: making one for each cell of a row took more than the rest.
    """

    __slots__ = ("_background", "_role", "_runs", "_text")

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._text = ""
        self._role = Role.TEXT
        self._background = Background.PLAIN

    def add(self, text: str, role: Role, background: Background) -> None:
        """Add cells at the right end."""
        if not text:
            return
        last = self._text
        if last and self._background is background:
            if self._role is role:
                self._text = last + text
                return
            if self._role not in _BLOCKS and role not in _BLOCKS:
                if text.isspace():
                    self._text = last + text
                    return
                if last.isspace():
                    self._text, self._role = last + text, role
                    return
        if last:
            self._runs.append(Run(last, self._role, self._background))
        self._text, self._role, self._background = text, role, background

    def line(self) -> Line:
        """The line of all that was added."""
        if not self._text:
            return ()
        return (*self._runs, Run(self._text, self._role, self._background))


def within(line: Iterable[Run], width: int, background: Background = Background.PLAIN) -> Line:
    """The line in exactly ``cells``: cut at its right end, or padded with ``ground``."""
    out: list[Run] = []
    left = width
    for run in line:
        if left <= 0:
            break
        text = head(run.text, left)
        left -= text_width(text)
        out.append(run if text == run.text else run._replace(text=text))
        if text != run.text:
            break
    if left > 0:
        out.append(Run(" " * left, Role.TEXT, background))
    return merged(out)


def ends(left: Line, right: Line, width: int) -> Line:
    """``left`` and ``right`` at the two ends of ``cells``; the left one gives way."""
    room = width - length(right)
    if room < 0:
        return within(left, width)
    return merged((*within(left, room), *right))


def on(line: Iterable[Run], background: Background) -> Line:
    """The line laid on another ground."""
    return tuple(run._replace(background=background) for run in line)


def toned(line: Iterable[Run], role: Role) -> Line:
    """The line in one role."""
    return merged(run._replace(role=role) for run in line)


def wrapped(text: str, width: int) -> list[str]:
    """Clean ``text`` broken at blanks into lines of at most ``cells``; long words are broken."""
    lines: list[str] = []
    current = ""
    for word in clean(text).split(" "):
        if current and text_width(current) + 1 + text_width(word) > width:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
        while text_width(current) > width:
            part = head(current, width)
            lines.append(part)
            current = current[len(part) :]
    lines.append(current)
    return lines
