"""The column chooser of a list: shown columns, and chosen ones without room."""

from __future__ import annotations

from typing import Any

from textual import events

from virttui.modals.base.modal import Dialog
from virttui.render.chrome import KeyHint
from virttui.render.columns import Column
from virttui.render.line import BLANK, Background, Line, Role, Run, fit, within
from virttui.render.list_pane import ListOptions, Pane

Chosen = tuple[frozenset[str], frozenset[str]]


class ColumnsDialog(Dialog[Chosen]):
    """Returns the columns that the user switched on and off, or None."""

    WIDTH = 46

    def __init__(self, pane: Pane[Any], choice: ListOptions, shown: frozenset[str]) -> None:
        super().__init__(f"columns of {pane.id}")
        self._pane, self._shown = pane, shown
        self._on, self._off = set(choice.on), set(choice.off)
        # The first column names the row; bars go with the figure beside them.
        self._columns: tuple[Column[Any], ...] = tuple(
            column for column in pane.columns[1:] if column.title.strip()
        )
        self._place = 0

    def body(self) -> list[Line]:
        """One line a column."""
        room = max(3, self.room - 2)
        start = max(0, min(self._place - room // 2, len(self._columns) - room))
        shown = self._columns[start : start + room]
        lines = [self._line(start + place, column) for place, column in enumerate(shown)]
        return [
            *lines,
            BLANK,
            (Run("Columns you chose are hidden last.", Role.MUTED),),
        ]

    def _line(self, place: int, column: Column[Any]) -> Line:
        background = Background.CHOSEN if place == self._place else Background.PLAIN
        ticked = self._ticked(column.id)
        note = "no room now" if ticked and column.id not in self._shown else ""
        note = "" if column.id in self._on else note
        return within(
            (
                Run(f" [{'x' if ticked else ' '}] ", Role.ACCENT, background),
                Run(fit(column.title.strip(), 10), Role.TEXT, background),
                Run(f" {note}", Role.MUTED, background),
            ),
            self.width,
            background,
        )

    def _ticked(self, id: str) -> bool:
        if id in self._pane.extra:
            return id in self._on
        return id not in self._off

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [
            KeyHint("space", "show or hide"),
            KeyHint("enter", "done"),
            KeyHint("r", "defaults"),
            KeyHint("esc", "cancel", keep=True),
        ]

    def take_key(self, event: events.Key) -> bool:
        """Move, tick a column, or finish."""
        key = event.key
        step = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -8, "pagedown": 8}.get(key, 0)
        self._place = max(0, min(self._place + step, len(self._columns) - 1))
        if key == "space":
            self._turn(self._columns[self._place].id)
        elif key == "r":
            self._on.clear()
            self._off.clear()
        elif key == "enter":
            self.finish((frozenset(self._on), frozenset(self._off)))
            return True
        elif key in ("escape", "q"):
            self.finish(None)
            return True
        self.draw()
        return True

    def _turn(self, id: str) -> None:
        """Tick or untick; a default column without room that is ticked again counts as chosen."""
        if self._ticked(id):
            self._on.discard(id)
            if id not in self._pane.extra:
                self._off.add(id)
        else:
            self._off.discard(id)
            self._on.add(id)
