"""Disks of a running domain: their backing chains, and operations on them."""

from __future__ import annotations

from msgspec import Struct

from virttui.model.identity import ObjectId
from virttui.model.volumes import NewVolume, PoolContext


class ChainLayer(Struct, frozen=True):
    """A file or device of a disk's backing chain.

    ``source`` is its path, or the name of a volume of ``pool``. ``index`` is libvirt's number for
    it while the domain runs, 0 where there is none.
    """

    source: str
    format: str = ""
    pool: str = ""
    index: int = 0

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.source.rstrip("/").rpartition("/")[2]


class BackingChain(Struct, frozen=True):
    """The backing chain of a running domain's disk. ``layers`` begin with the active one.

    ``capacity`` is the size the guest sees and ``allocation`` the space its first layer takes, in
    bytes, None where unknown. ``copied_to`` is the target of libvirt's running copy, "" for none;
    ``ready``: that copy is complete, and the disk can be switched to it.
    """

    disk: str
    layers: tuple[ChainLayer, ...]
    capacity: int | None = None
    allocation: int | None = None
    copied_to: str = ""
    ready: bool = False


class DiskJob(Struct, frozen=True):
    """The arguments of a command on a disk of a running domain.

    ``new`` and ``target_pool`` go with BLOCK_COPY; ``chain`` is the backing chain at the time of
    the request. BLOCK_COMMIT writes the layers from ``top`` (0 is the first) into the layer
    ``base``, BLOCK_PULL takes those above ``base`` into the first one; ``base`` is the number of
    layers to pull them all. ``delete_old`` deletes the files that are no longer needed after it.
    ``limit`` is bytes a second, 0 for none. ``capacity`` (bytes) goes with RESIZE.
    """

    disk: str
    chain: tuple[str, ...] = ()
    new: NewVolume | None = None
    target_pool: ObjectId | None = None
    target_pool_name: str = ""
    top: int = 0
    base: int = 0
    delete_old: bool = False
    limit: int = 0
    capacity: int = 0


class TargetPool(Struct, frozen=True):
    """A pool that a new volume can go to, with its facts; ``note`` is a short remark.

    ``path`` is its folder on its host, "" where it has none.
    """

    key: ObjectId
    name: str
    context: PoolContext
    note: str = ""
    path: str = ""
