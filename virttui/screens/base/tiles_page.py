"""A page of tiles, one for each of several domains: moving among them, and what is around."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult

from virttui.model.commands import Target
from virttui.model.identity import ObjectId
from virttui.panes.tiles.view_state import TilesViewState
from virttui.render.line import Line
from virttui.screens.base.copy_menu import copy_selected
from virttui.screens.base.state_page import StatePage
from virttui.screens.console.lifecycle import LifecycleKeys, MakeHandlers
from virttui.terminal.row import Row
from virttui.widgets.line_view import LineView
from virttui.widgets.tiles_view import PlacedTile, TilesView


class TilesPage(StatePage[None], inherit_bindings=False):
    """Keys move among the tiles, or are for the domain under the cursor."""

    view_state: TilesViewState

    def __init__(self, name: str, view_state: TilesViewState, make_handlers: MakeHandlers) -> None:
        super().__init__(name=name)
        self.view_state = view_state
        self.lifecycle = LifecycleKeys(self, make_handlers(self))
        self.tiles = TilesView(id="tiles")
        self._top = LineView(id="top")
        self._rule = LineView(id="rule")
        self._answer = LineView(id="answer")
        self._keys = LineView(id="keys")

    def compose(self) -> ComposeResult:
        """Tabs and rule, the tiles, answer and keys."""
        yield self._top
        yield self._rule
        yield self.tiles
        yield self._answer
        yield self._keys

    def on_mount(self) -> None:
        """Show what is known."""
        self.view_state.resize(*self.size)
        self.console.update_screen()

    # -- what a page of its own has --------------------------------------------------------

    @abstractmethod
    def open_chosen(self) -> None:
        """Open the page of the domain under the cursor."""

    @abstractmethod
    def show_keys(self) -> None:
        """Show the page of keys."""

    @abstractmethod
    def take_known(self) -> None:
        """Take what is to be drawn into the state."""

    @abstractmethod
    def placed(self, number: int, key: ObjectId) -> PlacedTile:
        """The tile of a domain, which is in view in that place."""

    # -- keys and the mouse ----------------------------------------------------------------

    def does(self) -> dict[str, Callable[[], object]]:
        """What each key does."""
        state = self.view_state
        columns = state.grid_of_tiles.columns
        return {
            "left": lambda: state.move(-1),
            "right": lambda: state.move(1),
            "up": lambda: state.move(-columns),
            "k": lambda: state.move(-columns),
            "down": lambda: state.move(columns),
            "j": lambda: state.move(columns),
            "pagedown": lambda: state.turn_page(1),
            "ctrl+d": lambda: state.turn_page(1),
            "pageup": lambda: state.turn_page(-1),
            "ctrl+u": lambda: state.turn_page(-1),
            "g": lambda: state.go(0),
            "home": lambda: state.go(0),
            "G": lambda: state.go(len(state.order) - 1),
            "end": lambda: state.go(len(state.order) - 1),
            "enter": self.open_chosen,
            "c": lambda: self.lifecycle.open_page("console"),
            "v": lambda: self.lifecycle.open_page("screen"),
            "l": self.lifecycle.show_log,
            "question_mark": self.show_keys,
            "ctrl+c": lambda: self.show_message(copy_selected(self, "esc leaves the page")),
            "escape": lambda: self.dismiss(None),
            "q": lambda: self.dismiss(None),
        }

    def take_key(self, event: events.Key) -> bool:
        """Do what a key means here; no other key does anything."""
        self.view_state.clear_message()
        done = self.does().get(event.key)
        if done is not None:
            done()
        else:
            self.lifecycle.press(event.key)
        if self.is_current:
            self.paint()
        return True

    def on_tiles_view_pressed(self, message: TilesView.Pressed) -> None:
        """The mouse chooses a tile, and opens the one that is chosen already."""
        if self.view_state.choose_in_view(message.number):
            self.open_chosen()
        else:
            self.paint()

    # -- feeding and painting --------------------------------------------------------------

    def show(self, target: Target) -> bool:
        """Put the cursor on a domain; false where it is not among these."""
        if target.key not in self.view_state.order:
            return False
        self.view_state.go(self.view_state.order.index(target.key))
        return True

    def paint(self) -> None:
        """Draw everything; what is as before costs nothing."""
        look, state = self.look, self.view_state
        self.take_known()
        frame = state.tiles_frame(look)
        self._top.set_lines([look.with_glyphs(frame.tabs)])
        self._rule.set_lines([look.with_glyphs(frame.rule)])
        self.tiles.set_tiles([self.placed(n, key) for n, key in enumerate(state.in_view)])
        self._answer.set_lines([look.with_glyphs(frame.answer)])
        self._keys.set_lines([look.with_glyphs(frame.keys)])

    def tile(
        self,
        number: int,
        lines: Sequence[Line],
        rows: tuple[Row, ...] = (),
        left: int = 0,
        *,
        chosen: bool,
        faded: bool = False,
    ) -> PlacedTile:
        """A tile in its place; see ``PlacedTile``."""
        grid, look = self.view_state.grid_of_tiles, self.look
        mark = look.glyphs.cursor if chosen else look.glyphs.wall
        shown = tuple(look.with_glyphs(line) for line in lines)
        return PlacedTile(
            *grid.corner(number), grid.width, grid.height(number),
            shown, rows, left, mark, chosen, faded,
        )  # fmt: skip
