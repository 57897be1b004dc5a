"""The words of the ``:`` line that stand alone and have no key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from virttui.actions.registry import ALIASES, LINE_COMMANDS
from virttui.model.commands import Target
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import HostState
from virttui.render.filter import Filter
from virttui.screens.xml_editor.open_document import choose

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen
    from virttui.screens.main.dispatcher import ActionDispatcher
    from virttui.screens.main.drafts import DraftReminder
    from virttui.screens.main.list_actions import ListActions
    from virttui.screens.main.object_actions import ObjectActions
    from virttui.screens.provision.leftovers import IncompleteDomains


class LineCommands:
    """Runs one word: a command of the line by its handler here, or an action by its id or alias."""

    def __init__(
        self,
        screen: ActionScreen,
        dispatcher: ActionDispatcher,
        lists: ListActions,
        objects: ObjectActions,
        drafts: DraftReminder,
        leftovers: IncompleteDomains,
    ) -> None:
        self._screen = screen
        self._dispatcher = dispatcher
        self._lists = lists
        self._objects = objects
        self._drafts = drafts
        self._leftovers = leftovers
        self._handlers: dict[str, Callable[[], object]] = {
            word: getattr(self, name) for word, name in LINE_COMMANDS.items()
        }

    def run(self, word: str) -> None:
        """Run a word that is no more than a word."""
        handler = self._handlers.get(word)
        if handler is not None:
            handler()
        else:
            self._dispatcher.run_id(ALIASES.get(word, word))

    def add_device(self) -> None:
        """Open the form of a new device of the selected domains."""
        subjects = self._screen.view_state.situation().subjects
        self._objects.add_device(
            tuple(Target(s.kind, s.key, s.name) for s in subjects if s.kind is Kind.DOMAIN)
        )

    def choose_document(self) -> None:
        """Choose a document of the selected domain or network, else of its host or the first."""
        view_state = self._screen.view_state
        subjects = view_state.situation().subjects
        fleet_state = view_state.fleet_state
        if subjects and subjects[0].kind in (Kind.DOMAIN, Kind.NETWORK):
            choose(self._screen, fleet_state, subjects[0].kind, subjects[0].key, subjects[0].name)
            return
        host = self._host()
        choose(self._screen, fleet_state, Kind.HOST, ObjectId(host.id, ""), host.name)

    def show_secrets(self) -> None:
        """List the secrets of the host."""
        host = self._host()
        self._objects.flows.secrets.open(host.id, host.name)

    def show_nwfilters(self) -> None:
        """List the network filters of the host."""
        host = self._host()
        self._objects.flows.nwfilters.open(host.id, host.name)

    def show_unused_volumes(self) -> None:
        """List the unused volumes of the open pool, else of the selected one."""
        view_state = self._screen.view_state
        if (
            view_state.volumes is None
            and view_state.pane == "storage"
            and view_state.view.row is not None
        ):
            self._dispatcher.run_id("open")
        if view_state.volumes is None:
            self._screen.show_message("orphans: select a pool first, 3 shows them")
            return
        view_state.open("storage")
        view_state.lower = True
        filter = view_state.view.pane.language.parse("used:nobody")
        if isinstance(filter, Filter):
            view_state.narrow(filter)

    def _host(self) -> HostState:
        """The host of the selected row, or the first one."""
        view_state = self._screen.view_state
        subjects = view_state.situation().subjects
        hosts = list(view_state.fleet_state.inventories.values())
        return subjects[0].host if subjects else hosts[0].host

    def show_topology(self) -> None:
        """Show how guests are wired to networks."""
        self._lists.show_topology()

    def choose_draft(self) -> None:
        """Choose an unfinished edit and open it."""
        self._drafts.open()

    def show_leftovers(self) -> None:
        """List what is left of domains that were not created completely."""
        self._leftovers.open()

    def open_demo(self) -> None:
        """Show the demo scene."""
        self._screen.console.open_demo()
