"""The deletion of snapshots: what is known of their files, and the plan with each file's fate."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from virttui.model.domains.disk_jobs import BackingChain


class SnapshotFile(Struct, frozen=True):
    """A file that a disk or a snapshot of a domain is made of.

    ``lies_on`` are the files below it, the nearest first. ``users`` are others than the domain and
    its own files, in words, and ``unknown`` notes about others that could not be looked at.
    ``internal`` is how many snapshots its header counts, and ``bytes`` what it takes; None where
    that cannot be read. ``pool`` is the name of its pool, "" for none. ``there`` is false for one
    that its pool does not have any more.
    """

    path: str
    lies_on: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    internal: int | None = None
    bytes: int | None = None
    pool: str = ""
    there: bool = True

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rstrip("/").rpartition("/")[2] or self.path


class SnapshotFiles(Struct, frozen=True):
    """All that a deletion has to know of a domain's files, read at one moment.

    ``chains`` are the backing chains of its disks, running or not. ``libvirt`` is the version of
    the host's daemon as a number (9000000 is 9.0.0). ``busy`` are the disks with a block job, and
    ``unresolved`` those of a domain that is off whose definition does not name their whole chain.
    """

    running: bool = False
    libvirt: int = 0
    chains: tuple[BackingChain, ...] = ()
    files: tuple[SnapshotFile, ...] = ()
    busy: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()

    def file(self, path: str) -> SnapshotFile:
        """What is known of a file; of one that was not looked at, its path."""
        return next((one for one in self.files if one.path == path), SnapshotFile(path))


class DeletionWay(StrEnum):
    """What the deletion of one snapshot does to the data.

    POINT: libvirt forgets the point, no file goes. MERGE: what was written after it goes into the
    file below. DISCARD: the domain does not stand on it, and its files go with their data.
    """

    POINT = "point"
    MERGE = "merge"
    DISCARD = "discard"


class FileFate(StrEnum):
    """What a deletion does to a file."""

    MERGED = "merged"
    GROWS = "grows"
    GONE = "gone"


class FileChange(Struct, frozen=True):
    """A file with its fate; ``note`` says what it held, or how large it gets."""

    path: str
    fate: FileFate
    bytes: int | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rstrip("/").rpartition("/")[2] or self.path


class DiskMerge(Struct, frozen=True):
    """The layer ``overlay`` of a disk is written into ``base``, the file right below it."""

    disk: str
    overlay: str
    base: str


class DeletionStep(Struct, frozen=True):
    """The deletion of one snapshot. ``remove`` are the files that go with it, its memory too."""

    name: str
    way: DeletionWay
    merges: tuple[DiskMerge, ...] = ()
    remove: tuple[str, ...] = ()

    @property
    def overlays(self) -> dict[str, str]:
        """The layers that are merged, by disk."""
        return {merge.disk: merge.overlay for merge in self.merges}


class DeletionPlan(Struct, frozen=True):
    """The deletion of snapshots, leaf first, with the fate of every file that changes.

    ``refusal`` says why nothing is done, and ``advice`` what helps; "" where all can be done.
    """

    steps: tuple[DeletionStep, ...] = ()
    files: tuple[FileChange, ...] = ()
    refusal: str = ""
    advice: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The snapshots that go, in the order in which they do."""
        return tuple(step.name for step in self.steps)

    @property
    def discarded(self) -> tuple[FileChange, ...]:
        """The files whose data is gone for good afterwards."""
        return tuple(one for one in self.files if one.fate is FileFate.GONE)

    @property
    def loses_data(self) -> bool:
        """True if a branch goes, with what was written to it."""
        return any(step.way is DeletionWay.DISCARD for step in self.steps)

    def total(self, fate: FileFate) -> int | None:
        """The bytes of all files with a fate; None where one of them is not known."""
        sizes = [one.bytes for one in self.files if one.fate is fate]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None


class SnapshotDeletion(Struct, frozen=True):
    """DELETE_SNAPSHOTS of a domain: the snapshots, and the files that were agreed to be lost.

    No file is removed with its data that is not in ``agreed``. ``despite`` are the notes about
    users that could not be looked at, which the user has accepted.
    """

    names: tuple[str, ...]
    agreed: tuple[str, ...] = ()
    despite: tuple[str, ...] = ()
