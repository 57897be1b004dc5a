"""Below the hosts: over-commit, pressure and the top consumers of the selected host."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from virttui import formatting
from virttui.model.host_resources import NO_PRESSURE, HugePages, NumaCell, PressureAverages
from virttui.model.inventory import HostState, Inventory
from virttui.model.thresholds import Thresholds
from virttui.natural_sort import natural
from virttui.panes.hosts.pane import HostRow, memory_share
from virttui.render.chrome import rule
from virttui.render.glyphs import RenderContext
from virttui.render.graph_strips import percent_words
from virttui.render.line import Line, Role, Run, fit, merged, toned, within, wrapped
from virttui.store.attention import fill, images_full
from virttui.store.overcommit import (
    Overcommit,
    over,
    pool_overcommit,
    storage_fill,
    storage_overcommit,
)
from virttui.store.top_consumers import ConsumerRanking, top_consumers

TOP_CONSUMERS = 5
MAX_CONSUMERS = 12
THREE = 160
"""From so many cells on, the NUMA cells stand beside the rest."""


def detail_lines(row: HostRow, look: RenderContext, cells: int, height: int) -> list[Line]:
    """Over-commit, pressure, top consumers and NUMA cells, in exactly ``height`` lines.

    Where there is little room, the cells are left out first, the consumers never.
    """
    lines = _error_lines(row.inventory, cells)[:height]
    return [*lines, *_rest(row, look, cells, height - len(lines))]


def _error_lines(inventory: Inventory, cells: int) -> list[Line]:
    """The full reason why a host does not answer: the line above is cut where it is long."""
    trouble = inventory.host.trouble
    if inventory.current or trouble is None:
        return []
    lines: list[Line] = []
    libvirt_message = "" if trouble.quoted in trouble.message else trouble.quoted
    for label, words, role in (
        ("what failed", trouble.message, Role.STRONG),
        ("what to do", trouble.advice, Role.TEXT),
        ("libvirt says", libvirt_message, Role.MUTED),
    ):
        for number, part in enumerate(wrapped(words, max(10, cells - 16)) if words else ()):
            head = f" {'' if number else label:<14}"
            lines.append((Run(head, Role.MUTED), Run(part, role)))
    return [within(line, cells) for line in lines]


def _rest(row: HostRow, look: RenderContext, cells: int, height: int) -> list[Line]:
    if height <= 0:
        return []
    inventory, wide = row.inventory, cells >= THREE
    least = TOP_CONSUMERS + 2
    top = _top(inventory, look, cells)[: max(4, height - least)]
    left = height - len(top)
    numa = [] if wide else _numa(inventory, look, cells)
    numa = numa[: left - least] if left - least >= 3 else []
    lines = [*top, *_consumers(inventory, look, cells, left - len(numa)), *numa]
    lines = [*lines, *[()] * height][:height]
    if not inventory.current:
        lines = [toned(line, Role.MUTED) for line in lines]
    return [within(line, cells) for line in lines]


def _top(inventory: Inventory, look: RenderContext, cells: int) -> list[Line]:
    """Over-commit, pressure and, on wide screens, NUMA cells, side by side."""
    if cells >= THREE:
        widths = [cells * 42 // 100, cells * 26 // 100]
        widths.append(cells - sum(widths) - 4)
        draws = [_overcommit_lines, _waits, _numa]
    else:
        widths = [cells * 54 // 100]
        widths.append(cells - widths[0] - 2)
        draws = [_overcommit_lines, _waits]
    columns = [
        [within(line, width) for line in draw(inventory, look, width)]
        for draw, width in zip(draws, widths, strict=True)
    ]
    deep = max(map(len, columns))
    padded = [
        column + [within((), width)] * (deep - len(column))
        for column, width in zip(columns, widths, strict=True)
    ]
    gap = Run("  ")
    return [
        merged(run for part in parts for run in (*part, gap)) for parts in zip(*padded, strict=True)
    ]


# -- over-commit -------------------------------------------------------------------------------


class _Ratio(NamedTuple):
    """One line of the over-commit: the limits are those of its ratio and of its use."""

    label: str
    promise: Overcommit
    limit: float
    used: float | None
    full: float
    show: Callable[[int | None], str] = formatting.whole_size


def _overcommit_lines(inventory: Inventory, look: RenderContext, cells: int) -> list[Line]:
    """Resources promised to domains against those of the host, and the share in use."""
    host = inventory.host
    name = max(8, min(24, cells - 31))
    head = f" {'':<{name}} {'PROMISED':>8} {'REAL':>6} {'RATIO':>6} {'USED':>5}"
    lines = [
        rule("over-commit", f"{host.name}, {host.running} active", look, cells),
        (Run(head, Role.MUTED),),
    ]
    bar = max(0, min(24, cells - name - 33))
    return lines + [_ratio_line(row, name, bar, look) for row in _ratios(inventory, look.limits)]


def _ratios(inventory: Inventory, limits: Thresholds) -> Iterator[_Ratio]:
    """CPUs, memory, all pools, then each pool, the most over-committed first."""
    host, figures = inventory.host, inventory.host.figures
    vcpus = Overcommit(host.vcpus_promised, figures.cpus)
    yield _Ratio("vcpus", vcpus, limits.vcpus_promised, figures.cpu, limits.cpu, _count)
    memory = Overcommit(host.memory_promised, figures.memory_total)
    yield _Ratio("memory", memory, limits.memory_promised, memory_share(host), limits.memory)
    pools = sorted(
        (pool for pool in inventory.pools.values() if pool.active),
        key=lambda pool: (-(pool_overcommit(pool).ratio or 0.0), natural(pool.name)),
    )
    most, full = limits.pool_promised, limits.full
    if len(pools) != 1:
        yield _Ratio("all pools", storage_overcommit(pools), most, storage_fill(pools), full)
    for pool in pools:
        yield _Ratio(f"pool {pool.name}", pool_overcommit(pool), most, fill(pool), full)


def _ratio_line(row: _Ratio, name: int, bar: int, look: RenderContext) -> Line:
    promise, used = row.promise, row.used
    ratio = (
        formatting.UNKNOWN
        if promise.ratio is None
        else formatting.times(promise.ratio, look.glyphs.times)
    )
    promised, real = row.show(promise.promised), row.show(promise.real)
    return (
        Run(f" {fit(row.label, name)} {promised:>8} {real:>6} "),
        Run(f"{ratio:>6}", _warned(promise.ratio, row.limit)),
        Run(f" {percent_words(used):>5} {look.bar(used, bar)}", _warned(used, row.full)),
    )


def _warned(value: float | None, limit: float) -> Role:
    return Role.WARN if over(value, limit) else Role.TEXT


def _count(number: int | None) -> str:
    return formatting.UNKNOWN if number is None else str(number)


# -- what is waited for ------------------------------------------------------------------------

LABEL = 12


def _waits(inventory: Inventory, look: RenderContext, cells: int) -> list[Line]:
    """Pressure, load, swap and the images' disk: told where the host is this machine."""
    figures = inventory.host.figures
    pressure = figures.pressure
    end = "not reported" if pressure == NO_PRESSURE else "share of time"
    lines = [
        rule("pressure", end, look, cells),
        (Run(f" {'WAITS FOR':<{LABEL}} {'10 S':>5} {'60 S':>5}", Role.MUTED),),
        _pressure_line("cpu", pressure.cpu, look),
        _pressure_line("memory", pressure.memory, look),
        _pressure_line("i/o", pressure.io, look),
    ]
    load = " ".join(f"{one:.1f}" for one in figures.load) if figures.load else formatting.UNKNOWN
    lines.append(_fact("load", f"{load:>5}"))
    swap = percent_words(figures.swap)
    return [*lines, _fact("swap", f"{swap:>5}"), _images(inventory.host, look)]


def _pressure_line(label: str, pressure: PressureAverages | None, look: RenderContext) -> Line:
    ten, sixty = (None, None) if pressure is None else (pressure.avg10, pressure.avg60)
    return (
        Run(f" {label:<{LABEL}} ", Role.MUTED),
        Run(f"{percent_words(ten):>5}", _warned(ten, look.limits.pressure)),
        Run(f" {percent_words(sixty):>5}"),
    )


def _fact(label: str, words: str, role: Role = Role.TEXT) -> Line:
    return Run(f" {label:<{LABEL}} ", Role.MUTED), Run(words, role)


def _images(host: HostState, look: RenderContext) -> Line:
    """The disk of libvirt's images."""
    figures, taken = host.figures, images_full(host)
    if figures.disk_used is None or figures.disk_total is None:
        return _fact("images", f"{formatting.UNKNOWN:>5}")
    free = formatting.size(figures.disk_total - figures.disk_used)
    words = f"{free:>5} free of {formatting.size(figures.disk_total)}"
    return _fact("images", words, _warned(taken, look.limits.full))


# -- top consumers ---------------------------------------------------------------------------------


def _consumers(inventory: Inventory, look: RenderContext, cells: int, height: int) -> list[Line]:
    """The top consumers, in four columns."""
    most = min(MAX_CONSUMERS, max(0, height - 2))
    columns = [
        [within(line, cells // 4) for line in _ranking(ranking, look, cells // 4)]
        for ranking in top_consumers(inventory, look.now, most)
    ]
    blank = within((), cells // 4)
    rows = zip_longest(*columns, fillvalue=blank)
    title = rule("top consumers", "cpu and memory of the host, rates of all", look, cells)
    return [title, *(merged(run for part in row for run in part) for row in rows)][:height]


def _ranking(ranking: ConsumerRanking, look: RenderContext, cells: int) -> list[Line]:
    """One column: names and figures; shares where there is room for them, then bars."""
    share = cells >= 28
    bar = 10 if cells >= 44 else 0
    name = cells - 8 - 6 * share - (bar + 1 if bar else 0)
    head = f" {ranking.title.upper():<{name}} {ranking.unit.upper():>5}" + " SHARE" * share
    lines: list[Line] = [(Run(head, Role.MUTED),)]
    if not ranking.consumers:
        lines.append((Run(" nobody" if ranking.known else f" {formatting.UNKNOWN}", Role.MUTED),))
    for consumer in ranking.consumers:
        text = f" {fit(consumer.name, name)} {consumer.shown:>5}"
        text += f" {percent_words(consumer.share):>5}" if share else ""
        text += f" {look.bar(consumer.share, bar)}" if bar else ""
        lines.append((Run(text, Role.TEXT if consumer.sure else Role.MUTED),))
    return lines


# -- numa --------------------------------------------------------------------------------------


def _numa(inventory: Inventory, look: RenderContext, cells: int) -> list[Line]:
    """CPUs, memory and huge pages of each NUMA cell, and of all."""
    known = inventory.host.cells
    if not known:
        return [
            rule("numa", "", look, cells),
            _fact("cells", f"{formatting.UNKNOWN:>5}"),
        ]
    sizes = sorted({pages.size for cell in known for pages in cell.pages if pages.total})
    head = f" CELL {'CPUS':>4} {'MEMORY':>6} {'FREE':>6} {'USED':>5}"
    head += "".join(f" {formatting.whole_size(size) + ' USED':>13}" for size in sizes)
    rows = list(known) if len(known) == 1 else [*known, _together(known)]
    return [
        rule(
            f"numa {formatting.counted(len(known), 'cell')}",
            "" if sizes else "no huge pages",
            look,
            cells,
        ),
        (Run(head, Role.MUTED),),
        *(_cell(cell, sizes, look) for cell in rows),
    ]


ALL = -1
"""The id of the row that sums up."""


def _together(known: Sequence[NumaCell]) -> NumaCell:
    """All cells as one; what one of them does not tell is unknown of all."""
    by_size: dict[int, list[HugePages]] = {}
    for cell in known:
        for pages in cell.pages:
            by_size.setdefault(pages.size, []).append(pages)
    return NumaCell(
        id=ALL,
        cpus=sum(cell.cpus for cell in known),
        memory=_sum(cell.memory for cell in known),
        free=_sum(cell.free for cell in known),
        pages=tuple(
            HugePages(size, sum(one.total for one in found), _sum(one.free for one in found))
            for size, found in by_size.items()
        ),
    )


def _sum(figures: Iterable[int | None]) -> int | None:
    known = list(figures)
    return None if None in known else sum(one for one in known if one is not None)


def _cell(cell: NumaCell, sizes: Sequence[int], look: RenderContext) -> Line:
    """One cell. Huge pages as taken and there are: those that are free serve nobody else."""
    name = "all" if cell.id == ALL else str(cell.id)
    used = None
    if cell.memory and cell.free is not None:
        used = 1 - cell.free / cell.memory
    runs = [
        Run(f" {name:>4} {cell.cpus:>4} {formatting.whole_size(cell.memory):>6} "),
        Run(
            f"{formatting.size(cell.free):>6} {percent_words(used):>5}",
            _warned(used, look.limits.memory),
        ),
    ]
    for size in sizes:
        pages = next((one for one in cell.pages if one.size == size), None)
        taken = formatting.UNKNOWN if pages is None else f"{_count(pages.used)}/{pages.total}"
        runs.append(Run(f" {taken:>13}"))
    return tuple(runs)
