"""The right half of the page: graphs over one time axis, and memory in figures."""

from __future__ import annotations

from msgspec.structs import replace

from virttui import formatting
from virttui.model.domains.history import GAP, MetricHistory
from virttui.model.domains.usage import NO_USAGE
from virttui.panes.domain_page.snapshot import DetailsInput
from virttui.panes.domains.rows import cpu_share, memory_share
from virttui.render import graph
from virttui.render.graph_strips import GraphStrip, axis, highest, percent_words, strip_lines
from virttui.render.line import Line, Role, Run, within
from virttui.render.scales import GraphScales

LABEL = 15
_STEAL_TOP = 0.5


def strips(
    shown: DetailsInput, device: str, window: int, scales: GraphScales, cells: int, rows: int
) -> tuple[list[Line], float]:
    """Five strips of ``rows`` lines and the axis; and the seconds they span.

    ``device`` names the disk or NIC ("disk vda") whose graph replaces the sum of its kind.
    ``window`` is in seconds, 0 for one sample a tick.
    """
    width = max(1, cells - LABEL)
    interval = shown.details.interval
    span = 2.0 * interval if not window else window / width
    ends = graph.times(width, span, shown.look.now)
    own, one = _whole(shown), _of(shown, device)
    lines: list[Line] = []
    for strip, trail in (
        (_cpu(shown), own),
        (_steal(shown), own),
        (_memory(shown), own),
        (_disk(shown, device), one if device.startswith("disk ") else own),
        (_net(shown, device), one if device.startswith("nic ") else own),
    ):
        parts = graph.buckets(trail, ends, span / 2, interval)
        values = [graph.resampled(series(trail), parts) for series in strip.series]
        if len(values) > 1:
            top = scales.top(strip.name, highest(values), shown.look.now, span * width)
            strip = replace(strip, top=top)
        if not shown.current:
            strip = replace(strip, warned=False, figure_role=Role.MUTED)
        elif strip.warned:
            strip = replace(strip, figure_role=Role.WARN)
        lines += strip_lines(strip, values, rows, shown.look, LABEL)
    return [within(line, cells) for line in (*lines, axis(width, span, LABEL))], span * width


def _whole(shown: DetailsInput) -> MetricHistory:
    """The recent past of the domain, which outlives its page."""
    trail = shown.inventory.trail if shown.inventory is not None else None
    return trail if trail is not None and trail.key == shown.key else MetricHistory(shown.key)


def _of(shown: DetailsInput, device: str) -> MetricHistory:
    """The recent past of one device, known since the page was opened."""
    points = shown.points(device)
    first = [GAP if point.first is None else point.first for point in points]
    second = [GAP if point.second is None else point.second for point in points]
    at = [point.at for point in points]
    return MetricHistory(shown.key, at, read=first, write=second, rx=first, tx=second)


def _cpu(shown: DetailsInput) -> GraphStrip:
    cpu = cpu_share(shown.row) if shown.row is not None else None
    warned = cpu is not None and cpu >= shown.look.limits.cpu
    figures = (("", percent_words(cpu)),)
    return GraphStrip("cpu", figures, "", (lambda trail: trail.cpu,), warned, peak_first=True)


def _steal(shown: DetailsInput) -> GraphStrip:
    usage = shown.row.usage if shown.row is not None and shown.on else NO_USAGE
    return GraphStrip(
        "steal",
        (("", percent_words(usage.steal)),),
        f"of {percent_words(_STEAL_TOP)}",
        (lambda trail: trail.steal,),
        usage.steal is not None and usage.steal >= shown.look.limits.steal,
        top=_STEAL_TOP,
    )


def _memory(shown: DetailsInput) -> GraphStrip:
    share = memory_share(shown.row) if shown.row is not None else None
    usage = shown.row.usage if shown.row is not None and shown.on else NO_USAGE
    return GraphStrip(
        "mem",
        (("", percent_words(share)),),
        formatting.size(usage.memory_used),
        (lambda trail: trail.memory,),
        share is not None and share >= shown.look.limits.memory,
    )


def _disk(shown: DetailsInput, device: str) -> GraphStrip:
    usage = shown.row.usage if shown.row is not None else NO_USAGE
    name, read, write = "disk", usage.read, usage.write
    if device.startswith("disk "):
        name = device.removeprefix("disk ")
        use = shown.details.disks.get(name)
        read, write = (use.read, use.write) if use is not None else (None, None)
    series = (lambda trail: trail.read), (lambda trail: trail.write)
    return GraphStrip(name, _figures(shown, "r", read, "w", write), "", series)


def _net(shown: DetailsInput, device: str) -> GraphStrip:
    usage = shown.row.usage if shown.row is not None else NO_USAGE
    name, rx, tx = "net", usage.rx, usage.tx
    if device.startswith("nic "):
        name = device.removeprefix("nic ")
        use = shown.details.nics.get(name)
        rx, tx = (use.rx, use.tx) if use is not None else (None, None)
    series = (lambda trail: trail.rx), (lambda trail: trail.tx)
    return GraphStrip(name, _figures(shown, "rx", rx, "tx", tx), "", series)


def _figures(
    shown: DetailsInput, one: str, first: float | None, other: str, second: float | None
) -> tuple[tuple[str, str], ...]:
    def text(value: float | None) -> str:
        return formatting.rate(value if shown.on else None)

    return (one, text(first)), (other, text(second))


def memory_end(shown: DetailsInput) -> str:
    """``qemu pid 21877, 37 threads, 62 files`` for the rule of the memory part."""
    process = shown.details.process
    if process is None or not shown.on:
        return ""
    threads = (
        "" if process.threads is None else f", {formatting.counted(process.threads, 'thread')}"
    )
    files = "" if process.files is None else f", {process.files} files"
    return f"qemu pid {process.pid}{threads}{files}"


def memory_line(shown: DetailsInput, cells: int) -> Line:
    """Memory from the guest's side and from the host's."""
    use = shown.details.memory if shown.on else None
    process = shown.details.process if shown.on else None
    rss = process.rss if process is not None else use.rss if use is not None else None
    about = "" if use is None or use.exact else "at most "
    moved = [] if use is None else [
        f"{way} {formatting.rate(rate)}"
        for way, rate in (("in", use.swap_in), ("out", use.swap_out))
        if rate
    ]  # fmt: skip
    known = use is not None and use.swap_in is not None
    swap = " ".join(moved) or ("0" if known else formatting.UNKNOWN)
    parts = (
        ("used", about + formatting.size(use.used if use is not None else None)),
        ("cache", formatting.size(use.caches if use is not None else None)),
        ("swap", swap),
        ("balloon", formatting.whole_size(use.given if use is not None else None)),
        ("rss", formatting.size(rss)),
    )
    taken = 1 + sum(len(label) + 1 + len(value) for label, value in parts)
    gap = " " * max(1, min(3, (cells - taken) // (len(parts) - 1)))
    runs: list[Run] = [Run(" ")]
    for place, (label, value) in enumerate(parts):
        role = Role.WARN if label == "swap" and moved else Role.TEXT
        runs += [Run(gap if place else "", Role.MUTED), Run(f"{label} ", Role.MUTED),
                 Run(value, shown.row_role(role))]  # fmt: skip
    return within(runs, cells)
