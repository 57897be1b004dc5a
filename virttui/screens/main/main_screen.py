"""The main screen: six panes in one frame. It lays out, paints and passes keys on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from virttui import formatting
from virttui.actions.action import PANE_OF, PANES
from virttui.model.backend import Interest
from virttui.model.commands import Target, Verb
from virttui.model.identity import Kind, ObjectId
from virttui.model.messages import HostEvent
from virttui.model.queries import (
    DiagnosisQuery,
    DiagnosisResult,
    IncompleteDomainsResult,
    QueryResult,
    VolumesQuery,
    VolumesResult,
)
from virttui.model.tasks import Task, TaskState
from virttui.model.volumes import VolumeOperation
from virttui.panes.main.view_state import MainViewState
from virttui.render.chrome import hint_at, tab_at
from virttui.render.grid import fits
from virttui.render.line import Line, length
from virttui.render.list_view import MainScreenLines
from virttui.screens.base.copy_menu import copy_selected
from virttui.screens.main.dispatcher import ActionDispatcher
from virttui.screens.main.drafts import DraftReminder
from virttui.screens.main.list_actions import ListActions
from virttui.screens.main.list_queries import ColumnQueries, ask_for_volumes
from virttui.screens.main.object_actions import ObjectActions
from virttui.screens.main.prompt_controller import PromptController
from virttui.screens.provision.leftovers import IncompleteDomains
from virttui.store.fleet_state import FleetState
from virttui.widgets.base_screen import LineScreen
from virttui.widgets.line_view import LineView
from virttui.widgets.live_table import LiveTable
from virttui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from virttui.screens.main.command_runner import CommandLineRunner


class MainScreen(LineScreen[None], inherit_bindings=False):
    """Domains, networks, storage, hosts, tasks and events."""

    def __init__(self, view_state: MainViewState) -> None:
        super().__init__()
        self.view_state = view_state
        self.objects = ObjectActions(self)
        self.prompts = PromptController(self, self._command_runner)
        self.unfinished = DraftReminder(self)
        self.leftovers = IncompleteDomains(self)
        self._columns = ColumnQueries(lambda: self.console, view_state)
        self.lists = ListActions(
            self,
            self.objects,
            self.prompts,
            lambda id: self.dispatcher.run_id(id),
        )
        self.dispatcher = ActionDispatcher(self, self.lists, self.objects, frozenset(PANES))
        self._top = LineView(id="top")
        self._rule = LineView(id="rule")
        self._table = LiveTable(id="table")
        self._lower_rule = LineView(id="lower-rule")
        self._lower = LiveTable(id="lower")
        self._below = LineView(id="below")
        self._answer = LineView(id="answer")
        self._keys = LineView(id="keys")
        self._popup = LineView(id="popup")
        self._prompt = Prompt()
        self._heights: tuple[int, ...] = ()
        self._interest: Interest | None = None
        self._pool_mark: tuple[ObjectId, tuple[int | None, frozenset[str]], int] | None = None
        self._frame: MainScreenLines | None = None
        self._begun: asyncio.Task[None] | None = None

    def _command_runner(self) -> CommandLineRunner:
        """What runs ``:`` lines; it is imported when it is needed first, after the first frame."""
        from virttui.screens.main.command_runner import CommandLineRunner
        from virttui.screens.main.line_commands import LineCommands
        from virttui.screens.main.virsh_runner import VirshRunner

        return CommandLineRunner(
            self,
            self.dispatcher,
            self.lists,
            self.objects,
            LineCommands(
                self, self.dispatcher, self.lists, self.objects, self.unfinished, self.leftovers
            ),
            VirshRunner(self, self.prompts.learned),
        )

    def compose(self) -> ComposeResult:
        """The parts from top to bottom."""
        yield self._top
        yield self._rule
        yield self._table
        yield self._lower_rule
        yield self._lower
        yield self._below
        yield self._answer
        yield self._prompt
        yield self._keys
        yield self._popup

    async def on_mount(self) -> None:
        """What earlier runs typed is fetched beside the first frame."""
        self._begun = asyncio.create_task(self.prompts.begin())
        self.unfinished.begin()

    # -- feeding and painting --------------------------------------------------------------

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now and paint what changed."""
        self.view_state.update(fleet_state)
        self.leftovers.query_new_hosts(fleet_state)
        self._columns.ask_due(fleet_state)
        self._watch_pool()
        self.paint()

    def _watch_pool(self) -> None:
        """No event tells of volumes: they are read anew when their pool says there are others."""
        pool = self.view_state.pool
        found = self.view_state.fleet_state.pool(pool) if pool is not None else None
        if found is None:
            self._pool_mark = None
            return
        # Who uses them is asked of the whole host: not each time that one of them grows.
        domains = frozenset(self.view_state.fleet_state.inventories[found.key.host].domains)
        mark = (found.key, (found.volumes, domains), found.allocation)
        before, self._pool_mark = self._pool_mark, mark
        if before is None or before[0] != mark[0]:
            return
        if before[1] != mark[1]:
            ask_for_volumes(self.console, found.key)
        elif before[2] != mark[2]:
            self.console.ask(VolumesQuery(found.key))

    def on_resize(self, event: events.Resize) -> None:
        """Share out the lines anew; below 40x10 another screen takes over."""
        if fits(event.size.width, event.size.height):
            self.view_state.resize(event.size.width, event.size.height)
            if self.is_current:
                self.paint()

    def paint(self) -> None:
        """Draw everything; what is as before costs nothing."""
        look = self.look
        frame = self._frame = self.view_state.frame(look)
        self._lay_out(frame)
        self._top.set_lines([look.with_glyphs(line) for line in (frame.tabs, *frame.strip)])
        self._rule.set_lines([look.with_glyphs(frame.rule)])
        seen = self._table.show(frame.table, frame.grid.rows, look)
        below: tuple[ObjectId, ...] = ()
        if frame.lower is not None:
            self._lower_rule.set_lines([look.with_glyphs(frame.lower_rule)])
            below = self._lower.show(frame.lower, max(1, frame.grid.lower - 2), look)
        if frame.below:
            self._below.set_lines([look.with_glyphs(line) for line in frame.below])
        self._answer.set_lines([look.with_glyphs(frame.answer)])
        self._keys.set_lines([look.with_glyphs(self.prompts.keys() or frame.keys)])
        self._update_interest(seen, below)

    def _lay_out(self, frame: MainScreenLines) -> None:
        """Set the heights, only when one of them changed: a layout repaints everything."""
        grid = frame.grid
        heights = (len(frame.strip) + 1, grid.rows + 1, grid.lower, len(frame.below))
        if heights == self._heights:
            return
        self._heights = heights
        self._top.styles.height, self._table.styles.height = heights[:2]
        opened = frame.lower is not None
        self._lower_rule.display = self._lower.display = opened
        self._lower.styles.height = max(1, grid.lower - 1)
        self._below.display = bool(frame.below)
        self._below.styles.height = len(frame.below)

    def _update_interest(self, seen: tuple[ObjectId, ...], volumes: tuple[ObjectId, ...]) -> None:
        """Say what is in view, when that changed."""
        view_state = self.view_state
        host = view_state.views["hosts"].cursor.cursor if view_state.pane == "hosts" else None
        interest = Interest(
            frozenset(seen) if view_state.pane == "domains" else frozenset(),
            view_state.views["domains"].cursor.cursor,
            pools=view_state.pane == "storage",
            machine=host.host if host is not None else "",
            volumes=frozenset(volumes),
        )
        if interest != self._interest and self.console.set_interest(interest):
            self._interest = interest

    def forget_interest(self) -> None:
        """Another backend wants to be told again."""
        self._interest = None
        self.objects.bulk.forget()

    def show_message(self, words: str, *, bad: bool = False, name: str = "") -> None:
        """Say something in the answer line for a few seconds."""
        self.view_state.notice(words, self.look.now, bad=bad, name=name)
        self.paint()

    def show(self, target: Target) -> bool:
        """Put the cursor on an object that was made; false while it is not listed yet."""
        if self.view_state.frozen_at is not None:
            return True
        self.view_state.update(self.console.fleet_state())
        if target.kind is Kind.VOLUME:
            return self.lists.go_to_volume(target)
        if self.view_state.subject(target.kind, target.key) is None:
            return False
        self.lists.go_to(PANE_OF[target.kind], target.key)
        self.view_state.view.cursor.kept_in_view = True
        self.paint()
        return True

    def on_task(self, task: Task) -> None:
        """A task of this run changed: its end is told in the answer line."""
        self.view_state.on_task(task, self.look.now)
        self.objects.following.on_task(task)
        self._columns.on_task(task)
        work = task.command.arguments
        if task.state.ended and isinstance(work, VolumeOperation):
            self._read_volumes(work)
        if task.state is TaskState.FAILED and task.command.verb in (Verb.START, Verb.RESUME):
            self._ask_why(task.command.target)

    def _read_volumes(self, work: VolumeOperation) -> None:
        """No event tells of volumes: what was done to one is read anew."""
        pool = self.view_state.pool
        if pool is not None and pool in (work.pool, work.target_pool):
            ask_for_volumes(self.console, pool)

    def on_host_event(self, event: HostEvent) -> None:
        """Look up at once why a domain crashed."""
        key = event.key
        if event.kind is Kind.DOMAIN and key is not None and "crashed" in event.text:
            self._ask_why(Target(Kind.DOMAIN, key, event.subject))

    def _ask_why(self, target: Target) -> None:
        """Find out why a domain failed; it is told beside its task when it is known."""
        if target.kind is Kind.DOMAIN:
            self.console.ask(DiagnosisQuery(target.key))

    def on_query_result(self, result: QueryResult) -> None:
        """Apply a result that came while this screen is on top."""
        if isinstance(result, IncompleteDomainsResult):
            self.leftovers.on_query_result(result)
            return
        if isinstance(result, VolumesResult) and self.prompts.active:
            self.view_state.update(self.console.fleet_state())
            self.prompts.learned()
        quiet = isinstance(result, DiagnosisResult) or self._columns.answers(result)
        if result.error is not None and not quiet:
            self.show_message(result.error.message, bad=True)

    # -- behind other screens --------------------------------------------------------------

    def on_screen_suspend(self) -> None:
        """What lies on top has an answer line and keys of its own; the list says its age."""
        self.view_state.as_of = formatting.clock(self.view_state.fleet_state.epoch)
        look = self.look
        frame = self.view_state.frame(look)
        self._top.set_lines([look.with_glyphs(line) for line in (frame.tabs, *frame.strip)])
        self._answer.set_lines([()])
        self._keys.set_lines([()])

    def on_screen_resume(self) -> None:
        """The list goes on."""
        self.view_state.as_of = ""

    # -- keys and mouse --------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """A key goes to what is being typed, else to the hands."""
        if event.key == "ctrl+c":
            self._copy_or_say()
            return True
        if self.prompts.active:
            return self.prompts.steer(event.key) or self._prompt.take_key(event)
        return self.dispatcher.press(event.key)

    def _copy_or_say(self) -> None:
        """Copy what the mouse selected, else say how to quit."""
        self.show_message(copy_selected(self, "q quits"))

    def on_click(self, event: events.Click) -> None:
        """Tabs and the keys line answer the mouse too."""
        frame = self._frame
        if frame is None or self.prompts.active:
            return
        if event.screen_y == 0:
            pane = tab_at(event.screen_x, self.view_state.fleet_state.running_tasks)
            if pane is not None:
                self.dispatcher.run_id(f"pane-{pane}")
        elif event.screen_y == self.size.height - 1:
            hint = hint_at(event.screen_x, *self.view_state.hints(), self.size.width)
            if hint is not None:
                self.dispatcher.run_id(hint.id)

    def on_live_table_picked(self, event: LiveTable.Picked) -> None:
        """A row was clicked."""
        self._focus_of(event.table)
        self.view_state.view.cursor.go(event.place, self.view_state.height)
        if event.open:
            self.dispatcher.run_id("open")
        self.paint()

    def on_live_table_sorted(self, event: LiveTable.Sorted) -> None:
        """A header was clicked."""
        self._focus_of(event.table)
        self.view_state.sort_on(event.column)
        self.paint()

    def on_live_table_scrolled(self, event: LiveTable.Scrolled) -> None:
        """The wheel was turned."""
        self._focus_of(event.table)
        self.view_state.view.cursor.scroll(event.by, self.view_state.height)
        self.paint()

    def _focus_of(self, table: LiveTable) -> None:
        if self.view_state.volumes is not None and (table is self._lower) != self.view_state.lower:
            self.view_state.next_part()

    # -- the prompt ------------------------------------------------------------------------

    def open_prompt(self, sign: str, text: str) -> Prompt:
        """Put the editor in the answer line's place, at once: the next key is already its own."""
        self._answer.display = False
        self._prompt.open(sign, text)
        return self._prompt

    def close_prompt(self) -> None:
        """Give the answer line back."""
        self._prompt.close()
        self._answer.display = True
        self.popup([])
        self.paint()

    def popup(self, lines: list[Line]) -> None:
        """Show completions above the prompt, or none."""
        self._popup.display = bool(lines)
        if lines:
            self._popup.styles.height = len(lines)
            self._popup.styles.width = max(map(length, lines))
            self._popup.set_lines([self.look.with_glyphs(line) for line in lines])

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """What is typed changed."""
        self.prompts.typed(event.sign, event.text)
