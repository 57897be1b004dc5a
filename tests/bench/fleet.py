"""What is measured of many hosts at once, of which some are dead and some are slow."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import scene
from .app import App
from .budgets import Row, Table, waits
from .plan import Plan
from .rows import ALL, resident

SLOW = "slow-"
"""What is in the URI of a slow host."""
SLOWLY = 0.3
"""Seconds that each call to a slow host takes longer."""


def fleet(table: Table, plan: Plan) -> None:
    """50 hosts of 200 domains, 5 of them dead and 5 slow: CPU, memory, keys."""
    living = list(_living(plan))
    with _dead(plan.folder, plan.apart) as dead:
        hosts = [part for uri in (*living, *dead) for part in ("-c", uri)]
        with App(hosts, scene.NAMED, changing=ALL, slow=(SLOW, SLOWLY)) as app:
            app.settle(plan)
            cpu = app.over(plan.seconds)[0]
            memory = app.memory()
            keys = app.keys(plan.keys)
    bare = resident(living)
    what, known = f"fleet of {plan.fleet} hosts", "fleet of 50 hosts"
    note = f"{plan.members} domains each, {plan.apart} dead, {plan.apart} slow"
    table.add(Row(f"{what}: cpu", cpu, note=note, budget=f"{known}: cpu"))
    note = f"{memory:.0f} in all; Python and libvirt with the scenes open take {bare:.0f}"
    table.add(Row(f"{what}: memory", memory - bare, note=note, budget=f"{known}: memory"))
    table.add(waits(f"{what}: key to paint p99", keys, f"{known}: key to paint p99"))


def _living(plan: Plan) -> Iterator[str]:
    """The hosts that answer; no two domains have the same name."""
    for number in range(plan.fleet - plan.apart):
        folder = plan.folder / f"{SLOW if number < plan.apart else ''}host-{number}"
        folder.mkdir(exist_ok=True)
        yield scene.write(folder, plan.members, first=number * plan.members)


@contextmanager
def _dead(folder: Path, count: int) -> Iterator[list[str]]:
    """Hosts that take a connection and never say a word."""
    listeners = [socket.socket(socket.AF_UNIX) for _ in range(count)]
    uris = []
    try:
        for number, listener in enumerate(listeners):
            path = folder / f"dead-{number}"
            path.unlink(missing_ok=True)
            listener.bind(str(path))
            listener.listen()
            uris.append(f"qemu+unix:///system?socket={path}")
        yield uris
    finally:
        for listener in listeners:
            listener.close()
