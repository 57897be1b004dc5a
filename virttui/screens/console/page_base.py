"""The page of a domain's console without its keys: which console, what is fed and painted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.css.scalar import Scalar

from virttui import formatting
from virttui.model.domains.consoles import (
    SEEN,
    ConsoleDevice,
    ConsolePhase,
    ConsoleRequest,
    ConsoleState,
)
from virttui.model.domains.logs import LogUpdate
from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain
from virttui.model.queries import ConsolesQuery, ConsolesResult, QueryResult
from virttui.panes.console.page import ConsolePage
from virttui.panes.console.side import GAP
from virttui.panes.console.view_state import ConsoleFrame, ConsoleViewState
from virttui.render.search import PickerItem
from virttui.screens.base.domain_page import DomainPage, give_height, give_width
from virttui.screens.console.guest_view import GuestView, TerminalChanged, with_rows
from virttui.screens.console.left_terminals import (
    LeftTerminal,
    LeftTerminals,
    left_terminals,
)
from virttui.screens.console.lifecycle import LifecycleKeys, MakeHandlers
from virttui.screens.console.printed_by import PrintedBy, printed_by
from virttui.screens.console.search import ConsoleSearch
from virttui.screens.console.session import ConsoleSession, make_terminal
from virttui.screens.console.side import ConsoleSide
from virttui.screens.console.to_file import ConsoleRecording, ConsoleRecordings, console_recordings
from virttui.store.fleet_state import FleetState
from virttui.terminal.screen import TerminalScreen
from virttui.widgets.line_view import LineView
from virttui.widgets.prompt import Prompt
from virttui.widgets.terminal_view import TerminalView


class ConsoleBase(DomainPage[str], inherit_bindings=False):
    """Attaches to a console and shows it. Gives back words for the answer line below, or ""."""

    view_state: ConsoleViewState

    def __init__(
        self,
        domain: Domain,
        make_handlers: MakeHandlers,
        *,
        read_only: bool = False,
        watched_after: ObjectId | None = None,
        device: str = "",
        take: bool = False,
    ) -> None:
        super().__init__(name="console")
        self.view_state = ConsoleViewState(domain, read_only=read_only)
        self.lifecycle = LifecycleKeys(self, make_handlers(self))
        self._watched_after = watched_after
        self._wanted_device = device
        self.wants_take_over = take
        self.devices: tuple[ConsoleDevice, ...] | None = None
        self.place = 0
        self.session: ConsoleSession | None = None
        self.terminals: dict[str, TerminalScreen] = {}
        self._let_go_at: dict[str, float] = {}
        self.side = ConsoleSide(self)
        self.view: TerminalView | None = None
        self.search: ConsoleSearch | None = None
        self.sizes_typed: set[str] = set()
        """The consoles whose guest was told its size."""
        self.wants_typing = True
        self.typing_ended = float("-inf")
        self._top = LineView(id="top")
        self._rule = LineView(id="rule")
        self._words = LineView(id="words")
        self._answer = LineView(id="answer")
        self.prompt = Prompt()
        self._keys = LineView(id="keys")
        self._side = LineView(id="side")
        self._other_rule = LineView(id="other-rule")
        self._other_words = LineView(id="other-words")
        self._beside = Vertical(self._side, self._other_rule, self._other_words, id="beside")
        self._main = Vertical(self._rule, self._words, id="guest")

    def compose(self) -> ComposeResult:
        """Tabs and breadcrumb, the guest, answer and keys; at 80x24 the guest and two lines."""
        yield self._top
        with Horizontal(id="halves"):
            yield self._main
            yield self._beside
        yield self._answer
        yield self.prompt
        yield self._keys

    def on_mount(self) -> None:
        """Ask which consoles there are; the details of the domain come along."""
        key = self.view_state.key
        self.console.watch_domain(key)
        self.console.ask(ConsolesQuery(key))
        self.console.update_screen()

    def on_unmount(self) -> None:
        """Let go of the console, also where the app ends; its lines stay until then."""
        self.let_go()
        self.side.close()
        left = self.left_before
        for alias, terminal in self.terminals.items():
            kept = self.recordings.find((self.view_state.key, alias))
            if kept is not None and kept.terminal is terminal:
                continue
            let_go_at, typed = self._let_go_at.get(alias), alias in self.sizes_typed
            left.put((self.view_state.key, alias), LeftTerminal(terminal, let_go_at, typed))

    # -- which console ---------------------------------------------------------------------

    def on_query_result(self, result: QueryResult) -> None:
        """Take the consoles of the domain, and open one."""
        if not isinstance(result, ConsolesResult):
            return
        if self.devices is not None or result.query.key != self.view_state.key:
            self.side.take_consoles(result)
            return
        name = self.view_state.drawn.name
        usable = [one for one in result.consoles if not one.why_not]
        if result.error is not None:
            self.leave(result.error.message)
        elif not result.consoles:
            self.leave(f"{name} has no serial port; :add serial gives it one, from its next start")
        elif not usable:
            one = result.consoles[0]
            self.leave(f"{one.alias} of {name} cannot be opened: {one.why_not}")
        elif not self._is_there(result.consoles):
            has = formatting.listed([one.alias for one in result.consoles])
            self.leave(f"{name} has no console {self._wanted_device}; it has {has}")
        else:
            wanted = self._wanted_device
            named = [one for one in usable if wanted and wanted in (one.alias, one.name)]
            self.devices = tuple(usable)
            if named:
                self.run_flow(self.open_place(usable.index(named[0])))
            elif len(usable) > 1:
                self.run_flow(self._choose())
            else:
                self.run_flow(self.open_place(0))

    def _is_there(self, devices: Sequence[ConsoleDevice]) -> bool:
        """Whether the console that was asked for by name is one of them."""
        wanted = self._wanted_device
        return not wanted or any(
            wanted in (one.alias, one.name) for one in devices if not one.why_not
        )

    async def _choose(self) -> None:
        """Choose one of several consoles."""
        from virttui.modals.base.chooser import PickerDialog

        items = [
            PickerItem(place, one.alias, ", ".join(word for word in (one.name, one.type) if word))
            for place, one in enumerate(self.devices or ())
        ]
        name = self.view_state.drawn.name
        place = await self.show_dialog(PickerDialog(f"consoles of {name}", items, typed=False))
        if place is None:
            self.leave()
        else:
            await self.open_place(place)

    async def open_place(self, place: int, *, read_along: bool = False) -> None:
        """Let go of the console that is open, and open another one of the domain."""
        assert self.devices is not None
        consoles = self.console.consoles
        if consoles is None:
            self.leave("this run is read-only")
            return
        self.let_go()
        self.place, alias = place, self.devices[place].alias
        await self.side.close_if_shown(self.view_state.key, alias)
        joined = self.recordings.join((self.view_state.key, alias), read_along=read_along)
        known = (
            joined.terminal
            if joined is not None
            else self.terminals.get(alias) or self._left_before(alias)
        )
        terminal = known or await make_terminal()
        self.terminals[alias] = terminal
        if self.view is not None:
            await self.view.remove()
        self.view = GuestView(terminal, id="terminal")
        await self._main.mount(self.view, before=self._words)
        drawn = self.view_state.drawn
        self.search = ConsoleSearch(terminal, self.view)
        self.wants_typing = True
        if joined is not None:
            self._show_joined(joined)
            return
        printed = self.printed_by.of((self.view_state.key, alias))
        seen = printed.last_bytes(SEEN) if read_along and known is not None else b""
        request = ConsoleRequest(self.view_state.key, alias, read_along, seen)
        self.session = ConsoleSession(
            consoles, request, terminal, self._on_change, (drawn.name, drawn.host), printed
        )
        self.session.was_attached = known is not None
        self.session.let_go_at = self._let_go_at.pop(alias, None)
        self.paint()

    def _show_joined(self, joined: ConsoleRecording) -> None:
        """Show a console that stayed attached while it was kept in a file."""
        self.session = joined.session
        if joined.size_typed:
            self.sizes_typed.add(joined.console[1])
        joined.session.on_change = self._on_change
        if self.view is not None:
            self.view.read_terminal()
        self.paint()

    @property
    def terminal(self) -> TerminalScreen | None:
        """The terminal that is shown."""
        return self.terminals.get(self._alias)

    @property
    def console_page(self) -> ConsolePage:
        """What the page was drawn from last."""
        return self.view_state.drawn

    @property
    def recordings(self) -> ConsoleRecordings:
        """The consoles that are kept in files, of this app."""
        return console_recordings(self.app, self.console)

    @property
    def printed_by(self) -> PrintedBy:
        """What the consoles of this app printed."""
        return printed_by(self.app)

    @property
    def left_before(self) -> LeftTerminals:
        """The terminals of consoles that no page shows, of this app."""
        return left_terminals(self.app)

    async def show_other(self, view: GuestView | None) -> None:
        """Show the view of another console beside the page's own, or none."""
        await self._beside.query(GuestView).remove()
        if view is not None:
            await self._beside.mount(view, before=self._other_words)

    def _left_before(self, alias: str) -> TerminalScreen | None:
        """The terminal of a console whose page was left before."""
        left = self.left_before.take((self.view_state.key, alias))
        if left is None:
            return None
        if left.let_go_at is not None:
            self._let_go_at[alias] = left.let_go_at
        if left.size_typed:
            self.sizes_typed.add(alias)
        return left.screen

    def let_go(self) -> ConsoleRecording | None:
        """Let go of the console that is open; returns it where it stays, kept in a file."""
        session, self.session = self.session, None
        if session is not None:
            typed = session.request.device in self.sizes_typed
            if (kept := self.recordings.hand_over(session, size_typed=typed)) is not None:
                return kept
            if session.phase is ConsolePhase.ATTACHED:
                self._let_go_at[session.request.device] = self.look.epoch
            elif session.let_go_at is not None:
                self._let_go_at[session.request.device] = session.let_go_at
            session.close()
        return None

    def leave(self, words: str = "") -> None:
        """Let go of the console and go back."""
        if self.is_current:
            kept = self.let_go()
            if kept is not None:
                stays = f"{kept.console[1]} stays attached, kept in {kept.file.path}"
                words = words or f"{stays}; X on its task ends it"
            self.console.watch_domain(self._watched_after)
            self.dismiss(words)

    # -- what the console tells ------------------------------------------------------------

    def _on_change(self) -> None:
        """Called on the parser's thread."""
        with suppress(RuntimeError):  # the app has ended, and nobody looks any more
            self.post_message(TerminalChanged())

    def on_terminal_changed(self) -> None:
        """Show what the guest wrote."""
        if self.view is not None:
            self.view.read_terminal()
            if self.search is not None:
                self.search.follow()
        self.side.read_terminal()
        self._paint_rules()

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now and paint what changed."""
        self.side.logs.feed()
        super().update_state(fleet_state)

    def on_log_update(self, update: LogUpdate) -> None:
        """Take what was read of the logs beside the guest."""
        if self.side.logs.take(update) and self.is_current:
            self.paint()

    def on_console_state(self, state: ConsoleState) -> None:
        """Take a change of the console; keys go to the guest only while it is attached."""
        session = self.session
        if session is None or state.id != session.number:
            self._take_other_state(state)
            return
        typed = self.is_typing
        other = session.take(state)
        self.state_changed(session)
        if other:
            if typed and not self.is_typing:
                self.typing_ended = self.look.now
            self.paint()

    def _take_other_state(self, state: ConsoleState) -> None:
        """Take a change of the console that is beside."""
        keyed = self.side.keyed
        typed = keyed is not None and keyed.is_typing
        other = self.side.take_state(state)
        if other is None or other.session is None:
            return
        self.state_changed(other.session)
        if typed and not other.is_typing:
            self.typing_ended = self.look.now
        self.paint()

    def state_changed(self, session: ConsoleSession) -> None:
        """A state of the console was told."""

    @property
    def is_typing(self) -> bool:
        """Whether keys go to the guest."""
        attached = self.session is not None and self.session.phase is ConsolePhase.ATTACHED
        return attached and self.wants_typing

    # -- feeding and painting --------------------------------------------------------------

    def paint(self) -> None:
        """Draw everything; what is as before costs nothing."""
        look, state = self.look, self.view_state
        state.drawn = self._page()
        self.side.draw()
        frame = state.console_frame(look)
        top = [line for line in (frame.tabs, frame.crumb) if line is not None]
        give_height(self._top, len(top))
        give_height(self._answer, frame.answer is not None and not self.prompt.sign)
        give_height(self._words, len(frame.words))
        give_width(self._beside, state.side_width, GAP)
        self._share_side(frame)
        if self.view is not None:
            self.view.display = self.session is not None and self.session.was_attached
            self.view.show_cursor(state.drawn.typing)
        self._top.set_lines([look.with_glyphs(line) for line in top])
        self._rule.set_lines([look.with_glyphs(frame.rule)])
        self._side.set_lines([look.with_glyphs(line) for line in frame.side])
        self._words.set_lines([look.with_glyphs(line) for line in frame.words])
        self._answer.set_lines([look.with_glyphs(frame.answer or ())])
        self._keys.set_lines([look.with_glyphs(frame.keys)])

    def _share_side(self, frame: ConsoleFrame) -> None:
        """Give the side to the figures or logs, or to the other console below the figures."""
        look, rule = self.look, frame.other_rule
        above = None if rule is None else len(frame.side)
        wanted = Scalar.parse("1fr") if above is None else Scalar.from_number(above)
        self._side.display = above != 0
        if above != 0 and self._side.styles.height != wanted:
            self._side.styles.height = wanted
        give_height(self._other_rule, rule is not None)
        give_height(self._other_words, len(frame.other_words))
        self._other_rule.set_lines([look.with_glyphs(rule or ())])
        self._other_words.set_lines([look.with_glyphs(line) for line in frame.other_words])
        self.side.show_view(self.view_state.shows_other)

    def _paint_rules(self) -> None:
        """Draw the rules alone, which say which rows are in view."""
        state, look = self.view_state, self.look
        state.drawn = self._page()
        self.side.draw()
        frame = state.console_frame(look)
        self._rule.set_lines([look.with_glyphs(frame.rule)])
        if frame.other_rule is not None:
            self._other_rule.set_lines([look.with_glyphs(frame.other_rule)])

    def _page(self) -> ConsolePage:
        """What the page is drawn from."""
        session, view = self.session, self.view
        kept = self.recordings.find((self.view_state.key, self._alias))
        page = ConsolePage(
            self.view_state.page_input(self.look),
            self.devices,
            self.place,
            session.state if session is not None else None,
            self.is_typing,
            was_attached=session is not None and session.was_attached,
            size_typed=self._alias in self.sizes_typed,
            file=kept.words if kept is not None else "",
            has_keys=self.side.waits_for_keys,
        )
        if view is None:
            return page
        return with_rows(page, view, self.terminals[page.alias], self.search)

    @property
    def _alias(self) -> str:
        """The console that is shown; "" before it is known."""
        return self.devices[self.place].alias if self.devices else ""
