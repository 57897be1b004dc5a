"""What is left of machines that were not made whole: told at the start and by ``:leftovers``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.model.commands import Command, Target, Verb
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import ConnectionState
from virttui.model.provision.plan import IncompleteDomain
from virttui.model.queries import IncompleteDomainsQuery, IncompleteDomainsResult
from virttui.persistence import provision_journal
from virttui.render.search import PickerItem
from virttui.store.fleet_state import FleetState

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


class IncompleteDomains:
    """What is left on the hosts that answer: each is asked at its start, and for the list."""

    def __init__(self, screen: ActionScreen) -> None:
        self._screen = screen
        self._asked: set[str] = set()
        self._found: dict[str, tuple[IncompleteDomain, ...]] = {}
        self._listing: set[str] = set()

    def query_new_hosts(self, fleet_state: FleetState) -> None:
        """Ask each host the first time it answers."""
        for id, inventory in fleet_state.inventories.items():
            if (
                inventory.host.phase is ConnectionState.LIVE
                and inventory.listed
                and id not in self._asked
            ):
                self._asked.add(id)
                self._screen.run_flow(self._query(id))

    async def _query(self, host: str) -> None:
        """Only a host that something was begun on is asked."""
        try:
            found = await asyncio.to_thread(provision_journal.interrupted_journals, host)
        except OSError as error:
            self._screen.show_message(f"the journals cannot be read: {error}", bad=True)
            return
        if found:
            self._screen.console.ask(IncompleteDomainsQuery(ObjectId(host, "")))

    def open(self) -> None:
        """List what is left on all hosts that answer now."""
        fleet_state = self._screen.view_state.fleet_state
        self._listing = {id for id, one in fleet_state.inventories.items() if one.current}
        self._found = {}
        if not self._listing:
            self._screen.show_message("leftovers: no host answers now", bad=True)
        for id in tuple(self._listing):
            self._screen.console.ask(IncompleteDomainsQuery(ObjectId(id, "")))

    def on_query_result(self, result: IncompleteDomainsResult) -> None:
        """Apply the domains of one host that are incomplete."""
        host = result.query.key.host
        if result.error is not None:
            self._screen.show_message(f"leftovers: {result.error.message}", bad=True)
        self._found[host] = result.incomplete
        if host not in self._listing:
            self._report(result.incomplete)
            return
        self._listing.discard(host)
        if not self._listing:
            left = [one for found in self._found.values() for one in found]
            self._screen.run_flow(self._choose(left))

    def _report(self, found: tuple[IncompleteDomain, ...]) -> None:
        if found:
            begun: dict[str, list[str]] = {}
            for one in found:
                begun.setdefault(one.operation, []).append(one.name)
            named = formatting.listed(
                [f"{what} {formatting.listed(names)}" for what, names in begun.items()]
            )
            self._screen.show_message(f"{named} was interrupted; :leftovers shows what is left")

    async def _choose(self, found: list[IncompleteDomain]) -> None:
        """Choose one of several, and ask what becomes of it."""
        from virttui.modals.base.chooser import PickerDialog

        screen = self._screen
        if not found:
            screen.show_message("no domain or volume was left incomplete")
            return
        if len(found) == 1:
            await self._ask(found[0])
            return
        now, fleet_state = screen.look.epoch, screen.view_state.fleet_state
        entries = [
            PickerItem(
                one,
                one.name,
                note=f"{fleet_state.host_name(one.key.host)}, "
                f"{formatting.span(max(0.0, now - one.started_epoch))} ago: "
                f"{formatting.listed(_words(one))}",
            )
            for one in found
        ]
        chosen = await screen.show_dialog(PickerDialog("what is left of", entries))
        if chosen is not None:
            await self._ask(chosen)

    async def _ask(self, left: IncompleteDomain) -> None:
        from virttui.modals.provision.leftovers import IncompleteDomainDialog
        from virttui.screens.snapshots.delete import delete_snapshots

        screen = self._screen
        host = screen.view_state.fleet_state.host_name(left.key.host)
        ago = formatting.span(max(0.0, screen.look.epoch - left.started_epoch))
        agreed = await screen.show_dialog(IncompleteDomainDialog(left, host, ago))
        target = Target(Kind.DOMAIN, left.key, left.name)
        if agreed and left.snapshots:
            await delete_snapshots(screen, target, host, lambda there: left.snapshots)
        elif agreed:
            screen.console.submit([Command(Verb.REMOVE_INCOMPLETE, target, left)])
        elif agreed is not None:
            await self._forget(left)

    async def _forget(self, left: IncompleteDomain) -> None:
        """Leave it all where it is, and list it no more."""
        try:
            await asyncio.to_thread(provision_journal.delete_journal, left.key.host, left.id)
        except OSError as error:
            self._screen.show_message(f"{left.name} cannot be forgotten: {error}", bad=True)
        else:
            self._screen.show_message(f"what is left of {left.name} stays and is no longer listed")


def _words(left: IncompleteDomain) -> list[str]:
    begun = [f"snapshot {name}, deleted in part" for name in left.snapshots]
    return [*begun, *(piece.words for piece in left.resources), *left.kept_reasons]
