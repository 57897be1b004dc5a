"""Taking a snapshot of a domain and reverting to one: what must be known, and what is asked for."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from virttui.model.domains.snapshots import Snapshot, SnapshotKind

REVERTS_EXTERNAL = 9_009_000
"""The first libvirt that reverts to external snapshots, as ``getLibVersion`` counts."""
PFLASH_INTERNAL = 10_010_000
"""The first libvirt that takes internal snapshots of a domain with pflash firmware."""


class FilePool(Struct, frozen=True):
    """A pool of files that is active. ``path`` is its folder, ``free`` is in bytes."""

    name: str
    path: str
    free: int
    files: frozenset[str] = frozenset()


class SnapshotDiskFacts(Struct, frozen=True):
    """One disk of a domain as a snapshot sees it.

    ``kind`` is libvirt's type of its source: file, block, network, volume … ``mode`` is the
    ``snapshot`` attribute in the definition, "" without one. ``pool`` is the name of the active
    pool that its image lies in, "" for none; ``allocation`` is in bytes, None where nobody tells.
    """

    target: str
    source: str
    kind: str = "file"
    format: str = ""
    device: str = "disk"
    read_only: bool = False
    shareable: bool = False
    transient: bool = False
    mode: str = ""
    pool: str = ""
    allocation: int | None = None

    @property
    def writable(self) -> bool:
        """True for a disk with an image that its guest can write to."""
        return bool(self.source) and self.device in ("disk", "lun") and not self.read_only


class SnapshotContext(Struct, frozen=True):
    """All that decides which snapshots a domain can have.

    ``state`` is running, paused or shutoff; ``memory`` is what the guest has now, in bytes.
    ``agent``: its agent is connected. ``pflash``: its firmware is in flash memory (UEFI), with its
    variables in ``nvram`` of ``nvram_format``. ``tpm`` is the backend of its TPM, "" without one.
    ``passed_through`` names devices of the host that it has. ``checkpoints`` are the names of those
    of its incremental backups, older ones first. ``reverts_external``: this host says that it can
    revert to external snapshots; ``version`` is libvirt's, as ``getLibVersion`` counts.
    """

    name: str
    state: str = "shutoff"
    persistent: bool = True
    memory: int = 0
    agent: bool = False
    has_display: bool = False
    pflash: bool = False
    nvram: str = ""
    nvram_format: str = "raw"
    tpm: str = ""
    passed_through: tuple[str, ...] = ()
    disks: tuple[SnapshotDiskFacts, ...] = ()
    checkpoints: tuple[str, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    pools: tuple[FilePool, ...] = ()
    reverts_external: bool = False
    version: int = 0

    @property
    def active(self) -> bool:
        """True while its guest runs or is paused."""
        return self.state != "shutoff"

    @property
    def writable(self) -> tuple[SnapshotDiskFacts, ...]:
        """The disks that the guest can write to."""
        return tuple(disk for disk in self.disks if disk.writable)

    @property
    def kinds(self) -> frozenset[SnapshotKind]:
        """The kinds of the snapshots that it has."""
        return frozenset(one.kind for one in self.snapshots) - {SnapshotKind.EMPTY}

    @property
    def current(self) -> Snapshot | None:
        """The snapshot that now comes after; None without one."""
        return next((one for one in self.snapshots if one.current), None)

    @property
    def version_text(self) -> str:
        """The version of libvirt as it is written: ``9.0``, ``9.0.1``."""
        major, rest = divmod(self.version, 1_000_000)
        minor, release = divmod(rest, 1000)
        return f"{major}.{minor}" + (f".{release}" if release else "")

    def pool(self, name: str) -> FilePool | None:
        """The pool of this name; None where no active pool of files is called so."""
        return next((one for one in self.pools if one.name == name), None)


class Overlay(Struct, frozen=True):
    """The file that an external snapshot makes of one disk: what is written later goes into it."""

    target: str
    path: str


class TakeSnapshotArguments(Struct, frozen=True):
    """SNAPSHOT: the snapshot that is taken.

    ``overlays`` are the disks of an external one; every other disk is left out. ``memory_file``
    is the file that the memory of an external one is written to, "" without. ``memory`` is true for
    each internal snapshot of a guest that runs. ``quiesce``: the agent freezes the file systems
    for that moment. ``drop_checkpoints`` are deleted first, and they must be all that there are.
    ``active`` says whether the guest ran when it was planned, ``after`` which snapshot was current.
    """

    name: str
    kind: SnapshotKind
    note: str = ""
    memory: bool = False
    memory_file: str = ""
    quiesce: bool = False
    overlays: tuple[Overlay, ...] = ()
    left_out: tuple[str, ...] = ()
    drop_checkpoints: tuple[str, ...] = ()
    active: bool = False
    after: str = ""
    screenshot: bool = False


class RevertWay(StrEnum):
    """How a revert is made: by libvirt, or by a new overlay on the images of that moment."""

    LIBVIRT = "libvirt"
    OVERLAY = "overlay"


class AfterRevert(StrEnum):
    """What the domain does after a revert; AS_THEN is what it did at that moment."""

    AS_THEN = "as then"
    RUNNING = "running"
    PAUSED = "paused"


class DefinitionDifference(Struct, frozen=True):
    """One thing that a definition has differently now than at the moment of a snapshot.

    ``then`` is "" for what was added since, ``now`` is "" for what was removed since.
    """

    what: str
    then: str = ""
    now: str = ""


class SnapshotComparison(Struct, frozen=True):
    """The definition of a domain at the moment of a snapshot and as it is stored now.

    ``then`` and ``now`` are whole definitions, "" where libvirt kept none; ``differences`` are
    sorted with disks and devices first.
    """

    name: str
    then: str = ""
    now: str = ""
    differences: tuple[DefinitionDifference, ...] = ()


class RevertArguments(Struct, frozen=True):
    """REVERT: the snapshot that a domain goes back to.

    ``first`` is the snapshot of now that is taken before, None without. ``drop_checkpoints`` are
    deleted first. ``set_clock``: the guest's clock is set through its agent afterwards. ``force``
    goes on where libvirt calls it risky. ``current`` is the snapshot that was current and
    ``active`` whether the guest ran when it was planned.
    """

    name: str
    way: RevertWay = RevertWay.LIBVIRT
    first: TakeSnapshotArguments | None = None
    drop_checkpoints: tuple[str, ...] = ()
    after: AfterRevert = AfterRevert.AS_THEN
    set_clock: bool = False
    force: bool = False
    active: bool = False
    current: str = ""
