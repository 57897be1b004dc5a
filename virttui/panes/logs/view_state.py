"""The state of the page of a domain's logs, and the page as lines."""

from __future__ import annotations

from msgspec import Struct

from virttui.model.inventory import Domain
from virttui.panes.domain_page.header import crumb
from virttui.panes.domain_page.view_state import DetailsViewState
from virttui.panes.logs import page
from virttui.panes.logs.log_list import LogList
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, clean
from virttui.store.fleet_state import FleetState

_CRUMB_FROM = 16
"""Lines of the terminal from which on there is room for the domain's state."""


class LogsFrame(Struct, frozen=True):
    """The lines of the page above the answer line, and the two last ones."""

    body: list[Line]
    answer: Line
    keys: Line


class LogsViewState(DetailsViewState):
    """The state behind the page; ``log`` is what is shown of the logs."""

    def __init__(self, domain: Domain, *, read_only: bool = False) -> None:
        self.log = LogList(domain.key)
        super().__init__(domain, read_only=read_only)

    def update(self, fleet_state: FleetState) -> None:
        """Take what is known now."""
        super().update(fleet_state)
        self.log.name = clean(self._last.name) or "(no name)"
        self.log.host = clean(fleet_state.host_name(self.key.host))
        # Of the whole fleet: the page keeps its own domain alone.
        self.log.update(fleet_state)

    def logs_frame(self, look: RenderContext) -> LogsFrame:
        """The whole page at this moment."""
        width, height = self.log.size = self.size
        fleet_state = self.fleet_state
        top = [chrome.tabs("domains", fleet_state.running_tasks, self.badge(), width)]
        if height >= _CRUMB_FROM:
            top.append(crumb(self.page_input(look), width))
        lines = [*top, *page.body(self.log, look, height - 2 - len(top))]
        return LogsFrame(lines, self.answer(look), self.keys(look))

    def status_text(self, look: RenderContext) -> Line:
        """What is not read and why, or how much sounds like trouble."""
        return page.status(self.log)

    def hints(self) -> tuple[list[chrome.KeyHint], str]:
        """The keys of the page."""
        return page.hints(self.log), ""
