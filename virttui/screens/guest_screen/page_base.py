"""The page of a guest's screen without its keys: what is asked, fed and painted."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from virttui.commandline.parsed import GuestKeysCommand
from virttui.model.domains.guest_screen import GuestDisplays
from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain
from virttui.model.queries import DisplaysQuery, DisplaysResult, QueryResult, ScreenshotResult
from virttui.model.tasks import Task
from virttui.panes.guest_screen.page import GuestScreenPage, ScreenView, is_compact
from virttui.panes.guest_screen.side import GAP
from virttui.panes.guest_screen.view_state import GuestScreenViewState
from virttui.render.glyphs import ASCII
from virttui.screens.base.beside import beside
from virttui.screens.base.domain_page import DomainPage, give_height, give_width
from virttui.screens.console.lifecycle import LifecycleKeys, MakeHandlers
from virttui.screens.guest_screen.search import ScreenSearch
from virttui.screens.guest_screen.send_keys import KeySender
from virttui.screens.guest_screen.viewers import ViewerMenu
from virttui.screens.guest_screen.watch import EVERY, SLOWLY, ScreenWatch, image_in_cells
from virttui.store.fleet_state import FleetState
from virttui.terminal.images.drawing import Drawing
from virttui.terminal.images.reading import Screen
from virttui.terminal.images.situations import situation_of
from virttui.terminal.images.text_mode import ScreenText
from virttui.widgets.line_view import LineView
from virttui.widgets.prompt import Prompt
from virttui.widgets.rows_view import RowsView
from virttui.widgets.terminal_image import TerminalImage, sequence


class GuestScreenBase(DomainPage[str], inherit_bindings=False):
    """Looks at a screen while it is on top. Gives back words for the answer line below, or ""."""

    view_state: GuestScreenViewState

    def __init__(
        self,
        domain: Domain,
        make_handlers: MakeHandlers,
        *,
        read_only: bool = False,
        watched_after: ObjectId | None = None,
        errand: GuestKeysCommand | None = None,
    ) -> None:
        super().__init__(name="guest-screen")
        self.view_state = GuestScreenViewState(domain, read_only=read_only)
        self.lifecycle = LifecycleKeys(self, make_handlers(self))
        self.screen_watch = ScreenWatch(domain.key, lambda query: self.console.ask(query))
        self.search = ScreenSearch()
        self.sender = KeySender(self)
        self.viewer_menu = ViewerMenu(self)
        self.drawing: Drawing | None = None
        """By what an image is drawn, where that was chosen."""
        self.displays: GuestDisplays | None = None
        self.frozen = False
        self._watched_after = watched_after
        self._errand = errand
        self._asked_displays = False
        self._cells = (80, 25)
        self._redraws = 0
        self.rows = RowsView(id="screen")
        self._terminal_image: TerminalImage | None = None
        self._top = LineView(id="top")
        self._rule = LineView(id="rule")
        self._words = LineView(id="words")
        self._answer = LineView(id="answer")
        self.prompt = Prompt()
        self._keys = LineView(id="keys")
        self._side = LineView(id="side")

    def compose(self) -> ComposeResult:
        """Tabs and breadcrumb, the screen, answer and keys; at 80x24 the screen and two lines."""
        yield self._top
        with Horizontal(id="halves"):
            yield Vertical(self._rule, self.rows, self._words, id="guest")
            yield self._side
        yield self._answer
        yield self.prompt
        yield self._keys

    def on_mount(self) -> None:
        """Ask how the domain can be looked at; its details come along."""
        self.console.watch_domain(self.view_state.key)
        self.screen_watch.every = SLOWLY if self.console.settings.slow else EVERY
        if graphics := self.console.settings.graphics:
            self._terminal_image = TerminalImage(self.rows, graphics)

    def on_unmount(self) -> None:
        """Leave no picture in the terminal."""
        self._remove_image()

    def on_screen_suspend(self) -> None:
        """A picture of the terminal's lies over everything, so over dialogs as well."""
        if self._terminal_image is not None:
            self._terminal_image.hide()

    def on_screen_resume(self) -> None:
        """On top again: what was asked for meanwhile was answered to another page."""
        self.screen_watch.forget_question()
        self.screen_watch.look_soon(self.look.now)
        if self._terminal_image is not None:
            self._terminal_image.show_again()
        super().on_screen_resume()

    def leave(self, words: str = "") -> None:
        """Go back."""
        if self.is_current:
            self.console.watch_domain(self._watched_after)
            self.dismiss(words)

    # -- what is asked and answered --------------------------------------------------------

    def on_query_result(self, result: QueryResult) -> None:
        """Take a picture, or the displays."""
        if result.query.key != self.view_state.key:
            return
        if isinstance(result, DisplaysResult):
            self.displays = result.displays
            self.paint()
            errand, self._errand = self._errand, None
            if errand is not None:
                self.sender.run(errand)
        elif isinstance(result, ScreenshotResult):
            self.run_flow(self._take(result))

    async def _take(self, result: ScreenshotResult) -> None:
        """Show a picture where it shows something else."""
        if await self.screen_watch.take(result, self.look.epoch) and not self.frozen:
            await self.redraw()

    async def redraw(self) -> None:
        """Show the screen in the room that it has: text as it is, an image drawn anew."""
        screen = self.screen_watch.screen
        self._redraws += 1
        number = self._redraws
        if screen is None:
            self._remove_image()
            self.rows.set_rows((), 80, 0)
        elif screen.text is not None and self.drawing is None:
            text = screen.text
            self._remove_image()
            self._cells = (text.columns, len(text.rows))
            self.rows.set_rows(text.rows, text.columns, _anchor(text))
            self._search_again()
        elif not await self._redraw_image(screen, number):
            return
        self.paint()

    async def _redraw_image(self, screen: Screen, number: int) -> bool:
        """Draw an image in the room that it has; false where something else came meanwhile."""
        size, drawing = self.room, self.drawing or self.usual_drawing
        shown, settings = self._terminal_image, self.console.settings
        cells, made = await image_in_cells(screen, *size, drawing), b""
        # Before it is laid out there is no room; it is drawn again once there is.
        if drawing is Drawing.TERMINAL and self.rows.size:
            make = partial(sequence, screen.image, size, settings.graphics, settings.cell)
            made = await beside(make)
        if number != self._redraws:  # it was resized, or another picture came meanwhile
            return False
        self._remove_image()
        self._cells = (cells.columns, len(cells.rows))
        self.rows.set_rows(cells.rows, cells.columns, 0)
        if made and shown is not None:
            shown.show(made)
        return True

    def _remove_image(self) -> None:
        if self._terminal_image is not None:
            self._terminal_image.remove()

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows that the screen can have; a column is left for its marks."""
        size = self.rows.size
        return max(1, size.width - 1), max(1, size.height)

    @property
    def usual_drawing(self) -> Drawing:
        """By what an image is drawn unless something else is chosen."""
        if self.look.glyphs is ASCII or self.app.theme == "virttui-none":
            return Drawing.LETTERS
        return Drawing.TERMINAL if self._terminal_image is not None else Drawing.QUADRANTS

    @property
    def drawings(self) -> list[Drawing]:
        """By what an image can be drawn here."""
        return [
            one
            for one in Drawing
            if one is not Drawing.TERMINAL or self._terminal_image is not None
        ]

    @property
    def text(self) -> ScreenText | None:
        """The text that is shown; None while an image is."""
        screen = self.screen_watch.screen
        return screen.text if screen is not None and self.drawing is None else None

    def _search_again(self) -> None:
        """Keep the match where it is, after the screen changed."""
        if self.search.text and self.text is not None:
            self.search.look(self.search.text, self.text.lines)
            self.rows.light(self.search.match)

    # -- feeding and painting --------------------------------------------------------------

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now, paint what changed, and look at the screen where it is time."""
        super().update_state(fleet_state)
        page = self.view_state.content
        if page.is_on and not self.frozen:
            if not self._asked_displays:
                self._asked_displays = True
                self.console.ask(DisplaysQuery(self.view_state.key))
            self.screen_watch.look_if_due(self.look.now)
        elif not page.is_on:
            if self._errand is not None:  # it was meant for now, not for the next start
                self._errand = None
                self.show_message(f"send keys: {self.sender.why_not()}", bad=True)
            # Displays have other ports after the next start, and that is looked at at once.
            self._asked_displays = False
            self.screen_watch.forget_question()
            self.screen_watch.look_soon(self.look.now)

    def on_task(self, task: Task) -> None:
        """A task of this run changed: its end is told in the answer line."""
        super().on_task(task)
        self.sender.on_task(task)

    def on_rows_view_resized(self) -> None:
        """An image is drawn in the room that it has."""
        if self.screen_watch.screen is not None:
            self.run_flow(self.redraw())

    def paint(self) -> None:
        """Draw everything; what is as before costs nothing."""
        look, state = self.look, self.view_state
        state.content = self._page()
        frame = state.screen_frame(look)
        top = [line for line in (frame.tabs, frame.crumb) if line is not None]
        give_height(self._top, len(top))
        give_height(self._answer, frame.answer is not None and not self.prompt.sign)
        give_height(self._words, len(frame.words))
        give_width(self._side, state.side_width, GAP)
        self.rows.display = state.content.view is not None
        if not self.rows.display:
            self._remove_image()
        self._top.set_lines([look.with_glyphs(line) for line in top])
        self._rule.set_lines([look.with_glyphs(frame.rule)])
        self._side.set_lines([look.with_glyphs(line) for line in frame.side])
        self._words.set_lines([look.with_glyphs(line) for line in frame.words])
        self._answer.set_lines([look.with_glyphs(frame.answer or ())])
        self._keys.set_lines([look.with_glyphs(frame.keys)])

    def _page(self) -> GuestScreenPage:
        """What the page is drawn from."""
        first, last = self.rows.visible_rows
        return GuestScreenPage(
            self.view_state.page_input(self.look),
            self.displays,
            self._view(),
            self.screen_watch.why_not,
            (first + 1, last),
            self.screen_watch.every,
            self.frozen,
            self.search.text,
            self.search.found,
            self.screen_watch.number,
            tuple(self.sender.items),
            self.sender.place,
            self.sender.focused,
            self.sender.why_not(),
        )

    def _view(self) -> ScreenView | None:
        screen, text = self.screen_watch.screen, self.text
        if screen is None:
            return None
        situation = situation_of(text.lines, text.columns) if text is not None else None
        drawing = self.drawing or self.usual_drawing
        view = ScreenView(
            (screen.image.width, screen.image.height),
            self._cells,
            text is not None,
            self.screen_watch.since,
            text.unknown if text is not None else 0,
            drawing.value,
            is_exact=drawing is Drawing.TERMINAL,
        )
        if situation is None:
            return view
        return ScreenView(
            view.size, view.cells, view.is_text, view.since, view.unknown, view.drawing,
            situation.word, situation.sentence, situation.trouble,
        )  # fmt: skip

    @property
    def is_compact(self) -> bool:
        """Whether there is one line above and one below alone."""
        return is_compact(self.view_state.content, self.size.height)


def _anchor(text: ScreenText) -> int:
    """The row to be kept in view: the cursor's, else the last one with something in it."""
    last = max((n for n, line in enumerate(text.lines) if line), default=0)
    return max(last, text.cursor[1]) if text.cursor is not None else last
