"""The snapshots of a domain, as libvirt keeps them."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

BEING_DELETED = "[being deleted: do not revert]"
"""How the note of a snapshot begins whose files are being merged, or were in part."""


class SnapshotKind(StrEnum):
    """Where a snapshot is kept: inside the disk images, in files beside them, or both."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    MIXED = "mixed"
    EMPTY = "no disk"


class SnapshotDisk(Struct, frozen=True):
    """One disk in a snapshot.

    ``how`` is libvirt's word: internal, external or no. ``overlay`` is the file that an external
    snapshot made, which holds what was written after it, and ``overlay_bytes`` what that file
    takes, None where nothing tells. ``source`` is the image that holds the disk as it was then.
    ``writable`` is false for a CD, a floppy and a read-only disk.
    """

    target: str
    how: str
    source: str = ""
    overlay: str = ""
    overlay_bytes: int | None = None
    writable: bool = True


class Snapshot(Struct, frozen=True):
    """One snapshot.

    ``parent`` is the name of the one before it, "" for a first one. ``state`` is libvirt's word for
    the domain's state at that moment: running, paused, shutoff, or disk-snapshot where the memory
    of a running domain was not kept. ``memory`` is internal, external or no, ``memory_file`` the
    file of an external one and ``memory_bytes`` what it takes. ``taken`` is an epoch, None where it
    is not known. ``fault`` says why its description could not be read, "" where it could.
    """

    name: str
    parent: str = ""
    note: str = ""
    state: str = ""
    taken: float | None = None
    memory: str = "no"
    memory_file: str = ""
    memory_bytes: int | None = None
    disks: tuple[SnapshotDisk, ...] = ()
    current: bool = False
    fault: str = ""

    @property
    def kind(self) -> SnapshotKind:
        """Where its disks and its memory are kept."""
        kinds = {disk.how for disk in self.disks} | {self.memory}
        internal, external = "internal" in kinds, "external" in kinds
        if internal and external:
            return SnapshotKind.MIXED
        if internal or external:
            return SnapshotKind.INTERNAL if internal else SnapshotKind.EXTERNAL
        return SnapshotKind.EMPTY

    @property
    def being_deleted(self) -> bool:
        """True if its deletion was begun: what it held may not be whole any more."""
        return self.note.startswith(BEING_DELETED)

    @property
    def kept_disks(self) -> tuple[SnapshotDisk, ...]:
        """The disks that are in it."""
        return tuple(disk for disk in self.disks if disk.how in ("internal", "external"))

    @property
    def left_out(self) -> tuple[SnapshotDisk, ...]:
        """The writable disks that are not in it: a revert leaves them as they are."""
        others = (disk for disk in self.disks if disk.how not in ("internal", "external"))
        return tuple(disk for disk in others if disk.writable)

    @property
    def written_after(self) -> int | None:
        """The bytes of its overlays; None where one of them, or an internal disk, is not known."""
        sizes = [disk.overlay_bytes for disk in self.kept_disks]
        known = [size for size in sizes if size is not None]
        return sum(known) if sizes and len(known) == len(sizes) else None
