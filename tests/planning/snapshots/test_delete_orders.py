"""Whatever is deleted in whatever order, each moment that stays and now read as they were.

The files are modelled as what each holds by block over what it lies on, and the plans carried out
on them as QEMU does: a merge writes into the base, what lay on the overlay lies on the base then.
"""

from __future__ import annotations

import itertools
import random

import pytest
from msgspec.structs import replace

from virttui.model.domains.disk_jobs import BackingChain, ChainLayer
from virttui.model.domains.snapshot_deletion import (
    DeletionStep,
    DeletionWay,
    SnapshotFile,
    SnapshotFiles,
)
from virttui.model.domains.snapshots import Snapshot, SnapshotDisk
from virttui.planning.snapshots.delete import descendants, plan

BLOCKS = 6


class Model:
    """A domain with one disk: its files, its snapshots, and what each moment has to read as."""

    def __init__(self) -> None:
        self.held: dict[str, dict[int, int]] = {"/p/base": {}}
        self.below: dict[str, str] = {}
        self.top = "/p/base"
        self.snapshots: dict[str, Snapshot] = {}
        self.expected: dict[str, list[int]] = {}
        self.current = ""
        self._numbers = itertools.count(1)

    def read(self, path: str) -> list[int]:
        """The blocks of a file with all below it."""
        found: dict[int, int] = {}
        at: str | None = path
        while at is not None:
            found = {**self.held[at], **found}
            at = self.below.get(at)
        return [found.get(block, 0) for block in range(BLOCKS)]

    def write(self, block: int) -> None:
        self.held[self.top][block] = next(self._numbers)

    def take(self, name: str) -> None:
        """What is written from now on goes into a new file."""
        self.expected[name] = self.read(self.top)
        overlay = f"/p/{name}"
        disk = SnapshotDisk("vda", "external", self.top, overlay, 1)
        self.snapshots[name] = Snapshot(name, self.current, "", "disk-snapshot", disks=(disk,))
        self.current = name
        self._on(overlay)

    def revert(self, name: str) -> None:
        """Now goes on from an older moment, in a new file; the one that it was on goes."""
        self.current = name
        sources = {one.disks[0].source for one in self.snapshots.values()}
        if self.top not in {*sources, *self.below.values()}:
            self.held.pop(self.top)
            self.below.pop(self.top)
        source = self.snapshots[name].disks[0].source
        overlay = f"/p/after-{name}-{next(self._numbers)}"
        self._on(overlay, source)

    def _on(self, overlay: str, source: str = "") -> None:
        self.held[overlay] = {}
        self.below[overlay] = source or self.top
        self.top = overlay

    def facts(self) -> tuple[tuple[Snapshot, ...], SnapshotFiles]:
        """What the product is told."""
        there = tuple(
            replace(one, current=one.name == self.current) for one in self.snapshots.values()
        )
        layers = tuple(ChainLayer(path) for path in self.chain(self.top))
        named = {one.disks[0].overlay for one in there} - set(self.held)
        files = (
            *(SnapshotFile(path, self.chain(path)[1:], internal=0, bytes=1) for path in self.held),
            *(SnapshotFile(path, there=False) for path in named),
        )
        return there, SnapshotFiles(True, 9_009_000, (BackingChain("vda", layers),), files)

    def chain(self, path: str) -> tuple[str, ...]:
        found = [path]
        while found[-1] in self.below:
            found.append(self.below[found[-1]])
        return tuple(found)

    def carry_out(self, step: DeletionStep) -> None:
        """What QEMU and libvirt do."""
        for merge in step.merges:
            assert self.below[merge.overlay] == merge.base
            self.held[merge.base] |= self.held.pop(merge.overlay)
            del self.below[merge.overlay]
            self.below = {
                path: merge.base if under == merge.overlay else under
                for path, under in self.below.items()
            }
            self.top = merge.base if self.top == merge.overlay else self.top
            for name, one in self.snapshots.items():
                if one.disks[0].source == merge.overlay:
                    disk = replace(one.disks[0], source=merge.base)
                    self.snapshots[name] = replace(one, disks=(disk,))
        gone = self.snapshots.pop(step.name)
        self.expected.pop(step.name)
        for name, one in self.snapshots.items():
            if one.parent == step.name:
                self.snapshots[name] = replace(one, parent=gone.parent)
        self.current = gone.parent if self.current == step.name else self.current
        if step.way is DeletionWay.DISCARD:
            for path in step.remove:
                assert path not in self.below.values(), f"{path} has files on it"
                self.held.pop(path)
                self.below.pop(path, None)

    def delete(self, name: str) -> bool:
        """Delete one as it is planned; false where it was refused."""
        there, files = self.facts()
        made = plan([name], there, files)
        if made.refusal:
            return False
        now = self.read(self.top)
        for step in made.steps:
            # As the host's worker does, plan each again with what is so then.
            there, files = self.facts()
            (again,) = plan([step.name], there, files).steps
            self.carry_out(again)
        assert self.read(self.top) == now
        self.check()
        return True

    def check(self) -> None:
        """Every moment reads as it was."""
        for name, one in self.snapshots.items():
            assert self.read(one.disks[0].source) == self.expected[name], name


def chained() -> Model:
    """Five snapshots in a row, each block written at another moment, some again."""
    model = Model()
    for number in range(5):
        model.write(number)
        model.write(0)
        model.take(f"s{number}")
    model.write(3)
    return model


def test_a_chain_of_five_in_each_order() -> None:
    for order in itertools.permutations(range(5)):
        model = chained()
        for number in order:
            assert model.delete(f"s{number}"), order
        assert set(model.held) == {"/p/base"}, order


def tree() -> Model:
    """Six snapshots: a stem, a branch of two, and a branch of three that now stands on."""
    model = Model()
    model.write(0)
    model.take("stem")
    for name in ("side", "leaf"):
        model.write(1)
        model.take(name)
    model.write(2)
    model.revert("stem")
    for name in ("one", "two", "three"):
        model.write(3)
        model.take(name)
    model.write(4)
    return model


def test_a_tree_of_six_in_each_order() -> None:
    """The stem waits until its other branch is gone; all the rest can go at once."""
    names = ("stem", "side", "leaf", "one", "two", "three")
    for order in itertools.permutations(names):
        model, waits = tree(), []
        for name in order:
            if name not in model.snapshots:
                continue  # it went with its branch
            if not model.delete(name):
                assert name == "stem" and "side" in model.snapshots, order
                waits.append(name)
        for name in waits:
            assert model.delete(name), order
        assert set(model.held) == {"/p/base"}, order


@pytest.mark.parametrize("seed", range(60))
def test_random_sequences(seed: int) -> None:
    luck, model, number = random.Random(seed), Model(), itertools.count(1)
    for _ in range(40):
        match luck.choice(("write", "write", "take", "take", "delete", "revert")):
            case "write":
                model.write(luck.randrange(BLOCKS))
            case "take":
                model.take(f"n{next(number)}")
            case "revert" if model.snapshots:
                model.revert(luck.choice(sorted(model.snapshots)))
            case "delete" if model.snapshots:
                name = luck.choice(sorted(model.snapshots))
                lost = {name, *descendants(name, tuple(model.snapshots.values()))}
                before = set(model.snapshots)
                if model.delete(name):
                    assert before - set(model.snapshots) <= lost
        model.check()
