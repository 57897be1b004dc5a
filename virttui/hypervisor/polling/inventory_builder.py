"""The picture of one host: what the workers found out, put together into frozen rows.

Lives on the fleet thread alone. Each fact has one source (the list, the definition, leases, the
monitor); a row is composed anew only when one of its facts changed, so that it keeps its identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from msgspec.structs import replace

from virttui.hypervisor.polling.counters import RawCounters
from virttui.hypervisor.polling.list_reader import DomainListRow
from virttui.hypervisor.polling.usage import RefreshIntervals, UsageTracker
from virttui.libvirtxml.read import DomainFacts
from virttui.model.domains.history import MetricHistory
from virttui.model.domains.usage import NO_USAGE, Usage
from virttui.model.identity import ObjectId
from virttui.model.inventory import Disk, Domain, DomainState, Network, Part, Pool

_UNREAD = DomainFacts()


class InventoryBuilder:
    """Rows and figures of one host. Mappings handed out are replaced, never changed.

    ``active`` are the UUIDs of active domains, ``promised`` their vCPUs and bytes of memory.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self.domains: dict[str, Domain] = {}
        self.figures = UsageTracker()
        self.networks: dict[str, Network] = {}
        self.pools: dict[str, Pool] = {}
        self._promised: Mapping[str, int | None] = {}
        self.listed = False
        self._reported: set[Part] = set()
        self._failed: dict[Part, str] = {}
        self.active: tuple[str, ...] = ()
        self.promised: tuple[int | None, int | None] = (None, None)
        self._rows: dict[str, DomainListRow] = {}
        self._facts: dict[str, DomainFacts] = {}
        self._faults: dict[str, str] = {}
        self._current: dict[str, tuple[int | None, int | None]] = {}
        self._agent_addresses: dict[str, tuple[str, ...]] = {}
        self._leased: dict[str, list[str]] = {}
        self._silent: dict[str, float] = {}
        self._started: dict[str, float] = {}

    # --- the list and the definitions ---------------------------------------------------------

    def replace_rows(self, rows: Mapping[str, DomainListRow]) -> set[str]:
        """Take a complete list; returns the UUIDs whose rows changed."""
        removed = self._rows.keys() - rows.keys()
        changed = {uuid for uuid, row in rows.items() if self._rows.get(uuid) != row}
        self._rows = dict(rows)
        self._forget(removed)
        self.listed = True
        self._compose(changed | removed)
        return changed | removed

    def merge_rows(self, rows: Mapping[str, DomainListRow | None]) -> set[str]:
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
        fresh: dict[str, DomainListRow | None] = {}
        for uuid, (state, reason, domain_id) in states.items():
            row = self._rows.get(uuid)
            if row is not None and (row.state, row.reason, row.domain_id) != (
                state,
                reason,
                domain_id,
            ):
                fresh[uuid] = replace(row, state=state, reason=reason, domain_id=domain_id)
        return self.merge_rows(fresh)

    def merge_flags(self, autostart: Set[str], saved: Set[str]) -> set[str]:
        """Take who starts with the host and who has a saved state. Returns the changed UUIDs."""
        fresh: dict[str, DomainListRow | None] = {
            uuid: replace(row, autostart=uuid in autostart, saved=uuid in saved)
            for uuid, row in self._rows.items()
            if row.autostart != (uuid in autostart) or row.saved != (uuid in saved)
        }
        return self.merge_rows(fresh)

    def fail(self, part: Part, why: str) -> None:
        """Take why a part did not come; what came before stays as it was."""
        self._failed[part] = why

    def _take(self, part: Part) -> bool:
        """A part came. Whether it had never come, or failed last."""
        news = part not in self._reported or part in self._failed
        self._reported.add(part)
        self._failed.pop(part, None)
        return news

    @property
    def untold(self) -> dict[Part, str]:
        """The parts that never came, each with why not."""
        parts = (part for part in (Part.NETWORKS, Part.POOLS) if part not in self._reported)
        found = {part: self._failed.get(part, "") for part in parts}
        if not self.listed or len(self._facts) < len(self._rows):
            unread = [uuid for uuid in self._rows if uuid not in self._facts]
            silent = unread and all(uuid in self._silent for uuid in unread)
            name = self._rows[unread[0]].name if silent else ""
            found[Part.DEFINITIONS] = f"{name} does not answer" if silent else ""
        return found

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
        """The facts from the definition of ``uuid``, or empty ones before it was read."""
        return self._facts.get(uuid, _UNREAD)

    # --- networks, pools, addresses -----------------------------------------------------------

    def take_networks(self, networks: Mapping[str, Network]) -> bool:
        """Take all networks; their leases give addresses to domains. Whether anything changed."""
        news = self._take(Part.NETWORKS)
        merged = {
            uuid: self.networks[uuid] if self.networks.get(uuid) == network else network
            for uuid, network in networks.items()
        }
        changed = merged != self.networks
        if changed:
            self.networks = merged
        leased: dict[str, list[str]] = {}
        for network in merged.values():
            for lease in network.leases or ():
                leased.setdefault(lease.mac.lower(), []).append(lease.address)
        if leased != self._leased:
            self._leased = leased
            self._compose(self._rows.keys())
        return changed or news

    def take_pools(self, pools: Mapping[str, Pool]) -> bool:
        """Take all pools. Whether anything changed."""
        news = self._take(Part.POOLS)
        return self._keep_pools(pools) or news

    def _keep_pools(self, pools: Mapping[str, Pool]) -> bool:
        counted = {
            uuid: replace(pool, promised=self._promised.get(uuid) if pool.active else None)
            for uuid, pool in pools.items()
        }
        unchanged = {
            uuid: self.pools[uuid] if self.pools.get(uuid) == pool else pool
            for uuid, pool in counted.items()
        }
        changed = unchanged != self.pools
        if changed:
            self.pools = unchanged
        return changed

    def take_volume_sums(self, sums: Mapping[str, int | None]) -> bool:
        """Take what the volumes of some pools add up to. Whether anything changed."""
        known = {**self._promised, **sums}
        self._promised = {uuid: sum for uuid, sum in known.items() if uuid in self.pools}
        return self._keep_pools(self.pools)

    def take_addresses(self, addresses: Mapping[str, tuple[str, ...]]) -> bool:
        """Take what agents or ARP said. Whether a row changed."""
        known = {uuid: found for uuid, found in addresses.items() if uuid in self._rows}
        self._agent_addresses.update(known)
        before = self.domains
        self._compose(known)
        return self.domains is not before

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

    @property
    def usage(self) -> Mapping[str, Usage]:
        """The usage of each active domain."""
        return self.figures.usage

    def take_readings(self, readings: Iterable[RawCounters], at: float, turns: Mapping[str,
    RefreshIntervals],
                      usual: RefreshIntervals) -> None:  # fmt: skip
        """Turn raw counters into figures. ``turns`` says how often each row is asked."""
        taken: list[tuple[RawCounters, int, RefreshIntervals, tuple[Disk, ...]]] = []
        regiven: set[str] = set()
        for reading in readings:
            uuid = reading.uuid
            row = self._rows.get(uuid)
            if row is None or not row.state.active:
                continue
            vcpus = reading.vcpus or self._vcpus(uuid) or 1
            taken.append((reading, vcpus, turns.get(uuid, usual), self.facts(uuid).disks))
            if reading.vcpus is not None or reading.memory_current is not None:
                current = (reading.vcpus, reading.memory_current)
                if self._current.get(uuid) != current:
                    self._current[uuid] = current
                    regiven.add(uuid)
        self.figures.take(taken, at)
        self._compose(regiven)

    def _vcpus(self, uuid: str) -> int | None:
        return self._current.get(uuid, (None, None))[0] or self.facts(uuid).vcpus

    # --- the recent past ----------------------------------------------------------------------

    def remember(self, at: float, seen: Iterable[str]) -> None:
        """Add a sample to the trails of the rows in view and of those seen before."""
        uuids = {*seen, *self.figures.remembered} & self._rows.keys()
        self.figures.remember(at, {uuid: self._sample(uuid, at) for uuid in uuids})
        self.figures.seen(seen)

    def trail(self, uuid: str) -> MetricHistory:
        """The recent past of ``uuid``."""
        return self.figures.trail(ObjectId(self._host, uuid))

    def _sample(self, uuid: str, at: float) -> tuple[float | None, ...]:
        """The figures of ``uuid`` in the order of ``model.domains.history.SERIES``; old ones are
        gaps."""
        usage, domain = self.usage.get(uuid, NO_USAGE), self.domains.get(uuid)
        cpu = None if usage.cpu_old(at) else usage.cpu
        rx, tx = (None, None) if usage.net_old(at) else (usage.rx, usage.tx)
        if usage.monitor_old(at):
            return (cpu, None, None, None, rx, tx, None, None)
        total = usage.memory_given or (domain.memory if domain is not None else None)
        # What stands in for a guest's use is no measurement, and would draw a hung one as full.
        used = usage.memory_used if usage.memory_exact else None
        memory = used / total if used is not None and total else None
        return (cpu, memory, usage.read, usage.write, rx, tx, usage.steal, usage.latency)

    # --- when domains were started ------------------------------------------------------------

    def take_starts(self, starts: Mapping[str, float]) -> set[str]:
        """Take when processes began (wall clock), by UUID. Returns the changed UUIDs."""
        changed = {
            uuid
            for uuid, epoch in starts.items()
            # The kernel counts in ticks, and a second is as fine as anyone reads it.
            if uuid in self._rows and abs(self._started.get(uuid, 0.0) - epoch) > 1.0
        }
        self._started.update({uuid: starts[uuid] for uuid in changed})
        self._compose(changed)
        return changed

    def undated(self) -> bool:
        """Return true if the start of an active domain is not known."""
        return any(uuid not in self._started for uuid in self.active)

    # --- composing ----------------------------------------------------------------------------

    def _compose(self, uuids: Iterable[str]) -> None:
        fresh: dict[str, Domain] | None = None
        stopped: list[str] = []
        for uuid in tuple(uuids):
            row = self._rows.get(uuid)
            known = self.domains.get(uuid)
            domain = self._domain(row) if row is not None else None
            if domain == known:
                continue
            fresh = dict(self.domains) if fresh is None else fresh
            if domain is None:
                del fresh[uuid]
            else:
                fresh[uuid] = domain
                if known is not None and known.state.active and domain.id != known.id:
                    stopped.append(uuid)
        if fresh is not None:
            self.domains = fresh
            self._sum_up()
        if stopped:
            self._stopped(stopped)

    def _sum_up(self) -> None:
        """Sum up the active domains, and the vCPUs and memory promised to them."""
        active = [domain for domain in self.domains.values() if domain.state.active]
        self.active = tuple(domain.key.uuid for domain in active)
        vcpus = [domain.vcpus for domain in active if domain.vcpus is not None]
        memory = [domain.memory for domain in active if domain.memory is not None]
        self.promised = (sum(vcpus), sum(memory))

    def _domain(self, row: DomainListRow) -> Domain:
        uuid, facts = row.uuid, self.facts(row.uuid)
        vcpus, memory = self._current.get(uuid, (None, None))
        active = row.state.active
        leased = self.leases_of(uuid) if active else ()
        return Domain(
            key=ObjectId(self._host, uuid),
            name=row.name,
            state=row.state,
            reason=row.reason,
            id=row.domain_id,
            persistent=row.persistent,
            autostart=row.autostart,
            saved=row.saved,
            vcpus=vcpus or facts.vcpus,
            memory=memory or facts.memory,
            memory_max=facts.memory_max,
            title=facts.title,
            os_type=facts.os_type,
            disks=facts.disks,
            nics=facts.nics,
            addresses=leased or (self._agent_addresses.get(uuid, ()) if active else ()),
            agent=facts.agent,
            silent_at=self._silent.get(uuid) if active else None,
            fault=self._faults.get(uuid, ""),
            tags=facts.tags,
            started_epoch=self._started.get(uuid) if active else None,
        )

    def _forget(self, uuids: Iterable[str]) -> None:
        removed = tuple(uuids)
        for uuid in removed:
            for known in (self._facts, self._faults, self._current, self._agent_addresses):
                known.pop(uuid, None)
            self._silent.pop(uuid, None)
        self._stopped(removed)
        self.figures.forget(removed)

    def _stopped(self, uuids: Iterable[str]) -> None:
        """Forget the sizes and agent data of stopped domains: their next start may have others."""
        for uuid in uuids:
            for known in (self._current, self._agent_addresses, self._started):
                known.pop(uuid, None)
        self.figures.stopped(uuids)
