"""What this machine is doing, by psutil: for a host reached through its own socket."""

from __future__ import annotations

from pathlib import Path

import psutil

from virttui.model.inventory import HostFigures

IMAGES = Path("/var/lib/libvirt/images")


def figures() -> HostFigures:
    """CPU since the last call, memory, load, swap, and the file system of libvirt's images.

    The first call's CPU share is None. Blocks as long as the file system does.
    """
    cpu = psutil.cpu_percent(interval=None)
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    place = next((path for path in (IMAGES, *IMAGES.parents) if path.is_dir()), Path("/"))
    disk = psutil.disk_usage(str(place))
    return HostFigures(
        cpus=psutil.cpu_count() or None,
        cpu=cpu / 100,
        memory_total=memory.total,
        memory_used=memory.total - memory.available,
        load=psutil.getloadavg(),
        swap=swap.percent / 100 if swap.total else 0.0,
        disk_used=disk.used,
        disk_total=disk.total,
    )


def prime() -> None:
    """Begin counting CPU time, so that the next ``figures`` has a share to tell."""
    psutil.cpu_percent(interval=None)
