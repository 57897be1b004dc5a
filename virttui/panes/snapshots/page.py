"""The list of snapshots as lines, and all that is known of the one under the cursor."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from msgspec import Struct

from virttui import formatting
from virttui.model.domains.snapshots import Snapshot, SnapshotDisk, SnapshotKind
from virttui.model.inventory import Domain
from virttui.panes.snapshots.consequences import revert_sentences
from virttui.panes.snapshots.tree import Moment
from virttui.render.glyphs import RenderContext
from virttui.render.line import (
    Background,
    Line,
    Role,
    Run,
    clean,
    cut_end,
    fit,
    on,
    within,
    wrapped,
)

WIDE = 100
"""From so many columns on, kind, time and note have columns of their own."""
_LABEL = 13
_HOLDS, _AGE, _AFTER, _KIND, _TAKEN = 14, 5, 9, 9, 13
"""Cells of the columns."""
_NAME = (20, 40)
"""Cells of a name with its place in the tree, at least and at most."""


class MomentRow(Struct, frozen=True):
    """The cells of one row of the list."""

    name: str
    kind: str = ""
    holds: str = ""
    taken: str = ""
    age: str = ""
    after: str = ""
    note: str = ""


_HEADER = MomentRow("SNAPSHOT", "KIND", "HOLDS", "TAKEN", "AGE", "AFTER IT", "NOTE")


def holds(snapshot: Snapshot) -> str:
    """What a snapshot holds, in words."""
    if snapshot.fault:
        return "not readable"
    disks = "disks" if snapshot.kept_disks else "no disk"
    if snapshot.memory != "no":
        return f"{disks}, memory"
    return f"{disks}, off" if snapshot.state == "shutoff" else f"{disks} alone"


def header(width: int) -> Line:
    """The titles of the columns."""
    return within((Run(f"  {_cells(_HEADER, width)}", Role.MUTED),), width)


def list_line(
    moment: Moment,
    state: str,
    look: RenderContext,
    width: int,
    *,
    chosen: bool,
    marked: bool = False,
) -> Line:
    """One moment in its place in the tree; ``state`` is the domain's own, for now."""
    glyphs, snapshot = look.glyphs, moment.snapshot
    if snapshot is None:
        row = MomentRow(f"{branches(moment, look)}{glyphs.running} now", holds=state)
    else:
        mark = glyphs.open if moment.on_the_way else glyphs.shut
        row = _row(snapshot, f"{branches(moment, look)}{mark} {clean(snapshot.name)}", look)
    begin = Run(glyphs.cursor if chosen else " ", Role.ACCENT)
    flag = Run(glyphs.marked if marked else " ", Role.ACCENT_STRONG)
    role = Role.TEXT if moment.on_the_way else Role.MUTED
    if snapshot is not None and (snapshot.fault or snapshot.being_deleted):
        role = Role.WARN
    line = within((begin, flag, Run(_cells(row, width, glyphs.cut), role)), width)
    return on(line, Background.CURSOR) if chosen else line


def branches(moment: Moment, look: RenderContext) -> str:
    """The strokes before a moment: ``└ ``, ``│ ├ ``."""
    if not moment.depth:
        return ""
    glyphs = look.glyphs
    before = "".join("  " if last else f"{glyphs.wall} " for last in moment.last[1:-1])
    return f"{before}{glyphs.last if moment.last[-1] else glyphs.tree} "


def _row(snapshot: Snapshot, name: str, look: RenderContext) -> MomentRow:
    taken = snapshot.taken
    return MomentRow(
        name,
        snapshot.kind.value,
        holds(snapshot),
        "" if taken is None else time.strftime("%d %b %H:%M", time.localtime(taken)),
        formatting.age(None if taken is None else look.epoch - taken),
        formatting.size(snapshot.written_after),
        clean(" ".join(snapshot.note.split())),
    )


def _cells(row: MomentRow, width: int, mark: str = "…") -> str:
    """The cells of a row after the cursor's, as far as they fit."""
    wide = width >= WIDE
    others = 3 + _HOLDS + _AGE + _AFTER + 3 * 2
    if wide:
        others += _KIND + _TAKEN + 2 * 2 + 12
    least, most = _NAME
    room = max(least, min(most, width - others))
    cells = [fit(row.name, room, mark=mark)]
    if wide:
        cells.append(fit(row.kind, _KIND))
    cells.append(fit(row.holds, _HOLDS, mark=mark))
    if wide:
        cells.append(fit(row.taken, _TAKEN))
    cells += [fit(row.age, _AGE, right=True), fit(row.after, _AFTER, right=True)]
    if wide:
        cells.append(row.note)
    return "  ".join(cells)


# -- the one under the cursor ------------------------------------------------------------------


def about(
    moment: Moment,
    snapshots: Sequence[Snapshot],
    domain: Domain,
    width: int,
    height: int,
    screenshot: str = "",
) -> list[Line]:
    """All that is known of a moment of a domain, in at most ``height`` lines.

    ``screenshot`` is the path of the picture of its screen, "" where none was kept.
    """
    found = list(
        _facts(moment.snapshot, domain) if moment.snapshot is not None else _now(snapshots)
    )
    if screenshot:
        found.append(("screen then", f"{screenshot} on this computer", Role.TEXT))
    lines: list[Line] = []
    for label, words, role in found:
        for part in wrapped(words, max(20, width - _LABEL - 2)) or [""]:
            lines.append(within((Run(f" {label:<{_LABEL}}", Role.MUTED), Run(part, role)), width))
            label = ""
    if len(lines) > height:
        more = f" {len(lines) - height + 1} more lines: enter shows the XML"
        lines = [*lines[: max(0, height - 1)], within((Run(more, Role.MUTED),), width)]
    return lines[:height]


def _facts(snapshot: Snapshot, domain: Domain) -> Iterator[tuple[str, str, Role]]:
    if snapshot.fault:
        yield "fault", snapshot.fault, Role.WARN
        return
    if snapshot.being_deleted:
        words = "its deletion was begun and has not ended: what it held may not be whole any more."
        yield "not whole", f"{words} U finishes it", Role.WARN
    if snapshot.note:
        yield "note", " ".join(snapshot.note.split()), Role.TEXT
    if not snapshot.being_deleted:
        sentences = revert_sentences(snapshot, domain.name, active=domain.state.active)
        yield "if r revert", " ".join(sentences), Role.TEXT
    yield "it was", _STATES.get(snapshot.state, snapshot.state or formatting.UNKNOWN), Role.TEXT
    for disk in snapshot.kept_disks:
        yield disk.target, _kept(disk), Role.TEXT
    if snapshot.memory == "internal":
        yield "memory", "inside the image of a disk, with the state of its devices", Role.TEXT
    elif snapshot.memory_file:
        size = formatting.size(snapshot.memory_bytes)
        yield "memory", f"{snapshot.memory_file}, {size}", Role.TEXT
    if snapshot.left_out:
        names = formatting.listed([disk.target for disk in snapshot.left_out])
        stay = "stays as it is" if len(snapshot.left_out) == 1 else "stay as they are"
        yield "not in it", f"{names}: {stay} when the domain is reverted", Role.WARN
    if snapshot.kind is SnapshotKind.MIXED:
        yield "mixed", "it is internal and external at once: libvirt can harm such ones", Role.WARN


_STATES = {
    "running": "running",
    "paused": "paused",
    "shutoff": "off",
    "disk-snapshot": "running, and its memory was not kept: it boots from these disks as after a "
    "power cut, unless its writes were held",
    "crashed": "crashed",
    "nostate": formatting.UNKNOWN,
}


def _kept(disk: SnapshotDisk) -> str:
    if disk.how == "internal":
        return (
            f"inside {disk.source}; what it takes there is not known" if disk.source else "inside"
        )
    size = formatting.size(disk.overlay_bytes)
    was = f"as it was: {disk.source}; " if disk.source else ""
    return f"{was}what came after: {disk.overlay}, {size}"


def _now(snapshots: Sequence[Snapshot]) -> Iterator[tuple[str, str, Role]]:
    current = next((one for one in snapshots if one.current), None)
    if current is None:
        yield "now", "it comes after no snapshot that libvirt knows", Role.TEXT
    else:
        size = current.written_after
        after = "" if size is None else f"; {formatting.size(size)} were written since"
        yield "now", f"it comes after {current.name}{after}", Role.TEXT
    kinds = {one.kind for one in snapshots} - {SnapshotKind.EMPTY}
    if len(kinds) > 1:
        words = "internal and external snapshots: deleting or reverting one can destroy others"
        yield "mixed", f"it has {words}", Role.WARN


def sentence(moment: Moment | None, name: str, width: int) -> Line:
    """The moment under the cursor in one line."""
    if moment is None:
        return ()
    snapshot = moment.snapshot
    if snapshot is None:
        return Run("now", Role.STRONG), Run(f"  {clean(name)} as it is at this moment")
    says = snapshot.fault or f"{snapshot.kind.value}: {holds(snapshot)}"
    if snapshot.left_out and not snapshot.fault:
        says += f"; without {formatting.listed([disk.target for disk in snapshot.left_out])}"
    text = cut_end(clean(says), max(10, width - len(clean(snapshot.name)) - 4))
    return Run(clean(snapshot.name), Role.STRONG), Run(f"  {text}")
