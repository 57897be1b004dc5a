"""What grows with the fleet: each figure from 100 to 20,000 domains, and from 1 to 100 hosts."""

from __future__ import annotations

from . import scene
from .app import App
from .budgets import Row, Table, median
from .plan import Plan
from .rows import ALL, opening, resident

DOMAINS, HOSTS = "domains", "hosts"
"""The two axes: domains of one host, and hosts of ``plan.members`` domains each."""

FIGURES = {
    "first frame": "s",
    "first full table": "s",
    "cpu": "%",
    "bytes a tick": "KB",
    "key to paint": "ms",
    "memory": "MiB",
}
"""What is measured at each point, with its unit; memory without the bare driver's share."""


def growth(table: Table, plan: Plan) -> None:
    """Start, CPU, bytes, keys and memory, from few domains to many and from one host to many."""
    for size in plan.sizes:
        _point(table, plan, DOMAINS, size, [scene.write(plan.folder, size)])
    for count in plan.counts:
        uris = []
        for number in range(count):
            folder = plan.folder / f"grown-{number}"
            folder.mkdir(exist_ok=True)
            uris.append(scene.write(folder, plan.each, first=number * plan.each))
        _point(table, plan, HOSTS, count, uris)


def name(figure: str, axis: str, at: int) -> str:
    """The name of a row: ``cpu, 1000 domains``."""
    return f"{figure}, {at} {axis}"


def _point(table: Table, plan: Plan, axis: str, at: int, uris: list[str]) -> None:
    """Measure everything at one point of an axis, and add a row for each figure."""
    hosts = [part for uri in uris for part in ("-c", uri)]
    parsing = sum(opening(uri) for uri in uris)
    with App(hosts, scene.NAMED) as app:
        frame, full = app.first_paints()
    with App(hosts, scene.NAMED, changing=ALL) as app:
        app.settle(plan)
        cpu, kilobytes = app.over(plan.seconds)
        memory = app.memory() - resident(uris)
        keys = median(app.keys(plan.keys))
    figures = (frame, max(0.0, full - parsing), cpu, kilobytes, keys, memory)
    for (figure, unit), value in zip(FIGURES.items(), figures, strict=True):
        table.add(Row(name(figure, axis, at), value, unit))
