"""The vCPUs of a domain, the one that suffers most first."""

from __future__ import annotations

from collections.abc import Callable

from virttui import formatting
from virttui.model.domains.details import VcpuMetrics
from virttui.panes.domain_page.snapshot import DetailsInput
from virttui.render.line import Line, Role, Run, fit, within

# Sort -> the displayed value.
SORTS: dict[str, Callable[[VcpuMetrics], float | None]] = {
    "vcpu": lambda vcpu: vcpu.number,
    "use": lambda vcpu: _rounded(vcpu.use),
    "wait": lambda vcpu: _rounded(vcpu.wait),
    "steal": lambda vcpu: _rounded(vcpu.steal),
    "cpu": lambda vcpu: vcpu.cpu,
}
_BAR = 10


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share * 100)


def ordered(shown: DetailsInput, sort: str, *, descending: bool) -> list[VcpuMetrics]:
    """All vCPUs by the displayed value, ties by number, unknown last."""
    value = SORTS[sort]
    vcpus = shown.details.vcpus if shown.on else ()
    known = [vcpu for vcpu in vcpus if value(vcpu) is not None]
    known.sort(key=lambda vcpu: value(vcpu) or 0, reverse=descending)
    return known + [vcpu for vcpu in vcpus if value(vcpu) is None]


def head(shown: DetailsInput, sort: str, cells: int, *, descending: bool) -> Line:
    """The header, with its mark before the sorted word."""
    mark = shown.look.glyphs.down if descending else shown.look.glyphs.up
    titles = (("vcpu", "VCPU", 5), ("use", "USE%", 17), ("wait", "WAIT", 6), ("steal", "STEAL", 7))
    runs: list[Run] = []
    for id, title, width in (*titles, ("cpu", "ON CPU", 7)):
        if id == sort:
            marked = f"{mark}{title}"
            runs.append(Run(marked.rjust(width), Role.ACCENT_STRONG))
        else:
            runs.append(Run(title.rjust(width), Role.MUTED))
    return within((*runs, Run("   PINNED", Role.MUTED)), cells)


def line(vcpu: VcpuMetrics, shown: DetailsInput, cells: int) -> Line:
    """One vCPU; its steal is yellow from a tenth on."""
    steal = vcpu.steal is not None and vcpu.steal >= shown.look.limits.steal
    pinned = fit(vcpu.pinned or "any", max(0, cells - 45))
    row_role = shown.row_role(Role.TEXT)
    return within(
        (
            Run(f"{vcpu.number:>5}  {shown.look.bar(vcpu.use, _BAR)}", row_role),
            Run(f"{formatting.percent(vcpu.use):>5}{formatting.percent(vcpu.wait):>6}", row_role),
            Run(
                f"{formatting.percent(vcpu.steal):>7}",
                shown.row_role(Role.WARN) if steal else row_role,
            ),
            Run(f"{formatting.UNKNOWN if vcpu.cpu is None else vcpu.cpu:>7}", row_role),
            Run(f"   {pinned}", Role.MUTED),
        ),
        cells,
    )


def sentence(vcpu: VcpuMetrics, shown: DetailsInput) -> str:
    """One vCPU in words: why it does not get on."""
    inventory = shown.inventory
    if vcpu.steal is not None and vcpu.steal >= shown.look.limits.steal:
        text = f"waits {formatting.percent(vcpu.steal)} % of the time for a host CPU (steal)"
        where = f"it may run on {vcpu.pinned} only" if vcpu.pinned else ""
        if inventory is not None and not where:
            promised, cores = inventory.host.vcpus_promised, inventory.host.figures.cpus
            if promised and cores and promised > cores:
                where = (
                    f"{inventory.host.name} is over-committed: {promised / cores:.1f} vCPUs a core"
                )
        return text + (f"; {where}" if where else "")
    use = "" if vcpu.use is None else f"uses {formatting.percent(vcpu.use)} %"
    on = "" if vcpu.cpu is None else f"on host CPU {vcpu.cpu}"
    pinned = f"may run on {vcpu.pinned}" if vcpu.pinned else "may run anywhere"
    return ", ".join(part for part in (use, on, pinned) if part)
