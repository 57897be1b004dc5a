"""The question about the deletion of snapshots, as lines: each file with its fate, what is lost."""

from __future__ import annotations

import time
from collections.abc import Sequence

from virttui import formatting
from virttui.model.domains.snapshot_deletion import (
    DeletionPlan,
    DeletionWay,
    FileChange,
    FileFate,
)
from virttui.model.domains.snapshots import Snapshot
from virttui.render.line import BLANK, Line, Role, Run, clean, cut, fit, wrapped

_ROLES = {FileFate.GONE: Role.BAD, FileFate.MERGED: Role.TEXT, FileFate.GROWS: Role.TEXT}
_FATE, _SIZE = 8, 6
"""Cells of a fate and of a size."""


def question(names: Sequence[str], domain: str, host: str) -> str:
    """The first sentence."""
    if len(names) == 1:
        return f"Delete {names[0]} of {domain} on {host}?"
    return (
        f"Delete {formatting.counted(len(names), 'snapshot')} of {domain} on {host}, in this order:"
        f" {', '.join(names)}?"
    )


def button(plan: DeletionPlan) -> str:
    """The words of the button."""
    ways = {step.way for step in plan.steps}
    if DeletionWay.DISCARD in ways:
        return f"Delete with {formatting.size(plan.total(FileFate.GONE))}"
    if DeletionWay.MERGE in ways:
        return f"Delete, merge {formatting.size(plan.total(FileFate.MERGED))}"
    return "Delete"


def what_happens(plan: DeletionPlan, domain: str, *, running: bool) -> str:
    """What is done to the data, in sentences."""
    ways = {step.way for step in plan.steps}
    one = len(plan.steps) == 1
    words = []
    if DeletionWay.DISCARD in ways:
        words.append(
            "Now does not stand on it: its whole branch goes with it."
            if one
            else "Now does not stand on a branch: it goes with all that was written to it."
        )
    if DeletionWay.MERGE in ways:
        point = "The point goes" if one else "The points go"
        words.append(f"{point}, no data of now does: what was written after is merged down")
        words[-1] += f" while {domain} runs. X ends it." if running else (
            f". {domain} is off: libvirt does it, by a QEMU that it pauses, and it cannot be ended."
        )  # fmt: skip
        words.append("If that is ended in the middle, the point is lost all the same.")
    elif DeletionWay.POINT in ways:
        words.append(
            f"The {'point goes' if one else 'points go'}; nothing that {domain} has now changes."
        )
    return " ".join(words)


def files(plan: DeletionPlan, width: int, room: int) -> list[Line]:
    """A line for each file that changes; the last says how many more there are."""
    shown = plan.files if len(plan.files) <= room else plan.files[: max(0, room - 1)]
    lines = [_file(one, width) for one in shown]
    if len(shown) < len(plan.files):
        lines.append((Run(f"  and {len(plan.files) - len(shown)} more files", Role.MUTED),))
    return lines


def _file(one: FileChange, width: int) -> Line:
    room = max(12, width - _FATE - _SIZE - 22)
    size = formatting.size(one.bytes)
    note = one.note
    if one.fate is FileFate.GROWS:
        size, note = "", f"to {size} at most"
    return (
        Run(f"  {one.fate.value:<{_FATE}} ", _ROLES[one.fate]),
        Run(f"{fit(clean(one.name), room)} {size:>{_SIZE}}  "),
        Run(cut(clean(note), 18), Role.MUTED),
    )


def afterwards(plan: DeletionPlan, there: Sequence[Snapshot], width: int) -> list[Line]:
    """What there is no way back from, and the gentler way."""
    lines: list[Line] = []
    if plan.loses_data:
        lost = formatting.size(plan.total(FileFate.GONE))
        lines.append((Run(f"{lost} of data will be gone for good.", Role.BAD_STRONG),))
        return [*lines, (Run("Gentler: C makes a domain of it first.", Role.MUTED),)]
    taken = [one.taken for one in there if one.name in plan.names and one.taken is not None]
    if taken:
        moments = [time.strftime("%d %b %H:%M", time.localtime(one)) for one in sorted(taken)]
        named = moments[0] if len(moments) == 1 else f"{len(moments)} moments"
        words = f"There is no way back to {named} afterwards."
        lines += [(Run(part),) for part in wrapped(words, width)]
    return lines


def refusal(plan: DeletionPlan, width: int) -> list[Line]:
    """Why nothing is deleted, and what helps."""
    reason = plan.refusal[:1].upper() + plan.refusal[1:]
    lines: list[Line] = [(Run(part, Role.BAD),) for part in wrapped(clean(f"{reason}."), width)]
    if plan.advice:
        advice = plan.advice[:1].upper() + plan.advice[1:]
        lines += [
            BLANK,
            *((Run(part, Role.MUTED),) for part in wrapped(clean(f"{advice}."), width)),
        ]
    return lines
