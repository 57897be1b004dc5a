"""The options for each disk of a clone: a copy, an overlay, shared, or none, and in which pool."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from virttui.libvirtxml.disks.sources import is_path
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.provision.clone import (
    CloneSource,
    CloneTargetHost,
    CloneTargetPool,
    DiskCloneMode,
    SourceDisk,
)
from virttui.model.volumes import FILE_POOLS

_BLOCKS = frozenset({"logical", "zfs"})
"""Pools whose volumes are block devices below the pool's own path."""
COPIES = (
    DiskCloneMode.FULL,
    DiskCloneMode.REFLINK,
    DiskCloneMode.LINKED,
    DiskCloneMode.BASE,
    DiskCloneMode.SEED,
)
"""The modes that create a new volume."""
_NOTES = {
    DiskCloneMode.REFLINK: "~0, it shares its blocks",
    DiskCloneMode.LINKED: "~0, this one becomes a base",
    DiskCloneMode.BASE: "~0, on the same base",
    DiskCloneMode.SEED: "its own instance and host name",
    DiskCloneMode.SHARE: "the same one for all",
    DiskCloneMode.SKIP: "the clone has none",
}


class CloneOption(Struct, frozen=True):
    """A mode for a disk, and the pool of the new volume where it creates one."""

    mode: DiskCloneMode
    pool: CloneTargetPool | None = None

    @property
    def name(self) -> str:
        """Its name in the form: "full to fast"."""
        return (
            f"{self.mode.value} to {self.pool.name}" if self.pool is not None else self.mode.value
        )


def disk_options(
    disk: SourceDisk, source: CloneSource, target: CloneTargetHost
) -> dict[str, CloneOption]:
    """Return the options for a disk by their names; the first is the default."""
    away = source.key.host != target.host
    found: list[CloneOption] = []
    if disk.seed is not None:
        found += [
            CloneOption(DiskCloneMode.SEED, pool) for pool in _pools(disk, target, files=False)
        ]
    if not why_not(disk, DiskCloneMode.FULL, source, target):
        # To another host it goes as it is: a qcow2 needs a file there.
        files = away and disk.format != "raw"
        found += [
            CloneOption(DiskCloneMode.FULL, pool) for pool in _pools(disk, target, files=files)
        ]
    for mode in (DiskCloneMode.LINKED, DiskCloneMode.BASE):
        if not why_not(disk, mode, source, target):
            found += [CloneOption(mode, pool) for pool in _pools(disk, target, files=True)]
    if not why_not(disk, DiskCloneMode.REFLINK, source, target):
        # A file system shares blocks with itself alone.
        found += [
            CloneOption(DiskCloneMode.REFLINK, pool)
            for pool in target.pools
            if pool.key == disk.pool
        ]
    found.append(CloneOption(DiskCloneMode.SKIP))
    shares = [] if away else [CloneOption(DiskCloneMode.SHARE)]
    usual = _default_mode(disk)
    if usual is DiskCloneMode.SHARE:
        found = [*shares, *found]
    else:
        found += shares
    return {choice.name: choice for choice in found}


def _default_mode(disk: SourceDisk) -> DiskCloneMode:
    """Return the default: a new seed for a seed, sharing for media and shared disks, else a copy.

    A floppy that is not read-only is written to, so it is copied.
    """
    if disk.seed is not None:
        return DiskCloneMode.SEED
    return DiskCloneMode.SHARE if disk.shared or disk.device == "cdrom" else DiskCloneMode.FULL


def _pools(disk: SourceDisk, target: CloneTargetHost, *, files: bool) -> list[CloneTargetPool]:
    """Return the pools that a volume could go to, its own pool first; overlays need a pool of
    files."""
    usable = [pool for pool in target.pools if not files or pool.type in FILE_POOLS]
    return sorted(usable, key=lambda pool: (pool.key != disk.pool, pool.name))


def form_option(choice: CloneOption, disk: SourceDisk) -> Option:
    """Return an option as the form shows it."""
    note = f"a copy of {size_words(disk.allocation)}" if choice.mode is DiskCloneMode.FULL else ""
    return Option(choice.name, note or _NOTES[choice.mode])


def size_words(count: float) -> str:
    """Return bytes as people write them: 14.1G."""
    for unit in ("B", "K", "M", "G"):
        if count < 1024:
            whole = unit == "B" or count >= 100
            return f"{count:.0f}{unit}" if whole else f"{count:.1f}{unit}"
        count /= 1024
    return f"{count:.1f}T"


def why_not(
    disk: SourceDisk, mode: DiskCloneMode, source: CloneSource, target: CloneTargetHost
) -> str:
    """Return the reason why a disk cannot be cloned in this mode, else ""."""
    if mode in (DiskCloneMode.SHARE, DiskCloneMode.SKIP, DiskCloneMode.SEED):
        return ""
    runs, away = source.active, source.key.host != target.host
    if mode is DiskCloneMode.FULL:
        return _why_not_full(disk, source, away=away)
    if away:
        return "only a full copy goes to another host"
    if disk.pool is None:
        return f"{disk.target} is in no pool"
    if source.snapshot and mode is DiskCloneMode.LINKED:
        return f"the file of {source.snapshot} is a base already"
    if mode is DiskCloneMode.BASE:
        return _why_not_base(disk)
    if runs:
        return f"{source.name} runs and writes to {disk.target}: shut it down first"
    if mode is DiskCloneMode.REFLINK:
        if disk.format != "raw" or disk.pool_type not in FILE_POOLS:
            return "libvirt can reflink only raw files"
        return ""
    return _why_not_linked(disk, source)


def _why_not_full(disk: SourceDisk, source: CloneSource, *, away: bool) -> str:
    if away and source.active:
        return f"{source.name} runs: only what is off is copied to another host"
    if source.snapshot and disk.live:
        return (
            f"{disk.target} is not in {source.snapshot}, and {source.name} writes to it: skip it,"
            " or shut the domain down"
        )
    if away and disk.backing:
        return f"{disk.target} has the backing file {disk.backing}, which the other host would need"
    if disk.kind in _UNREADABLE:
        return f"{disk.target} is {disk.path}, {_UNREADABLE[disk.kind]}, which libvirt cannot copy"
    if disk.pool is None and not (source.active and disk.live):
        if disk.kind == "file" and is_path(disk.path):
            return f"{disk.target} is in no pool: make one of its folder (3, n)"
        return f"{disk.target} is {disk.path}, which is in no pool of libvirt's"
    return ""


_UNREADABLE = {
    "nvme": "an NVMe device of its host",
    "vhostuser": "served by another program",
    "vhostvdpa": "a vDPA device of its host",
    "dir": "a folder of its host",
}
"""Types of disks that neither a volume nor a block job can read, each with a description."""


def _why_not_base(disk: SourceDisk) -> str:
    if not disk.backing:
        return f"{disk.target} has no backing file"
    if disk.backing_users:
        return f"its base is a disk of {', '.join(disk.backing_users)}, which writes to it"
    return ""


def _why_not_linked(disk: SourceDisk, source: CloneSource) -> str:
    """Return the reason why something could still write to the new base, which must never change
    again."""
    if not source.persistent:
        return f"{source.name} has no definition that could be changed"
    if disk.pool_type not in FILE_POOLS or disk.format not in ("qcow2", "raw"):
        return f"{disk.target} is not a qcow2 or raw file"
    if source.saved:
        return f"{source.name} has a saved state, which would go on writing to {disk.target}"
    if source.snapshots:
        return f"{source.name} has snapshots, which would go back to {disk.target} as it is"
    others = [one for one in disk.other_users if not one.startswith("overlay ")]
    if others:
        return f"{disk.target} is used by {', '.join(others)} too"
    return ""


def volume_place(pool: CloneTargetPool, volume: str) -> tuple[str, str]:
    """libvirt's word for a disk on a volume that is not there yet, and what it is named by."""
    if pool.type in FILE_POOLS - {"gluster"} and pool.path:
        return "file", f"{pool.path.rstrip('/')}/{volume}"
    if pool.type in _BLOCKS and pool.path:
        return "block", f"{pool.path.rstrip('/')}/{volume}"
    return "volume", volume


def default_option(
    disk: SourceDisk, source: CloneSource, target: CloneTargetHost
) -> CloneOption | None:
    """Return the default option; None where the only one is to leave out a disk, which the user
    has to choose."""
    first = next(iter(disk_options(disk, source, target).values()))
    unasked = first.mode is DiskCloneMode.SKIP and _default_mode(disk) is DiskCloneMode.FULL
    return None if unasked else first


def chosen_option(
    entered: Mapping[str, str], disk: SourceDisk, source: CloneSource, target: CloneTargetHost
) -> CloneOption:
    """Return the option chosen for a disk, else the default. Raises InvalidInput where there is
    none."""
    usable = disk_options(disk, source, target)
    typed = entered.get(field_name(disk), "")
    found = usable.get(typed) or default_option(disk, source, target)
    if found is None:
        raise InvalidInput(
            f"{why_not(disk, DiskCloneMode.FULL, source, target)}; or skip {disk.target}"
        )
    return found


def field_name(disk: SourceDisk) -> str:
    """Return the name of a disk's form field."""
    return f"disk {disk.target}"
