"""The state of the page of a guest's screen, and the page as lines."""

from __future__ import annotations

from msgspec import Struct

from virttui.panes.domain_page.header import crumb
from virttui.panes.domain_page.view_state import DetailsViewState
from virttui.panes.guest_screen import page as pages
from virttui.panes.guest_screen import viewers
from virttui.panes.guest_screen.page import GuestScreenPage
from virttui.panes.guest_screen.side import FROM_WIDTH, GAP, side, side_width
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run

FOR_VIEWER_LINES = 36
"""Lines of the terminal from which on there is room below a screen of 25 rows."""


class GuestScreenFrame(Struct, frozen=True):
    """The lines of the page around the guest's screen.

    ``tabs``, ``crumb`` and ``answer`` are None where there is no room for them.
    """

    tabs: Line | None
    crumb: Line | None
    rule: Line
    side: list[Line]
    words: list[Line]
    answer: Line | None
    keys: Line


class GuestScreenViewState(DetailsViewState):
    """The state behind the page; ``page`` is what it is made of.

    ``question`` is asked in the line above the keys, "" while nothing is.
    """

    content: GuestScreenPage
    question: str = ""
    question_keys: tuple[chrome.KeyHint, ...] = ()
    alone: bool = False
    """The screen has the whole width."""

    @property
    def side_width(self) -> int:
        """The columns of the side, 0 where there is none."""
        return 0 if self.alone else side_width(self.size[0])

    @property
    def screen_width(self) -> int:
        """The columns of the screen and its marks."""
        return self.size[0] - (self.side_width + GAP if self.side_width else 0)

    def screen_frame(self, look: RenderContext) -> GuestScreenFrame:
        """The whole page at this moment."""
        width, whole, page = self.screen_width, self.size[0], self.content
        compact = pages.is_compact(page, self.size[1])
        around = 1 if compact else 4
        tabs = chrome.tabs("domains", self.fleet_state.running_tasks, self.badge(), whole)
        says = self._notice[0] and look.now < self._notice[1]
        keys = self.keys(look)
        answer: Line | None = None if compact else self.answer(look)
        if self.question:
            answer = (Run(f" {self.question}", Role.TEXT),)
        elif compact and says:
            keys = self.answer(look)
        return GuestScreenFrame(
            None if compact else tabs,
            None if compact else crumb(page.shown, whole),
            pages.rule(page, width, compact=compact),
            side(page, look, self.side_width, self.size[1] - around) if self.side_width else [],
            pages.words(page, width) or self._viewer_lines(look),
            answer,
            keys,
        )

    def _viewer_lines(self, look: RenderContext) -> list[Line]:
        """The lines to be handed over, where there is room below the screen."""
        found = self.content.viewer_lines
        if found is None or self.size[1] < FOR_VIEWER_LINES:
            return []
        return viewers.lines(found, look, self.screen_width)

    def status_text(self, look: RenderContext) -> Line:
        """The state of the screen in words."""
        return pages.answer(self.content)

    def hints(self) -> tuple[list[chrome.KeyHint], str]:
        """The keys of the page."""
        if self.question:
            return list(self.question_keys), ""
        return pages.hints(self.content, wide=self.size[0] >= FROM_WIDTH), ""
