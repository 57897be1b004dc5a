"""What can become of each disk in a clone: the ways there are, why not, where to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
"""What makes a new volume."""
_NOTES = {
    DiskCloneMode.REFLINK: "~0, it shares its blocks",
    DiskCloneMode.LINKED: "~0, this one becomes a base",
    DiskCloneMode.BASE: "~0, on the same base",
    DiskCloneMode.SEED: "its own instance and host name",
    DiskCloneMode.SHARE: "the same one for all",
    DiskCloneMode.SKIP: "the clone has none",
}


@dataclass(frozen=True, slots=True)
class CloneOption:
    """One way for a disk, and the pool its volume goes to where it makes one."""

    how: DiskCloneMode
    pool: CloneTargetPool | None = None

    @property
    def name(self) -> str:
        """What it is called in the form: "full to fast"."""
        return f"{self.how.value} to {self.pool.name}" if self.pool is not None else self.how.value


def choices(disk: SourceDisk, source: CloneSource, site: CloneTargetHost) -> dict[str, CloneOption]:
    """The ways for a disk by their names; the first is what is usual."""
    away = source.key.host != site.host
    found: list[CloneOption] = []
    if disk.seed is not None:
        found += [CloneOption(DiskCloneMode.SEED, pool) for pool in _pools(disk, site, files=False)]
    if not refused(disk, DiskCloneMode.FULL, source, site):
        # To another host it goes as it is: a qcow2 needs a file there.
        files = away and disk.format != "raw"
        found += [CloneOption(DiskCloneMode.FULL, pool) for pool in _pools(disk, site, files=files)]
    for how in (DiskCloneMode.LINKED, DiskCloneMode.BASE):
        if not refused(disk, how, source, site):
            found += [CloneOption(how, pool) for pool in _pools(disk, site, files=True)]
    if not refused(disk, DiskCloneMode.REFLINK, source, site):
        # A file system shares blocks with itself alone.
        found += [
            CloneOption(DiskCloneMode.REFLINK, pool) for pool in site.pools if pool.key == disk.pool
        ]
    found.append(CloneOption(DiskCloneMode.SKIP))
    shares = [] if away else [CloneOption(DiskCloneMode.SHARE)]
    usual = _usual(disk)
    if usual is DiskCloneMode.SHARE:
        found = [*shares, *found]
    else:
        found += shares
    return {choice.name: choice for choice in found}


def _usual(disk: SourceDisk) -> DiskCloneMode:
    """A seed is made anew; media and what is shared stay shared; all else is copied.

    A floppy that is not read-only is written to, and copied.
    """
    if disk.seed is not None:
        return DiskCloneMode.SEED
    return DiskCloneMode.SHARE if disk.shared or disk.device == "cdrom" else DiskCloneMode.FULL


def _pools(disk: SourceDisk, site: CloneTargetHost, *, files: bool) -> list[CloneTargetPool]:
    """Where a volume could go, its own pool first; overlays only where files are."""
    able = [pool for pool in site.pools if not files or pool.type in FILE_POOLS]
    return sorted(able, key=lambda pool: (pool.key != disk.pool, pool.name))


def value_of(choice: CloneOption, disk: SourceDisk) -> Option:
    """A choice as the form offers it."""
    note = f"a copy of {size_words(disk.allocation)}" if choice.how is DiskCloneMode.FULL else ""
    return Option(choice.name, note or _NOTES[choice.how])


def size_words(count: float) -> str:
    """Bytes as people write them: 14.1G."""
    for unit in ("B", "K", "M", "G"):
        if count < 1024:
            whole = unit == "B" or count >= 100
            return f"{count:.0f}{unit}" if whole else f"{count:.1f}{unit}"
        count /= 1024
    return f"{count:.1f}T"


def refused(
    disk: SourceDisk, how: DiskCloneMode, source: CloneSource, site: CloneTargetHost
) -> str:
    """Why a disk cannot be made so, in words; "" when it can."""
    if how in (DiskCloneMode.SHARE, DiskCloneMode.SKIP, DiskCloneMode.SEED):
        return ""
    runs, away = source.active, source.key.host != site.host
    if how is DiskCloneMode.FULL:
        return _not_full(disk, source, away=away)
    if away:
        return "only a full copy goes to another host"
    if disk.pool is None:
        return f"{disk.target} is in no pool"
    if how is DiskCloneMode.BASE:
        return _not_on_base(disk)
    if runs:
        return f"{source.name} runs and writes to {disk.target}: shut it down first"
    if how is DiskCloneMode.REFLINK:
        if disk.format != "raw" or disk.pool_type not in FILE_POOLS:
            return "libvirt makes reflinks of raw files alone"
        return ""
    return _not_linked(disk, source)


def _not_full(disk: SourceDisk, source: CloneSource, *, away: bool) -> str:
    if away and source.active:
        return f"{source.name} runs: only what is off is copied to another host"
    if away and disk.backing:
        return f"{disk.target} lies on {disk.backing}, which the other host would need"
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
"""Kinds of disks that no volume of libvirt's and no block job reads, each in words."""


def _not_on_base(disk: SourceDisk) -> str:
    if not disk.backing:
        return f"{disk.target} lies on nothing"
    if disk.backing_users:
        return f"its base is a disk of {', '.join(disk.backing_users)}, which writes to it"
    return ""


def _not_linked(disk: SourceDisk, source: CloneSource) -> str:
    """A base must never change again: what could still write to it stands in the way."""
    if not source.persistent:
        return f"{source.name} has no definition that could be changed"
    if disk.pool_type not in FILE_POOLS or disk.format not in ("qcow2", "raw"):
        return f"{disk.target} is no qcow2 or raw file"
    if source.saved:
        return f"{source.name} has a saved state, which would go on writing to {disk.target}"
    if source.snapshots:
        return f"{source.name} has snapshots, which would go back to {disk.target} as it is"
    others = [one for one in disk.other_users if not one.startswith("overlay ")]
    if others:
        return f"{disk.target} is used by {', '.join(others)} too"
    return ""


def place(pool: CloneTargetPool, volume: str) -> tuple[str, str]:
    """libvirt's word for a disk on a volume that is not there yet, and what it is named by."""
    if pool.type in FILE_POOLS - {"gluster"} and pool.path:
        return "file", f"{pool.path.rstrip('/')}/{volume}"
    if pool.type in _BLOCKS and pool.path:
        return "block", f"{pool.path.rstrip('/')}/{volume}"
    return "volume", volume


def usual(disk: SourceDisk, source: CloneSource, site: CloneTargetHost) -> CloneOption | None:
    """What is usual for a disk; None where it cannot be copied: nobody loses one unasked."""
    first = next(iter(choices(disk, source, site).values()))
    unasked = first.how is DiskCloneMode.SKIP and _usual(disk) is DiskCloneMode.FULL
    return None if unasked else first


def chosen(
    entered: Mapping[str, str], disk: SourceDisk, source: CloneSource, site: CloneTargetHost
) -> CloneOption:
    """What is chosen for a disk, else what is usual. Raises InvalidInput where there is no such
    way."""
    able = choices(disk, source, site)
    typed = entered.get(field_of(disk), "")
    found = able.get(typed) or usual(disk, source, site)
    if found is None:
        raise InvalidInput(
            f"{refused(disk, DiskCloneMode.FULL, source, site)}; or skip {disk.target}"
        )
    return found


def field_of(disk: SourceDisk) -> str:
    """The name of a disk's field."""
    return f"disk {disk.target}"
