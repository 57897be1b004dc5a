"""The lines of disks, NICs and guest filesystems: a name, then figures in fixed columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from virttui import formatting
from virttui.model.domains.details import Device, GuestFilesystem
from virttui.model.inventory import Disk, Nic
from virttui.panes.domain_page.snapshot import DetailsInput
from virttui.render.line import Line, Role, Run, clean, cut, fit, length, within

# Title, width and the rank at which a column goes when there is no room: 0 stays longest.
Column = tuple[str, int, int]
DISK_COLUMNS: tuple[Column, ...] = (
    ("IOPS", 5, 3), ("READ", 5, 0), ("WRITE", 6, 1), ("R ms", 6, 5), ("W ms", 5, 4),
    ("F ms", 6, 7), ("SIZE", 7, 6), ("ALLOC", 7, 2),
)  # fmt: skip
NIC_COLUMNS: tuple[Column, ...] = (
    ("PKT/s", 5, 5), ("RX", 5, 0), ("TX", 6, 1), ("ERR", 7, 3), ("DROP", 5, 4), ("LINK", 6, 2),
)  # fmt: skip
LEAST = 25
"""Cells that names and sources keep."""
INDENT = 3
_SOURCE = 8


def fitting(columns: Sequence[Column], cells: int) -> list[Column]:
    """The columns that leave names their room, the least wanted dropped first."""
    shown = list(columns)
    least = LEAST if cells >= 56 else 14
    while shown and sum(width for _, width, _ in shown) > cells - 1 - least:
        shown.remove(max(shown, key=lambda column: column[2]))
    return shown


def titles(columns: Sequence[Column]) -> list[Run]:
    """The header's words over their figures."""
    return [Run("".join(title.rjust(width) for title, width, _ in columns), Role.MUTED)]


def placed(left: Line, right: Sequence[Run], cells: int) -> Line:
    """``left`` cut or padded so that ``right`` ends one cell before the edge."""
    return within((*within(left, cells - 1 - length(right)), *right), cells)


def named(name: str, source: Run, cells: int, mark: str) -> Line:
    """A device's name and where it leads, in ``cells``."""
    shown = cut(clean(name), max(4, cells - INDENT - 1), mark)
    begin = " " * INDENT + shown
    begin += " " * max(1, _SOURCE - len(begin))
    room = max(0, cells - len(begin) - 1)
    return Run(begin), source._replace(text=cut(clean(source.text), room, mark))


def milliseconds(seconds: float | None) -> str:
    """``0.02``, ``0.4``, ``6.8``, ``120``."""
    if seconds is None:
        return formatting.UNKNOWN
    value = seconds * 1000
    if 0 < value < 0.095:
        return f"{value:.2f}"
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}"


def count(number: float | None) -> str:
    """A number of things in four cells: ``412``, ``31K``."""
    return formatting.rate(number).removesuffix("B")


def _figures(
    columns: Iterable[Column], values: dict[str, str], warned: frozenset[str], shown: DetailsInput
) -> list[Run]:
    runs = []
    for title, width, _ in columns:
        role = Role.WARN if title in warned else Role.TEXT
        runs.append(Run(values[title].rjust(width), shown.row_role(role)))
    return runs


def disk_line(device: Device, disk: Disk, shown: DetailsInput, cells: int) -> Line:
    """A disk: its storage, requests, bytes, latencies and how full it is."""
    columns = fitting(DISK_COLUMNS, cells)
    use = shown.disk_use(disk)
    values = {
        "IOPS": count(use.requests),
        "READ": formatting.rate(use.read),
        "WRITE": formatting.rate(use.write),
        "R ms": milliseconds(use.read_latency),
        "W ms": milliseconds(use.write_latency),
        "F ms": milliseconds(use.flush_latency),
        "SIZE": formatting.whole_size(use.capacity),
        "ALLOC": formatting.UNKNOWN if use.fill is None else f"{formatting.percent(use.fill)}%",
    }
    slow_reads, slow_writes = shown.slow(disk)
    if empty(disk):
        values = dict.fromkeys(values, formatting.UNKNOWN)
    warned = {"R ms"} if slow_reads else set()
    warned |= {"W ms"} if slow_writes else set()
    figures = _figures(columns, values, frozenset(warned), shown)
    room = cells - 1 - length(figures)
    name = named(device.name, storage(disk, shown), room, shown.look.glyphs.cut)
    return placed(name, figures, cells)


def empty(disk: Disk) -> bool:
    """Return true for a drive without a medium."""
    return disk.device in ("cdrom", "floppy") and not disk.source


def storage(disk: Disk, shown: DetailsInput) -> Run:
    """The pool of a disk, yellow when nearly full; else its file's name."""
    if empty(disk):
        return Run(f"{disk.device}, empty", Role.MUTED)
    pool = shown.pool_of(disk)
    if pool is not None:
        return Run(pool.name, Role.WARN if shown.pool_full(disk) else Role.MUTED)
    # Of a path its end tells files apart; a volume over the network is named whole.
    local = disk.source.startswith("/")
    return Run(disk.source.rpartition("/")[2] if local else disk.source, Role.MUTED)


def nic_line(device: Device, nic: Nic, shown: DetailsInput, cells: int) -> Line:
    """A NIC: its network, packets, bytes, errors and its link."""
    columns = fitting(NIC_COLUMNS, cells)
    use = shown.nic_use(nic)
    values = {
        "PKT/s": count(use.packets),
        "RX": formatting.rate(use.rx),
        "TX": formatting.rate(use.tx),
        "ERR": count(use.errors),
        "DROP": count(use.drops),
        "LINK": "up" if device.linked else "down",
    }
    warned = {"LINK"} if not device.linked else set()
    if use.failing:
        warned |= {"ERR"} if use.errors else set()
        warned |= {"DROP"} if use.drops else set()
    figures = _figures(columns, values, frozenset(warned), shown)
    room = cells - 1 - length(figures)
    source = Run(nic.source or nic.kind, Role.MUTED)
    return placed(named(device.name, source, room, shown.look.glyphs.cut), figures, cells)


_MOUNT = 20


def guest_disk_titles() -> list[Run]:
    """The header of guest filesystems."""
    return [Run(f"{'FREE':>9}{'FULL':>6}", Role.MUTED)]


def guest_disk_line(disk: GuestFilesystem, shown: DetailsInput, cells: int) -> Line:
    """A filesystem inside the guest: yellow from 90 % on, bar and figures alike."""
    mark = shown.look.glyphs.cut
    fill = disk.fill
    role = shown.row_role(
        Role.WARN if fill is not None and fill >= shown.look.limits.filesystem else Role.TEXT
    )
    free = disk.total - disk.used if disk.total is not None and disk.used is not None else None
    share = formatting.UNKNOWN if fill is None else f"{formatting.percent(fill)}%"
    mount = _MOUNT if cells >= 56 else max(8, cells - 22)
    bar = max(0, min(40, cells - 40)) if cells >= 56 else 0
    left = (Run(" " * INDENT), Run(fit(disk.mount, mount, mark=mark) + " "))
    figures = [Run(f"{shown.look.bar(fill, bar)}{formatting.size(free):>9}{share:>6}", role)]
    return placed(left, figures, cells)
