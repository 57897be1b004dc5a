"""Another console beside the console of a page, of the same domain or of any other.

It is read along from its log where it has one that can be read here, so that nobody is kept from
it; else it is attached.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from textual.message import Message

from virttui import formatting
from virttui.model.domains.consoles import (
    SEEN,
    ConsoleDevice,
    ConsolePhase,
    ConsoleRequest,
    ConsoleState,
)
from virttui.model.domains.details import DomainDetails
from virttui.model.inventory import Domain
from virttui.panes.console.page import ConsolePage
from virttui.panes.console.view_state import ConsoleViewState
from virttui.panes.domain_page.snapshot import DetailsInput
from virttui.render.glyphs import RenderContext
from virttui.screens.console.guest_view import GuestView, TerminalChanged, with_rows
from virttui.screens.console.left_terminals import Console, LeftTerminal, LeftTerminals
from virttui.screens.console.printed_by import PrintedBy
from virttui.screens.console.search import ConsoleSearch
from virttui.screens.console.session import ConsoleSession, make_terminal
from virttui.screens.console.to_file import ConsoleRecordings
from virttui.terminal.screen import TerminalScreen
from virttui.widgets.app_protocol import AppServices


class ConsolesPage(Protocol):
    """The page that it stands on."""

    @property
    def view_state(self) -> ConsoleViewState:
        """Its state."""

    @property
    def console(self) -> AppServices:
        """The app."""

    @property
    def look(self) -> RenderContext:
        """How things are drawn now."""

    @property
    def recordings(self) -> ConsoleRecordings:
        """The consoles that are kept in files."""

    @property
    def printed_by(self) -> PrintedBy:
        """What the consoles of the app printed."""

    @property
    def left_before(self) -> LeftTerminals:
        """The terminals of consoles that no page shows."""

    def post_message(self, message: Message) -> bool:
        """Have the page handle a message."""

    async def show_other(self, view: GuestView | None) -> None:
        """Show the view of another console beside its own, or none."""


class OtherConsole:
    """One console until ``close``; ``device`` is None until its host has told which it has."""

    def __init__(
        self, page: ConsolesPage, domain: Domain, device: ConsoleDevice | None = None
    ) -> None:
        self._page = page
        self.domain = domain
        self.device = device
        self.session: ConsoleSession | None = None
        self.terminal: TerminalScreen | None = None
        self.view: GuestView | None = None
        self.search: ConsoleSearch | None = None
        self.wants_typing = False
        self.has_keys = False
        self._size_typed = False
        self._let_go_at: float | None = None

    @property
    def console(self) -> Console:
        """Which one it is; its alias is "" until its host has told which there are."""
        return self.domain.key, self.device.alias if self.device is not None else ""

    @property
    def is_typing(self) -> bool:
        """Whether keys go to its guest."""
        attached = self.session is not None and self.session.phase is ConsolePhase.ATTACHED
        return attached and self.wants_typing and self.has_keys

    @property
    def console_page(self) -> ConsolePage:
        """What it is drawn from."""
        state, session = self._page.view_state, self.session
        known = state.fleet_state
        shown = DetailsInput(
            self.domain.key, self.domain, None, DomainDetails(self.domain.key), known,
            self._page.look,
        )  # fmt: skip
        page = ConsolePage(
            shown,
            (self.device,) if self.device is not None else None,
            0,
            session.state if session is not None else None,
            self.is_typing,
            was_attached=session is not None and session.was_attached,
            size_typed=self._size_typed,
            is_beside=True,
            has_keys=self.has_keys,
        )
        if self.view is None or self.terminal is None:
            return page
        return with_rows(page, self.view, self.terminal, self.search)

    async def open(self, device: ConsoleDevice) -> None:
        """Open a console, after the one before was let go."""
        self.device = device
        key = self.domain.key
        recordings = self._page.recordings
        kept = recordings.find((key, device.alias))
        along = kept.session.request.read_along if kept is not None else bool(device.log_file)
        joined = recordings.join((key, device.alias), read_along=along)
        left = self._page.left_before.take((key, device.alias)) if joined is None else None
        if joined is not None:
            self.terminal = joined.terminal
        else:
            self.terminal = left.screen if left is not None else await make_terminal()
        self.view = GuestView(self.terminal, id="other")
        await self._page.show_other(self.view)
        self.search = ConsoleSearch(self.terminal, self.view)
        if joined is not None:
            self.session, self._size_typed = joined.session, joined.size_typed
            joined.session.on_change = self._on_change
            self.view.read_terminal()
        elif self._begin(read_along=along, has_lines=left is not None) and left is not None:
            assert self.session is not None
            self.session.was_attached, self._size_typed = True, left.size_typed
            self.session.let_go_at = left.let_go_at

    def ask_for_it(self) -> None:
        """Attach it in place of reading it along."""
        self._end_session()
        if self.terminal is not None:
            self._begin(read_along=False, has_lines=True)
        if self.session is not None:
            self.session.was_attached, self.session.let_go_at = True, self._let_go_at

    def _begin(self, *, read_along: bool, has_lines: bool) -> bool:
        consoles = self._page.console.consoles
        if consoles is None or self.terminal is None or self.device is None:
            return False
        printed = self._page.printed_by.of((self.domain.key, self.device.alias))
        seen = printed.last_bytes(SEEN) if read_along and has_lines else b""
        request = ConsoleRequest(self.domain.key, self.device.alias, read_along, seen)
        host = self._page.view_state.fleet_state.host_name(self.domain.key.host)
        names = (self.domain.name, host)
        self.session = ConsoleSession(
            consoles, request, self.terminal, self._on_change, names, printed
        )
        return True

    def take(self, state: ConsoleState) -> bool:
        """Take a change of it; false for one of another console."""
        session = self.session
        if session is None or state.id != session.number:
            return False
        session.take(state)
        if state.phase is ConsolePhase.REFUSED and session.request.read_along:
            self.ask_for_it()  # its log cannot be read here
        return True

    def read_terminal(self) -> None:
        """Show what its guest wrote."""
        if self.view is not None:
            self.view.read_terminal()
            if self.search is not None:
                self.search.follow()

    def close(self) -> str:
        """Let go of it; its lines stay. Returns where it is kept, if it stays attached."""
        session, terminal = self.session, self.terminal
        if session is not None:
            kept = self._page.recordings.hand_over(session, size_typed=self._size_typed)
            if kept is not None:
                self.session = self.terminal = None
                name = formatting.listed([f"{kept.console[1]} of {self.domain.name}"])
                return f"{name} stays attached, kept in {kept.file.path}; X on its task ends it"
        self._end_session()
        self.terminal = None
        if terminal is not None and self.device is not None:
            left = LeftTerminal(terminal, self._let_go_at, self._size_typed)
            self._page.left_before.put((self.domain.key, self.device.alias), left)
        return ""

    def _end_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            attached = session.phase is ConsolePhase.ATTACHED
            self._let_go_at = self._page.look.epoch if attached else session.let_go_at
            session.close()

    def _on_change(self) -> None:
        """Called on the parser's thread."""
        with suppress(RuntimeError):  # the app has ended, and nobody looks any more
            self._page.post_message(TerminalChanged())
