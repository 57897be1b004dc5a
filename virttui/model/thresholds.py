"""Thresholds above which a metric is a warning or an alarm. All can be set in the config."""

from __future__ import annotations

from msgspec import Struct


class Thresholds(Struct, frozen=True):
    """Shares are 0 to 1, ``latency`` is seconds a disk request.

    A latency is a warning at ``latency_times`` its own median, and not below ``latency``. A pool,
    the file system of libvirt's images and a guest's disk are a warning at ``full`` and an alarm at
    ``full_alarm``. Promised resources are compared with the existing ones: ``vcpus_promised`` in
    vCPUs a core, the others as shares of memory and of a pool. ``pressure`` is the share of 10 s in
    which something waited.
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
