"""From when on a figure is a warning, and from when on an alarm. All can be set in the config."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares are 0 to 1, ``latency`` is seconds a disk request.

    A latency warns at ``latency_times`` its own usual one, and not below ``latency``. A pool,
    the disk of libvirt's images and a guest's disk warn at the one and alarm at the other.
    What is promised counts against what is there: ``vcpus_promised`` vCPUs a core, the others as
    shares of memory and of a pool. ``pressure`` is the share of 10 s in which something waited.
    """

    cpu: float = 0.90
    memory: float = 0.95
    steal: float = 0.10
    filesystem: float = 0.90
    full: float = 0.90
    full_alarm: float = 0.95
    latency: float = 0.005
    latency_times: float = 3.0
    vcpus_promised: float = 3.0
    memory_promised: float = 1.0
    pool_promised: float = 1.5
    pressure: float = 0.20


USUAL_LIMITS = Thresholds()
