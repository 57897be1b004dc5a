"""What was typed in earlier runs after ``/`` and ``:``, kept in the state folder.

One file a sign, ``typed/filter`` and ``typed/command``, a line each, the newest last, for their
owner alone. What may hold a secret is not kept, in memory neither.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

from virttui.commandline.virsh import secret
from virttui.local.private_files import write_private

KEPT = 200
_NAMES = {"/": "filter", ":": "command"}
_TYPED = "type "
"""What is typed into a guest may be a password."""


class PromptHistory:
    """Lines by sign, oldest first. ``keep`` and ``load`` touch the disk: not for the screen's loop.

    ``folder`` is asked when it is needed. A disk that cannot be written costs the memory of the
    next run, nothing else.
    """

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._lines: dict[str, list[str]] = {sign: [] for sign in _NAMES}
        self._lock = threading.Lock()

    def earlier(self, sign: str) -> list[str]:
        """The lines of a sign, oldest first."""
        return self._lines[sign]

    def note(self, sign: str, line: str) -> bool:
        """Remember a line in this run; false for one that must not be kept."""
        line = line.strip()
        if not line or not line.isprintable() or secret(line) or line.casefold().startswith(_TYPED):
            return False
        self._lines[sign] = _with(self._lines[sign], line)
        return True

    def load(self) -> None:
        """Read what earlier runs kept; what was typed since stays the newest."""
        for sign in _NAMES:
            since = self._lines[sign]
            lines = self._read(sign)
            for line in since:
                lines = _with(lines, line)
            self._lines[sign] = lines

    def keep(self, sign: str, line: str) -> None:
        """Write a line behind what is kept, by this run or another."""
        with self._lock:
            lines = _with(self._read(sign), line.strip())
            with contextlib.suppress(OSError):
                write_private(self._path(sign), "".join(f"{one}\n" for one in lines))

    def _path(self, sign: str) -> Path:
        return self._folder() / "typed" / _NAMES[sign]

    def _read(self, sign: str) -> list[str]:
        try:
            text = self._path(sign).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line.isprintable()][-KEPT:]


def _with(lines: list[str], line: str) -> list[str]:
    """The lines with one more, which moves to the end if it was there."""
    return [*(one for one in lines if one != line), line][-KEPT:]
