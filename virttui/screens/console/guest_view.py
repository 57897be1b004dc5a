"""The view of a guest's terminal on a page, and what the page draws from it."""

from __future__ import annotations

from msgspec.structs import replace
from textual.message import Message

from virttui.panes.console.page import ConsolePage
from virttui.screens.console.search import ConsoleSearch
from virttui.terminal.row import row_text
from virttui.terminal.screen import TerminalScreen
from virttui.widgets.terminal_view import TerminalView


class TerminalChanged(Message):
    """A guest wrote something, or other rows of it are in view."""


class GuestView(TerminalView):
    """The guest's terminal, which tells when it has another size: the rule says what is in view."""

    def on_resize(self) -> None:
        """Tell of it; Textual has the base arrange its lines as well."""
        self.post_message(TerminalChanged())


def with_rows(
    page: ConsolePage, view: TerminalView, terminal: TerminalScreen, search: ConsoleSearch | None
) -> ConsolePage:
    """The page with which of the guest's rows and lines are in view."""
    count, rows = terminal.line_count, len(terminal.rows)
    first, end = view.visible_lines
    used = max((n for n, row in enumerate(terminal.rows, 1) if row_text(row)), default=0)
    above = count - rows
    return replace(
        page,
        searched=search.text if search is not None else "",
        found=search.found if search is not None else (0, 0),
        guest=terminal.size,
        # Before it is laid out, it is taken to have room for all.
        seen=(max(1, first - above + 1), max(1, end - above)) if view.size else (1, rows),
        kept=above + used,
        line=None if view.is_following else end,
    )
