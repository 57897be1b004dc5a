"""The state of the main screen, and the lines it shows for a state of the fleet.

A ``MainViewState`` holds one ``ListView`` a pane (its sort, filter, cursor and marks), which pane
is open, whether it is zoomed or frozen, and the last message. It draws lines and tells what a key
would act on; it makes no queries.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import ConnectionState
from virttui.model.tasks import Task, TaskState
from virttui.panes.domains import graph_drawer
from virttui.panes.domains.pane import DOMAINS
from virttui.panes.hosts.pane import HOSTS
from virttui.panes.main import below_list, host_strip, key_hints
from virttui.panes.main.events import EVENTS
from virttui.panes.main.list_title import rule_of
from virttui.panes.main.tasks import TASKS, done_words
from virttui.panes.networks.pane import NETWORKS
from virttui.panes.storage.pools import POOLS
from virttui.panes.storage.volumes import VolumeRow, volumes_pane
from virttui.panes.targets import of_volume, subject
from virttui.render import chrome
from virttui.render.filter import EVERYTHING, Filter
from virttui.render.glyphs import RenderContext
from virttui.render.grid import Grid, grid
from virttui.render.line import Line, Role, Run, clean
from virttui.render.list_pane import Pane, next_sort
from virttui.render.list_view import ListView, MainScreenLines, TableContent
from virttui.render.scales import GraphScales
from virttui.render.view_record import Record, choice_of
from virttui.store.fleet_state import FleetState

NOTICE_SECONDS = 5.0
_PANES: dict[str, Pane[Any]] = {
    pane.id: pane for pane in (DOMAINS, NETWORKS, POOLS, HOSTS, TASKS, EVENTS)
}


class MainViewState:
    """The state behind the main screen."""

    def __init__(self, *, read_only: bool = False, attention_first: bool = True) -> None:
        self.views = {
            name: ListView(pane, replace(pane.choice(), attention_first=attention_first))
            for name, pane in _PANES.items()
        }
        self.pane = "domains"
        self.read_only = read_only
        self.as_of = ""
        """From when on it stands still behind a sheet; "" while it goes on."""
        self.fleet_state = FleetState()
        self.frozen_at: float | None = None
        self.zoomed = False
        self.window = 0
        self.scales = GraphScales()
        self._below = below_list.LinesBelow(self.scales)
        self.pool: ObjectId | None = None
        self.volumes: ListView | None = None
        self.lower = False
        self.size = (80, 24)
        self._attention_first = attention_first
        self._notice: tuple[Line, float] = ((), 0.0)
        self._whole = ""
        """Which key shows a notice whole that has no room here."""

    # -- what is shown ----------------------------------------------------------------------

    @property
    def view(self) -> ListView:
        """The list with the focus."""
        if self.lower and self.pane == "storage" and self.volumes is not None:
            return self.volumes
        return self.views[self.pane]

    def update(self, fleet_state: FleetState) -> None:
        """Show the newest state of the fleet, unless the display is frozen."""
        if self.frozen_at is None:
            self.fleet_state = fleet_state
            self.arrange()

    def resize(self, width: int, height: int) -> None:
        """Set the terminal's size in cells."""
        self.size = (width, height)
        self.arrange()

    def arrange(self) -> None:
        """Sort and filter the open lists again, after a change of what is there or chosen."""
        self._forget_marks()
        shape = self.grid()
        self.views[self.pane].arrange(self.fleet_state, shape.rows)
        if self.pane == "storage" and self.volumes is not None:
            self.volumes.arrange(self.fleet_state, max(1, shape.lower - 2))

    def _forget_marks(self) -> None:
        """Drop the marks of objects that are gone, once their host has been listed again."""
        view = self.views[self.pane]
        if view.cursor.marks and view.pane.kind is not None:
            view.cursor.marks = {
                key
                for key in view.cursor.marks
                if self.subject(view.pane.kind, key) is not None or not self._listed(key.host)
            }

    def _listed(self, host: str) -> bool:
        inventory = self.fleet_state.inventories.get(host)
        return inventory is not None and inventory.listed

    def grid(self) -> Grid:
        """The heights of the parts at this size."""
        opened = self.pane == "storage" and self.volumes is not None
        return grid(
            *self.size,
            hosts=len(self.fleet_state.inventories),
            pane=self.pane,
            rows=len(self.views[self.pane].listing.rows),
            opened=opened,
            zoomed=self.zoomed,
            lower=self.lower,
        )

    @property
    def height(self) -> int:
        """Rows in view of the list with the focus."""
        shape = self.grid()
        return max(1, shape.lower - 2) if self.view is self.volumes else shape.rows

    # -- what a key acts on ----------------------------------------------------------------

    def situation(self) -> ActionContext:
        """The context of a key that is pressed now."""
        view = self.view
        marked = [self._subject_of(view, row) for row in view.rows_marked]
        subjects = [one for one in marked if one is not None]
        row = view.row
        task_row = row if self.pane == "tasks" else None
        if not subjects and row is not None:
            selected = self._subject_of(view, row)
            subjects = [] if selected is None else [selected]
        return ActionContext(
            self.pane,
            tuple(subjects),
            bool(marked),
            None if task_row is None else task_row.task,
            task_row.tasks if task_row is not None and task_row.batch else (),
            None if task_row is None else task_row.job,
            self.read_only,
            self.subject(Kind.POOL, self.pool) if view is self.volumes and self.pool else None,
            row is not None or view.heading is not None,
        )

    def subject(self, kind: Kind | None, key: ObjectId) -> ActionTarget | None:
        """The object with that key, as an action needs it; None when it is gone."""
        return subject(self.fleet_state, kind, key)

    def _subject_of(self, view: ListView, row: Any) -> ActionTarget | None:
        """The object of a row."""
        if isinstance(row, VolumeRow):
            return of_volume(self.fleet_state, row)
        return self.subject(view.pane.kind, row.key)

    # -- what keys change -------------------------------------------------------------------

    def open(self, pane: str) -> None:
        """Show another pane; its list is as it was left."""
        self.pane = pane
        self.lower = False
        self.arrange()

    def narrow(self, filter: Filter) -> None:
        """Show only the rows of the focused list that pass."""
        self.view.choice = replace(self.view.choice, filter=filter)
        self.arrange()

    def toggle_attention_only(self) -> None:
        """Show only what needs attention, or everything again."""
        choice = self.view.choice
        self.view.choice = replace(choice, attention_only=not choice.attention_only)
        self.arrange()

    def set_attention_first(self, first: bool) -> None:
        """Set whether rows that need attention come first, in every pane."""
        for view in self.views.values():
            view.choice = replace(view.choice, attention_first=first)
        self.arrange()

    def sort_by(self, step: int) -> None:
        """Sort the focused list by the next column that is shown."""
        view = self.view
        shown = [p.column.id for p in view.shape(self.fleet_state, self.size[0]).columns]
        view.choice = next_sort(view.pane, view.choice, shown, step)
        self.arrange()

    def show_view(self, record: Record) -> bool:
        """Show a list as it was saved; false when there is no such list."""
        name = str(record.get("pane", ""))
        if name not in self.views:
            return False
        self.open(name)
        view = self.views[name]
        view.choice = choice_of(view.pane, record, view.choice)
        self.arrange()
        return True

    def group_by(self, name: str) -> None:
        """Put the rows of the focused list under headings, or under none ("")."""
        self.view.choice = replace(self.view.choice, group=name, folded=frozenset())
        self.arrange()

    def fold(self) -> bool:
        """Shut or open the group of the cursor's row; false where there are no groups."""
        key = self.view.fold()
        if key is None:
            return False
        self.arrange()
        return self.view.cursor.jump(key, self.height)

    def show_columns(self, on: frozenset[str], off: frozenset[str]) -> None:
        """Set which columns of the focused list the user shows and hides."""
        self.view.choice = replace(self.view.choice, on=on, off=off)
        self.arrange()

    def sort_on(self, column: str) -> bool:
        """Sort by a column's id or word; again turns it round. False when there is none."""
        view = self.view
        for one in view.pane.columns:
            if one.sort is not None and column.lower() in (one.id, one.name):
                turned = view.choice.sort == one.id
                descending = not view.choice.descending if turned else one.descends
                view.choice = replace(view.choice, sort=one.id, descending=descending)
                self.arrange()
                return True
        return False

    def turn_sort(self) -> None:
        """Turn the sort of the focused list round."""
        choice = self.view.choice
        self.view.choice = replace(choice, descending=not choice.descending)
        self.arrange()

    def freeze(self, now: float) -> None:
        """Hold the display still, or let it go on."""
        self.frozen_at = now if self.frozen_at is None else None

    def open_pool(self, key: ObjectId) -> None:
        """Show the volumes of a pool under the pools."""
        if self.pool != key or self.volumes is None:
            pane = volumes_pane(key)
            self.volumes = ListView(
                pane, replace(pane.choice(), attention_first=self._attention_first)
            )
        self.pool, self.lower = key, True
        self.arrange()

    def close_pool(self) -> None:
        """Take the volumes away again."""
        self.pool, self.volumes, self.lower = None, None, False
        self.arrange()

    def next_part(self) -> bool:
        """Give the focus to the other visible list; false when there is only one."""
        if self.pane != "storage" or self.volumes is None:
            return False
        self.lower = not self.lower
        self.arrange()
        return True

    def back(self) -> bool:
        """Take one layer away: marks, then filter, then volumes, zoom. False when none is left."""
        view = self.view
        if view.cursor.marks:
            view.cursor.marks.clear()
        elif view.choice.filter or view.choice.attention_only:
            view.choice = replace(view.choice, filter=EVERYTHING, attention_only=False)
        elif self.frozen_at is not None:
            self.frozen_at = None
        elif self.zoomed:
            self.zoomed = False
        elif self.lower:
            self.close_pool()
        else:
            return False
        self.arrange()
        return True

    def notice(self, words: str, now: float, *, bad: bool = False, name: str = "") -> None:
        """Say something in the answer line for a few seconds."""
        line = [Run(f"{clean(name)}  ", Role.STRONG)] if name else []
        line.append(Run(clean(words), Role.BAD if bad else Role.TEXT))
        self._whole = ""
        self._notice = (tuple(line), now + (2 * NOTICE_SECONDS if bad else NOTICE_SECONDS))

    def on_task(self, task: Task, now: float) -> None:
        """A task of this run changed: its end is told in the answer line."""
        name = task.command.target.name
        if task.state is TaskState.FAILED and task.trouble is not None:
            advice = f". {task.trouble.advice}" if task.trouble.advice else ""
            verb = task.command.verb.label
            self.notice(f"{verb}: {task.trouble.message}{advice}", now, bad=True, name=name)
            self._whole = "  5 shows all"
        elif task.state is TaskState.DONE:
            self.notice(done_words(task), now, name=name)

    def clear_message(self) -> None:
        """Drop the notice: a key was pressed."""
        self._notice = ((), 0.0)

    # -- the screen ------------------------------------------------------------------------

    def frame(self, look: RenderContext) -> MainScreenLines:
        """The whole screen at this moment."""
        width = self.size[0]
        shape = self.grid()
        fleet_state = self.fleet_state
        badge = self.badge()
        lower = self.pane == "storage" and self.volumes is not None
        return MainScreenLines(
            shape,
            chrome.tabs(self.pane, fleet_state.running_tasks, badge, width),
            host_strip.strip(fleet_state, shape.strip, look, width) if shape.strip else [],
            self._rule(self.views[self.pane], not self.lower or not lower, look),
            self._table(self.views[self.pane], not self.lower or not lower, look),
            self._below.lines(
                self.pane,
                self.views[self.pane].row,
                fleet_state,
                look,
                width,
                shape.below,
                graph_drawer.WINDOWS[self.window],
            ),
            self._rule(self.volumes, self.lower, look) if lower and self.volumes else (),
            self._table(self.volumes, self.lower, look) if lower and self.volumes else None,
            self.answer(look),
            self.keys(look),
        )

    def badge(self) -> chrome.Badge:
        """The status at the right end of the tabs."""
        state = self.fleet_state
        alarm = any(concern.alarm for concern in state.concerns.values())
        number = len(state.concerns)
        connecting = state.connecting
        return chrome.Badge(state.interval, number, alarm, self.read_only, connecting, self.as_of)

    def _table(self, view: ListView, focused: bool, look: RenderContext) -> TableContent:
        shape = view.shape(self.fleet_state, self.size[0])
        head = view.listing.head(shape, view.choice, look)
        words = key_hints.list_words(view.listing, view.choice, self.fleet_state, look)
        return TableContent(view, shape, head, focused, words)

    def _rule(self, view: ListView, focused: bool, look: RenderContext) -> Line:
        frozen = self.frozen_at is not None
        return rule_of(view, self.fleet_state, self.pool, look, self.size[0], focused, frozen)

    @property
    def device(self) -> str:
        """The device under the cursor; lists have none."""
        return ""

    def answer(self, look: RenderContext) -> Line:
        """The answer line: the notice, else the row in words."""
        width = self.size[0]
        words, until = self._notice
        whole = self._whole
        if not words or look.now >= until:
            words, whole = self.status_text(look), ""
        return below_list.answer_line(words, whole, look, width)

    def status_text(self, look: RenderContext) -> Line:
        """The cursor's row, or the group it heads, in words."""
        view = self.view
        if view.row is not None:
            return view.pane.status_text(view.row, self.fleet_state, look)
        heading = view.heading
        if heading is None:
            return ()
        folds = "expands" if heading.folded else "collapses"
        text = f"  {view.pane.summary(heading.rows)}. enter {folds} it, space marks them all"
        return Run(heading.title, Role.STRONG), Run(text)

    def keys(self, look: RenderContext) -> Line:
        """The keys line for the row under the cursor, or for the marks."""
        shown, before = self.hints()
        return chrome.keys_line(shown, self.size[0], before)

    def hints(self) -> tuple[list[chrome.KeyHint], str]:
        """The keys of this pane and row, and what stands before them."""
        return key_hints.hints(self.situation(), self.size[0], stale=self._stale())

    def _stale(self) -> bool:
        row = self.view.row
        host = self.fleet_state.host(row.key.host) if row is not None else None
        return host is not None and host.phase is not ConnectionState.LIVE
