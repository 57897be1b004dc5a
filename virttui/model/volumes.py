"""New volumes, operations on volumes, and facts of their pools."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from virttui.model.documents import Option
from virttui.model.identity import ObjectId
from virttui.model.inventory import Volume

FILE_POOLS = frozenset({"dir", "fs", "netfs", "gluster", "vstorage"})
"""The types of pools whose volumes are files, and can have a format."""


class NewVolume(Struct, frozen=True):
    """A volume to create. Sizes are bytes.

    ``format`` is "" where the pool has only one. ``allocation`` is the space to take at once, None
    for libvirt's default; ``metadata`` writes the tables of a qcow2 at once. ``backing`` is the
    path of its backing file, in ``backing_format``. ``secret`` is the UUID of the secret that
    encrypts it with LUKS, "" for none.
    """

    name: str
    capacity: int
    format: str = ""
    allocation: int | None = None
    metadata: bool = False
    backing: str = ""
    backing_format: str = ""
    secret: str = ""


class VolumeOperation(Struct, frozen=True):
    """The arguments of a command on a volume of ``pool``.

    ``new`` goes with CREATE, CLONE and COPY_TO_HOST. A clone goes to ``target_pool``, or to the
    same pool; a copy goes to ``target_pool`` of another host, whose URI is ``target_uri``.
    ``capacity`` (bytes) goes with RESIZE; a smaller one than now is refused without
    ``allow_shrink``. ``running_domain`` is the domain that was seen to run on it. ``file`` goes
    with UPLOAD and DOWNLOAD: a path of this computer; ``files``: the pool stores its volumes as
    files. ``despite`` goes with DELETE and WIPE: the reasons why users may be unknown, which the
    user has accepted.
    """

    pool: ObjectId
    pool_name: str
    new: NewVolume | None = None
    capacity: int = 0
    allow_shrink: bool = False
    running_domain: str = ""
    file: str = ""
    files: bool = True
    target_pool: ObjectId | None = None
    target_pool_name: str = ""
    target_uri: str = ""
    despite: tuple[str, ...] = ()


class PoolContext(Struct, frozen=True):
    """Facts of a pool that forms need. ``secrets`` are those of its host, by UUID."""

    type: str
    available: int
    volumes: tuple[Volume, ...] = ()
    secrets: tuple[Option, ...] = ()


def free_name(name: str, used: Collection[str], word: str = "") -> str:
    """Return ``name``, or where it is taken, with ``word`` and a number before its ending."""
    stem, dot, last = name.rpartition(".")
    stem, ending = (stem, dot + last) if stem else (name, "")
    free, number = name, 1 if word else 2
    while free in used:
        mark = "-".join(part for part in (word, str(number) if number > 1 else "") if part)
        free, number = f"{stem}-{mark}{ending}", number + 1
    return free
