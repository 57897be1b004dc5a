"""The input of the page at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from msgspec import Struct

from virttui.model.domains.details import (
    DiskMetrics,
    DomainDefinition,
    DomainDetails,
    GraphPoint,
    NicMetrics,
)
from virttui.model.identity import ObjectId
from virttui.model.inventory import Disk, Domain, Inventory, Nic, Pool
from virttui.model.thresholds import Thresholds
from virttui.panes.domains.rows import DomainRow
from virttui.render.glyphs import RenderContext
from virttui.render.line import Role
from virttui.store.attention import fill
from virttui.store.fleet_state import FleetState

# With too little of a past to know the usual, only this is a warning.
SLOW_AT_FIRST = 0.02
ENOUGH = 30

NO_DISK, NO_NIC = DiskMetrics(), NicMetrics()


class DetailsInput(Struct, frozen=True):
    """One domain with all that is known of it.

    ``domain`` is its row as last seen, kept when it is gone; ``row`` is None then.
    """

    key: ObjectId
    domain: Domain
    row: DomainRow | None
    details: DomainDetails
    fleet_state: FleetState
    look: RenderContext

    @property
    def definition(self) -> DomainDefinition:
        """The facts of its XML; empty until it is read."""
        return self.details.definition or DomainDefinition()

    @property
    def inventory(self) -> Inventory | None:
        """Its host."""
        return self.fleet_state.inventories.get(self.key.host)

    @property
    def current(self) -> bool:
        """Return true if the figures are current."""
        lives = self.row is not None and self.row.inventory.current and not self.details.hung
        return lives and self.domain.silent_at is None and not self.details.old(self.look.now)

    @property
    def on(self) -> bool:
        """Return true if it has figures at all."""
        return self.row is not None and self.domain.state.active

    def row_role(self, role: Role) -> Role:
        """A figure's role; what is old is muted."""
        return role if self.current or role is Role.FAINT else Role.MUTED

    def disk_use(self, disk: Disk) -> DiskMetrics:
        """The metrics of a disk; of a domain that is off only sizes."""
        use = self.details.disks.get(disk.target, NO_DISK)
        return use if self.on else DiskMetrics(allocation=use.allocation, capacity=use.capacity)

    def nic_use(self, nic: Nic) -> NicMetrics:
        """The metrics of a NIC."""
        return self.details.nics.get(nic.target, NO_NIC) if self.on else NO_NIC

    def pool_of(self, disk: Disk) -> Pool | None:
        """The pool that holds a disk: the one it names, else the one its path lies in."""
        pools = self.inventory.pools.values() if self.inventory is not None else ()
        return next(
            (
                pool
                for pool in pools
                if pool.name == disk.pool
                or (pool.path and disk.source.startswith(f"{pool.path.rstrip('/')}/"))
            ),
            None,
        )

    def pool_full(self, disk: Disk) -> bool:
        """Return true if the disk's pool is nearly full."""
        pool = self.pool_of(disk)
        taken = fill(pool) if pool is not None else None
        return taken is not None and taken >= self.look.limits.full

    def slow(self, disk: Disk) -> tuple[bool, bool]:
        """Return two flags: its reads, and its writes, take unusually long."""
        use = self.disk_use(disk)
        history = self.details.trails.get(f"lag {disk.target}", ())
        return (
            _slow(use.read_latency, [point.first for point in history], self.look.limits),
            _slow(use.write_latency, [point.second for point in history], self.look.limits),
        )

    def addresses(self, nic: Nic) -> tuple[str, ...]:
        """Addresses of a NIC: as its guest's agent says, else as its network leased them."""
        guest = self.details.guest
        for one in (guest.nics or ()) if guest is not None else ():
            if one.mac.lower() == nic.mac.lower():
                found = [address.partition("/")[0] for address in one.addresses]
                return tuple(address for address in found if not address.startswith("fe80:"))
        networks = self.inventory.networks.values() if self.inventory is not None else ()
        leased = tuple(
            lease.address
            for network in networks
            if network.name == nic.source and self.on
            for lease in network.leases or ()
            if lease.mac.lower() == nic.mac.lower()
        )
        only = self.on and sum(one.nic is not None for one in self.definition.devices) == 1
        return leased or (self.domain.addresses if only else ())

    def points(self, name: str) -> tuple[GraphPoint, ...]:
        """The recent past of a device."""
        return self.details.trails.get(name, ())


def _slow(latency: float | None, history: Sequence[float | None], limits: Thresholds) -> bool:
    """Return true if a latency is well above its usual one, as far back as that is known."""
    known = [value for value in history if value is not None]
    least = SLOW_AT_FIRST
    if len(known) >= ENOUGH:
        least = max(limits.latency, limits.latency_times * median(known))
    return latency is not None and latency >= least
