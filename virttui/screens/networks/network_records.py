"""What a network hands out: a lease fixed by one key, reservations and DNS records by a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionTarget
from virttui.model.commands import Command, Target, Verb
from virttui.model.inventory import Lease, Network
from virttui.model.network_records import NetworkRecord, RecordKind
from virttui.panes.networks.users import users
from virttui.render.search import PickerItem

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen

Submit = Callable[[tuple[Command, ...]], None]


class NetworkRecordFlow:
    """Reservations and DNS records of the network under the hands."""

    def __init__(
        self, screen: ActionScreen, submit: Submit, restart: Callable[[ActionTarget], None]
    ) -> None:
        self._screen = screen
        self._submit = submit
        self._restart = restart

    def fix(self, subject: ActionTarget) -> None:
        """Make a lease a reservation: the guest keeps its address for good."""
        network = _network(subject)
        fixed = {record.name.lower() for record in network.records}
        loose = [lease for lease in network.leases or () if lease.mac.lower() not in fixed]
        if not loose:
            some = "every lease is fixed already" if network.leases else "there are no leases"
            self._screen.show_message(f"fix lease: {some}")
            return
        if len(loose) == 1:
            self._fix(subject, loose[0])
            return
        from virttui.modals.base.chooser import PickerDialog

        owners = self._owners(network)
        entries = [
            PickerItem(str(number), lease.hostname or owners.get(lease.mac, formatting.UNKNOWN),
                  note=f"{lease.address}  {lease.mac[-8:]}")
            for number, lease in enumerate(loose)
        ]  # fmt: skip

        def chosen(id: str | None) -> None:
            if id is not None:
                self._fix(subject, loose[int(id)])

        self._screen.app.push_screen(
            PickerDialog(f"fix a lease of {network.name}", entries), chosen
        )

    def _owners(self, network: Network) -> dict[str, str]:
        inventory = self._screen.view_state.fleet_state.inventories[network.key.host]
        return {nic.mac: domain.name for domain, nic in users(network, inventory)}

    def _fix(self, subject: ActionTarget, lease: Lease) -> None:
        from virttui.libvirtxml.network_records import made
        from virttui.model.errors import InvalidInput

        words = [lease.mac, lease.address, *([lease.hostname] if lease.hostname else [])]
        try:
            record = made(RecordKind.RESERVATION, words, _network(subject).subnets)
        except InvalidInput as error:
            self._screen.show_message(f"fix lease: {error.sentence}", bad=True)
            return
        self._submit((_command(Verb.ADD_RECORD, subject, record),))

    def open(self, subject: ActionTarget) -> None:
        """The records: one that is chosen is dropped after a question, or a new one is added."""
        from virttui.modals.base.chooser import PickerDialog
        from virttui.modals.networks.network_record import WANTED

        network = _network(subject)
        known = _known(network)
        entries = [
            PickerItem(
                f"drop {number}",
                f"{WANTED[record.section][0]} {record.name}",
                note=f"{_when(record, network)}{record.value}",
            )
            for number, record in enumerate(known)
        ]
        if network.waiting:
            count = formatting.counted(len(network.waiting), "change")
            why_not = BY_ID["restart-network"].refuses(subject)
            now = PickerItem(
                "restart", "restart it now", f"{count} for its next start", why_not=why_not
            )
            entries.insert(0, now)
        entries += [
            PickerItem(
                f"add {section.value}", f"add a {WANTED[section][0]}", note=WANTED[section][1]
            )
            for section in RecordKind
        ]

        def chosen(id: str | None) -> None:
            word, _, rest = (id or "").partition(" ")
            if word == "restart":
                self._restart(subject)
            elif word == "drop":
                self._drop(subject, known[int(rest)])
            elif word == "add":
                self._add(subject, RecordKind(rest))

        title = f"what {network.name} hands out"
        self._screen.app.push_screen(PickerDialog(title, entries), chosen)

    def _add(self, subject: ActionTarget, section: RecordKind) -> None:
        from virttui.libvirtxml.network_records import made
        from virttui.modals.networks.network_record import RecordDialog

        network = _network(subject)

        def entered(record: NetworkRecord | None) -> None:
            if record is not None:
                self._submit((_command(Verb.ADD_RECORD, subject, record),))

        sheet = RecordDialog(
            network.name, section, lambda words: made(section, words, network.subnets)
        )
        self._screen.app.push_screen(sheet, entered)

    def _drop(self, subject: ActionTarget, record: NetworkRecord) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog, Decision
        from virttui.modals.networks.network_record import WANTED

        what = WANTED[record.section][0]

        def decided(decision: Decision | None) -> None:
            if decision is not None:
                self._submit((_command(Verb.DELETE_RECORD, subject, record),))

        question = Confirmation(
            f"drop a {what}",
            f"Drop the {what} {record.name} of {subject.name} on {subject.host.name}?",
            "Drop",
            name=record.name,
            consequence=_loses(record, _network(subject)),
        )
        self._screen.app.push_screen(ConfirmDialog(question), decided)


def _network(subject: ActionTarget) -> Network:
    if not isinstance(subject.thing, Network):
        raise TypeError(f"{subject.name} is no network")
    return subject.thing


def _command(verb: Verb, subject: ActionTarget, record: NetworkRecord) -> Command:
    return Command(verb, Target(subject.kind, subject.key, subject.name), record=record)


def _known(network: Network) -> list[NetworkRecord]:
    """What is in effect, and what will be from its next start on."""
    later = [record for record in network.stored if record not in network.records]
    return [*network.records, *(later if network.active else ())]


def _when(record: NetworkRecord, network: Network) -> str:
    """A word where what runs and what is stored are not the same."""
    if record not in network.waiting:
        return ""
    return "next start: " if record in network.stored else "until it stops: "


def _loses(record: NetworkRecord, network: Network) -> str:
    """What goes with a record, and when."""
    if record.section is RecordKind.FORWARDER:
        when = " It goes on until the network is started again." if network.active else ""
        return f"It is asked {record.value}.{when}"
    return f"It gives {record.value or 'nothing'}; leases that run stay until they end."
