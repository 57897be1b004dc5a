"""Metrics of this machine, by psutil: for a host reached through its own socket."""

from __future__ import annotations

from pathlib import Path

import psutil

from virttui.metrics.rates import HostCpuMeter
from virttui.model.host_resources import Pressure, PressureAverages
from virttui.model.inventory import HostMetrics

IMAGES = Path("/var/lib/libvirt/images")
PRESSURE = Path("/proc/pressure")


class LocalHostSampler:
    """This machine, seen by one host of the fleet; each counts CPU time on its own."""

    def __init__(self) -> None:
        self._cpu = HostCpuMeter()

    def figures(self) -> HostMetrics:
        """CPU since the last call (None at first), memory, load, swap, images' disk, pressure.

        Blocks as long as the file system of libvirt's images does.
        """
        times = psutil.cpu_times()
        busy = times.user + times.system + getattr(times, "irq", 0.0) + times.nice
        idle = times.idle + getattr(times, "iowait", 0.0)
        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
        place = next((path for path in (IMAGES, *IMAGES.parents) if path.is_dir()), Path("/"))
        disk = psutil.disk_usage(str(place))
        return HostMetrics(
            cpus=psutil.cpu_count() or None,
            cpu=self._cpu.share({"user": busy, "idle": idle}),
            memory_total=memory.total,
            memory_used=memory.total - memory.available,
            load=psutil.getloadavg(),
            swap=swap.percent / 100 if swap.total else 0.0,
            disk_used=disk.used,
            disk_total=disk.total,
            pressure=pressure(PRESSURE),
        )


def pressure(folder: Path) -> Pressure:
    """The content of ``/proc/pressure``; None where the kernel lacks it or denies it."""
    return Pressure(*(_read_pressure(folder / name) for name in ("cpu", "memory", "io")))


def _read_pressure(path: Path) -> PressureAverages | None:
    try:
        return parse_pressure(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        return None


def parse_pressure(text: str) -> PressureAverages | None:
    """The line ``some avg10=3.17 avg60=2.46 …`` (percent) of one resource, None without it."""
    for line in text.splitlines():
        word, *pairs = line.split() or [""]
        if word == "some":
            figures = dict(pair.partition("=")[::2] for pair in pairs)
            try:
                return PressureAverages(
                    float(figures["avg10"]) / 100, float(figures["avg60"]) / 100
                )
            except (KeyError, ValueError):
                return None
    return None
