"""What stands beside a console: the figures of its domain, its logs, or another console."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Protocol, TypeVar

from textual.screen import Screen

from virttui import formatting
from virttui.model.domains.consoles import ConsoleDevice, ConsolePhase, ConsoleState
from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain
from virttui.model.queries import ConsolesQuery, ConsolesResult
from virttui.panes.console.side import LOGS_FROM
from virttui.render.line import clean
from virttui.render.search import PickerItem
from virttui.screens.console.logs_beside import ConsolePageScreen, LogsBeside
from virttui.screens.console.other_console import ConsolesPage, OtherConsole

R = TypeVar("R")


class _Figures:
    """The figures of the domain of the page."""


class _Logs:
    """Its logs."""


_Chosen = _Figures | _Logs | ConsoleDevice | ObjectId
"""A console of the page's domain, or the domain whose consoles are asked for."""


class SidePage(ConsolesPage, ConsolePageScreen, Protocol):
    """The page that it is a side of."""

    devices: tuple[ConsoleDevice, ...] | None
    place: int
    wants_typing: bool

    async def show_dialog(self, dialog: Screen[R]) -> R:
        """Show a dialog and return its result."""

    def run_flow(self, flow: Coroutine[object, object, None]) -> None:
        """Run a coroutine that shows dialogs."""

    def paint(self) -> None:
        """Draw everything."""


class ConsoleSide:
    """Chooses what is beside the console of a page, and says which of the two takes keys."""

    def __init__(self, page: SidePage) -> None:
        self._page = page
        self.logs = LogsBeside(page)
        self.other: OtherConsole | None = None

    @property
    def keyed(self) -> OtherConsole | None:
        """The other console, while keys go to it."""
        other = self.other
        shown = self._page.view_state.shows_other
        return other if other is not None and other.has_keys and shown else None

    def change(self) -> None:
        """Have chosen what is shown."""
        if self._page.view_state.size[0] < LOGS_FROM:
            wanted = f"wants {LOGS_FROM} columns; l opens the logs on a page of their own"
            self._page.show_message(f"something beside it: {wanted}")
        else:
            self._page.run_flow(self._choose())

    async def _choose(self) -> None:
        from virttui.modals.base.chooser import PickerDialog

        chosen = await self._page.show_dialog(
            PickerDialog[_Chosen]("beside this console", self._items())
        )
        if chosen is None:
            return
        self._page.view_state.alone = False
        await self._clear()
        if isinstance(chosen, _Logs):
            self.logs.open()
        elif isinstance(chosen, ConsoleDevice):
            await self._open(self._own_domain, chosen)
        elif isinstance(chosen, ObjectId):
            self._ask(chosen)
        self._page.paint()

    @property
    def _own_domain(self) -> Domain:
        return self._page.view_state.drawn.shown.domain

    def _items(self) -> Sequence[PickerItem[_Chosen | None]]:
        """The figures, the logs, the other consoles of the domain, all other domains."""
        own = self._own_domain
        items: list[PickerItem[_Chosen | None]] = [
            PickerItem(_Figures(), "figures", f"what {clean(own.name)} does"),
            PickerItem(_Logs(), "logs", f"of {clean(own.name)}"),
        ]
        for place, device in enumerate(self._page.devices or ()):
            if place != self._page.place:
                items.append(PickerItem(device, clean(device.alias), f"of {clean(own.name)}"))
        fleet_state = self._page.console.fleet_state()
        for key in fleet_state.domains:
            domain = fleet_state.domain(key)
            if domain is not None and key != own.key:
                state = "" if domain.state.active else ", off"
                host = clean(fleet_state.host_name(key.host))
                items.append(PickerItem(key, clean(domain.name), f"its console, {host}{state}"))
        return items

    def _ask(self, key: ObjectId) -> None:
        """Ask which consoles a domain has."""
        domain = self._page.console.fleet_state().domain(key)
        if domain is None:
            self._page.show_message("another console: its domain is gone")
            return
        self.other = OtherConsole(self._page, domain)
        self._page.view_state.other = self.other.console_page
        self._page.console.ask(ConsolesQuery(key))

    def take_consoles(self, result: ConsolesResult) -> None:
        """Take the consoles of the domain that was chosen, and open one."""
        other = self.other
        if other is None or other.device is not None or result.query.key != other.domain.key:
            return
        usable = [one for one in result.consoles if not one.why_not]
        name = clean(other.domain.name)
        if result.error is not None:
            self._give_up(result.error.message)
        elif not result.consoles:
            self._give_up(f"{name} has no console")
        elif not usable:
            one = result.consoles[0]
            self._give_up(f"{one.alias} of {name} cannot be opened: {one.why_not}")
        else:
            self._page.run_flow(self._open_one_of(other, usable))

    def _give_up(self, words: str) -> None:
        self.other = self._page.view_state.other = None
        self._page.show_message(words, bad=True)

    async def _open_one_of(self, other: OtherConsole, usable: Sequence[ConsoleDevice]) -> None:
        from virttui.modals.base.chooser import PickerDialog

        place: int | None = 0
        if len(usable) > 1:
            items = [PickerItem(at, one.alias, one.name) for at, one in enumerate(usable)]
            title = f"consoles of {clean(other.domain.name)}"
            place = await self._page.show_dialog(PickerDialog(title, items, typed=False))
        if place is None:
            self.other = self._page.view_state.other = None
            self._page.paint()
        elif self.other is other:
            await self._open(other.domain, usable[place])

    async def _open(self, domain: Domain, device: ConsoleDevice) -> None:
        self.other = OtherConsole(self._page, domain, device)
        await self.other.open(device)
        self._page.paint()

    async def _clear(self) -> None:
        """Let go of what is shown."""
        words = self.close()
        await self._page.show_other(None)
        if words:
            self._page.show_message(words)

    async def close_if_shown(self, key: ObjectId, alias: str) -> None:
        """Let go of a console that is to be opened as the one of the page."""
        other = self.other
        if other is not None and other.console == (key, alias):
            await self._clear()

    def close(self) -> str:
        """Let go of all; returns in words what stays attached, if anything."""
        self.logs.close()
        other, self.other = self.other, None
        self._page.view_state.other = None
        return other.close() if other is not None else ""

    def draw(self) -> None:
        """Take how the other console is now."""
        self._page.view_state.other = self.other.console_page if self.other is not None else None

    def show_view(self, shown: bool) -> None:
        """Show the guest of the other console where it has room, and anything came of it."""
        other = self.other
        if other is not None and other.view is not None:
            has_lines = other.session is not None and other.session.was_attached
            other.view.display = shown and has_lines
            other.view.show_cursor(other.is_typing)

    def read_terminal(self) -> None:
        """Show what the other console's guest wrote."""
        if self.other is not None:
            self.other.read_terminal()

    @property
    def waits_for_keys(self) -> bool:
        """Whether there are two sides, and the page's own console has the keys."""
        state = self._page.view_state
        if state.shows_other:
            return self.keyed is None
        return state.log is not None and state.shows_logs and not state.log.has_focus

    def take_state(self, state: ConsoleState) -> OtherConsole | None:
        """Take a state of the other console; None where it is of another one."""
        other = self.other
        return other if other is not None and other.take(state) else None

    # -- which side has the keys ---------------------------------------------------------------

    def take_keys(self) -> bool:
        """Have keys go to what is beside; false where nothing there takes any."""
        if self.other is not None and self._page.view_state.shows_other:
            self.other.has_keys = True
            self._page.wants_typing = False
            return True
        return self.logs.take_focus()

    def press(self, key: str, does: Callable[[str], bool]) -> bool:
        """Take a key while it has them; ``does`` does what of the page's keys is of a console too.

        Returns false for one that is of the page's own console.
        """
        other = self.keyed
        if other is None:
            return self.logs.press(key)
        if key in ("tab", "escape", "ctrl+right_square_bracket"):
            other.has_keys = other.wants_typing = False
        elif key == "enter":
            self._type_into(other)
        elif not does(key):
            name = self._page.view_state.drawn.name
            self._page.show_message(f"that key is of {name}'s console: tab goes there")
        return True

    def _type_into(self, other: OtherConsole) -> None:
        """Type, or ask for the console where it is not ours."""
        session = other.session
        if session is None:
            return
        other.wants_typing = True
        if session.request.read_along:
            other.ask_for_it()
        elif session.phase in (
            ConsolePhase.IN_USE, ConsolePhase.TAKEN_OVER, ConsolePhase.REFUSED
        ):  # fmt: skip
            session.attach()
        elif other.view is not None:
            other.view.show_newest()

    @property
    def words(self) -> str:
        """Who else may type into what is read along, "" where that is not so."""
        other = self.other
        if other is None or other.session is None or other.device is None:
            return ""
        if other.session.phase is not ConsolePhase.READING:
            return ""
        who = formatting.listed([f"{clean(other.device.alias)} of {clean(other.domain.name)}"])
        return f"{who} is read along from its log: somebody may type there"
