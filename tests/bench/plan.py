"""How thorough a measurement is, and what one raises that cannot go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .budgets import Table

LINK = 0.03
"""Seconds that a call to a host far away takes longer."""


class BenchError(Exception):
    """A measurement came to no figure. The message says what was waited for, and what was seen."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of everything that is measured; the budgets are those of the usual ones.

    A tuple of two sizes, or of one for short, is few and many: the budgets differ.
    """

    folder: Path
    """Where scenes and images are written, and left for the next group."""
    runs: int = 3
    """Starts, loads and transfers of each kind."""
    seconds: float = 15.0
    """Of watching what is spent."""
    keys: int = 100
    """Measured in a run."""
    window: float = 3.0
    """Seconds; the app has settled when two such windows in a row cost nearly the same."""
    latest: float = 45.0
    """Seconds, after which it is taken to have settled."""
    links: tuple[float, ...] = (0.0, LINK)
    """Seconds that each of libvirt's calls takes longer: near and far."""
    colours: int = 3
    """Kinds of terminals, those with the most colours first."""
    digits: str = "713"
    """Typed into a filter; each has to leave fewer rows."""
    domains: tuple[int, ...] = (1_000, 10_000)
    lines: tuple[int, ...] = (200, 1_000, 10_000)
    """Of a definition in the workbench."""
    sizes: tuple[int, ...] = (100, 300, 1_000, 3_000, 10_000, 20_000)
    """Domains of one host, in the picture of what grows."""
    counts: tuple[int, ...] = (1, 3, 10, 30, 100)
    """Hosts in that picture, with ``each`` domains each."""
    each: int = 100
    together: int = 200
    """Domains started at once."""
    volumes: int = 5_000
    crowd: int = 100
    """Guests of the host on which one hangs."""
    hosts: int = 5
    """Hosts of which one stops answering, with ``guests`` each."""
    guests: int = 8
    fleet: int = 50
    """Hosts with ``members`` domains each."""
    members: int = 200
    apart: int = 5
    """Hosts of the fleet that are dead, and as many that are slow."""
    called: int = 20
    """Guests of the host whose calls are counted."""
    guarded: int = 106
    """Guests of the host whose daemon's time is measured."""
    churned: int = 1_000
    """Domains that another client changes for ``storm`` seconds."""
    storm: float = 30.0
    image: int = 512
    """MiB: a disk that is sent, and half of the base of linked clones."""
    printed: int = 100
    """MB that a container prints to its console."""
    clones: int = 20
    """Made in one go."""
    logged: int = 20_000
    """Lines that a guest's terminal takes."""

    def to_json(self) -> str:
        """As one line, for another process."""
        return json.dumps(asdict(self) | {"folder": str(self.folder)})

    @classmethod
    def from_json(cls, line: str) -> Plan:
        """What ``to_json`` wrote."""
        told: dict[str, Any] = json.loads(line)
        lists = {name: tuple(v) for name, v in told.items() if isinstance(v, list)}
        return cls(**{**told, **lists, "folder": Path(told["folder"])})


Measure = Callable[[Table, Plan], None]
"""One group of measurements: adds its rows to the table. Raises BenchError."""


def tiny(folder: Path) -> Plan:
    """A plan that runs each group once in seconds; its figures say nothing."""
    return Plan(
        folder, runs=1, seconds=0.3, keys=2, window=0.2, latest=0.4, links=(0.0,), colours=1,
        digits="35", domains=(40,), lines=(200,), together=20, volumes=60, crowd=8,
        hosts=2, guests=4, fleet=4, members=10, apart=1, called=8, guarded=8, churned=20, storm=1.0,
        image=16, printed=1, clones=2, logged=200, sizes=(20, 40), counts=(1, 2), each=20,
    )  # fmt: skip
