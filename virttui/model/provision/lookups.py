"""Sources of a new machine outside of its host: files of this computer, and URLs.

``virttui.planning.create`` says which are needed, ``virttui.source_lookup`` reads them.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from virttui.model.secret_value import hides


class LookupKind(StrEnum):
    """Kinds of sources: a text, an image of a disk or medium, an install tree."""

    TEXT = "text"
    IMAGE = "image"
    TREE = "install tree"


class Lookup(Struct, frozen=True):
    """A source to read: a path of this computer (``~`` may begin it), or a URL."""

    kind: LookupKind
    place: str

    @property
    def is_url(self) -> bool:
        """True if it is a URL."""
        return self.place.startswith(("http://", "https://"))


class TreeFile(Struct, frozen=True):
    """A file of an install tree: its URL, its size in bytes (0: unknown), its SHA-256 ("":
    unknown)."""

    url: str
    size: int = 0
    sha256: str = ""


class InstallTree(Struct, frozen=True):
    """The kernel and initrd of an install tree.

    ``label`` is the tree's own name; ``cmdline`` are the kernel arguments that tell the installer
    where the tree is.
    """

    url: str
    kernel: TreeFile
    initrd: TreeFile
    label: str = ""
    cmdline: str = ""


@hides("text")
class LookupResult(Struct, frozen=True):
    """The content or facts of a source; ``error`` is the reason why it cannot be used, else "".

    ``size`` is the bytes of a file, ``capacity`` those of the disk in it (the same for a raw one),
    ``format`` raw, qcow2 or vmdk. No ``repr`` shows ``text``.
    """

    text: str = ""
    size: int = 0
    capacity: int = 0
    format: str = ""
    tree: InstallTree | None = None
    error: str = ""
