"""The DHCP reservations and DNS records of a network, and leases that become reservations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from virttui import formatting
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionTarget
from virttui.model.commands import Command, Target, Verb
from virttui.model.inventory import Lease, Network
from virttui.model.network_records import NetworkRecord, RecordKind
from virttui.panes.networks.users import users
from virttui.render.search import PickerItem
from virttui.screens.base.types import Submit

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen

RecordChoice = NetworkRecord | RecordKind | Literal[Verb.START]
"""A record to remove, the kind of one to add, or a restart of the network."""


class NetworkRecordFlow:
    """Adds and removes the reservations and DNS records of the selected network."""

    def __init__(
        self, screen: ActionScreen, submit: Submit, restart: Callable[[ActionTarget], None]
    ) -> None:
        self._screen = screen
        self._submit = submit
        self._restart = restart

    def fix(self, subject: ActionTarget) -> None:
        """Turn a lease into a reservation, so that the guest keeps its address."""
        network = _network(subject)
        fixed = {record.name.lower() for record in network.records}
        loose = [lease for lease in network.leases or () if lease.mac.lower() not in fixed]
        if not loose:
            some = "every lease is already reserved" if network.leases else "there are no leases"
            self._screen.show_message(f"fix lease: {some}")
            return
        self._screen.run_flow(self._choose_lease(subject, network, loose))

    async def _choose_lease(
        self, subject: ActionTarget, network: Network, loose: Sequence[Lease]
    ) -> None:
        if len(loose) == 1:
            self._fix(subject, loose[0])
            return
        from virttui.modals.base.chooser import PickerDialog

        owners = self._owners(network)
        entries = [
            PickerItem(lease, lease.hostname or owners.get(lease.mac, formatting.UNKNOWN),
                  note=f"{lease.address}  {lease.mac[-8:]}")
            for lease in loose
        ]  # fmt: skip
        dialog = PickerDialog(f"fix a lease of {network.name}", entries)
        chosen = await self._screen.show_dialog(dialog)
        if chosen is not None:
            self._fix(subject, chosen)

    def _owners(self, network: Network) -> dict[str, str]:
        inventory = self._screen.view_state.fleet_state.inventories[network.key.host]
        return {nic.mac: domain.name for domain, nic in users(network, inventory)}

    def _fix(self, subject: ActionTarget, lease: Lease) -> None:
        from virttui.libvirtxml.network_records import record_of
        from virttui.model.errors import InvalidInput

        words = [lease.mac, lease.address, *([lease.hostname] if lease.hostname else [])]
        try:
            record = record_of(RecordKind.RESERVATION, words, _network(subject).subnets)
        except InvalidInput as error:
            self._screen.show_message(f"fix lease: {error.message}", bad=True)
            return
        self._submit((_command(Verb.ADD_RECORD, subject, record),))

    def open(self, subject: ActionTarget) -> None:
        """List the records: one is removed after a question, or a new one is added."""
        self._screen.run_flow(self._list(subject))

    async def _list(self, subject: ActionTarget) -> None:
        from virttui.modals.base.chooser import PickerDialog
        from virttui.modals.networks.network_record import WANTED

        network = _network(subject)
        entries: list[PickerItem[RecordChoice]] = [
            PickerItem(
                record,
                f"{WANTED[record.kind][0]} {record.name}",
                note=f"{_when(record, network)}{record.value}",
            )
            for record in _known(network)
        ]
        if network.waiting:
            count = formatting.counted(len(network.waiting), "change")
            why_not = BY_ID["restart-network"].unavailable_for(subject)
            note = f"{count} for its next start"
            entries.insert(0, PickerItem(Verb.START, "restart it now", note, why_not=why_not))
        entries += [
            PickerItem(section, f"add a {WANTED[section][0]}", note=WANTED[section][1])
            for section in RecordKind
        ]

        title = f"reservations and DNS of {network.name}"
        chosen = await self._screen.show_dialog(PickerDialog(title, entries))
        if isinstance(chosen, NetworkRecord):
            await self._drop(subject, chosen)
        elif isinstance(chosen, RecordKind):
            await self._add(subject, chosen)
        elif chosen is not None:
            self._restart(subject)

    async def _add(self, subject: ActionTarget, section: RecordKind) -> None:
        from virttui.libvirtxml.network_records import record_of
        from virttui.modals.networks.network_record import RecordDialog

        network = _network(subject)

        dialog = RecordDialog(
            network.name, section, lambda words: record_of(section, words, network.subnets)
        )
        record = await self._screen.show_dialog(dialog)
        if record is not None:
            self._submit((_command(Verb.ADD_RECORD, subject, record),))

    async def _drop(self, subject: ActionTarget, record: NetworkRecord) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog
        from virttui.modals.networks.network_record import WANTED

        what = WANTED[record.kind][0]

        question = Confirmation(
            f"drop a {what}",
            f"Drop the {what} {record.name} of {subject.name} on {subject.host.name}?",
            "Drop",
            name=record.name,
            consequence=_delete_warning(record, _network(subject)),
        )
        if await self._screen.show_dialog(ConfirmDialog(question)) is not None:
            self._submit((_command(Verb.DELETE_RECORD, subject, record),))


def _network(subject: ActionTarget) -> Network:
    if not isinstance(subject.thing, Network):
        raise TypeError(f"{subject.name} is not a network")
    return subject.thing


def _command(verb: Verb, subject: ActionTarget, record: NetworkRecord) -> Command:
    return Command(verb, Target(subject.kind, subject.key, subject.name), record)


def _known(network: Network) -> list[NetworkRecord]:
    """The active records, then those that apply from the next start on."""
    later = [record for record in network.stored if record not in network.records]
    return [*network.records, *(later if network.active else ())]


def _when(record: NetworkRecord, network: Network) -> str:
    """When a record begins or ends to apply; "" if it is both active and stored."""
    if record not in network.waiting:
        return ""
    return "next start: " if record in network.stored else "until it stops: "


def _delete_warning(record: NetworkRecord, network: Network) -> str:
    """What the removal of a record changes, and when."""
    if record.kind is RecordKind.FORWARDER:
        when = " It is used until the network is restarted." if network.active else ""
        return f"It forwards {record.value}.{when}"
    return f"It gives {record.value or 'nothing'}; current leases stay until they expire."
