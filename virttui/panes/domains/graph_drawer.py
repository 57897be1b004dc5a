"""The drawer under the domains: four strips over one time axis, and what the host offers."""

from __future__ import annotations

from msgspec.structs import replace

from virttui import formatting
from virttui.model.domains.history import MetricHistory
from virttui.model.inventory import Inventory, Network, Pool
from virttui.model.tasks import Task, TaskState
from virttui.natural_sort import natural
from virttui.panes.domains.rows import DomainRow, cpu_share, memory_share
from virttui.render import graph
from virttui.render.chrome import rule
from virttui.render.glyphs import RenderContext
from virttui.render.graph_strips import (
    LABEL,
    GraphStrip,
    axis,
    highest,
    percent_words,
    strip_lines,
    window_words,
)
from virttui.render.line import Line, Role, Run, clean, cut, fit, length, merged, toned, within
from virttui.render.scales import GraphScales
from virttui.store.attention import fill, pool_alarms
from virttui.store.fleet_state import FleetState

WINDOWS = (0, 300, 3600)
"""Seconds a graph spans; 0 is one sample a tick, as many as there are half cells."""


def drawer(
    row: DomainRow | None,
    fleet_state: FleetState,
    window: int,
    scales: GraphScales,
    look: RenderContext,
    cells: int,
    height: int,
) -> list[Line]:
    """``height`` lines: graphs of the selected row left, networks and storage right."""
    left = cells * 64 // 100 if height >= 18 else cells * 57 // 100
    one = _graphs(row, window, scales, look, left, height)
    inventory = row.inventory if row else next(iter(fleet_state.inventories.values()), None)
    other = _sides(inventory, fleet_state, look, cells - left - 2, height)
    return [merged((*a, Run("  "), *b)) for a, b in zip(one, other, strict=True)]


# -- graphs ------------------------------------------------------------------------------------


def _graphs(
    row: DomainRow | None,
    window: int,
    scales: GraphScales,
    look: RenderContext,
    cells: int,
    height: int,
) -> list[Line]:
    if row is None:
        return [rule("no domain selected", "", look, cells)] + [within((), cells)] * (height - 1)
    width = cells - LABEL
    interval = row.inventory.interval
    span = 2.0 * interval if not window else window / width
    ends = graph.times(width, span, look.now)
    trail = _trail(row)
    parts = graph.buckets(trail, ends, span / 2, interval)
    rows = (height - 2) // 4
    lines = [_title(row, window or span * width, look, cells)]
    for strip in _strips(row, look):
        if not row.inventory.current:
            strip = replace(strip, warned=False, figure_role=Role.MUTED)
        values = [graph.resampled(series(trail), parts) for series in strip.series]
        if len(values) > 1:
            top = scales.top(strip.name, highest(values), look.now, span * width)
            strip = replace(strip, top=top)
        lines.extend(strip_lines(strip, values, rows, look))
    lines.append(axis(width, span))
    stale = "" if row.inventory.current else _no_data(row.inventory, look)
    if stale and len(lines) > rows + 1:
        lines[rows + 1] = _noted(lines[rows + 1], stale, cells)
    lines += [()] * (height - len(lines))
    return [within(line, cells) for line in lines[:height]]


def _trail(row: DomainRow) -> MetricHistory:
    trail = row.inventory.trail
    return trail if trail is not None and trail.key == row.key else MetricHistory(row.key)


def _title(row: DomainRow, seconds: float, look: RenderContext, cells: int) -> Line:
    vcpus = "" if row.domain.vcpus is None else f" {row.domain.vcpus} vcpu"
    return rule(row.domain.name + vcpus, window_words(seconds), look, cells)


def _strips(row: DomainRow, look: RenderContext) -> tuple[GraphStrip, ...]:
    usage = row.usage
    cpu, memory = cpu_share(row), memory_share(row)
    total = usage.memory_given if usage.memory_given is not None else row.domain.memory
    vcpus = "" if row.domain.vcpus is None else f"{row.domain.vcpus} vcpu"
    on = row.domain.state.active

    def rate(value: float | None) -> str:
        return formatting.rate(value if on else None)

    return (
        GraphStrip(
            "cpu",
            (("", percent_words(cpu)),),
            vcpus,
            (lambda s: s.cpu,),
            cpu is not None and cpu >= look.limits.cpu,
        ),
        GraphStrip(
            "mem",
            (("", percent_words(memory)),),
            f"{formatting.size(usage.memory_used if on else None)}/{formatting.whole_size(total)}",
            (lambda s: s.memory,),
            memory is not None and memory >= look.limits.memory,
        ),
        GraphStrip(
            "disk",
            (("r", rate(usage.read)), ("w", rate(usage.write))),
            "",
            (lambda s: s.read, lambda s: s.write),
        ),
        GraphStrip(
            "net",
            (("rx", rate(usage.rx)), ("tx", rate(usage.tx))),
            "",
            (lambda s: s.rx, lambda s: s.tx),
        ),
    )


def _no_data(inventory: Inventory, look: RenderContext) -> str:
    answered = inventory.host.answered_at
    since = inventory.at if answered is None else answered
    return f"no data for {formatting.span(look.now - since)}"


def _noted(line: Line, note: str, cells: int) -> Line:
    """A note in the gap at the right end of a strip, where there is one."""
    before = tuple(line[:-1])
    last = line[-1].text.rstrip() if line else ""
    room = cells - length(before) - len(last)
    if room < len(note) + 4:
        return line
    return (
        *before,
        Run(last, Role.GRAPH),
        Run("   " + note.center(room - 6).rstrip(), Role.MUTED),
    )


# -- networks, storage, tasks ------------------------------------------------------------------


def _sides(
    inventory: Inventory | None,
    fleet_state: FleetState,
    look: RenderContext,
    cells: int,
    height: int,
) -> list[Line]:
    """The right side: networks and storage of the selected row's host, and recent tasks."""
    if inventory is None:
        return [within((), cells)] * height
    parts = 3 if height >= 18 else 2
    each = height // parts - 1
    # A host without a name of its own is called by its URI: what there is has to be read first.
    end = cut(clean(inventory.host.name), max(8, cells - 24), look.glyphs.cut)
    if not inventory.current and inventory.host.answered_at is not None:
        end = f"{end}, {formatting.age(look.now - inventory.host.answered_at)} old"
    lines = [rule(f"networks {len(inventory.networks)}", end, look, cells)]
    lines += _evaluate(_networks(inventory, fleet_state, each, look, cells), each, inventory)
    lines.append(rule(f"storage {len(inventory.pools)}", end, look, cells))
    lines += _evaluate(_pools(inventory, each, look, cells), each, inventory)
    if parts == 3:
        lines.append(rule(f"tasks {fleet_state.running_tasks} running", "all hosts", look, cells))
        lines += [_task(task, fleet_state, look, cells) for task in fleet_state.tasks[:each]]
    lines += [()] * height
    return [within(line, cells) for line in lines[:height]]


def _evaluate(lines: list[Line], count: int, inventory: Inventory) -> list[Line]:
    if not inventory.current:
        lines = [toned(line, Role.MUTED) for line in lines]
    return lines + [()] * (count - len(lines))


def _networks(
    inventory: Inventory, fleet_state: FleetState, count: int, look: RenderContext, cells: int
) -> list[Line]:
    ordered = sorted(
        inventory.networks.values(), key=lambda one: (not one.active, natural(one.name))
    )
    return [
        _network(network, fleet_state.nics_on(network), look, cells) for network in ordered[:count]
    ]


def _network(network: Network, nics: int, look: RenderContext, cells: int) -> Line:
    leases = formatting.UNKNOWN if network.leases is None else str(len(network.leases))
    glyphs = look.glyphs
    role = Role.TEXT if network.active else Role.MUTED
    glyph = glyphs.running if network.active else glyphs.off
    text = f" {fit(network.name, 10)} {fit(network.mode, 8)} "
    counts = f"{leases} leases {nics:>3} nics "
    bridge = fit(network.bridge, max(0, cells - 2 - len(counts) - 21))
    return (
        Run(" "),
        Run(glyph, Role.OK if network.active else Role.MUTED),
        Run(text + bridge + counts, role),
    )


def _pools(inventory: Inventory, count: int, look: RenderContext, cells: int) -> list[Line]:
    ordered = sorted(
        inventory.pools.values(),
        key=lambda pool: (not pool.active, not pool_alarms(pool, look.limits), natural(pool.name)),
    )
    return [_pool(pool, look, cells) for pool in ordered[:count]]


def _pool(pool: Pool, look: RenderContext, cells: int) -> Line:
    taken = fill(pool)
    glyphs = look.glyphs
    free = formatting.size(pool.available) if pool.active else formatting.UNKNOWN
    share = formatting.UNKNOWN if taken is None else f"{formatting.percent(taken)}%"
    bar = look.bar(taken, max(0, cells - 31))
    figures = f"{bar}{share:>5}  {free:>5} free  "
    if not pool.active:
        return (Run(f" {glyphs.off} {fit(pool.name, 8)} {figures}", Role.MUTED),)
    warned = taken is not None and taken >= look.limits.full
    alarming = pool_alarms(pool, look.limits)
    glyph = Run(glyphs.warning, Role.ALARM) if alarming else Run(glyphs.running, Role.OK)
    return (
        Run(" "),
        glyph,
        Run(f" {fit(pool.name, 8)} "),
        Run(figures, Role.WARN if warned else Role.TEXT),
    )


def task_glyph(task: Task, look: RenderContext) -> Run:
    """The glyph of a task's state."""
    glyphs = look.glyphs
    return {
        TaskState.WAITING: Run(glyphs.working, Role.ACCENT),
        TaskState.RUNNING: Run(glyphs.working, Role.ACCENT),
        TaskState.DONE: Run(glyphs.running, Role.OK),
        TaskState.FAILED: Run(glyphs.failed, Role.BAD),
        TaskState.CANCELLED: Run(glyphs.cancelled, Role.MUTED),
    }[task.state]


def _task(task: Task, fleet_state: FleetState, look: RenderContext, cells: int) -> Line:
    ended = task.state.ended
    duration = formatting.age(task.duration(look.now))
    when = formatting.clock(task.started_epoch)[:5] if ended else duration
    text = task.trouble.message if task.trouble else task.words
    words = fit(text, max(0, cells - 40))
    name = fit(task.command.target.name, 19)
    line = f" {fit(task.command.verb.label, 9)} {name} {words} {when:>5} "
    role = Role.MUTED if task.state in (TaskState.DONE, TaskState.CANCELLED) else Role.TEXT
    return Run(" "), task_glyph(task, look), Run(line, role)
