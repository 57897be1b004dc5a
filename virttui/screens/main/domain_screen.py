"""The page of one domain: what it is and how each of its devices fares, while it is open."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from virttui import formatting
from virttui.actions.action import Action
from virttui.actions.registry import BY_ID, action_for_key
from virttui.model.inventory import Domain
from virttui.model.queries import QueryResult
from virttui.model.tasks import Task
from virttui.panes.domain_page.view_state import DetailsViewState, PageFrame
from virttui.render.chrome import hint_at, tab_at
from virttui.screens.base.copy_menu import copy, copy_selected
from virttui.screens.base.domain_page import DomainPage
from virttui.screens.main.dispatcher import ActionDispatcher
from virttui.screens.main.object_actions import ObjectActions
from virttui.widgets.line_view import LineView


class DetailsScreen(DomainPage[str | None], inherit_bindings=False):
    """Gives back the id of the action that left it, None for esc."""

    def __init__(self, domain: Domain, *, read_only: bool) -> None:
        super().__init__(name="details")
        self.view_state = DetailsViewState(domain, read_only=read_only)
        self.objects = ObjectActions(self)
        self._dispatcher = ActionDispatcher(
            self, DomainPageActions(self), self.objects, frozenset({"details"})
        )
        self._top = LineView(id="top")
        self._left = LineView(id="left")
        self._right = LineView(id="right")
        self._answer = LineView(id="answer")
        self._keys = LineView(id="keys")
        self._laid_out: tuple[int, ...] = ()

    def compose(self) -> ComposeResult:
        """Tabs and breadcrumb, the two halves, answer and keys."""
        yield self._top
        with Horizontal(id="halves"):
            yield self._left
            yield self._right
        yield self._answer
        yield self._keys

    def on_mount(self) -> None:
        """Have this domain told in full from now on."""
        self._top.styles.height = 2
        self.console.watch_domain(self.view_state.key)
        self.console.update_screen()

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self.console.watch_domain(None)

    def on_screen_suspend(self) -> None:
        """The page says its age while something lies on it."""
        self.view_state.as_of = formatting.clock(self.view_state.fleet_state.epoch)
        self.paint()

    def on_screen_resume(self) -> None:
        """The page goes on."""
        self.view_state.as_of = ""

    # -- feeding and painting --------------------------------------------------------------

    def paint(self) -> None:
        """Draw everything; what is as before costs nothing."""
        look = self.look
        frame = self.view_state.page(look)
        self._lay_out(frame)
        self._top.set_lines([look.with_glyphs(line) for line in (frame.tabs, frame.crumb)])
        self._left.set_lines([look.with_glyphs(line) for line in frame.left])
        self._right.set_lines([look.with_glyphs(line) for line in frame.right])
        self._answer.set_lines([look.with_glyphs(frame.answer)])
        self._keys.set_lines([look.with_glyphs(frame.keys)])

    def _lay_out(self, frame: PageFrame) -> None:
        """Set sizes, only when one of them changed: a layout repaints everything."""
        sizes = frame.sizes
        wanted = (bool(frame.left), bool(frame.right), sizes.left, sizes.right, sizes.lines)
        if wanted == self._laid_out:
            return
        self._laid_out = wanted
        both = bool(frame.left and frame.right)
        self._left.display, self._right.display = bool(frame.left), bool(frame.right)
        self._left.styles.width, self._right.styles.width = sizes.left, sizes.right
        self._left.styles.margin = (0, 1 if both else 0, 0, 0)
        self._left.styles.height = self._right.styles.height = sizes.lines

    def on_task(self, task: Task) -> None:
        """A task of this run changed: its end is told in the answer line."""
        super().on_task(task)
        self.objects.following.on_task(task)

    def on_query_result(self, result: QueryResult) -> None:
        """Apply a result that came while this screen is on top."""
        if result.error is not None:
            self.show_message(result.error.message, bad=True)

    # -- keys and mouse --------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """A key does what it means on this page, or says why not."""
        if event.key == "ctrl+c":
            self._copy_or_say()
            return True
        action = action_for_key(event.key, self.view_state.situation())
        if action is None:
            return False
        self.view_state.clear_message()
        self._run(action)
        return True

    def _run(self, action: Action) -> None:
        situation = self.view_state.situation()
        reason = action.why_not(situation)
        if reason:
            gone = action.kinds and not situation.subjects
            self.show_message(f"{action.word}: {'the domain is gone' if gone else reason}")
            return
        self._dispatcher.perform(action, situation)
        if self.is_current:
            self.paint()

    def run_id(self, id: str) -> None:
        """Run an action by its id, from a click or the help page."""
        self._run(BY_ID[id])

    def _copy_or_say(self) -> None:
        """Copy what the mouse selected, else say how to leave."""
        self.show_message(copy_selected(self, "esc goes back, q quits"))

    def on_click(self, event: events.Click) -> None:
        """Tabs and the keys line answer the mouse too."""
        if event.screen_y == 0:
            pane = tab_at(event.screen_x, self.view_state.fleet_state.running_tasks)
            if pane is not None:
                self.dismiss(f"pane-{pane}")
        elif event.screen_y == self.size.height - 1:
            hint = hint_at(event.screen_x, *self.view_state.hints(), self.size.width)
            if hint is not None:
                self.run_id(hint.id)


class DomainPageActions:
    """The handlers of the actions on the page itself."""

    def __init__(self, screen: DetailsScreen) -> None:
        self._screen = screen
        self._view_state = screen.view_state

    def move_up(self) -> None:
        """Move the cursor up by one line."""
        self._view_state.move(-1)

    def move_down(self) -> None:
        """Move the cursor down by one line."""
        self._view_state.move(1)

    def page_up(self) -> None:
        """Move the cursor up by half a page."""
        self._view_state.move(-self._view_state.half)

    def page_down(self) -> None:
        """Move the cursor down by half a page."""
        self._view_state.move(self._view_state.half)

    def go_first(self) -> None:
        """Go to the first line."""
        self._view_state.go(last=False)

    def go_last(self) -> None:
        """Go to the last line."""
        self._view_state.go(last=True)

    def next_part(self) -> None:
        """Focus the other half."""
        self._view_state.next_part()

    def open(self) -> None:
        """Unfold the part under the cursor, or fold it."""
        self._view_state.turn()

    def toggle_fold(self) -> None:
        """Unfold the part under the cursor, or fold it."""
        self._view_state.turn()

    def fold(self) -> None:
        """Fold the part under the cursor."""
        self._view_state.turn(to=False)

    def unfold(self) -> None:
        """Unfold the part under the cursor."""
        self._view_state.turn(to=True)

    def sort_left(self) -> None:
        """Sort by the column to the left."""
        self._view_state.sort_by(-1)

    def sort_right(self) -> None:
        """Sort by the column to the right."""
        self._view_state.sort_by(1)

    def invert_sort(self) -> None:
        """Invert the sort."""
        self._view_state.turn_sort()

    def shorten_window(self) -> None:
        """Draw a shorter time in the graphs."""
        self._view_state.turn_window(-1)

    def lengthen_window(self) -> None:
        """Draw a longer time in the graphs."""
        self._view_state.turn_window(1)

    def copy(self) -> None:
        """Open the copy menu."""
        copy(self._screen)

    def refresh(self) -> None:
        """Read everything again."""
        self._screen.console.refresh_now()
        self._screen.console.watch_domain(self._view_state.key)
        self._screen.show_message("reading everything again")

    def show_help(self) -> None:
        """Show the keys, and run the one that is chosen."""
        self._screen.run_flow(self._help())

    async def _help(self) -> None:
        from virttui.screens.main.help import HelpScreen

        id = await self._screen.show_dialog(HelpScreen(self._view_state))
        if id is not None:
            self._screen.run_id(id)

    def back(self) -> None:
        """Close the page."""
        self._screen.dismiss(None)

    def show_pane(self, name: str) -> None:
        """Close the page and show a pane of the main screen."""
        self._screen.dismiss(f"pane-{name}")

    def quit(self) -> None:
        """Close the page and quit."""
        self._screen.dismiss("quit")
