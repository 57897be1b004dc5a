"""What each key does on the screen itself: moving, marking, sorting, panes, help, quitting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from virttui.actions.action import PANES, Action
from virttui.actions.registry import BY_ID, meant
from virttui.actions.target import ActionContext
from virttui.model.commands import Target, Verb
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Domain
from virttui.panes.domains.graph_drawer import WINDOWS
from virttui.panes.storage.volumes import VolumeRow
from virttui.render.filter import Filter
from virttui.render.search import PickerItem

if TYPE_CHECKING:
    from virttui.panes.main.view_state import MainViewState
    from virttui.screens.main.main_screen import MainScreen


PANE_OF = {
    Kind.DOMAIN: "domains",
    Kind.NETWORK: "networks",
    Kind.POOL: "storage",
    Kind.HOST: "hosts",
}


class KeyDispatcher:
    """Turns keys into actions and does those that concern the screen."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._does: dict[str, Callable[[], None]] = {
            "up": lambda: self._move(-1),
            "down": lambda: self._move(1),
            "first": lambda: self._go(0),
            "last": lambda: self._go(len(self._view_state.view.listing.rows) - 1),
            "page-up": lambda: self._move(-max(1, self._view_state.height // 2)),
            "page-down": lambda: self._move(max(1, self._view_state.height // 2)),
            "next-part": self._next_part,
            "last-part": self._next_part,
            "zoom": lambda: self._zoom(True),
            "unzoom": lambda: self._zoom(False),
            "mark": self._mark,
            "mark-others": lambda: self._view_state.view.cursor.invert(),
            "sort-left": lambda: self._view_state.sort_by(-1),
            "sort-right": lambda: self._view_state.sort_by(1),
            "sort-turn": lambda: self._view_state.turn_sort(),
            "follow": self._follow,
            "freeze": self._freeze,
            "attention": lambda: self._view_state.toggle_attention_only(),
            "window-less": lambda: self._window(-1),
            "window-more": lambda: self._window(1),
            "back": self._back,
            "open": self._open,
            "group": self._group,
            "columns": self._columns,
            "views": self._views,
            "topology": self.topology,
            "export-events": lambda: self._screen.prompts.command_runner.exporting.ask(),
            "filter": lambda: self._screen.prompts.open("/"),
            "command": lambda: self._screen.prompts.open(":"),
            "refresh": self._refresh,
            "help": self._help,
            "palette": self._palette,
            "copy": self._copy,
            "quit": self._quit,
            **{f"pane-{name}": self._pane(name) for name in PANES},
        }

    @property
    def _view_state(self) -> MainViewState:
        return self._screen.view_state

    def press(self, key: str) -> bool:
        """A key was pressed: do what it means here, or say why not. False when it means nothing."""
        action = meant(key, self._view_state.situation())
        if action is None:
            return False
        self._view_state.clear_message()
        self.run(action)
        return True

    def do(self, id: str) -> None:
        """Do an action by its id: from a click, the palette or the ``:`` line."""
        self.run(BY_ID[id])

    def run(
        self, action: Action, named: ActionContext | None = None, verb: Verb | None = None
    ) -> None:
        """Do an action, or put the reason why not in the answer line.

        ``named`` holds targets that were called by name, instead of those under the hands;
        ``verb`` says which way an action that has two is to go.
        """
        situation = named or self._view_state.situation()
        reason = "" if action.fits(situation) else f"not in {self._view_state.pane}"
        reason = reason or action.why_not(situation)
        if reason:
            self._screen.show_message(f"{action.word}: {reason}")
            return
        cursor = self._view_state.view.cursor
        if named is None and action.kinds and cursor.marks and not situation.marked:
            are = (
                "1 marked row is"
                if len(cursor.marks) == 1
                else f"{len(cursor.marks)} marked rows are"
            )
            self._screen.show_message(
                f"{action.word}: {are} hidden by the filter; esc clears the marks"
            )
            return
        if named is None and action.verb is not None and cursor.handed and not cursor.marks:
            # The key may have been meant for the row that went a moment ago.
            cursor.handed = False
            name = situation.subjects[0].name
            self._screen.show_message(
                f"{action.word}: the row here went away; this is {name}. Press again"
            )
            return
        done = self._does.get(action.id)
        if done is not None:
            if named is not None:
                self.go_to(PANE_OF[named.subjects[0].kind], named.subjects[0].key)
            done()
        else:
            self._screen.action_dispatcher.do(action, situation, verb)
        if self._screen.is_current:
            self._screen.paint()

    # -- moving and marking ----------------------------------------------------------------

    def _move(self, by: int) -> None:
        self._view_state.view.cursor.move(by, self._view_state.height)

    def _go(self, place: int) -> None:
        self._view_state.view.cursor.go(place, self._view_state.height)

    def _mark(self) -> None:
        view = self._view_state.view
        if view.heading is not None:
            view.cursor.toggle_all([row.key for row in view.heading.rows])
        else:
            view.cursor.toggle()
        view.cursor.move(1, self._view_state.height)

    def _follow(self) -> None:
        cursor = self._view_state.view.cursor
        cursor.follow = not cursor.follow
        self._view_state.arrange()

    def _freeze(self) -> None:
        self._view_state.freeze(self._screen.look.now)
        if self._view_state.frozen_at is None:
            self._screen.console.feed()

    def _next_part(self) -> None:
        if not self._view_state.next_part():
            self._screen.show_message("there is only one list here")

    def _zoom(self, zoomed: bool) -> None:
        self._view_state.zoomed = zoomed
        self._view_state.arrange()

    def _window(self, step: int) -> None:
        self._view_state.window = max(0, min(self._view_state.window + step, len(WINDOWS) - 1))

    def _back(self) -> None:
        if not self._view_state.back():
            self._screen.show_message("nothing is open or marked. q quits")

    def _group(self) -> None:
        """Choose what the rows are put under."""
        from virttui.modals.base.chooser import PickerDialog

        groups = self._view_state.view.pane.groups
        keys = dict(zip(groups, _free_letters(groups), strict=True))
        entries = [PickerItem("", "no groups", key="n")]
        entries += [PickerItem(name, how.title, key=keys[name]) for name, how in groups.items()]

        def decided(name: str | None) -> None:
            if name is not None:
                self._view_state.group_by(name)
                self._screen.paint()

        self._screen.app.push_screen(PickerDialog("group the rows", entries, typed=False), decided)

    def _columns(self) -> None:
        """Choose the columns of this list."""
        from virttui.modals.base.columns import ColumnsDialog

        view_state, view = self._view_state, self._view_state.view
        shown = {
            p.column.id for p in view.shape(view_state.fleet_state, view_state.size[0]).columns
        }

        def decided(chosen: tuple[frozenset[str], frozenset[str]] | None) -> None:
            if chosen is not None:
                view_state.show_columns(*chosen)
                self._screen.paint()

        sheet = ColumnsDialog(view.pane, view.choice, frozenset(shown))
        self._screen.app.push_screen(sheet, decided)

    def _views(self) -> None:
        """Choose a saved view, or save the present one."""
        from virttui.commandline.tokenizer import quoted
        from virttui.modals.base.chooser import PickerDialog

        names = self._screen.prompts.command_runner.views.names
        entries = [PickerItem(f"view {quoted(name)}", name, "saved view") for name in names]
        entries.append(PickerItem("view save ", "save this list as a view…", "asks for its name"))

        def decided(line: str | None) -> None:
            if line is not None:
                self._screen.prompts.go_on(line)

        self._screen.app.push_screen(PickerDialog("saved views", entries), decided)

    # -- panes -----------------------------------------------------------------------------

    def _pane(self, name: str) -> Callable[[], None]:
        return lambda: self._view_state.open(name)

    def _open(self) -> None:
        """``enter``: a domain's page, a pool's volumes, a host's domains, what a line is about."""
        row = self._view_state.view.row
        if row is None:
            self._view_state.fold()
        elif self._view_state.pane == "domains":
            self._open_domain(row.domain)
        elif self._view_state.pane == "storage":
            if not self._view_state.lower:
                self._view_state.open_pool(row.key)
                self._screen.read_volumes(row.key)
        elif self._view_state.pane == "hosts":
            self._view_state.open("domains")
            name = self._view_state.fleet_state.host_name(row.key.host)
            filter = self._view_state.view.pane.language.parse(f"host:{name}")
            if isinstance(filter, Filter):
                self._view_state.narrow(filter)
        elif self._view_state.pane == "tasks" and row.batch:
            self._screen.action_dispatcher.bulk.open(row.tasks)
        elif self._view_state.pane == "tasks":
            self._jump(row.target.kind, row.target.key)
        else:
            self._jump(row.happening.kind, row.happening.key)

    def topology(self) -> None:
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

    def _open_domain(self, domain: Domain) -> None:
        from virttui.screens.main.domain_screen import DetailsScreen

        page = DetailsScreen(domain, read_only=self._view_state.read_only)
        self._screen.app.push_screen(page, self._chosen)

    def _jump(self, kind: Kind | None, key: ObjectId | None) -> None:
        """Go to the row of an object, in its own pane."""
        pane = PANE_OF.get(kind) if kind else None
        if pane is None or key is None:
            self._screen.show_message("this line is about nothing that can be opened")
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
            self._screen.show_message("it is not there any more")

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

    def _refresh(self) -> None:
        self._screen.console.refresh_now()
        if self._view_state.pool is not None and self._view_state.pane == "storage":
            self._screen.read_volumes(self._view_state.pool)
        self._screen.show_message("reading everything again")

    def _help(self) -> None:
        from virttui.screens.main.help import HelpScreen

        self._screen.app.push_screen(HelpScreen(self._view_state), self._chosen)

    def _palette(self) -> None:
        from virttui.modals.base.chooser import PickerDialog
        from virttui.palette import everything

        entries = everything(self._view_state.situation(), self._view_state.fleet_state)
        self._screen.app.push_screen(PickerDialog("palette", entries), self._picked)

    def _picked(self, id: str | None) -> None:
        """The palette's choice: an action's id, or a row to go to."""
        if id is None:
            return
        if not id.startswith("go "):
            self._chosen(id)
            return
        # The host's id may have spaces in it; the pane's name and the UUID have none.
        _, pane, rest = id.split(" ", 2)
        host, _, uuid = rest.rpartition(" ")
        self.go_to(pane, ObjectId(host, uuid))
        self._screen.paint()

    def _chosen(self, id: str | None) -> None:
        if id is not None:
            self.do(id)

    def _copy(self) -> None:
        from virttui.screens.base.copy_menu import copy

        copy(self._screen)

    def _quit(self) -> None:
        running = self._view_state.fleet_state.running_tasks
        if running:
            self._screen.action_dispatcher.confirm_quit(running)
        else:
            self._screen.console.leave()


def _free_letters(names: Iterable[str]) -> Iterator[str]:
    """A key for each name: its first letter that nobody has; ``n`` is taken."""
    taken = {"n", "q"}
    for name in names:
        letter = next(letter for letter in name if letter not in taken)
        taken.add(letter)
        yield letter
