"""The monitor worker: counters that ask each guest's QEMU, and so may hang with a hung one."""

from __future__ import annotations

import time

import libvirt
from msgspec import Struct

from virttui.hypervisor.connection.handles import DomainHandleCache
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.polling.counters import RawCounters, from_bulk

# One bulk call takes at most this many domains, so that a large fleet's answer comes in pieces.
CHUNK = 64


class MonitorRequest(Struct, frozen=True):
    """The content of a monitor sample: all figures of ``full``, the CPU only of ``cpu``."""

    full: tuple[str, ...] = ()
    cpu: tuple[str, ...] = ()


class MonitorSample(Struct, frozen=True):
    """The result. ``unheard`` were queried in full and gave no figures of QEMU: it may hang.

    ``seconds`` is what the whole took, for the rota's share of the worker's time.
    """

    at: float
    readings: tuple[RawCounters, ...]
    unheard: tuple[str, ...]
    seconds: float


class MonitorReader:
    """The state that the monitor worker keeps of its connection. Runs on that worker only."""

    def __init__(self) -> None:
        self._handles = DomainHandleCache()

    def sample(self, connection: Connection, request: MonitorRequest) -> MonitorSample:
        """Ask, always with NOWAIT, in chunks."""
        started = time.monotonic()
        full = (
            libvirt.VIR_DOMAIN_STATS_BALLOON
            | libvirt.VIR_DOMAIN_STATS_BLOCK
            | libvirt.VIR_DOMAIN_STATS_VCPU
        )
        readings = self._ask(connection, request.full, full)
        unheard = tuple(found.uuid for found in readings if not found.from_monitor)
        readings += self._ask(connection, request.cpu, libvirt.VIR_DOMAIN_STATS_CPU_TOTAL)
        now = time.monotonic()
        return MonitorSample(now, tuple(readings), unheard, now - started)

    def _ask(
        self, connection: Connection, uuids: tuple[str, ...], groups: int
    ) -> list[RawCounters]:
        flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
        readings: list[RawCounters] = []
        for start in range(0, len(uuids), CHUNK):
            handles = self._handles.some(connection, uuids[start : start + CHUNK])
            if handles:
                raw = connection.domainListGetStats(handles, groups, flags)
                readings += [from_bulk(domain, stats) for domain, stats in raw]
        return readings
