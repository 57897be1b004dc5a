"""The terminals of consoles whose page was left: their lines stay until the app ends.

Memory is bounded over all of them: beyond so many, or so many lines, the one that was left first is
closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App

from virttui.model.identity import ObjectId
from virttui.terminal.screen import TerminalScreen

MOST = 8
"""Terminals; each may take 24 MiB, more where a guest fills its lines with colours and marks."""
MOST_LINES = 40_000
"""Lines of all terminals together."""

Console = tuple[ObjectId, str]
"""A domain and libvirt's alias of one of its consoles."""


@dataclass(slots=True)
class LeftTerminal:
    """A terminal with the epoch at which its console was let go, None where it never was ours."""

    screen: TerminalScreen
    let_go_at: float | None
    size_typed: bool = False


class LeftTerminals:
    """The terminals that no page shows now, the one that was left first at the beginning."""

    def __init__(self) -> None:
        self._terminals: dict[Console, LeftTerminal] = {}

    def put(self, console: Console, left: LeftTerminal) -> None:
        """Keep a terminal whose page is left."""
        before = self._terminals.pop(console, None)
        if before is not None and before.screen is not left.screen:
            before.screen.close()
        self._terminals[console] = left
        while len(self._terminals) > 1 and self._is_too_much():
            self._terminals.pop(next(iter(self._terminals))).screen.close()

    def take(self, console: Console) -> LeftTerminal | None:
        """Give back the terminal of a console, to whoever shows it now."""
        return self._terminals.pop(console, None)

    def _is_too_much(self) -> bool:
        lines = sum(one.screen.line_count for one in self._terminals.values())
        return len(self._terminals) > MOST or lines > MOST_LINES


_OF_APPS: WeakKeyDictionary[App[Any], LeftTerminals] = WeakKeyDictionary()


def left_terminals(app: App[Any]) -> LeftTerminals:
    """The terminals that an app keeps."""
    return _OF_APPS.setdefault(app, LeftTerminals())
