"""The actions on the main screen itself: moving, marking, sorting, panes, help, quitting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from virttui.actions.action import PANE_OF
from virttui.model.commands import Target
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Domain
from virttui.panes.domains.graph_drawer import WINDOWS
from virttui.panes.storage.volumes import VolumeRow
from virttui.render.filter import Filter
from virttui.render.search import PickerItem
from virttui.screens.main.list_queries import ask_for_volumes

if TYPE_CHECKING:
    from virttui.panes.main.view_state import MainViewState
    from virttui.screens.base.screen_protocol import ActionScreen
    from virttui.screens.main.object_actions import ObjectActions


class CommandLine(Protocol):
    """The ``/`` and ``:`` prompts, as keys use them."""

    def open(self, sign: str) -> None:
        """Open the prompt of ``/`` or ``:``."""

    def go_on(self, text: str) -> None:
        """Run a ``:`` line, or open it for the user to finish."""

    def export(self) -> None:
        """Ask for a file name and write the rows on screen to it."""

    @property
    def view_names(self) -> Sequence[str]:
        """The names of the saved views."""


class ListActions:
    """The handlers of the actions on the lists; ``run`` runs any action by its id."""

    def __init__(
        self,
        screen: ActionScreen,
        objects: ObjectActions,
        prompts: CommandLine,
        run: Callable[[str], None],
    ) -> None:
        self._screen = screen
        self._objects = objects
        self._prompts = prompts
        self._run = run

    @property
    def _view_state(self) -> MainViewState:
        return self._screen.view_state

    # -- moving and marking ----------------------------------------------------------------

    def move_up(self) -> None:
        """Move the cursor up by one row."""
        self._move(-1)

    def move_down(self) -> None:
        """Move the cursor down by one row."""
        self._move(1)

    def page_up(self) -> None:
        """Move the cursor up by half a page."""
        self._move(-max(1, self._view_state.height // 2))

    def page_down(self) -> None:
        """Move the cursor down by half a page."""
        self._move(max(1, self._view_state.height // 2))

    def go_first(self) -> None:
        """Go to the first row."""
        self._go(0)

    def go_last(self) -> None:
        """Go to the last row."""
        self._go(len(self._view_state.view.listing.rows) - 1)

    def _move(self, by: int) -> None:
        self._view_state.view.cursor.move(by, self._view_state.height)

    def _go(self, place: int) -> None:
        self._view_state.view.cursor.go(place, self._view_state.height)

    def toggle_mark(self) -> None:
        """Mark the row, or all rows under a heading."""
        view = self._view_state.view
        if view.heading is not None:
            view.cursor.toggle_all([row.key for row in view.heading.rows])
        else:
            view.cursor.toggle()
        view.cursor.move(1, self._view_state.height)

    def invert_marks(self) -> None:
        """Mark the rows that are not marked, and no others."""
        self._view_state.view.cursor.invert()

    def sort_left(self) -> None:
        """Sort by the column to the left."""
        self._view_state.sort_by(-1)

    def sort_right(self) -> None:
        """Sort by the column to the right."""
        self._view_state.sort_by(1)

    def invert_sort(self) -> None:
        """Invert the sort."""
        self._view_state.turn_sort()

    def toggle_attention_only(self) -> None:
        """List only the rows that need attention, or all again."""
        self._view_state.toggle_attention_only()

    def toggle_follow(self) -> None:
        """Keep the row under the cursor in view, or no longer."""
        cursor = self._view_state.view.cursor
        cursor.follow = not cursor.follow
        self._view_state.arrange()

    def toggle_freeze(self) -> None:
        """Freeze the display, or go on."""
        self._view_state.freeze(self._screen.look.now)
        if self._view_state.frozen_at is None:
            self._screen.console.update_screen()

    def next_part(self) -> None:
        """Focus the other list."""
        if not self._view_state.next_part():
            self._screen.show_message("there is only one list here")

    def zoom(self) -> None:
        """Give the whole screen to the list."""
        self._zoom(True)

    def unzoom(self) -> None:
        """Show the other parts of the screen again."""
        self._zoom(False)

    def _zoom(self, zoomed: bool) -> None:
        self._view_state.zoomed = zoomed
        self._view_state.arrange()

    def shorten_window(self) -> None:
        """Draw a shorter time in the graphs."""
        self._window(-1)

    def lengthen_window(self) -> None:
        """Draw a longer time in the graphs."""
        self._window(1)

    def _window(self, step: int) -> None:
        self._view_state.window = max(0, min(self._view_state.window + step, len(WINDOWS) - 1))

    def back(self) -> None:
        """Close what is open, drop the marks, or drop the filter."""
        if not self._view_state.back():
            self._screen.show_message("nothing is open or marked. q quits")

    def choose_grouping(self) -> None:
        """Choose what the rows are grouped by."""
        self._screen.run_flow(self._choose_grouping())

    async def _choose_grouping(self) -> None:
        from virttui.modals.base.chooser import PickerDialog

        groups = self._view_state.view.pane.groups
        keys = dict(zip(groups, _free_letters(groups), strict=True))
        entries = [PickerItem("", "no groups", key="n")]
        entries += [PickerItem(name, how.title, key=keys[name]) for name, how in groups.items()]
        dialog = PickerDialog("group the rows", entries, typed=False)
        name = await self._screen.show_dialog(dialog)
        if name is not None:
            self._view_state.group_by(name)
            self._screen.paint()

    def choose_columns(self) -> None:
        """Choose the columns of this list."""
        self._screen.run_flow(self._choose_columns())

    async def _choose_columns(self) -> None:
        from virttui.modals.base.columns import ColumnsDialog

        view_state, view = self._view_state, self._view_state.view
        shown = {
            p.column.id for p in view.shape(view_state.fleet_state, view_state.size[0]).columns
        }
        dialog = ColumnsDialog(view.pane, view.choice, frozenset(shown))
        chosen = await self._screen.show_dialog(dialog)
        if chosen is not None:
            view_state.show_columns(*chosen)
            self._screen.paint()

    def choose_view(self) -> None:
        """Choose a saved view, or save the present one."""
        self._screen.run_flow(self._choose_view())

    async def _choose_view(self) -> None:
        from virttui.commandline.tokenizer import quoted
        from virttui.modals.base.chooser import PickerDialog

        names = self._prompts.view_names
        entries = [PickerItem(f"view {quoted(name)}", name, "saved view") for name in names]
        entries.append(PickerItem("view save ", "save this list as a view…", "asks for its name"))
        line = await self._screen.show_dialog(PickerDialog("saved views", entries))
        if line is not None:
            self._prompts.go_on(line)

    # -- panes -----------------------------------------------------------------------------

    def show_pane(self, name: str) -> None:
        """Show one of the six panes."""
        self._view_state.open(name)

    def open(self) -> None:
        """``enter``: a domain's page, a pool's volumes, a host's domains, what a line is about."""
        row = self._view_state.view.row
        if row is None:
            self._view_state.fold()
        elif self._view_state.pane == "domains":
            self._screen.run_flow(self._open_domain(row.domain))
        elif self._view_state.pane == "storage":
            if not self._view_state.lower:
                self._view_state.open_pool(row.key)
                ask_for_volumes(self._screen.console, row.key)
        elif self._view_state.pane == "hosts":
            self._view_state.open("domains")
            name = self._view_state.fleet_state.host_name(row.key.host)
            filter = self._view_state.view.pane.language.parse(f"host:{name}")
            if isinstance(filter, Filter):
                self._view_state.narrow(filter)
        elif self._view_state.pane == "tasks" and row.batch:
            self._objects.bulk.open(row.tasks)
        elif self._view_state.pane == "tasks":
            self._jump(row.target.kind, row.target.key)
        else:
            self._jump(row.event.kind, row.event.key)

    def show_topology(self) -> None:
        """The tree of how guests are wired, on the selected network where one is."""
        from virttui.screens.networks.topology import TopologyScreen

        def go(kind: Kind, key: ObjectId) -> None:
            self._jump(kind, key)
            self._screen.paint()

        row = self._view_state.view.row if self._view_state.pane == "networks" else None
        page = TopologyScreen(
            self._view_state.fleet_state, row.key if row is not None else None, go
        )
        self._screen.app.push_screen(page)

    async def _open_domain(self, domain: Domain) -> None:
        """Open the page of a domain, then run the action that it was closed with."""
        from virttui.screens.main.domain_screen import DetailsScreen

        page = DetailsScreen(domain, read_only=self._view_state.read_only)
        self._run_chosen(await self._screen.show_dialog(page))

    def _jump(self, kind: Kind | None, key: ObjectId | None) -> None:
        """Go to the row of an object, in its own pane."""
        pane = PANE_OF.get(kind) if kind else None
        if pane is None or key is None:
            self._screen.show_message("this line has nothing to open")
            return
        self.go_to(pane, key)

    def go_to(self, pane: str, key: ObjectId) -> None:
        """Show a row of a pane; a filter that hides it is dropped."""
        self._view_state.open(pane)
        view = self._view_state.view
        if key not in view.listing.keys and view.listing.total > len(view.listing.keys):
            self._view_state.narrow(Filter())
            if view.choice.attention_only:
                self._view_state.toggle_attention_only()
        if not view.cursor.jump(key, self._view_state.height):
            self._screen.show_message("it no longer exists")

    def go_to_volume(self, target: Target) -> bool:
        """Put the cursor on a volume of the pool that is open, by its name; false while it is not
        listed yet."""
        volumes, pool = self._view_state.volumes, self._view_state.pool
        its_own = ObjectId(target.key.host, target.key.uuid.partition("/")[0])
        if volumes is None or self._view_state.pane != "storage" or pool != its_own:
            return True
        rows = (row for row in volumes.listing.rows if isinstance(row, VolumeRow))
        found = next((row for row in rows if row.volume.name == target.name), None)
        if found is None:
            return False
        self._view_state.lower = True
        return volumes.cursor.jump(found.key, self._view_state.height)

    # -- everywhere ------------------------------------------------------------------------

    def open_filter(self) -> None:
        """Open the filter prompt."""
        self._prompts.open("/")

    def open_command_line(self) -> None:
        """Open the ``:`` line."""
        self._prompts.open(":")

    def export_events(self) -> None:
        """Ask for a file name and write the events to it."""
        self._prompts.export()

    def refresh(self) -> None:
        """Read everything again."""
        self._screen.console.refresh_now()
        if self._view_state.pool is not None and self._view_state.pane == "storage":
            ask_for_volumes(self._screen.console, self._view_state.pool)
        self._screen.show_message("reading everything again")

    def show_help(self) -> None:
        """Show the keys."""
        self._screen.run_flow(self._show_help())

    async def _show_help(self) -> None:
        from virttui.screens.main.help import HelpScreen

        self._run_chosen(await self._screen.show_dialog(HelpScreen(self._view_state)))

    def show_palette(self) -> None:
        """Choose an action or an object by its name."""
        self._screen.run_flow(self._show_palette())

    async def _show_palette(self) -> None:
        from virttui.modals.base.chooser import PickerDialog
        from virttui.palette import PaneRow, everything

        entries = everything(self._view_state.situation(), self._view_state.fleet_state)
        dialog: PickerDialog[str | PaneRow] = PickerDialog("palette", entries)
        chosen = await self._screen.show_dialog(dialog)
        if isinstance(chosen, PaneRow):
            self.go_to(chosen.pane, chosen.key)
            self._screen.paint()
        else:
            self._run_chosen(chosen)

    def _run_chosen(self, id: str | None) -> None:
        if id is not None:
            self._run(id)

    def copy(self) -> None:
        """Open the copy menu."""
        from virttui.screens.base.copy_menu import copy

        copy(self._screen)

    def quit(self) -> None:
        """Quit, after a question while tasks run."""
        running = self._view_state.fleet_state.running_tasks
        if running:
            self._objects.confirm_quit(running)
        else:
            self._screen.console.leave()


def _free_letters(names: Iterable[str]) -> Iterator[str]:
    """A key for each name: its first letter that nobody has; ``n`` is taken."""
    taken = {"n", "q"}
    for name in names:
        letter = next(letter for letter in name if letter not in taken)
        taken.add(letter)
        yield letter
