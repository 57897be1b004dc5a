"""All of a machine on one page: what will be made, what was looked at, in which order, by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from virttui import formatting
from virttui.libvirtxml.text.redaction import redact
from virttui.model.provision.checks import Check, WizardStep
from virttui.model.provision.create import CreatePlan
from virttui.model.severity import Severity
from virttui.panes.xml_editor.syntax import Syntax
from virttui.panes.xml_editor.text_line import LineMarks, LineViewport, source
from virttui.render.chrome import pane_rule, rule
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Line, Role, Run, clean, cut_end, fit, within, wrapped

XML_CELLS = 34
"""What the XML takes beside the review."""
_LABEL, _VALUE = 9, 13

CheckLines = Callable[[Check, RenderContext, int], list[Line]]


def review(
    plans: Sequence[CreatePlan], check_lines: CheckLines, look: RenderContext, width: int
) -> list[Line]:
    """Everything but the XML. Of several machines all names, and the first one in full."""
    first = plans[0]
    volumes = sum(len(one.plan.volumes) for one in plans)
    count = f"{formatting.counted(len(plans), 'domain')}, {formatting.counted(volumes, 'volume')}"
    lines = [
        pane_rule("what will be created", count, (), "", "", focused=True, look=look, width=width)
    ]
    if len(plans) > 1:
        names = ", ".join(one.machine.name for one in plans)
        lines += [(Run(f" {part}", Role.STRONG),) for part in wrapped(clean(names), width - 2)]
        lines.append((Run(" the first of them:", Role.MUTED),))
    for label, value, note in _facts(first):
        room = max(_VALUE, min(len(value), width // 2)) + 1
        lines.append(
            (Run(f" {fit(label, _LABEL)}", Role.MUTED), Run(fit(value, room), Role.STRONG),
             Run(cut_end(clean(note), max(0, width - _LABEL - room - 2))))
        )  # fmt: skip
    warned = [one for one in first.checks if one.level is not Severity.OK]
    lines.append(rule("checks " + _counted(warned), "", look, width))
    lines += [line for one in first.checks for line in check_lines(one, look, width)]
    lines.append(rule("in this order", "", look, width))
    for number, words in enumerate(first.plan.words, 1):
        begin, *more = wrapped(clean(words), width - 6)
        lines.append((Run(f" {number:<3}", Role.MUTED), Run(begin)))
        lines += [(Run(f"    {one}"),) for one in more]
    lines.append((Run(" if one step fails, the ones before it are undone", Role.MUTED),))
    lines.append(rule("approximate virt-install command", "y copies it", look, width))
    lines += [
        (Run(f" {part}", Role.MUTED),)
        for part in wrapped(clean(first.plan.equivalent_command), width - 2)
    ]
    return [within(line, width) for line in lines]


def _counted(warned: Sequence[Check]) -> str:
    blockers = sum(one.level is Severity.ERROR for one in warned)
    words = [f"{formatting.counted(blockers, 'error')}"] if blockers else []
    rest = len(warned) - blockers
    words += [formatting.counted(rest, "warning")] if rest else []
    return ", ".join(words) or "no problems"


def _facts(proposal: CreatePlan) -> list[tuple[str, str, str]]:
    """Label, value and a word about it, a line each."""
    machine, plan = proposal.machine, proposal.plan
    boots = ", ".join(
        [
            f"secure boot {'on' if machine.secure else 'off'}",
            f"TPM {'emulated' if machine.tpm else 'none'}",
        ]
    )
    facts = [
        ("name", machine.name, f"title {machine.title}" if machine.title else ""),
        ("system", proposal.os_name or "not known", f"by {machine.method}"),
    ]
    if machine.firmware:
        board = machine.machine.rpartition("-")[0].removeprefix("pc-") or machine.machine
        facts.append(("machine", f"{board}, {machine.firmware.upper()}", boots))
    if machine.vcpus:
        facts.append(("cpu", f"{machine.vcpus} vcpu", machine.cpu or "the emulator's own model"))
    facts.append(("memory", formatting.size(machine.memory), ""))
    for part in proposal.devices:
        if part.step is WizardStep.DISKS:
            size = formatting.size(part.size) if part.size else "–"
            note = ", ".join(one for one in (part.place, part.source, part.bus) if one)
            facts.append((part.target, size, note))
        else:
            facts.append(("card", part.source, f"{part.target}, {part.place}".strip(", ")))
    extras = [machine.graphics] if machine.graphics not in ("", "none") else []
    flags = (("agent channel", machine.agent), ("random numbers", machine.rng))
    notes = [word for word, there in flags if there]
    facts.append(("extras", ", ".join([*extras, "serial"]), ", ".join(notes)))
    facts.append(
        ("start", "now" if plan.start else "no",
         f"autostart {'on' if plan.autostart else 'off'}")
    )  # fmt: skip
    return facts


def xml_lines(xml: str, width: int) -> list[Line]:
    """XML in colours, a line each, cut at its right end; passwords as stand-ins."""
    lines, syntax = redact(xml).text.split("\n"), Syntax()
    return [
        source(line, syntax.tokens(lines, row), LineMarks(row + 1), LineViewport(width))
        for row, line in enumerate(lines)
    ] or [BLANK]
