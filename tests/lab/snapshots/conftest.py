"""A lab for each module that deletes snapshots, and guests in it that are disks and little else."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.xml import pool

from .disks import DiskGuest

NAMES = itertools.count(1)

Make = Callable[..., DiskGuest]


@pytest.fixture(scope="module")
def disk_lab() -> Iterator[Lab]:
    """A lab with a pool, and no guest."""
    skip_without_root()
    with Lab(f"merges-{os.getpid()}-{next(NAMES)}") as host:
        host.virsh("pool-define", "/dev/stdin", text=pool("default", guests.POOL))
        host.virsh("pool-start", "default")
        yield host


@pytest.fixture
def make(disk_lab: Lab) -> Iterator[Make]:
    """Makes guests with a disk, which go after the test."""
    made: list[DiskGuest] = []

    def one(*disks: str, chain: int = 0, start: bool = True, size: str = "16M") -> DiskGuest:
        """``chain`` snapshots s1, s2 …: before each, the block of its number gets that number."""
        guest = DiskGuest(disk_lab, f"g{next(NAMES)}", disks or ("vda",), size)
        made.append(guest)
        if start:
            guest.start()
        for number in range(1, chain + 1):
            for disk in guest.disks:
                guest.write(number - 1, number, disk)
            guest.take(f"s{number}")
        return guest

    yield one
    for guest in made:
        guest.remove()


@pytest.fixture(scope="module")
def client(disk_lab: Lab) -> Iterator[RecordingClient]:
    """A fleet of the lab alone."""
    with listening(disk_lab.uri) as one:
        one.listed()
        yield one
