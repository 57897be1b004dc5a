"""Three-way merge: a change of one side is taken, a conflict is left to the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from virttui.libvirtxml.text.diff import Hunk, hunks


class Origin(StrEnum):
    """The side that changed a chunk."""

    NOBODY = "nobody"
    MINE = "mine"
    THEIRS = "theirs"
    SAME = "both the same"
    CONFLICT = "both"


class Resolution(StrEnum):
    """The lines to take for a chunk."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"
    BASE = "neither"


class Chunk(Struct, frozen=True):
    """A range of lines on all three sides."""

    origin: Origin
    base: tuple[str, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]

    @property
    def default(self) -> Resolution | None:
        """The resolution without a choice of the user; None for a conflict."""
        return _DEFAULT_RESOLUTIONS[self.origin]

    def lines(self, resolution: Resolution) -> tuple[str, ...]:
        """Return the lines of a resolution."""
        if resolution is Resolution.BOTH:
            return (*self.mine, *self.theirs)
        return {
            Resolution.MINE: self.mine,
            Resolution.THEIRS: self.theirs,
            Resolution.BASE: self.base,
        }[resolution]


_DEFAULT_RESOLUTIONS: dict[Origin, Resolution | None] = {
    Origin.NOBODY: Resolution.BASE,
    Origin.MINE: Resolution.MINE,
    Origin.THEIRS: Resolution.THEIRS,
    Origin.SAME: Resolution.MINE,
    Origin.CONFLICT: None,
}


def chunks(base: str, mine: str, theirs: str) -> list[Chunk]:
    """Return the three texts cut where their changes begin and end."""
    lines = [text.split("\n") for text in (base, mine, theirs)]
    ours, others = hunks(lines[0], lines[1]), hunks(lines[0], lines[2])
    result: list[Chunk] = []
    place = 0
    shift = [0, 0]
    while ours or others:
        start, end, region_hunks = _next_region(ours, others)
        if start > place:
            result.append(_unchanged(lines[0][place:start]))
        spans = []
        for side, region in enumerate(region_hunks):
            begin = start + shift[side]
            shift[side] += sum(_growth(hunk) for hunk in region)
            spans.append(tuple(lines[side + 1][begin : end + shift[side]]))
        result.append(_chunk(tuple(lines[0][start:end]), spans[0], spans[1], region_hunks))
        place = end
    if place < len(lines[0]):
        result.append(_unchanged(lines[0][place:]))
    return result


def _unchanged(lines: Sequence[str]) -> Chunk:
    same = tuple(lines)
    return Chunk(Origin.NOBODY, same, same, same)


def _growth(hunk: Hunk) -> int:
    return (hunk.new_end - hunk.new_start) - (hunk.old_end - hunk.old_start)


def _next_region(
    ours: list[Hunk], others: list[Hunk]
) -> tuple[int, int, tuple[list[Hunk], list[Hunk]]]:
    """Take the hunks of both sides that touch each other, from the first on."""
    taken: tuple[list[Hunk], list[Hunk]] = ([], [])
    sides = (ours, others)
    first = min((hunk for side in sides for hunk in side[:1]), key=lambda h: h.old_start)
    start, end = first.old_start, first.old_end
    grown = True
    while grown:
        grown = False
        for side, region in zip(sides, taken, strict=True):
            # Touching counts: two changes without a line between them belong together.
            while side and side[0].old_start <= end:
                hunk = side.pop(0)
                region.append(hunk)
                end = max(end, hunk.old_end)
                grown = True
    return start, end, taken


def _chunk(
    base: tuple[str, ...],
    mine: tuple[str, ...],
    theirs: tuple[str, ...],
    taken: tuple[list[Hunk], list[Hunk]],
) -> Chunk:
    if mine == theirs:
        origin = Origin.SAME
    elif not taken[1]:
        origin = Origin.MINE
    elif not taken[0]:
        origin = Origin.THEIRS
    else:
        origin = Origin.CONFLICT
    return Chunk(origin, base, mine, theirs)


def merge(found: Sequence[Chunk], picks: Mapping[int, Resolution]) -> str | None:
    """Return the text of the resolutions by chunk; None while a conflict has none."""
    lines: list[str] = []
    for number, chunk in enumerate(found):
        resolution = picks.get(number, chunk.default)
        if resolution is None:
            return None
        lines += chunk.lines(resolution)
    return "\n".join(lines)


def conflicts(found: Sequence[Chunk]) -> list[int]:
    """Return the numbers of the chunks that are conflicts."""
    return [number for number, chunk in enumerate(found) if chunk.origin is Origin.CONFLICT]
