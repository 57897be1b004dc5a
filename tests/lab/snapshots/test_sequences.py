"""Random sequences of snapshots, deletions, ways back and restarts: every moment reads as it was.

``SEQUENCES=200 scripts/test tests/lab/snapshots/test_sequences.py`` tries so many, not a few.
"""

from __future__ import annotations

import itertools
import os
import random

import pytest

from tests.fleet_client import RecordingClient
from tests.lab import guests
from virttui.model.tasks import TaskState

from .conftest import Make
from .deletions import delete, planned
from .disks import DiskGuest, moment

pytestmark = pytest.mark.lab

SEQUENCES = int(os.environ.get("SEQUENCES", "2"))
STEPS = 10
BLOCKS = 6


class Sequence:
    """One guest, what each of its moments has to read as, and the steps that can be taken."""

    def __init__(self, client: RecordingClient, guest: DiskGuest, seed: int) -> None:
        self.client, self.guest, self.luck = client, guest, random.Random(seed)
        self.now = [0] * BLOCKS
        self.moments: dict[str, list[int]] = {}
        self.done: list[str] = []
        self._numbers = itertools.count(1)

    def step(self) -> None:
        kinds = ["write", "write", "take", "take", "delete", "delete", "back", "power"]
        kind = self.luck.choice(kinds if self.moments else kinds[:4])
        self.done.append(kind)
        getattr(self, kind)()

    def write(self) -> None:
        """Write one block."""
        block, number = self.luck.randrange(BLOCKS), next(self._numbers) % 250 + 1
        self.guest.write(block, number)
        self.now[block] = number

    def take(self) -> None:
        """Take an external snapshot."""
        name = f"n{next(self._numbers)}"
        self.guest.take(name)
        self.moments[name] = list(self.now)

    def delete(self) -> None:
        """Delete one or two; what a branch takes along is told before."""
        chosen = self.luck.sample(
            sorted(self.moments), min(len(self.moments), self.luck.choice((1, 2)))
        )
        made = planned(self.client, self.guest, *chosen)
        task = delete(self.client, self.guest, *chosen)
        assert (task.state is TaskState.DONE) is not bool(made.refusal), (task, made)
        self.done[-1] += f" {chosen}: {made.refusal or made.names}"
        for name in made.names:
            del self.moments[name]

    def back(self) -> None:
        """Go on from an older moment, off, in a new file, as one does by hand."""
        name = self.luck.choice(sorted(self.moments))
        self.guest.stop()
        left = self.guest.place().rpartition("/")[2]
        self.guest.go_back(name, f"b{next(self._numbers)}")
        self.now = list(self.moments[name])
        if left not in {moment(self.guest, one) for one in self.moments}:
            (self.guest.folder / left).unlink()  # it holds what nobody can go back to
        self.done[-1] += f" to {name}"

    def power(self) -> None:
        """Stop it, or start it."""
        if self.guest.running:
            self.guest.content(blocks=1)  # has QEMU write its tables
            self.guest.stop()
        else:
            self.guest.start()

    def check(self) -> None:
        """Read everything back."""
        assert self.guest.snapshots() == set(self.moments), self.done
        assert self.guest.content(blocks=BLOCKS) == self.now, self.done
        for name, expected in self.moments.items():
            held = self.guest.content(moment(self.guest, name), BLOCKS)
            assert held == expected, (name, self.done)


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_every_moment_reads_as_it_was(client: RecordingClient, make: Make, seed: int) -> None:
    guest = make()
    sequence = Sequence(client, guest, seed)
    for _ in range(STEPS):
        sequence.step()
        sequence.check()
    if not guest.running:
        guest.start()  # libvirt 9.0 finds some chains only once they have run
    for _ in range(2):  # a stem waits for its branches
        for name in sorted(sequence.moments):
            if name in guest.snapshots():
                sequence.done.append(str(delete(client, guest, name).trouble))
    assert not guest.snapshots(), "\n".join(sequence.done)
    assert guest.content(blocks=BLOCKS) == sequence.now
    assert guest.place() == f"{guests.POOL}/{guest.name}-vda.qcow2", sequence.done
