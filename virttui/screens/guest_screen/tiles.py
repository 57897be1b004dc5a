"""The page of several guests' screens: a tile for each, looked at in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events

from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain
from virttui.model.queries import DisplaysResult, QueryResult, ScreenshotResult
from virttui.panes.guest_screen.tile import ScreenTile, notes, tile_heading
from virttui.panes.guest_screen.tiles_view_state import ScreenTilesViewState
from virttui.render.glyphs import ASCII
from virttui.screens.base.key_pages import guest_tiles_keys_page
from virttui.screens.base.tiles_page import TilesPage
from virttui.screens.console.lifecycle import MakeHandlers
from virttui.screens.guest_screen.screenshot_schedule import ScreenshotSchedule
from virttui.screens.guest_screen.watch import EVERY, SLOWLY, image_in_cells
from virttui.store.fleet_state import FleetState
from virttui.terminal.images.drawing import CellImage, Drawing
from virttui.terminal.images.reading import Screen
from virttui.terminal.images.text_mode import ScreenText
from virttui.terminal.row import Row
from virttui.widgets.tiles_view import PlacedTile

_Drawn = tuple[Screen, int, int, Drawing]
"""An image and the cells that it is drawn in."""


class GuestTilesScreen(TilesPage, inherit_bindings=False):
    """Looks at the screens of several guests while it is on top."""

    view_state: ScreenTilesViewState

    def __init__(
        self, domains: Sequence[Domain], make_handlers: MakeHandlers, *, read_only: bool = False
    ) -> None:
        state = ScreenTilesViewState(domains, read_only=read_only)
        super().__init__("guest-tiles", state, make_handlers)
        self.schedule = ScreenshotSchedule(
            (domain.key for domain in domains), lambda query: self.console.ask(query)
        )
        self._images: dict[ObjectId, tuple[_Drawn, CellImage]] = {}
        self._drawing: dict[ObjectId, _Drawn] = {}
        self._was_covered = False

    def on_mount(self) -> None:
        """Look less often on a slow link."""
        self.schedule.every = SLOWLY if self.console.settings.slow else EVERY
        super().on_mount()

    def on_screen_resume(self) -> None:
        """On top again: what was asked for meanwhile was answered to another page."""
        if self._was_covered:
            self._was_covered = False
            self.schedule.forget_questions()
            self.schedule.look_soon(self.view_state.in_view)
        super().on_screen_resume()

    def on_screen_suspend(self) -> None:
        """Another page lies on top."""
        self._was_covered = True
        super().on_screen_suspend()

    def does(self) -> dict[str, Callable[[], object]]:
        """What each key does."""
        return {
            **super().does(),
            "o": self._change_order,
            "u": self._freeze,
            "ctrl+r": lambda: self.schedule.look_soon(self.view_state.in_view),
        }

    def take_key(self, event: events.Key) -> bool:
        """Others may be in view after a key, and are looked at."""
        super().take_key(event)
        if self.is_current:
            self._go_on()
        return True

    def open_chosen(self) -> None:
        """Open the screen of the guest under the cursor alone."""
        self.lifecycle.open_page("screen")

    def show_keys(self) -> None:
        """Show the page of keys."""
        self.app.push_screen(guest_tiles_keys_page())

    def _change_order(self) -> None:
        self.view_state.by_attention = not self.view_state.by_attention

    def _freeze(self) -> None:
        """Ask for no more pictures, and go on."""
        self.view_state.paused = not self.view_state.paused

    # -- what is asked and answered --------------------------------------------------------

    def _go_on(self) -> None:
        """Ask for the pictures whose turn it is."""
        state = self.view_state
        if state.paused:
            return
        tiles = state.tiles
        can_be_seen = {key for key in tiles if _can_be_seen(tiles[key])}
        self.schedule.go_on(self.look.now, state.in_view, can_be_seen)

    def on_query_result(self, result: QueryResult) -> None:
        """Take a picture, or displays."""
        if result.query.key not in self.schedule.watches:
            return
        if isinstance(result, DisplaysResult):
            self.schedule.take_displays(result)
            self.paint()
        elif isinstance(result, ScreenshotResult):
            self.run_flow(self._take(result))

    async def _take(self, result: ScreenshotResult) -> None:
        """Show what came, and ask for the next one."""
        await self.schedule.take(result, self.look.now, self.look.epoch)
        if self.is_current:
            self.paint()
            self._go_on()

    # -- feeding and painting --------------------------------------------------------------

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now, paint what changed, and look at the screens whose turn it is."""
        state = self.view_state
        state.update(fleet_state)
        for key in state.keys_listed:
            domain = fleet_state.domain(key)
            if domain is not None and not domain.state.active:
                self.schedule.went_off(key)
        self.paint()
        self._go_on()

    def take_known(self) -> None:
        """Take what was seen of each screen."""
        state, now = self.view_state, self.look.now
        state.look_at({key: self.schedule.content(key, now) for key in state.keys_listed})

    def placed(self, number: int, key: ObjectId) -> PlacedTile:
        """A guest's tile in its place."""
        look, state = self.look, self.view_state
        grid, tile, chosen = state.grid_of_tiles, state.tiles[key], key == state.chosen
        width, height = grid.width, grid.height(number)
        lines = [
            tile_heading(tile, look, width, chosen=chosen),
            *notes(tile, look, width - 1, height - 1),
        ]
        rows, left = self._rows(key, tile, width - 1, height - len(lines))
        faded = bool(tile.unanswered) and tile.content.is_text
        return self.tile(number, lines, rows, left, chosen=chosen, faded=faded)

    def _rows(
        self, key: ObjectId, tile: ScreenTile, width: int, height: int
    ) -> tuple[tuple[Row, ...], int]:
        """As much of a screen as there is room for, and the column from which on it is shown."""
        screen = self.schedule.watches[key].screen
        if screen is None or not tile.shows_screen:
            return (), 0
        if screen.text is not None:
            types = tile.content.word != "" and not tile.content.trouble
            return cropped(screen.text, width, height, to_prompt=types)
        wanted = (screen, width, height, self._usual_drawing)
        drawn = self._images.get(key)
        if (drawn is None or drawn[0] != wanted) and self._drawing.get(key) != wanted:
            self._drawing[key] = wanted
            self.run_flow(self._draw(key, wanted))
        return (drawn[1].rows[:height], 0) if drawn is not None else ((), 0)

    async def _draw(self, key: ObjectId, wanted: _Drawn) -> None:
        """Draw an image in the cells of its tile, beside the app."""
        cells = await image_in_cells(*wanted)
        if self._drawing.get(key) == wanted:
            del self._drawing[key]
            self._images[key] = wanted, cells
            if self.is_current:
                self.paint()

    @property
    def _usual_drawing(self) -> Drawing:
        if self.look.glyphs is ASCII or self.app.theme == "virttui-none":
            return Drawing.LETTERS
        return Drawing.QUADRANTS


def cropped(
    text: ScreenText, width: int, height: int, *, to_prompt: bool
) -> tuple[tuple[Row, ...], int]:
    """The last rows with something in them, and the column from which on they are shown.

    With ``to_prompt`` that is so that the end of the last line is in view. The cursor blinks, and
    so does not decide.
    """
    lines = text.lines
    last = max((number for number, line in enumerate(lines) if line), default=0)
    first = max(0, last + 1 - max(0, height))
    left = max(0, len(lines[last]) + 2 - width) if to_prompt and lines else 0
    return text.rows[first : last + 1], left


def _can_be_seen(tile: ScreenTile) -> bool:
    """Whether it makes sense to ask for a picture."""
    row = tile.owner.row
    if row is None or not tile.owner.is_on or row.inventory.host.read_only:
        return False
    return row.inventory.current and tile.owner.domain.silent_at is None
