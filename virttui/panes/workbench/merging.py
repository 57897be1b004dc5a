"""Where two people changed the same lines: each place with the three texts, and what is taken."""

from __future__ import annotations

from collections.abc import Sequence

from virttui.markup.diff import Places
from virttui.markup.merge import Chunk, Origin, Pick, conflicts, merged
from virttui.panes.glyphs import Look
from virttui.panes.line import BLANK, Ground, Line, Role, Run, clean, within

PICKS = {"m": Pick.MINE, "t": Pick.THEIRS, "b": Pick.BOTH, "o": Pick.BASE}
WORDS = {
    None: "not chosen yet",
    Pick.MINE: "mine",
    Pick.THEIRS: "theirs",
    Pick.BOTH: "both, mine first",
    Pick.BASE: "neither: as it was",
}


class Merge:
    """The choices of one merge. The cursor is on a conflict."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self.chunks = list(chunks)
        self.picks: dict[int, Pick] = {}
        self.places = conflicts(self.chunks)
        self.cursor = 0

    def pick(self, pick: Pick) -> None:
        """Choose for the conflict under the cursor, and go on to the next that is open."""
        if not self.places:
            return
        self.picks[self.places[self.cursor]] = pick
        waiting = [n for n, place in enumerate(self.places) if place not in self.picks]
        if waiting:
            self.cursor = next((n for n in waiting if n > self.cursor), waiting[0])

    def move(self, by: int) -> None:
        """To another conflict."""
        self.cursor = max(0, min(self.cursor + by, len(self.places) - 1))

    @property
    def open(self) -> int:
        """How many conflicts have no choice yet."""
        return len([place for place in self.places if place not in self.picks])

    def outcome(self) -> str | None:
        """The text; None while something must be chosen."""
        return merged(self.chunks, self.picks)

    def theirs_alone(self) -> int:
        """In how many places only somebody else changed anything: taken without a question."""
        return len([chunk for chunk in self.chunks if chunk.origin is Origin.THEIRS])


def rows(merge: Merge, look: Look, cells: int) -> tuple[list[Line], list[int]]:
    """The page, and at which of its lines each conflict begins."""
    lines: list[Line] = []
    starts: list[int] = []
    places = Places("\n".join(line for chunk in merge.chunks for line in chunk.mine))
    line = 0
    for number, chunk in enumerate(merge.chunks):
        if chunk.origin is Origin.CONFLICT:
            starts.append(len(lines))
            where = " › ".join(places.of(line)) or "the root"
            current = merge.places[merge.cursor] == number
            lines += _conflict(chunk, where, merge.picks.get(number), current, look, cells)
        line += len(chunk.mine)
    return lines, starts


def _conflict(
    chunk: Chunk, where: str, pick: Pick | None, current: bool, look: Look, cells: int
) -> list[Line]:
    ground = Ground.CURSOR if current else Ground.PLAIN
    bar = look.glyphs.cursor if current else " "
    head = (
        Run(bar, Role.ACCENT, ground),
        Run(f"{clean(where)}  ", Role.STRONG, ground),
        Run(WORDS[pick], Role.OK if pick else Role.WARN, ground),
    )
    lines: list[Line] = [within(head, cells, ground)]
    for name, texts, taken in (
        ("before", chunk.base, pick is Pick.BASE),
        ("mine", chunk.mine, pick in (Pick.MINE, Pick.BOTH)),
        ("theirs", chunk.theirs, pick in (Pick.THEIRS, Pick.BOTH)),
    ):
        role, under = (Role.OK, Ground.ADDED) if taken else (Role.MUTED, Ground.PLAIN)
        shown = texts or ("(nothing)",)
        for n, text in enumerate(shown):
            label = name if not n else ""
            line = (Run(f"  {label:<8}", Role.MUTED, under), Run(clean(text), role, under))
            lines.append(within(line, cells, under))
    return [*lines, within(BLANK, cells)]
