"""Part of a local file: the content of an appliance's disk, or of a new volume."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileSlice:
    """A part of a file of this machine: ``size`` bytes of content from ``offset`` on.

    ``extents`` are where its data lies in the content, each with its length, when it has holes:
    only these are stored, one behind the other. ``digest`` is that of what is stored, as
    ``sha256:HEX``, "" where it is not known. ``convert`` is the format it is converted from before
    it is used, "" for content that is used as it is; ``into`` is then the format it becomes.
    ``label`` is what people know it by. What is ``spent`` is a file of ours, deleted once the
    machine is made, or could not be.
    With ``packed`` (gzip, bzip2) the content is what comes of unpacking what is stored. ``further``
    are the parts of other files that come behind it, where content was cut into pieces.
    """

    path: str
    size: int
    offset: int = 0
    extents: tuple[tuple[int, int], ...] | None = None
    digest: str = ""
    convert: str = ""
    into: str = "qcow2"
    label: str = ""
    spent: bool = False
    packed: str = ""
    further: tuple[FileSlice, ...] = ()

    @property
    def stored(self) -> int:
        """How many bytes it takes in its files."""
        more = sum(part.stored for part in self.further)
        if self.extents is None:
            return self.size + more
        return sum(length for _, length in self.extents) + more

    @property
    def whole(self) -> bool:
        """Whether its content lies in one place of one file, without holes, as it is."""
        return not self.packed and not self.further and self.extents is None
