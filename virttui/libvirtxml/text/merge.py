"""Three texts become one: what one side changed is taken, what both did is asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from virttui.libvirtxml.text.diff import Hunk, hunks


class Origin(StrEnum):
    """Who changed a chunk."""

    NOBODY = "nobody"
    MINE = "mine"
    THEIRS = "theirs"
    SAME = "both the same"
    CONFLICT = "both"


class Resolution(StrEnum):
    """What is taken of a chunk."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"
    BASE = "neither"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of lines on all three sides."""

    origin: Origin
    base: tuple[str, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]

    @property
    def usual(self) -> Resolution | None:
        """What is taken where nobody says otherwise; None where somebody must."""
        return _USUAL[self.origin]

    def lines(self, pick: Resolution) -> tuple[str, ...]:
        """The lines that a choice gives."""
        if pick is Resolution.BOTH:
            return (*self.mine, *self.theirs)
        return {
            Resolution.MINE: self.mine,
            Resolution.THEIRS: self.theirs,
            Resolution.BASE: self.base,
        }[pick]


_USUAL: dict[Origin, Resolution | None] = {
    Origin.NOBODY: Resolution.BASE,
    Origin.MINE: Resolution.MINE,
    Origin.THEIRS: Resolution.THEIRS,
    Origin.SAME: Resolution.MINE,
    Origin.CONFLICT: None,
}


def chunks(base: str, mine: str, theirs: str) -> list[Chunk]:
    """The three texts cut where their changes begin and end."""
    lines = [text.split("\n") for text in (base, mine, theirs)]
    ours, others = hunks(lines[0], lines[1]), hunks(lines[0], lines[2])
    found: list[Chunk] = []
    place = 0
    shift = [0, 0]
    while ours or others:
        start, end, taken = _next_region(ours, others)
        if start > place:
            found.append(_quiet(lines[0][place:start]))
        spans = []
        for side, region in enumerate(taken):
            begin = start + shift[side]
            shift[side] += sum(_growth(hunk) for hunk in region)
            spans.append(tuple(lines[side + 1][begin : end + shift[side]]))
        found.append(_chunk(tuple(lines[0][start:end]), spans[0], spans[1], taken))
        place = end
    if place < len(lines[0]):
        found.append(_quiet(lines[0][place:]))
    return found


def _quiet(lines: Sequence[str]) -> Chunk:
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


def merged(found: Sequence[Chunk], picks: Mapping[int, Resolution]) -> str | None:
    """The text that choices by chunk give; None while a conflict has none."""
    lines: list[str] = []
    for number, chunk in enumerate(found):
        pick = picks.get(number, chunk.usual)
        if pick is None:
            return None
        lines += chunk.lines(pick)
    return "\n".join(lines)


def conflicts(found: Sequence[Chunk]) -> list[int]:
    """The numbers of the chunks that must be chosen."""
    return [number for number, chunk in enumerate(found) if chunk.origin is Origin.CONFLICT]
