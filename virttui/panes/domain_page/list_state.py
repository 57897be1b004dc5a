"""The state of a page with a list of what one domain has: its snapshots, its backups."""

from __future__ import annotations

from msgspec import Struct

from virttui.panes.domain_page.header import crumb
from virttui.panes.domain_page.view_state import DetailsViewState
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line


class DomainListFrame(Struct, frozen=True):
    """The whole page."""

    tabs: Line
    crumb: Line
    body: list[Line]
    answer: Line
    keys: Line


class DomainListViewState(DetailsViewState):
    """The state behind the page: the row of the cursor, and the first one that is shown."""

    place: int = 0
    offset: int = 0

    @property
    def length(self) -> int:
        """The number of rows."""
        raise NotImplementedError

    @property
    def list_height(self) -> int:
        """Lines of the list."""
        raise NotImplementedError

    def body(self, look: RenderContext) -> list[Line]:
        """The list and what is known of the row under the cursor."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The name of the domain."""
        return self._last.name

    @property
    def half(self) -> int:
        """Rows of half a page."""
        return max(1, self.list_height // 2)

    def move(self, by: int) -> None:
        """Move the cursor."""
        self.place = max(0, min(self.place + by, self.length - 1))

    def frame_of_list(self, look: RenderContext) -> DomainListFrame:
        """The whole page at this moment."""
        width = self.size[0]
        return DomainListFrame(
            chrome.tabs("domains", self.fleet_state.running_tasks, self.badge(), width),
            crumb(self.page_input(look), width),
            self.body(look),
            self.answer(look),
            self.keys(look),
        )
