"""The host strip: one line a host, in configured order, always the same height."""

from __future__ import annotations

from collections.abc import Sequence

from virttui import formatting
from virttui.model.inventory import ConnectionState, Inventory
from virttui.panes.hosts.pane import host_state, memory_share, up_of, used_of
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, fit, length, merged, within
from virttui.store.attention import host_alarms
from virttui.store.fleet_state import FleetState
from virttui.store.overcommit import memory_ratio, vcpu_ratio

STATE_CELLS = 12
_LONGEST_NAME = 16


def strip(fleet_state: FleetState, lines: int, look: RenderContext, width: int) -> list[Line]:
    """``lines`` lines: troubled hosts first where there are more hosts than lines."""
    hosts = list(fleet_state.inventories.values())
    rest: list[Inventory] = []
    if len(hosts) > lines:
        ordered = sorted(hosts, key=lambda inventory: not host_alarms(inventory.host))
        shown = lines - 1 if lines > 1 else 1
        hosts, rest = ordered[:shown], ordered[shown:]
    names = max((len(clean(i.host.name)) for i in fleet_state.inventories.values()), default=7)
    strip_lines = [_host(inventory, names, look, width) for inventory in hosts]
    if rest and lines > 1:
        strip_lines.append(within((Run(_others(rest), Role.MUTED),), width))
    return (strip_lines + [within((), width)] * lines)[:lines]


def _others(rest: Sequence[Inventory]) -> str:
    live = sum(inventory.current for inventory in rest)
    if live == len(rest):
        return f" and {len(rest)} more, all live"
    return f" and {len(rest)} more, {live} live"


def _host(inventory: Inventory, longest: int, look: RenderContext, width: int) -> Line:
    """One host; what does not fit goes from the right, so that its name can be read."""
    parts = _parts(inventory, look, width)
    name_width = min(max(7, longest), _LONGEST_NAME)
    while len(parts) > 2 and 9 - 7 + name_width + sum(map(length, parts)) > width:
        parts.pop()
    name = Run(fit(inventory.host.name, name_width, mark=look.glyphs.cut), Role.STRONG)
    if not inventory.current and inventory.host.phase is not ConnectionState.CONNECTING:
        parts = [parts[0], *(tuple(r._replace(role=Role.MUTED) for r in p) for p in parts[1:])]
    line = (Run(" "), name, Run(" "), *(run for part in parts for run in part))
    return within(line, width)


def _parts(inventory: Inventory, look: RenderContext, width: int) -> list[Line]:
    """The parts after the name, each with the blanks before it."""
    host, figures = inventory.host, inventory.host.figures
    wide, known = width >= 120, inventory.current
    bar = 16 if width >= 190 else 10 if wide else 8
    gap = "   " if wide else "  "
    state = host_state(host, look)
    role = Role.ALARM if state.alarm else state.word_role or Role.TEXT
    parts: list[Line] = [(Run(fit(f"{state.glyph} {state.word}", STATE_CELLS), role),)]
    parts.append(_meter(" cpu", figures.cpu if known else None, look.limits.cpu, bar, look))
    memory = memory_share(host) if known else None
    parts.append(_meter(f"{gap}mem", memory, look.limits.memory, bar, look))
    if wide:
        parts.append((Run("  " + used_of(host, known=known)),))
    up = up_of(inventory)
    parts.append((Run(f" {up:>{7 if wide else 6}} up"),))
    ratio = formatting.times(vcpu_ratio(host), look.glyphs.times)
    parts.append((Run(f"{gap}vcpu {ratio:<4}"),))
    if wide:
        ratio = formatting.times(memory_ratio(host), look.glyphs.times)
        parts.append((Run(f"  mem {ratio:<5}"),))
    if width >= 190:
        parts.extend(_wide_parts(inventory))
    return parts


def _meter(
    label: str, share: float | None, warn_from: float, width: int, look: RenderContext
) -> Line:
    warned = share is not None and share >= warn_from
    shown = look.bar(0.0 if share is None else share, width)
    figure = f"{formatting.percent(share) + '%':>5}"
    return (Run(f"{label} "), Run(f"{shown}{figure}", Role.WARN if warned else Role.TEXT))


def _wide_parts(inventory: Inventory) -> list[Line]:
    """Load, swap, cores and versions, where there is room for them."""
    host, figures = inventory.host, inventory.host.figures
    load = " ".join(f"{one:.1f}" for one in figures.load) if figures.load else formatting.UNKNOWN
    swap = formatting.percent(figures.swap) + "%"
    cores = f"{figures.cpus or formatting.UNKNOWN} cores"
    versions = "  ".join(
        part
        for part in (host.hypervisor, f"libvirt {host.libvirt}" if host.libvirt else "")
        if part
    )
    return [
        (Run(f"   load {load:<14}"),),
        (Run(f" swap {swap:>4}"),),
        (Run(f"   {cores:>8}"),),
        merged((Run("   "), Run(clean(versions), Role.MUTED))),
    ]
