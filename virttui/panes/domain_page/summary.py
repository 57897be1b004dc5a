"""The row under the cursor in words: why it is slow, how full it is, where it leads."""

from __future__ import annotations

from virttui import formatting
from virttui.model.domains.details import Device
from virttui.panes.domain_page.device_lines import empty, milliseconds
from virttui.panes.domain_page.device_tree import DeviceTreeNode
from virttui.panes.domain_page.header import problem
from virttui.panes.domain_page.snapshot import DetailsInput
from virttui.render.line import Line, Role, Run
from virttui.store.attention import fill


def sentence(node: DeviceTreeNode | None, shown: DetailsInput) -> Line:
    """The most important problem, else the row in words: its name in bold first."""
    over = problem(shown)
    if over:
        return Run(shown.domain.name, Role.STRONG), Run(f"  {over}")
    if node is None:
        return ()
    device = node.device
    if device is None:
        return _other(node, shown)
    if device.disk is not None:
        words = _disk(device, shown)
    elif device.nic is not None:
        words = _nic(device, shown)
    else:
        words = ", ".join(part for part in (device.words, *device.more) if part)
    return Run(device.name, Role.STRONG), Run(f"  {words or device.element}")


def _disk(device: Device, shown: DetailsInput) -> str:
    disk = device.disk
    assert disk is not None
    if empty(disk):
        return f"an empty {disk.device}"
    use, pool = shown.disk_use(disk), shown.pool_of(disk)
    slow_reads, slow_writes = shown.slow(disk)
    slow = [
        f"{what} take {milliseconds(latency)} ms"
        for what, latency, too_long in (
            ("reads", use.read_latency, slow_reads),
            ("writes", use.write_latency, slow_writes),
        )
        if too_long
    ]
    full = ""
    if pool is not None and shown.pool_full(disk):
        full = f"pool {pool.name} is {formatting.percent(fill(pool))} % full. 3 shows it"
    if slow or full:
        return ": ".join(part for part in (formatting.listed(slow), full) if part)
    parts = [
        disk.source,
        "" if use.capacity is None else formatting.whole_size(use.capacity),
        "" if use.fill is None else f"{formatting.percent(use.fill)} % allocated",
        "" if use.flush_latency is None else f"flushes {milliseconds(use.flush_latency)} ms",
    ]
    return ", ".join(part for part in parts if part)


def _nic(device: Device, shown: DetailsInput) -> str:
    nic = device.nic
    assert nic is not None
    use = shown.nic_use(nic)
    if not device.linked:
        return "its link is set down: the guest sees an unplugged cable"
    if use.failing:
        counted = f"{use.errors or 0} errors, {use.drops or 0} drops"
        return f"packets are being lost: {counted} since it was plugged in"
    where = f"{nic.kind} {nic.source}".strip()
    parts = [f"on {where}", f"by {nic.target}" if nic.target else "", *shown.addresses(nic)]
    return ", ".join(part for part in parts if part)


def _other(node: DeviceTreeNode, shown: DetailsInput) -> Line:
    if node.id.startswith("fs ") and shown.details.guest is not None:
        mount = node.id.removeprefix("fs ")
        disk = next((d for d in shown.details.guest.disks or () if d.mount == mount), None)
        if disk is not None:
            share = (
                f"{formatting.percent(disk.fill)} % full" if disk.fill is not None else "no sizes"
            )
            nearly = disk.fill is not None and disk.fill >= shown.look.limits.filesystem
            on = f", on {formatting.listed(disk.disks)}" if disk.disks else ""
            words = f"{'nearly full, ' if nearly else ''}{share}, {disk.type}{on}"
            return Run(mount, Role.STRONG), Run(f"  {words}")
    if not node.group:
        return ()
    does = "enter collapses it" if node.open else "enter expands it"
    return Run(node.id, Role.STRONG), Run(f"  {does}" if node.folds else "  nothing to expand")
