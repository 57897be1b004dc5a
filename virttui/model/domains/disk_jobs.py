"""The disks of a running domain: what each lies on, and what is done to one while it runs."""

from __future__ import annotations

from dataclasses import dataclass

from virttui.model.identity import ObjectId
from virttui.model.volumes import NewVolume, PoolContext


@dataclass(frozen=True, slots=True)
class ChainLayer:
    """One file or device of a disk's chain.

    ``place`` is its path, or the name of a volume of ``pool``. ``index`` is libvirt's number for
    it while the domain runs, 0 where it tells none.
    """

    place: str
    format: str = ""
    pool: str = ""
    index: int = 0

    @property
    def name(self) -> str:
        """What people call it: the end of its path."""
        return self.place.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class BackingChain:
    """One disk of a running domain. ``layers`` begin with the one that is written to.

    ``capacity`` is what the guest sees and ``allocation`` what its first layer takes, in bytes,
    None where that is not told. ``copied_to`` is where a copy of libvirt's goes to, "" for none;
    ``ready`` says that it is whole and only has to be switched to.
    """

    disk: str
    layers: tuple[ChainLayer, ...]
    capacity: int | None = None
    allocation: int | None = None
    copied_to: str = ""
    ready: bool = False


@dataclass(frozen=True, slots=True)
class DiskJob:
    """What is done to a disk of a running domain, beside the verb.

    ``new`` and the pool ``to`` go with MOVE; ``chain`` is what the disk lay on when it was asked
    for. COMMIT writes the layers from ``top`` (0 is the first) into the layer ``base``, PULL takes
    those above ``base`` into the first one; ``base`` is the number of layers to pull them all.
    ``drops`` deletes what is no longer wanted after it. ``limit`` is bytes a second, 0 for none.
    ``capacity`` (bytes) goes with RESIZE.
    """

    disk: str
    chain: tuple[str, ...] = ()
    new: NewVolume | None = None
    to: ObjectId | None = None
    to_name: str = ""
    top: int = 0
    base: int = 0
    drops: bool = False
    limit: int = 0
    capacity: int = 0


@dataclass(frozen=True, slots=True)
class TargetPool:
    """A pool that a disk could move to, and what is in it; ``note`` is a word about that.

    ``path`` is its folder on its host, "" where it has none.
    """

    key: ObjectId
    name: str
    room: PoolContext
    note: str = ""
    path: str = ""
