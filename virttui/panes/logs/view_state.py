"""The state of a page of logs, of a domain or of a host, and the page as lines."""

from __future__ import annotations

from abc import abstractmethod

from msgspec import Struct

from virttui.model.inventory import ConnectionState, Domain
from virttui.panes.domain_page.header import crumb
from virttui.panes.domain_page.view_state import DetailsViewState
from virttui.panes.logs import page
from virttui.panes.logs.log_list import LogList
from virttui.panes.main.view_state import MainViewState
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, within
from virttui.store.fleet_state import FleetState

_CRUMB_FROM = 16
"""Lines of the terminal from which on there is room for the state of what they are of."""


class LogsFrame(Struct, frozen=True):
    """The lines of the page above the answer line, and the two last ones."""

    body: list[Line]
    answer: Line
    keys: Line


class LogsPageState(MainViewState):
    """The state behind a page of logs; ``log`` is what is shown of them."""

    log: LogList
    tab = "domains"
    """The pane that the page belongs to."""

    @abstractmethod
    def crumb(self, look: RenderContext, width: int) -> Line:
        """Whose logs they are, and its state."""

    def logs_frame(self, look: RenderContext) -> LogsFrame:
        """The whole page at this moment."""
        width, height = self.log.size = self.size
        top = [chrome.tabs(self.tab, self.fleet_state.running_tasks, self.badge(), width)]
        if height >= _CRUMB_FROM:
            top.append(self.crumb(look, width))
        lines = [*top, *page.body(self.log, look, height - 2 - len(top))]
        return LogsFrame(lines, self.answer(look), self.keys(look))

    def status_text(self, look: RenderContext) -> Line:
        """What is not read and why, or how much sounds like trouble."""
        return page.status(self.log)

    def hints(self) -> tuple[list[chrome.KeyHint], str]:
        """The keys of the page."""
        return page.hints(self.log), ""


class LogsViewState(LogsPageState, DetailsViewState):
    """The state of the page of a domain's logs."""

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

    def crumb(self, look: RenderContext, width: int) -> Line:
        """Whose logs they are, and its state."""
        return crumb(self.page_input(look), width)


class HostLogsViewState(LogsPageState):
    """The state of the page of a host's logs; ``host`` is its id."""

    tab = "hosts"

    def __init__(self, host: str, *, read_only: bool = False) -> None:
        super().__init__(read_only=read_only)
        self.host = host
        self.log = LogList(host)

    def update(self, fleet_state: FleetState) -> None:
        """Take what is known now."""
        self.fleet_state = fleet_state
        self.log.name = self.log.host = clean(fleet_state.host_name(self.host))
        self.log.update(fleet_state)

    def crumb(self, look: RenderContext, width: int) -> Line:
        """Whose logs they are, and its state."""
        host = self.fleet_state.host(self.host)
        state = host.phase if host is not None else ConnectionState.LOST
        live = state is ConnectionState.LIVE
        path = f" {look.glyphs.path} "
        return within(
            (
                Run(f" hosts{path}", Role.MUTED),
                Run(self.log.name, Role.STRONG),
                Run(f"{path}logs   ", Role.MUTED),
                Run(state.value, Role.OK if live else Role.WARN),
            ),
            width,
        )
