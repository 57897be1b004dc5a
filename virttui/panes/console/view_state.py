"""The state of the page of a console, and the page as lines."""

from __future__ import annotations

from msgspec import Struct

from virttui.panes.console import page as pages
from virttui.panes.console.page import ConsolePage
from virttui.panes.console.side import GAP, logs_width, side, side_width
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
    """

    tabs: Line | None
    crumb: Line | None
    rule: Line
    side: list[Line]
    words: list[Line]
    answer: Line | None
    keys: Line


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

    @property
    def side_width(self) -> int:
        """The columns of the side, 0 where there is none."""
        whole = self.size[0]
        if self.alone:
            return 0
        return (logs_width(whole) if self.log is not None else 0) or side_width(whole)

    @property
    def shows_logs(self) -> bool:
        """Whether the logs are beside the guest, and have room there."""
        return self.log is not None and not self.alone and bool(logs_width(self.size[0]))

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
        )

    def _side(self, look: RenderContext) -> list[Line]:
        """What stands beside the guest: its figures, or the logs of its domain."""
        width, height = self.side_width, self.size[1]
        if not width:
            return []
        if self.log is None or not self.shows_logs:
            return side(self.drawn, look, width, height)
        compact = pages.is_compact(self.drawn, height)
        rows = height - (1 if compact else 4)
        self.log.size = (width, rows)
        return body(self.log, look, rows)

    def status_text(self, look: RenderContext) -> Line:
        """The state of the console in words."""
        return pages.answer(self.drawn)

    def hints(self) -> tuple[list[chrome.KeyHint], str]:
        """The keys of the page."""
        if self.question:
            return list(self.question_keys), ""
        if self.log is not None and self.shows_logs and self.log.has_focus:
            return list(_LOG_KEYS), ""
        shown = pages.hints(self.drawn, compact=pages.is_compact(self.drawn, self.size[1]))
        if not self.drawn.typing and logs_width(self.size[0]) and not self.alone:
            word = "figures beside it" if self.log is not None else "logs beside it"
            more = [chrome.KeyHint("|", word)]
            more += [chrome.KeyHint("tab", "to the logs")] if self.log is not None else []
            shown = [*shown[:1], *more, *(one for one in shown[1:] if one.key != "tab")]
        return shown, ""


_LOG_KEYS = (
    chrome.KeyHint("↑↓", "line"),
    chrome.KeyHint("n N", "next trouble"),
    chrome.KeyHint("f", "follow"),
    chrome.KeyHint("l", "logs alone"),
    chrome.KeyHint("tab", "to the console", keep=True),
    chrome.KeyHint("enter", "type", keep=True),
)
