"""The state of the page of a console, and the page as lines."""

from __future__ import annotations

from msgspec import Struct

from virttui.panes.console import page as pages
from virttui.panes.console.page import ConsolePage
from virttui.panes.console.side import (
    GAP,
    console_width,
    logs_width,
    side,
    side_above,
    side_width,
)
from virttui.panes.domain_page.header import crumb
from virttui.panes.domain_page.view_state import DetailsViewState
from virttui.panes.logs.log_list import LogList
from virttui.panes.logs.page import body
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean
from virttui.store.fleet_state import FleetState


class ConsoleFrame(Struct, frozen=True):
    """The lines of the page around the guest's terminal.

    ``tabs``, ``crumb`` and ``answer`` are None where there is no room for them, ``side`` is empty.
    ``other_rule`` is above another console that stands beside it, None without one, and
    ``other_words`` are below it.
    """

    tabs: Line | None
    crumb: Line | None
    rule: Line
    side: list[Line]
    words: list[Line]
    answer: Line | None
    keys: Line
    other_rule: Line | None = None
    other_words: list[Line] = []


class ConsoleViewState(DetailsViewState):
    """The state behind the page; ``drawn`` is what it is drawn from.

    ``question`` is asked in the line above the keys, "" while nothing is.
    """

    drawn: ConsolePage
    question: str = ""
    question_keys: tuple[chrome.KeyHint, ...] = ()
    alone: bool = False
    """The guest has the whole width."""
    log: LogList | None = None
    """The logs of the domain, while they stand beside the guest in place of its figures."""
    other: ConsolePage | None = None
    """Another console, of any domain, while one stands beside the guest."""

    @property
    def side_width(self) -> int:
        """The columns of the side, 0 where there is none."""
        whole = self.size[0]
        if self.alone:
            return 0
        beside = 0
        if self.other is not None:
            beside = console_width(whole)
        elif self.log is not None:
            beside = logs_width(whole)
        return beside or side_width(whole)

    @property
    def shows_logs(self) -> bool:
        """Whether the logs are beside the guest, and have room there."""
        return self.log is not None and not self.alone and bool(logs_width(self.size[0]))

    @property
    def shows_other(self) -> bool:
        """Whether another console is beside the guest, and has room there."""
        return self.other is not None and not self.alone and bool(console_width(self.size[0]))

    def update(self, fleet_state: FleetState) -> None:
        """Take what is known now."""
        super().update(fleet_state)
        if self.log is not None:
            self.log.name = clean(self._last.name) or "(no name)"
            self.log.update(fleet_state)

    @property
    def guest_width(self) -> int:
        """The columns of the guest and its marks."""
        return self.size[0] - (self.side_width + GAP if self.side_width else 0)

    def console_frame(self, look: RenderContext) -> ConsoleFrame:
        """The whole page at this moment."""
        width = self.guest_width
        whole, page = self.size[0], self.drawn
        compact = pages.is_compact(page, self.size[1])
        tabs = chrome.tabs("domains", self.fleet_state.running_tasks, self.badge(), whole)
        says = self._notice[0] and look.now < self._notice[1]
        keys = self.keys(look)
        answer: Line | None = None if compact else self.answer(look)
        if self.question:
            answer = (Run(f" {self.question}", Role.TEXT),)
        elif compact and says:
            keys = self.answer(look)
        return ConsoleFrame(
            None if compact else tabs,
            None if compact else crumb(page.shown, whole),
            pages.rule(page, width, compact=compact),
            self._side(look),
            pages.words(page, width),
            answer,
            keys,
            self._other_rule(),
            self._other_words(),
        )

    def _other_rule(self) -> Line | None:
        if self.other is None or not self.shows_other:
            return None
        return pages.rule(self.other, self.side_width, compact=True)

    def _other_words(self) -> list[Line]:
        if self.other is None or not self.shows_other:
            return []
        return pages.words(self.other, self.side_width)

    def _side(self, look: RenderContext) -> list[Line]:
        """What stands beside the guest: its figures, or the logs of its domain."""
        width, height = self.side_width, self.size[1]
        if not width:
            return []
        rows = height - (1 if pages.is_compact(self.drawn, height) else 4)
        if self.shows_other:
            return side_above(self.drawn, look, width, rows - _OTHER_ROWS)
        if self.log is None or not self.shows_logs:
            return side(self.drawn, look, width, height)
        self.log.size = (width, rows)
        return body(self.log, look, rows)

    def status_text(self, look: RenderContext) -> Line:
        """The state of the console in words."""
        keyed = self.other is not None and self.other.has_keys and self.shows_other
        return pages.answer(self.other if keyed and self.other is not None else self.drawn)

    def hints(self) -> tuple[list[chrome.KeyHint], str]:
        """The keys of the page."""
        if self.question:
            return list(self.question_keys), ""
        if self.log is not None and self.shows_logs and self.log.has_focus:
            return list(_LOG_KEYS), ""
        if self.other is not None and self.other.has_keys and self.shows_other:
            return pages.hints_beside(self.other), ""
        shown = pages.hints(self.drawn, compact=pages.is_compact(self.drawn, self.size[1]))
        if not self.drawn.typing and logs_width(self.size[0]) and not self.alone:
            more = [chrome.KeyHint("|", "change what is beside it")]
            if self.shows_logs or self.shows_other:
                where = "to the logs" if self.shows_logs else "to the other console"
                more.append(chrome.KeyHint("tab", where))
                shown = [one for one in shown if one.key != "tab"]
            shown = [*shown[:1], *more, *shown[1:]]
        return shown, ""


_OTHER_ROWS = 25
"""Lines that another console has at least: its rule and 24 rows."""

_LOG_KEYS = (
    chrome.KeyHint("↑↓", "line"),
    chrome.KeyHint("n N", "next trouble"),
    chrome.KeyHint("f", "follow"),
    chrome.KeyHint("l", "logs alone"),
    chrome.KeyHint("tab", "to the console", keep=True),
    chrome.KeyHint("enter", "type", keep=True),
)
