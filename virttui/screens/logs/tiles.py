"""The page of several domains' logs: a tile for each, with its newest lines."""

from __future__ import annotations

from collections.abc import Sequence

from virttui.model.domains.logs import LogRequest, LogUpdate
from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain
from virttui.panes.logs.tile import log_tile
from virttui.panes.logs.tiles_view_state import LogTilesViewState
from virttui.screens.base.key_pages import log_tiles_keys_page
from virttui.screens.base.tiles_page import TilesPage
from virttui.screens.console.lifecycle import MakeHandlers
from virttui.store.fleet_state import FleetState
from virttui.widgets.tiles_view import PlacedTile


class LogTilesScreen(TilesPage, inherit_bindings=False):
    """Follows the logs of the domains in view."""

    view_state: LogTilesViewState

    def __init__(
        self, domains: Sequence[Domain], make_handlers: MakeHandlers, *, read_only: bool = False
    ) -> None:
        state = LogTilesViewState(domains, read_only=read_only)
        super().__init__("log-tiles", state, make_handlers)
        self._names = {domain.key: domain.name for domain in domains}
        self._open: dict[ObjectId, int] = {}

    def on_unmount(self) -> None:
        """Have nothing read any longer."""
        for key in list(self._open):
            self._close(key)

    def open_chosen(self) -> None:
        """Open the logs of the domain under the cursor alone."""
        self.lifecycle.show_log()

    def show_keys(self) -> None:
        """Show the page of keys."""
        self.app.push_screen(log_tiles_keys_page())

    # -- feeding and painting --------------------------------------------------------------

    def on_log_update(self, update: LogUpdate) -> None:
        """Take what was read."""
        key = next((key for key, number in self._open.items() if number == update.id), None)
        if key is not None:
            self.view_state.take_logs(key, update)
            if self.is_current:
                self.paint()

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now and paint what changed."""
        self.view_state.update(fleet_state)
        self.paint()

    def take_known(self) -> None:
        """Have the logs in view read, and no others."""
        in_view = self.view_state.in_view
        for key in [key for key in self._open if key not in in_view]:
            self._close(key)
        logs = self.console.logs
        if logs is None:
            return
        for key in in_view:
            if key not in self._open:
                self.view_state.open_log(key)
                self._open[key] = logs.open_logs(LogRequest(key, self._names[key]))

    def _close(self, key: ObjectId) -> None:
        number = self._open.pop(key)
        self.view_state.close_log(key)
        if (logs := self.console.logs) is not None:
            logs.close_logs(number)

    def placed(self, number: int, key: ObjectId) -> PlacedTile:
        """A domain's tile in its place."""
        state = self.view_state
        grid, chosen = state.grid_of_tiles, key == state.chosen
        lines = log_tile(
            state.owners()[key],
            state.lines_of(key),
            state.sources_of(key),
            self.look,
            (grid.width, grid.height(number)),
            chosen=chosen,
        )
        return self.tile(number, lines, chosen=chosen)
