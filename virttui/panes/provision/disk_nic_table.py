"""The disks and cards of a machine: a table of them, and what the one at hand becomes."""

from __future__ import annotations

from collections.abc import Sequence

from virttui import formatting
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.create import DeviceSummary
from virttui.panes.provision.create_review import xml_lines
from virttui.render.chrome import rule
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Background, Line, Role, Run, clean, fit, on, within, wrapped

_FROM = 24
"""The cells of what a part is made of; twice as many where there is room."""
_HEADS = {
    WizardStep.DISKS: ("DISK", "FROM", "POOL", "SIZE", "FORMAT", "BUS"),
    WizardStep.NETWORK: ("MODEL", "NETWORK", "MAC", "", "", ""),
}
_PLACE = {WizardStep.DISKS: 11, WizardStep.NETWORK: 18}
_FIRST = {WizardStep.DISKS: 6, WizardStep.NETWORK: 9}


def table(
    parts: Sequence[DeviceSummary], group: str, look: RenderContext, width: int, most: int
) -> list[Line]:
    """A row each, the one whose fields are shown lit; those behind ``most`` are counted."""
    step = parts[0].step
    wide = max(_FROM, min(2 * _FROM, width - 44))
    lines: list[Line] = [(Run("  "), Run(_row(step, _HEADS[step], wide), Role.MUTED))]
    lit = next((place for place, one in enumerate(parts) if one.group == group and group), 0)
    start = max(0, min(lit - most + 1, len(parts) - most))
    for one in parts[start : start + most]:
        size = formatting.size(one.size) if one.size else ""
        values = (one.target, one.source, one.place, size, one.format, one.bus)
        if one.group and one.group == group:
            row = on((Run(f" {_row(step, values, wide)}", Role.TEXT),), Background.CURSOR)
            lines.append((Run(look.glyphs.cursor, Role.ACCENT), *row))
        else:
            lines.append((Run("  "), Run(_row(step, values, wide))))
    if len(parts) > most:
        lines.append((Run(f"  {len(parts) - most} more", Role.MUTED),))
    return [within(line, width) for line in lines]


def _row(step: WizardStep, values: Sequence[str], wide: int) -> str:
    first, source, place, size, format, bus = values
    begin = f"{fit(first, _FIRST[step])}{fit(source, wide)} {fit(place, _PLACE[step])}"
    if step is not WizardStep.DISKS:
        return begin
    return f"{begin}{fit(size, 6, right=True)}  {fit(format, 7)}{fit(bus, 7)}"


def part_xml(part: DeviceSummary, look: RenderContext, width: int, lines: int) -> list[Line]:
    """The element that a part becomes, and its option of virt-install."""
    found = [rule("what this creates", f"xml of {clean(part.target)}", look, width)]
    found += [(Run("  "), *line) for line in xml_lines(part.xml, width - 2)]
    by_hand: list[Line] = [BLANK]
    by_hand += [
        (Run(f"  {one}", Role.MUTED),) for one in wrapped(part.equivalent_command, width - 2)
    ]
    return [*found, *by_hand][:lines]
