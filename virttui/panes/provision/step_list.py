"""The steps: a column on the left with what each came to, or one line of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virttui import formatting
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.create import CreatePlan
from virttui.model.provision.domain_spec import DomainSpec
from virttui.render.chrome import rule
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Line, Role, Run, clean, cut, within

ORDER = tuple(WizardStep)
COLUMN = 22
"""Cells of the column."""


def subject(plans: Sequence[CreatePlan], host: str) -> str:
    """The machines and their host."""
    if not plans:
        return f"on {host}"
    name = plans[0].machine.name
    return f"{name} on {host}" if len(plans) == 1 else f"{name} and {len(plans) - 1} more on {host}"


def summaries(plans: Sequence[CreatePlan], host: str) -> Mapping[WizardStep, str]:
    """The result of each step, in two or three words."""
    if not plans:
        return {}
    proposal, machine = plans[0], plans[0].machine
    texts = {
        WizardStep.WHAT: str(machine.method),
        WizardStep.WHERE: f"{host}, {machine.name}",
        WizardStep.SYSTEM: proposal.os_name or "not known",
        WizardStep.SIZE: f"{machine.vcpus} vcpu, {formatting.size(machine.memory)}",
        WizardStep.EXTRAS: _extras(machine),
    }
    for step, nothing in ((WizardStep.DISKS, "no disk"), (WizardStep.NETWORK, "no card")):
        mine = [one for one in proposal.devices if one.step is step and one.group]
        mine = mine or [one for one in proposal.devices if one.step is step]
        if not mine:
            texts[step] = nothing
        elif step is WizardStep.DISKS:
            first = mine[0]
            size = formatting.whole_size(first.size) if first.size else first.target
            texts[step] = f"{size} on {first.place}" if first.place else size
        else:
            texts[step] = mine[0].source
        if len(mine) > 1:
            texts[step] += f" +{len(mine) - 1}"
    return texts


def _extras(machine: DomainSpec) -> str:
    words = [machine.firmware] if machine.firmware else []
    return ", ".join([*words, machine.graphics or "console"])


def column(
    step: WizardStep, texts: Mapping[WizardStep, str], look: RenderContext, lines: int
) -> list[Line]:
    """Every step with its number and what it came to, in exactly ``lines`` of ``COLUMN`` cells."""
    here = ORDER.index(step)
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
            words = clean(texts.get(one, "")) if place <= here or step is WizardStep.REVIEW else ""
            found.append((Run(f"      {cut(words, COLUMN - 7)}", Role.MUTED),) if words else BLANK)
    found += [BLANK] * (lines - len(found))
    return [within(line, COLUMN) for line in found[:lines]]


def tabs_of_steps(step: WizardStep) -> Line:
    """``new domain 1 2 3 4  5 disks  6 7 8``: the step at hand lit."""
    here, runs = ORDER.index(step), [Run(" new domain ", Role.STRONG)]
    for place, one in enumerate(ORDER):
        if place == here:
            runs.append(Run(f" {place + 1} {one} ", Role.TAB))
        else:
            runs.append(Run(f" {place + 1} ", Role.TEXT if place < here else Role.MUTED))
    return tuple(runs)
