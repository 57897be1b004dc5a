"""Volumes to be made and changed: what is wanted of one, and what its pool has for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from virttui.model.documents import Option
from virttui.model.identity import ObjectId
from virttui.model.inventory import Volume

FILE_POOLS = frozenset({"dir", "fs", "netfs", "gluster", "vstorage"})
"""The types of pools whose volumes are files, and so may have a format."""


@dataclass(frozen=True, slots=True)
class NewVolume:
    """A volume to be made. Sizes in bytes.

    ``format`` is "" where the pool knows only one. ``allocation`` is what is taken at once, None
    for what is usual; ``metadata`` writes the tables of a qcow2 at once. ``backing`` is the path of
    what lies under it, in ``backing_format``. ``secret`` is the UUID of the one it is encrypted
    with by LUKS, "" for none.
    """

    name: str
    capacity: int
    format: str = ""
    allocation: int | None = None
    metadata: bool = False
    backing: str = ""
    backing_format: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class VolumeOperation:
    """What is done to a volume of ``pool``, beside the verb.

    ``new`` goes with CREATE, CLONE and COPY; a clone is made in the pool ``to``, or beside the
    other; a copy goes to the pool ``to`` of another host, whose URI is ``to_uri``.
    ``capacity`` (bytes) goes with RESIZE; one that is less than there is is refused, unless it
    ``shrinks``. ``runs_on`` is the domain that was seen to run on it. ``file`` goes with UPLOAD
    and DOWNLOAD: a path of this machine; ``files`` says that the pool keeps files.
    """

    pool: ObjectId
    pool_name: str
    new: NewVolume | None = None
    capacity: int = 0
    shrinks: bool = False
    runs_on: str = ""
    file: str = ""
    files: bool = True
    to: ObjectId | None = None
    to_name: str = ""
    to_uri: str = ""


@dataclass(frozen=True, slots=True)
class PoolContext:
    """What a pool has for a new volume. ``secrets`` are those of its host, by UUID."""

    type: str
    available: int
    volumes: tuple[Volume, ...] = ()
    secrets: tuple[Option, ...] = ()


def free_name(name: str, taken: Collection[str], word: str = "") -> str:
    """``name``, or with ``word`` and a number before its ending where somebody has it."""
    stem, dot, last = name.rpartition(".")
    stem, ending = (stem, dot + last) if stem else (name, "")
    free, number = name, 1 if word else 2
    while free in taken:
        mark = "-".join(part for part in (word, str(number) if number > 1 else "") if part)
        free, number = f"{stem}-{mark}{ending}", number + 1
    return free
