"""The state of the page of a console, and the page as lines."""

from __future__ import annotations

from msgspec import Struct

from virttui.panes.console import page as pages
from virttui.panes.console.page import ConsolePage
from virttui.panes.console.side import GAP, side, side_width
from virttui.panes.domain_page.header import crumb
from virttui.panes.domain_page.view_state import DetailsViewState
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run


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

    @property
    def side_width(self) -> int:
        """The columns of the side, 0 where there is none."""
        return 0 if self.alone else side_width(self.size[0])

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
            side(page, look, self.side_width, self.size[1]) if self.side_width else [],
            pages.words(page, width),
            answer,
            keys,
        )

    def status_text(self, look: RenderContext) -> Line:
        """The state of the console in words."""
        return pages.answer(self.drawn)

    def hints(self) -> tuple[list[chrome.KeyHint], str]:
        """The keys of the page."""
        if self.question:
            return list(self.question_keys), ""
        return pages.hints(self.drawn, compact=pages.is_compact(self.drawn, self.size[1])), ""
