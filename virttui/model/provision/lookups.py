"""What a new machine is made of beyond its host: files of this machine, places of the web.

Somebody who may read files looks them up; ``virttui.planning.create`` says which.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class LookupKind(StrEnum):
    """As what a place is looked at: a text, an image of a disk or a medium, an install tree."""

    TEXT = "text"
    IMAGE = "image"
    TREE = "install tree"


@dataclass(frozen=True, slots=True)
class Lookup:
    """One place to be looked at: a path of this machine, ``~`` at its begin, or a URL."""

    look: LookupKind
    place: str

    @property
    def far(self) -> bool:
        """Whether it is on the web."""
        return self.place.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of an install tree: its URL, its bytes (0 if not told), its SHA-256 ("" if not)."""

    url: str
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class InstallTree:
    """What an install tree boots.

    ``words`` is what it says it is; ``cmdline`` tells its installer where it came from.
    """

    url: str
    kernel: TreeFile
    initrd: TreeFile
    words: str = ""
    cmdline: str = ""


@dataclass(frozen=True, slots=True)
class LookupResult:
    """What was found at a place. ``wrong`` says in words why it is of no use, "" where it is.

    ``size`` is the bytes of a file, ``capacity`` those of the disk in it (the same for a raw one),
    ``format`` raw, qcow2 or vmdk. Nothing of a text is shown by ``repr``.
    """

    text: str = field(default="", repr=False)
    size: int = 0
    capacity: int = 0
    format: str = ""
    tree: InstallTree | None = None
    error: str = ""
