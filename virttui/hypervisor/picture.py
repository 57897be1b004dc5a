"""The picture of one host: what the lanes found out, put together into frozen rows.

Lives on the fleet thread alone. Each fact has one source (the list, the definition, leases, the
monitor); a row is composed anew only when one of its facts changed, so that it keeps its identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from virttui.definitions.read import DomainFacts
from virttui.hypervisor.counters import Reading
from virttui.hypervisor.reads import Row
from virttui.metrics.history import History
from virttui.metrics.rates import SHORTEST, CpuMeter, DeviceMeter, guest_memory
from virttui.model.inventory import (
    NO_USAGE,
    Domain,
    DomainState,
    Key,
    Network,
    Pool,
    Sample,
    Trail,
    Usage,
)

_UNREAD = DomainFacts()


@dataclass(frozen=True, slots=True)
class Turns:
    """How often a row's figures are asked, in seconds."""

    cpu: float
    net: float
    monitor: float


class Picture:
    """Rows and figures of one host. Mappings handed out are replaced, never changed.

    ``active`` are the UUIDs of active domains, ``promised`` their vCPUs and bytes of memory.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self.domains: dict[str, Domain] = {}
        self.usage: dict[str, Usage] = {}
        self.networks: dict[str, Network] = {}
        self.pools: dict[str, Pool] = {}
        self.listed = False
        self.active: tuple[str, ...] = ()
        self.promised: tuple[int | None, int | None] = (None, None)
        self._rows: dict[str, Row] = {}
        self._facts: dict[str, DomainFacts] = {}
        self._faults: dict[str, str] = {}
        self._given: dict[str, tuple[int | None, int | None]] = {}
        self._asked_addresses: dict[str, tuple[str, ...]] = {}
        self._leased: dict[str, list[str]] = {}
        self._silent: dict[str, float] = {}
        self._cpu, self._net, self._disk = CpuMeter(), DeviceMeter(), DeviceMeter()
        self._history = History()

    # --- the list and the definitions ---------------------------------------------------------

    def replace_rows(self, rows: Mapping[str, Row]) -> set[str]:
        """Take a complete list; returns the UUIDs whose rows changed."""
        gone = self._rows.keys() - rows.keys()
        changed = {uuid for uuid, row in rows.items() if self._rows.get(uuid) != row}
        self._rows = dict(rows)
        self._forget(gone)
        self.listed = True
        self._compose(changed | gone)
        return changed | gone

    def merge_rows(self, rows: Mapping[str, Row | None]) -> set[str]:
        """Take some rows read again; None is one that is gone. Returns the changed UUIDs."""
        changed: set[str] = set()
        for uuid, row in rows.items():
            if row is None:
                if self._rows.pop(uuid, None) is not None:
                    self._forget({uuid})
                    changed.add(uuid)
            elif self._rows.get(uuid) != row:
                self._rows[uuid] = row
                changed.add(uuid)
        self._compose(changed)
        return changed

    def merge_states(self, states: Mapping[str, tuple[DomainState, str, int | None]]) -> set[str]:
        """Take states that came with the counters. Returns the changed UUIDs."""
        fresh: dict[str, Row | None] = {}
        for uuid, (state, reason, life) in states.items():
            row = self._rows.get(uuid)
            if row is not None and (row.state, row.reason, row.life) != (state, reason, life):
                fresh[uuid] = replace(row, state=state, reason=reason, life=life)
        return self.merge_rows(fresh)

    def merge_flags(self, autostart: Set[str], saved: Set[str]) -> set[str]:
        """Take who starts with the host and who has a saved state. Returns the changed UUIDs."""
        fresh: dict[str, Row | None] = {
            uuid: replace(row, autostart=uuid in autostart, saved=uuid in saved)
            for uuid, row in self._rows.items()
            if row.autostart != (uuid in autostart) or row.saved != (uuid in saved)
        }
        return self.merge_rows(fresh)

    def strangers(self, uuids: Iterable[str]) -> set[str]:
        """Those of ``uuids`` that no list has named yet."""
        return {uuid for uuid in uuids if uuid not in self._rows}

    def take_facts(self, facts: Mapping[str, DomainFacts | str]) -> set[str]:
        """Take definitions, or the words why one could not be read. Returns the changed UUIDs."""
        changed: set[str] = set()
        for uuid, found in facts.items():
            if uuid not in self._rows:
                continue  # it went while its definition was read
            if isinstance(found, str):
                if self._faults.get(uuid) != found:
                    self._faults[uuid] = found
                    self._facts.setdefault(uuid, _UNREAD)
                    changed.add(uuid)
            elif self._facts.get(uuid) != found or uuid in self._faults:
                self._faults.pop(uuid, None)
                self._facts[uuid] = found
                changed.add(uuid)
        self._compose(changed)
        return changed

    def unread(self) -> list[str]:
        """Domains whose definition was never read."""
        return [uuid for uuid in self._rows if uuid not in self._facts]

    def facts(self, uuid: str) -> DomainFacts:
        """What the definition of ``uuid`` says, or nothing yet."""
        return self._facts.get(uuid, _UNREAD)

    # --- networks, pools, addresses -----------------------------------------------------------

    def take_networks(self, networks: Mapping[str, Network]) -> bool:
        """Take all networks; their leases give addresses to domains. Whether anything changed."""
        kept = {
            uuid: self.networks[uuid] if self.networks.get(uuid) == network else network
            for uuid, network in networks.items()
        }
        changed = kept != self.networks
        self.networks = kept
        leased: dict[str, list[str]] = {}
        for network in kept.values():
            for lease in network.leases or ():
                leased.setdefault(lease.mac.lower(), []).append(lease.address)
        if leased != self._leased:
            self._leased = leased
            self._compose(self._rows.keys())
        return changed

    def take_pools(self, pools: Mapping[str, Pool]) -> bool:
        """Take all pools. Whether anything changed."""
        kept = {
            uuid: self.pools[uuid] if self.pools.get(uuid) == pool else pool
            for uuid, pool in pools.items()
        }
        changed = kept != self.pools
        self.pools = kept
        return changed

    def take_addresses(self, addresses: Mapping[str, tuple[str, ...]]) -> None:
        """Take what agents or ARP said."""
        known = {uuid: found for uuid, found in addresses.items() if uuid in self._rows}
        self._asked_addresses.update(known)
        self._compose(known)

    def leases_of(self, uuid: str) -> tuple[str, ...]:
        """Addresses that the leases give to the NICs of ``uuid``."""
        nics = self.facts(uuid).nics
        return tuple(found for nic in nics for found in self._leased.get(nic.mac.lower(), ()))

    # --- hung guests --------------------------------------------------------------------------

    def silence(self, uuid: str, since: float | None) -> None:
        """Say since when a guest's monitor has been held, or None when it answers again."""
        if since is None:
            self._silent.pop(uuid, None)
        elif uuid not in self._silent:
            self._silent[uuid] = since
        self._compose({uuid} & self._rows.keys())

    @property
    def silent(self) -> tuple[str, ...]:
        """The guests that do not answer."""
        return tuple(self._silent)

    # --- figures ------------------------------------------------------------------------------

    def take_readings(self, readings: Iterable[Reading], at: float, turns: Mapping[str, Turns],
                      usual: Turns) -> None:  # fmt: skip
        """Turn raw counters into figures. ``turns`` says how often each row is asked."""
        usage = dict(self.usage)
        regiven: set[str] = set()
        for reading in readings:
            row = self._rows.get(reading.uuid)
            if row is None or not row.state.active:
                continue
            known = usage.get(reading.uuid, NO_USAGE)
            usage[reading.uuid] = self._figures(known, reading, at, turns.get(reading.uuid, usual))
            if reading.vcpus is not None or reading.given is not None:
                given = (reading.vcpus, reading.given)
                if self._given.get(reading.uuid) != given:
                    self._given[reading.uuid] = given
                    regiven.add(reading.uuid)
        self.usage = usage
        self._compose(regiven)

    def _figures(self, known: Usage, reading: Reading, at: float, turns: Turns) -> Usage:
        uuid, life = reading.uuid, reading.life
        cpu, cpu_at = known.cpu, known.cpu_at
        if reading.cpu_ns is not None:
            vcpus = reading.vcpus or self._vcpus(uuid) or 1
            share = self._cpu.share(uuid, life, at, reading.cpu_ns, vcpus)
            # Two samples at almost one moment give no figure, and cost the last one nothing.
            if share is not None or at - cpu_at >= SHORTEST:
                cpu, cpu_at = share, at
        rx, tx, net_at = known.rx, known.tx, known.net_at
        if reading.nets is not None:
            rates = self._net.rates(uuid, life, at, reading.nets)
            if rates is not None or at - net_at >= SHORTEST:
                (rx, tx), net_at = rates or (None, None), at
        read, write, monitor_at = known.read, known.write, known.monitor_at
        if reading.disks is not None:
            rates = self._disk.rates(uuid, life, at, reading.disks)
            if rates is not None or at - monitor_at >= SHORTEST:
                (read, write), monitor_at = rates or (None, None), at
        used, given, exact = known.memory_used, known.memory_given, known.memory_exact
        if reading.memory is not None:
            told = guest_memory(reading.memory)
            used, given, exact = told.used, told.given, told.exact
            monitor_at = at
        return Usage(
            cpu, cpu_at, turns.cpu, rx, tx, net_at, turns.net,
            used, given, exact, read, write, monitor_at, turns.monitor,
        )  # fmt: skip

    def _vcpus(self, uuid: str) -> int | None:
        return self._given.get(uuid, (None, None))[0] or self.facts(uuid).vcpus

    # --- the recent past ----------------------------------------------------------------------

    def remember(self, at: float, seen: Iterable[str]) -> None:
        """Add a sample to the trails of the rows in view and of those seen before."""
        for uuid in {*seen, *self._history.known()}:
            if uuid in self._rows:
                self._history.record(uuid, self._sample(uuid, at))
        for uuid in seen:
            self._history.seen(uuid)

    def gap(self, at: float) -> None:
        """Add a gap to every trail: the host did not answer in this tick."""
        for uuid in self._history.known():
            self._history.record(uuid, Sample(at, None, None, None, None, None, None))

    def trail(self, uuid: str) -> Trail:
        """The recent past of ``uuid``."""
        return Trail(Key(self._host, uuid), self._history.samples(uuid))

    def _sample(self, uuid: str, at: float) -> Sample:
        usage, domain = self.usage.get(uuid, NO_USAGE), self.domains.get(uuid)
        given = usage.memory_given or (domain.memory if domain is not None else None)
        memory = usage.memory_used / given if usage.memory_used is not None and given else None
        if usage.monitor_old(at):
            return Sample(at, None, None, None, None, usage.rx, usage.tx)
        return Sample(at, usage.cpu, memory, usage.read, usage.write, usage.rx, usage.tx)

    # --- composing ----------------------------------------------------------------------------

    def _compose(self, uuids: Iterable[str]) -> None:
        fresh: dict[str, Domain] | None = None
        stopped: list[str] = []
        for uuid in tuple(uuids):
            row = self._rows.get(uuid)
            known = self.domains.get(uuid)
            made = self._domain(row) if row is not None else None
            if made == known:
                continue
            fresh = dict(self.domains) if fresh is None else fresh
            if made is None:
                del fresh[uuid]
            else:
                fresh[uuid] = made
                if not made.state.active and uuid in self.usage:
                    stopped.append(uuid)
        if fresh is not None:
            self.domains = fresh
            self._sum_up()
        if stopped:
            self._forget_figures(stopped)

    def _sum_up(self) -> None:
        """Who is active, and the vCPUs and memory promised to them."""
        active = [domain for domain in self.domains.values() if domain.state.active]
        self.active = tuple(domain.key.uuid for domain in active)
        vcpus = [domain.vcpus for domain in active if domain.vcpus is not None]
        memory = [domain.memory for domain in active if domain.memory is not None]
        self.promised = (sum(vcpus), sum(memory))

    def _domain(self, row: Row) -> Domain:
        uuid, facts = row.uuid, self.facts(row.uuid)
        vcpus, given = self._given.get(uuid, (None, None))
        active = row.state.active
        leased = self.leases_of(uuid) if active else ()
        return Domain(
            key=Key(self._host, uuid),
            name=row.name,
            state=row.state,
            reason=row.reason,
            id=row.life,
            persistent=row.persistent,
            autostart=row.autostart,
            saved=row.saved,
            vcpus=vcpus or facts.vcpus,
            memory=given or facts.memory,
            memory_max=facts.memory_max,
            title=facts.title,
            os_type=facts.os_type,
            disks=facts.disks,
            nics=facts.nics,
            addresses=leased or (self._asked_addresses.get(uuid, ()) if active else ()),
            agent=facts.agent,
            silent_at=self._silent.get(uuid) if active else None,
            fault=self._faults.get(uuid, ""),
        )

    def _forget(self, uuids: Iterable[str]) -> None:
        gone = tuple(uuids)
        for uuid in gone:
            for known in (self._facts, self._faults, self._given, self._asked_addresses):
                known.pop(uuid, None)
            self._silent.pop(uuid, None)
            self._history.forget(uuid)
        self._forget_figures(gone)

    def _forget_figures(self, uuids: Iterable[str]) -> None:
        """A domain that stopped has no figures, and its next counters begin anew."""
        usage = dict(self.usage)
        for uuid in uuids:
            usage.pop(uuid, None)
            self._given.pop(uuid, None)
            self._asked_addresses.pop(uuid, None)
            for meter in (self._cpu, self._net, self._disk):
                meter.forget(uuid)
        self.usage = usage
