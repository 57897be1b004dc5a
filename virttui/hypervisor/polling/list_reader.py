"""The reads worker: lists, states and the counters that never ask QEMU's monitor."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Set
from functools import partial

import libvirt
from msgspec import Struct, field

from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import UNAVAILABLE, or_none_on
from virttui.hypervisor.connection.connect import ConnectionInfo, learn
from virttui.hypervisor.connection.events import ChangeEvent, Subscription
from virttui.hypervisor.connection.handles import DomainHandleCache
from virttui.hypervisor.connection.types import Connection, DomainHandle, Stats
from virttui.hypervisor.polling import counters
from virttui.hypervisor.polling.counters import RawCounters
from virttui.model.errors import NotFound
from virttui.model.inventory import DomainState

log = logging.getLogger(__name__)

# What one job may take before the rest waits for the next tick.
BUDGET = 0.2


class DomainListRow(Struct, frozen=True):
    """A domain as the list reports it, before its definition is read."""

    uuid: str
    name: str
    domain_id: int | None
    state: DomainState
    reason: str
    persistent: bool
    autostart: bool
    saved: bool


class DomainFlags(Struct, frozen=True):
    """The facts that change without an event: the number of domains, and the flags of each."""

    count: int
    autostart: frozenset[str]
    saved: frozenset[str]


class SampleRequest(Struct, frozen=True):
    """The content of one sample. ``cpu`` in order of importance, ``each`` with device names.

    ``without`` must not be touched at all.
    """

    cpu: tuple[str, ...] = ()
    each: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    without: Set[str] = frozenset()


class Sample(Struct, frozen=True):
    """The result of one sample. ``states`` holds only the domains of this one."""

    at: float
    readings: tuple[RawCounters, ...]
    states: Mapping[str, tuple[DomainState, str, int | None]]
    missing: tuple[str, ...] = ()


class ListReader:
    """The state that the reads worker keeps of its connection. Methods run on that worker only."""

    def __init__(
        self, uri: str, on_change: Callable[[ChangeEvent], None], closed: Callable[[], None]
    ) -> None:
        self._uri = uri
        self._on_change = on_change
        self._closed = closed
        self._handles = DomainHandleCache()
        self._link: ConnectionInfo | None = None
        self._subscription: Subscription | None = None

    def begin(self, connection: Connection) -> ConnectionInfo:
        """Register for events, then learn who the host is: nothing is missed in between."""
        self._subscription = Subscription(connection, self._on_change)
        try:
            connection.registerCloseCallback(lambda *_: self._closed(), None)
        except libvirt.libvirtError as error:
            if not connection.isAlive():
                raise
            del error  # an in-process driver never closes by itself
        self._link = learn(connection, self._uri, events=self._subscription.domains)
        return self._link

    def end(self) -> None:
        """Deregister the callbacks: they hold the connection open."""
        if self._subscription is not None:
            self._subscription.end()

    def every(self, connection: Connection) -> dict[str, DomainListRow]:
        """Every domain of the host, in four bulk calls and one for the states."""
        handles = self._handles.fill(connection)
        transient = _those(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_TRANSIENT)
        autostart = _those(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)
        saved = _those(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE)
        states = _bulk_states(connection)
        rows: dict[str, DomainListRow] = {}
        for uuid, domain in handles.items():
            state = states.get(uuid) or _state(domain)
            if state is not None:
                rows[uuid] = DomainListRow(
                    uuid,
                    domain.name(),
                    counters.domain_id_of(domain),
                    *state,
                    persistent=uuid not in transient,
                    autostart=uuid in autostart,
                    saved=uuid in saved,
                )
        return rows

    def flags(self, connection: Connection) -> DomainFlags:
        """Only what no event tells: its cost follows the flagged domains, not all of them."""
        return DomainFlags(
            connection.numOfDomains() + connection.numOfDefinedDomains(),
            frozenset(_those(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)),
            frozenset(_those(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE)),
        )

    def reread(
        self, connection: Connection, uuids: tuple[str, ...]
    ) -> dict[str, DomainListRow | None]:
        """These domains again, by fresh handles; None for one that is gone."""
        return {uuid: self._row(connection, uuid) for uuid in uuids}

    def _row(self, connection: Connection, uuid: str) -> DomainListRow | None:
        try:
            domain = connection.lookupByUUIDString(uuid)
            state = _state(domain)
            if state is None:
                return None
            self._handles.keep(uuid, domain)
            return DomainListRow(
                uuid,
                domain.name(),
                counters.domain_id_of(domain),
                *state,
                persistent=bool(domain.isPersistent()),
                autostart=bool(or_none_on(UNAVAILABLE, domain.autostart)),
                saved=bool(or_none_on(UNAVAILABLE, partial(domain.hasManagedSaveImage, 0))),
            )
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                raise
            self._handles.keep(uuid, None)
            return None

    def sample(self, connection: Connection, request: SampleRequest) -> Sample:
        """Network counters in bulk, CPU by ``info()``, the rest one by one, within the budget."""
        started = time.monotonic()
        readings: list[RawCounters] = []
        states: dict[str, tuple[DomainState, str, int | None]] = {}
        missing: list[str] = []
        if self._link is not None and self._link.bulk:
            for reading, state in self._bulk(connection, request.without):
                readings.append(reading)
                states[reading.uuid] = state
        for uuid in request.cpu:
            if time.monotonic() - started > BUDGET:
                break
            try:
                readings.append(self._one(uuid, request))
            except NotFound:
                missing.append(uuid)
            except libvirt.libvirtError as error:
                # One domain that gives no figures must not cost the others theirs.
                if not connection.isAlive():
                    raise
                log.debug("no figures of %s: %s", uuid, error)
        return Sample(time.monotonic(), tuple(readings), states, tuple(missing))

    def _bulk(
        self, connection: Connection, without: Set[str]
    ) -> list[tuple[RawCounters, tuple[DomainState, str, int | None]]]:
        groups = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_INTERFACE
        flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
        if without:
            others = self._handles.without(without)
            records = connection.domainListGetStats(others, groups, flags) if others else []
        else:
            records = connection.getAllDomainStats(groups, flags)
        found = []
        for domain, raw in records:
            reading = counters.from_bulk(domain, raw)
            found.append((reading, (*_named(raw), reading.domain_id)))
        return found

    def _one(self, uuid: str, request: SampleRequest) -> RawCounters:
        """One domain by calls of its own. Raises NotFound when it is gone or went off."""
        domain, devices = self._handles.get(uuid), request.each.get(uuid)
        if domain is None:
            raise NotFound("the domain is gone")
        try:
            if devices is None:
                return counters.from_info(domain, uuid)
            container = self._link is not None and self._link.driver.upper() == "LXC"
            return counters.from_single_calls(domain, uuid, *devices, container=container)
        except libvirt.libvirtError as error:
            if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                raise NotFound("the domain is gone") from error
            raise

    def control(self, _connection: Connection, uuids: tuple[str, ...]) -> dict[str, float | None]:
        """For each, the seconds its monitor has been held without an answer, or None if it is free.

        ``controlInfo`` never asks the monitor: 2 is "occupied", 3 is "lost".
        """
        busy: dict[str, float | None] = {}
        for uuid in uuids:
            domain = self._handles.get(uuid)
            info = or_none_on(UNAVAILABLE, partial(domain.controlInfo, 0)) if domain else None
            occupied = info is not None and info[0] in (
                libvirt.VIR_DOMAIN_CONTROL_OCCUPIED,
                libvirt.VIR_DOMAIN_CONTROL_ERROR,
            )
            busy[uuid] = info[2] / 1000 if occupied and info is not None else None
        return busy


def _those(connection: Connection, flag: int) -> set[str]:
    """UUIDs of the domains with ``flag``; none where the driver cannot tell."""
    domains = or_none_on(UNAVAILABLE, partial(connection.listAllDomains, flag)) or ()
    return {domain.UUIDString() for domain in domains}


def _bulk_states(connection: Connection) -> dict[str, tuple[DomainState, str]]:
    flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
    ask = partial(connection.getAllDomainStats, libvirt.VIR_DOMAIN_STATS_STATE, flags)
    records = or_none_on(UNAVAILABLE, ask) or ()
    return {domain.UUIDString(): _named(raw) for domain, raw in records}


def _named(raw: Stats) -> tuple[DomainState, str]:
    state = translate.state(raw.get("state.state", 0))
    return state, translate.reason(state, raw.get("state.reason", 0))


def _state(domain: DomainHandle) -> tuple[DomainState, str] | None:
    """State and reason by the call for one; None when the domain is gone."""
    try:
        number, why = domain.state(0)
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return None
        raise
    state = translate.state(number)
    return state, translate.reason(state, why)
