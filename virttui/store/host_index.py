"""Values that follow from the inventories of one host, kept up to date by what changed.

An inventory comes each second, and its domains are another mapping whenever one row changed. Rows
that are the same objects are not looked at again: of 10,000 that takes 1 ms in place of 20.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from virttui.model.domains.usage import NO_USAGE
from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain, Inventory
from virttui.model.thresholds import Thresholds
from virttui.natural_sort import natural
from virttui.store.attention import Alert, domain_alert, host_alerts

JUDGED_EVERY = 10.0
"""Seconds in which each domain is judged once by its figures, which change with every tick and pass
by themselves."""

SortedKey = tuple[tuple[tuple[int, int, str], ...], ObjectId]
"""The sort key of a domain's name, and the domain's key."""


class HostIndex:
    """The order of the domains' names, the NICs of each network, and the alerts of one host.

    ``order`` and ``nics`` are replaced, never changed.
    """

    def __init__(self, limits: Thresholds) -> None:
        self.order: list[SortedKey] = []
        self.nics: Mapping[tuple[str, str], int] = {}
        self._limits = limits
        self._domains: Mapping[str, Domain] = {}
        self._basis: tuple[object, ...] = ()
        self._judged = 0.0
        self._domain_alerts: dict[ObjectId, Alert] = {}
        self._host_alerts: dict[ObjectId, Alert] = {}

    def update(self, inventory: Inventory) -> bool:
        """Take the newest inventory. True if ``order`` is another now."""
        before, domains = self._domains, inventory.domains
        changed: list[Domain] = []
        removed: list[Domain] = []
        if domains is not before:
            changed = [one for uuid, one in domains.items() if before.get(uuid) is not one]
            added = sum(one.key.uuid not in before for one in changed)
            if len(before) + added != len(domains):
                removed = [one for uuid, one in before.items() if uuid not in domains]
        self._domains = domains
        known = [before.get(one.key.uuid) for one in changed]
        renamed = any(
            old is None or old.name != one.name for old, one in zip(known, changed, strict=True)
        )
        reordered = renamed or bool(removed)
        if reordered:
            self.order = sorted((natural(one.name), one.key) for one in domains.values())
        if reordered or any(
            old is None or old.nics != one.nics for old, one in zip(known, changed, strict=True)
        ):
            self.nics = _nics(domains.values())
        self._judge(inventory, changed, removed)
        return reordered

    @property
    def alerts(self) -> Iterable[Mapping[ObjectId, Alert]]:
        """The alerts of the domains, then those of networks, pools and the host itself."""
        return self._domain_alerts, self._host_alerts

    # --- alerts -------------------------------------------------------------------------------

    def _judge(
        self, inventory: Inventory, changed: Iterable[Domain], removed: Iterable[Domain]
    ) -> None:
        """Judge what changed, and those whose turn it is by their figures."""
        # Why a domain paused itself may be a full pool.
        basis = (inventory.networks, inventory.pools, inventory.host.phase)
        same = len(basis) == len(self._basis) and all(map(_is, basis, self._basis))
        if not same or inventory.at // JUDGED_EVERY != self._judged // JUDGED_EVERY:
            self._host_alerts = host_alerts(inventory, self._limits)
        if not inventory.current:
            self._domain_alerts.clear()
        elif same:
            for domain in removed:
                self._domain_alerts.pop(domain.key, None)
            self._judge_domains(inventory, changed)
            self._judge_domains(inventory, self._turns(inventory))
        else:
            alerts = self._domain_alerts
            gone = [key for key in alerts if key.uuid not in inventory.domains]
            for key in gone:
                del alerts[key]
            self._judge_domains(inventory, inventory.domains.values())
        self._basis, self._judged = basis, inventory.at

    def _turns(self, inventory: Inventory) -> Iterable[Domain]:
        """The domains whose turn came since the last inventory."""
        count = len(self.order)
        if not count or inventory.at - self._judged >= JUDGED_EVERY:
            return inventory.domains.values()
        first = int(self._judged / JUDGED_EVERY * count) + 1
        last = int(inventory.at / JUDGED_EVERY * count)
        keys = (self.order[place % count][1] for place in range(first, last + 1))
        return [inventory.domains[key.uuid] for key in keys]

    def _judge_domains(self, inventory: Inventory, domains: Iterable[Domain]) -> None:
        alerts, usage_of = self._domain_alerts, inventory.usage
        for domain in domains:
            key = domain.key
            usage = usage_of.get(key.uuid, NO_USAGE)
            alert = domain_alert(domain, usage, inventory, self._limits, eased=key in alerts)
            if alert is not None:
                alerts[key] = alert
            elif key in alerts:
                del alerts[key]


def _is(one: object, other: object) -> bool:
    return one is other


def _nics(domains: Iterable[Domain]) -> Mapping[tuple[str, str], int]:
    """The number of interfaces on each network or bridge of a host, by kind and name."""
    counts: dict[tuple[str, str], int] = {}
    for domain in domains:
        for nic in domain.nics:
            if nic.kind in ("network", "bridge"):
                place = (nic.kind, nic.source)
                counts[place] = counts.get(place, 0) + 1
    return counts
