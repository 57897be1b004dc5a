"""The steps: a column on the left with what each came to, or one line of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virttui import text
from virttui.model.installing import Proposal, Stage
from virttui.model.machines import Machine
from virttui.panes.chrome import rule
from virttui.panes.glyphs import Look
from virttui.panes.line import BLANK, Line, Role, Run, clean, cut, within

ORDER = tuple(Stage)
COLUMN = 22
"""Cells of the column."""


def subject(made: Sequence[Proposal], host: str) -> str:
    """Which machines, and where."""
    if not made:
        return f"on {host}"
    name = made[0].machine.name
    return f"{name} on {host}" if len(made) == 1 else f"{name} and {len(made) - 1} more on {host}"


def summaries(made: Sequence[Proposal], host: str) -> Mapping[Stage, str]:
    """What each step came to, in two or three words."""
    if not made:
        return {}
    proposal, machine = made[0], made[0].machine
    said = {
        Stage.WHAT: str(machine.method),
        Stage.WHERE: f"{host}, {machine.name}",
        Stage.SYSTEM: proposal.system or "not known",
        Stage.SIZE: f"{machine.vcpus} vcpu, {text.size(machine.memory)}",
        Stage.EXTRAS: _extras(machine),
    }
    for stage, nothing in ((Stage.DISKS, "no disk"), (Stage.NETWORK, "no card")):
        mine = [one for one in proposal.parts if one.stage is stage and one.group]
        mine = mine or [one for one in proposal.parts if one.stage is stage]
        if not mine:
            said[stage] = nothing
        elif stage is Stage.DISKS:
            first = mine[0]
            size = text.whole_size(first.size) if first.size else first.target
            said[stage] = f"{size} on {first.place}" if first.place else size
        else:
            said[stage] = mine[0].source
        if len(mine) > 1:
            said[stage] += f" +{len(mine) - 1}"
    return said


def _extras(machine: Machine) -> str:
    words = [machine.firmware] if machine.firmware else []
    return ", ".join([*words, machine.graphics or "console"])


def column(stage: Stage, said: Mapping[Stage, str], look: Look, lines: int) -> list[Line]:
    """Every step with its number and what it came to, in exactly ``lines`` of ``COLUMN`` cells."""
    here = ORDER.index(stage)
    found = [rule(f"steps {here + 1} of {len(ORDER)}", "", look, COLUMN)]
    spread = lines >= 2 * len(ORDER) + 1
    for place, one in enumerate(ORDER):
        mark, role = look.glyphs.off, Role.MUTED
        if place < here:
            mark, role = look.glyphs.running, Role.OK
        lit = place == here
        bar = look.glyphs.cursor if lit else " "
        name = Role.ACCENT_STRONG if lit else Role.TEXT if place < here else Role.MUTED
        found.append(
            (Run(f" {bar}", Role.ACCENT), Run(f"{mark} ", role), Run(f"{place + 1} {one}", name))
        )
        if spread:
            words = clean(said.get(one, "")) if place <= here or stage is Stage.REVIEW else ""
            found.append((Run(f"      {cut(words, COLUMN - 7)}", Role.MUTED),) if words else BLANK)
    found += [BLANK] * (lines - len(found))
    return [within(line, COLUMN) for line in found[:lines]]


def tabs_of_steps(stage: Stage) -> Line:
    """``new domain 1 2 3 4  5 disks  6 7 8``: the step at hand lit."""
    here, runs = ORDER.index(stage), [Run(" new domain ", Role.STRONG)]
    for place, one in enumerate(ORDER):
        if place == here:
            runs.append(Run(f" {place + 1} {one} ", Role.TAB))
        else:
            runs.append(Run(f" {place + 1} ", Role.TEXT if place < here else Role.MUTED))
    return tuple(runs)
