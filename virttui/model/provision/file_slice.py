"""Part of a local file: the content of an appliance's disk, or of a new volume."""

from __future__ import annotations

from msgspec import Struct


class FileSlice(Struct, frozen=True):
    """A part of a file of this computer: ``size`` bytes of content from ``offset`` on.

    ``extents`` are the places of the data in content that has holes, as (start, length); only these
    bytes are stored, one after the other. ``digest`` is that of the stored bytes, as
    ``sha256:HEX``, "" where it is not known. ``convert`` is the format to convert from, "" for
    content that is used as it is; ``into`` is the format to convert to. ``label`` is its name on
    the screen. ``compression`` is gzip or bzip2, ``size`` then counts the bytes before unpacking.
    ``next_slices`` are the parts of other files that follow, where content was split into several
    files. ``delete_after_use``: it is a temporary file of VirtTUI, deleted once the domain was
    created or failed to be.
    """

    path: str
    size: int
    offset: int = 0
    extents: tuple[tuple[int, int], ...] | None = None
    digest: str = ""
    convert: str = ""
    into: str = "qcow2"
    label: str = ""
    delete_after_use: bool = False
    compression: str = ""
    next_slices: tuple[FileSlice, ...] = ()

    @property
    def stored(self) -> int:
        """The bytes that it takes up in its files."""
        more = sum(part.stored for part in self.next_slices)
        if self.extents is None:
            return self.size + more
        return sum(length for _, length in self.extents) + more

    @property
    def is_contiguous(self) -> bool:
        """True if the content is one run of bytes in one file, neither compressed nor with
        holes."""
        return not self.compression and not self.next_slices and self.extents is None
