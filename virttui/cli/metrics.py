"""``virttui metrics``: every figure as OpenMetrics, printed once or served on ``/metrics``."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from virttui.cli.backup_metrics import BackupReader, backup_families
from virttui.cli.collector import SampleCollector, complain
from virttui.cli.metrics_server import MetricsServer
from virttui.cli.output import exact, print_bytes, warn
from virttui.export.fields import present
from virttui.export.openmetrics import CONTENT_TYPE, Family, exposition
from virttui.export.write import encoded
from virttui.model.backend import HostSpec
from virttui.model.backup.manifest import StoredBackup
from virttui.model.domains.usage import Usage
from virttui.model.inventory import ConnectionState, Domain, HostMetrics, Inventory, Network, Pool
from virttui.model.messages import FleetMessage
from virttui.model.queries import BackupsQuery
from virttui.settings import Settings

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet

T = TypeVar("T")
BACKUPS_DEADLINE = 5.0
"""Seconds for which one print waits for the backups in the pools."""
NO_BACKUPS: Mapping[str, tuple[StoredBackup, ...]] = MappingProxyType({})
_BPS = "bytes_per_second"

USAGE: tuple[tuple[str, str, str, Callable[[Usage], float | None]], ...] = (
    ("cpu_ratio", "ratio", "Share of its own vCPUs in use", lambda u: u.cpu),
    ("memory_used_bytes", "bytes", "Memory the guest uses", lambda u: u.memory_used),
    (f"disk_read_{_BPS}", _BPS, "Read from all disks", lambda u: u.read),
    (f"disk_write_{_BPS}", _BPS, "Written to all disks", lambda u: u.write),
    (f"net_receive_{_BPS}", _BPS, "Received on all interfaces", lambda u: u.rx),
    (f"net_transmit_{_BPS}", _BPS, "Sent on all interfaces", lambda u: u.tx),
    (
        "net_errors_per_second",
        "per_second",
        "Errors and drops on all interfaces",
        lambda u: u.net_errors,
    ),
    ("steal_ratio", "ratio", "Share of time its vCPUs waited for a CPU", lambda u: u.steal),
    ("disk_latency_seconds", "seconds", "Time a disk request takes", lambda u: u.latency),
)
"""Name, unit, help and where it comes from, for what a running domain uses."""

COUNTED: tuple[tuple[str, str, str, Callable[[Usage], float | None]], ...] = (
    ("cpu_seconds", "seconds", "CPU time since its start", lambda u: u.counters.cpu_seconds),
    ("disk_read_bytes", "bytes", "Read since its start", lambda u: u.counters.read),
    ("disk_write_bytes", "bytes", "Written since its start", lambda u: u.counters.write),
    ("net_receive_bytes", "bytes", "Received since its start", lambda u: u.counters.rx),
    ("net_transmit_bytes", "bytes", "Sent since its start", lambda u: u.counters.tx),
)
"""The counters that the rates come from, for whoever makes rates of their own."""

DOMAIN: tuple[tuple[str, str, str, Callable[[Domain], float | None]], ...] = (
    ("active", "", "1 while a process stands behind it", lambda d: float(d.state.active)),
    ("silent", "", "1 while its QEMU does not answer", lambda d: float(d.silent_at is not None)),
    ("autostart", "", "1 when its host starts it by itself", lambda d: float(d.autostart)),
    ("vcpus", "", "Virtual CPUs", lambda d: d.vcpus),
    ("memory_bytes", "bytes", "Memory given now", lambda d: d.memory),
    ("memory_max_bytes", "bytes", "Memory it may grow to", lambda d: d.memory_max),
)

HOST: tuple[tuple[str, str, str, Callable[[HostMetrics], float | None]], ...] = (
    ("cpus", "", "Cores", lambda f: f.cpus),
    ("cpu_ratio", "ratio", "Share of all cores in use", lambda f: f.cpu),
    ("memory_bytes", "bytes", "Memory", lambda f: f.memory_total),
    ("memory_used_bytes", "bytes", "Memory in use", lambda f: f.memory_used),
)

POOL: tuple[tuple[str, str, str, Callable[[Pool], float | None]], ...] = (
    ("active", "", "1 while it can be used", lambda p: float(p.active)),
    ("capacity_bytes", "bytes", "Size", lambda p: p.capacity if p.active else None),
    ("allocation_bytes", "bytes", "Taken", lambda p: p.allocation if p.active else None),
    ("available_bytes", "bytes", "Free", lambda p: p.available if p.active else None),
)

NETWORK: tuple[tuple[str, str, str, Callable[[Network], float | None]], ...] = (
    ("active", "", "1 while it can be used", lambda n: float(n.active)),
    ("leases", "", "DHCP leases", lambda n: None if n.leases is None else len(n.leases)),
)


def families(
    hosts: Sequence[HostSpec],
    found: Mapping[str, Inventory],
    backups: Mapping[str, tuple[StoredBackup, ...]] = NO_BACKUPS,
) -> list[Family]:
    """Everything that is known now. Of a host that does not answer only that it does not.

    ``backups`` are those of each host that has told them.
    """
    up = Family("virttui_host_up", "1 while the host answers")
    state = Family("libvirt_domain_state", "1 for the state a domain is in, with its reason")
    counted = [
        Family(f"libvirt_domain_{name}", help, unit, counter=True)
        for name, unit, help, _ in COUNTED
    ]
    usage, domains, machines, pools, networks = (
        [Family(f"{head}_{name}", help, unit) for name, unit, help, _ in table]
        for head, table in (
            ("libvirt_domain", USAGE), ("libvirt_domain", DOMAIN), ("libvirt_host", HOST),
            ("libvirt_pool", POOL), ("libvirt_network", NETWORK),
        )
    )  # fmt: skip
    labels_of_hosts = _labels(hosts, found)
    for host, label in zip(hosts, labels_of_hosts, strict=True):
        inventory = found.get(host.id)
        live = inventory is not None and inventory.host.phase is ConnectionState.LIVE
        up.add({"host": label, "uri": host.uri}, float(live))
        if inventory is None or not live:
            continue
        _fill(machines, HOST, inventory.host.figures, {"host": label})
        for domain in inventory.domains.values():
            labels = {"host": label, "uuid": domain.key.uuid, "name": domain.name}
            state.add({**labels, "state": domain.state.value, "reason": domain.reason}, 1)
            _fill(domains, DOMAIN, domain, labels)
            used = present(inventory, domain)
            _fill(usage, USAGE, used, labels)
            _fill(counted, COUNTED, used, labels)
        for pool in inventory.pools.values():
            labels = {"host": label, "uuid": pool.key.uuid, "name": pool.name}
            _fill(pools, POOL, pool, labels)
        for network in inventory.networks.values():
            labels = {"host": label, "uuid": network.key.uuid, "name": network.name}
            _fill(networks, NETWORK, network, labels)
    ids = [host.id for host in hosts]
    last = backup_families(dict(zip(ids, labels_of_hosts, strict=True)), backups)
    return [up, *machines, state, *domains, *usage, *counted, *pools, *networks, *last]


def _fill(
    into: Sequence[Family],
    table: Sequence[tuple[str, str, str, Callable[[T], float | None]]],
    thing: T,
    labels: Mapping[str, str],
) -> None:
    for family, (_, _, _, figure) in zip(into, table, strict=True):
        family.add(labels, figure(thing))


def _labels(hosts: Sequence[HostSpec], found: Mapping[str, Inventory]) -> list[str]:
    """The label of each host; its id where two share a name, as samples must differ."""
    names = [found[h.id].host.name if h.id in found else h.name or h.uri for h in hosts]
    counts = Counter(names)
    return [host.id if counts[name] > 1 else name for host, name in zip(hosts, names, strict=True)]


def print_metrics(hosts: Sequence[HostSpec], settings: Settings) -> int:
    """Print once; the exit status is 1 when a host did not answer."""
    listener = _Listener(hosts, settings)
    found = listener.samples.wait([host.id for host in hosts], listener.fleet.set_interest)
    listener.backups.read_due(found)
    for id in listener.backups.wait(BACKUPS_DEADLINE):
        name = found[id].host.name
        warn(f"{name}: its backups were not told within {BACKUPS_DEADLINE:.0f} s")
    listener.fleet.stop()
    print_bytes(exact(exposition(families(hosts, found, listener.backups.newest())), 1))
    return 1 if complain(hosts, found) else 0


class _Listener:
    """A fleet, its samples and its backups."""

    def __init__(self, hosts: Sequence[HostSpec], settings: Settings) -> None:
        from virttui.hypervisor.fleet import Fleet

        self.samples = SampleCollector()
        self.backups = BackupReader(self._ask)
        self.fleet: Fleet = Fleet(hosts, self._receive, settings)

    def _ask(self, query: BackupsQuery) -> None:
        self.fleet.ask(query)

    def _receive(self, message: FleetMessage) -> None:
        self.samples.receive(message)
        self.backups.receive(message)


# -- serving -----------------------------------------------------------------------------------


def serve(hosts: Sequence[HostSpec], settings: Settings, address: tuple[str, int]) -> int:
    """Serve until SIGINT or SIGTERM comes; 1 when the address cannot be had."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def page() -> tuple[str, bytes]:
        found = families(hosts, listener.samples.newest(), listener.backups.newest())
        return CONTENT_TYPE, encoded(exposition(found))

    try:
        server = MetricsServer(address, "/metrics", page)
    except OSError as error:
        where = ":".join(map(str, address))
        warn(f"{where} cannot be listened on: {error.strerror}")
        return 1
    listener = _Listener(hosts, settings)
    server.start()
    host, port = server.address
    shown = f"[{host}]" if ":" in host else host
    warn(f"serving http://{shown}:{port}/metrics")
    while not stop.wait(settings.interval):
        listener.samples.watch_all(listener.fleet.set_interest)
        listener.backups.read_due(listener.samples.newest())
    server.stop()
    listener.fleet.stop()
    return 0
