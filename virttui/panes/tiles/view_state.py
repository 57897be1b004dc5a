"""The state of a page of tiles: the domains, the cursor among them, and the lines around."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from virttui.actions.target import ActionContext
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Domain
from virttui.panes.domains.rows import rows
from virttui.panes.main.view_state import MainViewState
from virttui.panes.tiles.grid import TileGrid, tile_grid
from virttui.panes.tiles.heading import TileOwner
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Run, clean
from virttui.store.fleet_state import FleetState

AROUND = 4
"""Lines of tabs, rule, answer and keys."""


class TilesFrame(Struct, frozen=True):
    """The lines around the tiles."""

    tabs: Line
    rule: Line
    answer: Line
    keys: Line


class TilesViewState(MainViewState):
    """Several domains, their order, and the one under the cursor.

    ``keys_listed`` is their order as they were given, ``order`` that of the tiles.
    """

    title = ""

    def __init__(self, domains: Sequence[Domain], *, read_only: bool = False) -> None:
        super().__init__(read_only=read_only)
        self.keys_listed = tuple(domain.key for domain in domains)
        self.order: tuple[ObjectId, ...] = self.keys_listed
        self.chosen = self.keys_listed[0]
        self._touched = False
        self._last = {domain.key: domain for domain in domains}

    # -- what is there ---------------------------------------------------------------------

    def update(self, fleet_state: FleetState) -> None:
        """Take what is known of the domains now."""
        self.fleet_state = fleet_state
        for key in self.keys_listed:
            self._last[key] = fleet_state.domain(key) or self._last[key]

    def owners(self) -> dict[ObjectId, TileOwner]:
        """Each domain with its row, in the order they were given."""
        known = [key for key in self.keys_listed if self.fleet_state.domain(key) is not None]
        found = {row.key: row for row in rows(replace(self.fleet_state, domains=tuple(known)))}
        several = len({key.host for key in self.keys_listed}) > 1
        return {
            key: TileOwner(
                self._last[key],
                found.get(key),
                clean(self.fleet_state.host_name(key.host)) if several else "",
            )
            for key in self.keys_listed
        }

    def set_order(self, order: Sequence[ObjectId]) -> None:
        """Put the tiles in another order; the cursor stays on its domain once it was moved."""
        self.order = tuple(order)
        if not self._touched:
            self.chosen = self.order[0]

    @property
    def grid_of_tiles(self) -> TileGrid:
        """How the tiles share the terminal."""
        width, height = self.size
        return tile_grid(width, max(1, height - AROUND), len(self.keys_listed))

    @property
    def place(self) -> int:
        """The place of the cursor's domain in the order, from 0."""
        return self.order.index(self.chosen)

    @property
    def page(self) -> int:
        """The page of tiles that is shown, from 0: the one with the cursor."""
        return self.place // self.grid_of_tiles.fits

    @property
    def pages(self) -> int:
        """How many pages of tiles there are."""
        return -(-len(self.order) // self.grid_of_tiles.fits)

    @property
    def in_view(self) -> tuple[ObjectId, ...]:
        """The domains of the page that is shown."""
        fits = self.grid_of_tiles.fits
        return self.order[self.page * fits : (self.page + 1) * fits]

    def situation(self) -> ActionContext:
        """Keys are for the domain under the cursor."""
        subject = self.subject(Kind.DOMAIN, self.chosen)
        subjects = () if subject is None else (subject,)
        return ActionContext("domains", subjects, read_only=self.read_only, rows=True)

    # -- what keys change ------------------------------------------------------------------

    def move(self, by: int) -> None:
        """Move the cursor by so many tiles."""
        self.go(self.place + by)

    def go(self, place: int) -> None:
        """Put the cursor on a tile, held inside the order."""
        self._touched = True
        self.chosen = self.order[max(0, min(place, len(self.order) - 1))]

    def turn_page(self, by: int) -> None:
        """Go so many pages on, to the first tile there; at the ends to the last or first tile."""
        page = self.page + by
        fits = self.grid_of_tiles.fits
        self.go(len(self.order) - 1 if page >= self.pages else max(0, page) * fits)

    def choose_in_view(self, number: int) -> bool:
        """Put the cursor on a tile in view; returns whether it was there already."""
        key = self.in_view[number]
        before, self.chosen, self._touched = self.chosen, key, True
        return before == key

    # -- the page --------------------------------------------------------------------------

    def resize(self, width: int, height: int) -> None:
        """Set the terminal's size in cells."""
        self.size = (width, height)

    def tiles_frame(self, look: RenderContext) -> TilesFrame:
        """The lines around the tiles at this moment."""
        return TilesFrame(
            chrome.tabs("domains", self.fleet_state.running_tasks, self.badge(), self.size[0]),
            self._tiles_rule(look),
            self.answer(look),
            self.keys(look),
        )

    def notes_and_order(self) -> tuple[list[Run], str]:
        """What the rule says of all tiles, and of their order."""
        return [], ""

    def _tiles_rule(self, look: RenderContext) -> Line:
        """``━━ screens 14 guests ─ 1 in trouble ─ 12 at a login ──── page 1 of 3  …``."""
        notes, order = self.notes_and_order()
        if self.pages > 1:
            order = f"page {self.page + 1} of {self.pages}  {order}".rstrip()
        width = self.size[0]
        count = f"{len(self.order)} guests"
        # What does not fit is left out from the end, which is what stands well.
        room = width - len(self.title) - len(count) - len(order) - 14
        while notes and sum(len(note.text) + 3 for note in notes) > room:
            notes.pop()
        return chrome.pane_rule(
            self.title, count, notes, "", order, focused=True, look=look, width=width
        )
