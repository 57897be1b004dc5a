"""Merge conflicts: each with the three texts, and the choice."""

from __future__ import annotations

from collections.abc import Sequence

from virttui.libvirtxml.text.diff import ElementPaths
from virttui.libvirtxml.text.merge import Chunk, Origin, Resolution, conflicts, merge
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Background, Line, Role, Run, clean, within

RESOLUTION_KEYS = {
    "m": Resolution.MINE,
    "t": Resolution.THEIRS,
    "b": Resolution.BOTH,
    "o": Resolution.BASE,
}
RESOLUTION_LABELS = {
    None: "not chosen yet",
    Resolution.MINE: "mine",
    Resolution.THEIRS: "theirs",
    Resolution.BOTH: "both, mine first",
    Resolution.BASE: "neither: as it was",
}


class ConflictPage:
    """The choices of one merge. The cursor is on a conflict."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self.chunks = list(chunks)
        self.picks: dict[int, Resolution] = {}
        self.places = conflicts(self.chunks)
        self.cursor = 0

    def resolve(self, resolution: Resolution) -> None:
        """Choose for the conflict under the cursor, and go on to the next that is open."""
        if not self.places:
            return
        self.picks[self.places[self.cursor]] = resolution
        waiting = [n for n, place in enumerate(self.places) if place not in self.picks]
        if waiting:
            self.cursor = next((n for n in waiting if n > self.cursor), waiting[0])

    def move(self, by: int) -> None:
        """To another conflict."""
        self.cursor = max(0, min(self.cursor + by, len(self.places) - 1))

    @property
    def open(self) -> int:
        """The number of conflicts without a choice."""
        return len([place for place in self.places if place not in self.picks])

    def outcome(self) -> str | None:
        """The text; None while something must be chosen."""
        return merge(self.chunks, self.picks)


def conflict_lines(
    page: ConflictPage, look: RenderContext, width: int
) -> tuple[list[Line], list[int]]:
    """The page, and at which of its lines each conflict begins."""
    lines: list[Line] = []
    starts: list[int] = []
    places = ElementPaths("\n".join(line for chunk in page.chunks for line in chunk.mine))
    line = 0
    for number, chunk in enumerate(page.chunks):
        if chunk.origin is Origin.CONFLICT:
            starts.append(len(lines))
            where = " › ".join(places.at_line(line)) or "the root"
            current = page.places[page.cursor] == number
            lines += _conflict(chunk, where, page.picks.get(number), current, look, width)
        line += len(chunk.mine)
    return lines, starts


def _conflict(
    chunk: Chunk,
    where: str,
    resolution: Resolution | None,
    current: bool,
    look: RenderContext,
    width: int,
) -> list[Line]:
    background = Background.CURSOR if current else Background.PLAIN
    bar = look.glyphs.cursor if current else " "
    head = (
        Run(bar, Role.ACCENT, background),
        Run(f"{clean(where)}  ", Role.STRONG, background),
        Run(RESOLUTION_LABELS[resolution], Role.OK if resolution else Role.WARN, background),
    )
    lines: list[Line] = [within(head, width, background)]
    for name, texts, taken in (
        ("before", chunk.base, resolution is Resolution.BASE),
        ("mine", chunk.mine, resolution in (Resolution.MINE, Resolution.BOTH)),
        ("theirs", chunk.theirs, resolution in (Resolution.THEIRS, Resolution.BOTH)),
    ):
        role, under = (Role.OK, Background.ADDED) if taken else (Role.MUTED, Background.PLAIN)
        shown = texts or ("(nothing)",)
        for n, text in enumerate(shown):
            label = name if not n else ""
            line = (Run(f"  {label:<8}", Role.MUTED, under), Run(clean(text), role, under))
            lines.append(within(line, width, under))
    return [*lines, within(BLANK, width)]
