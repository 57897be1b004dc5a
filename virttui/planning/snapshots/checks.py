"""What is said before a snapshot is taken: space, standstill, what is left out, what it costs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from virttui.formatting import counted, listed, size
from virttui.model.domains.snapshots import SnapshotKind
from virttui.model.provision.checks import Check
from virttui.model.severity import Severity
from virttui.model.snapshots.changes import (
    PFLASH_INTERNAL,
    SnapshotContext,
    TakeSnapshotArguments,
)
from virttui.planning.snapshots.take import why_not

LEAST_FREE = 64 << 20
"""Bytes that have to be free for an overlay that may grow; a guest on a full pool is paused."""
LOW = 1 << 30
"""Bytes below which the free space of an overlay is worth a warning."""
LONG_CHAIN = 4
"""Files on each other from which on a further one is worth a warning."""
_ORDER = (Severity.ERROR, Severity.WARNING, Severity.OK)


def checks(context: SnapshotContext, wanted: TakeSnapshotArguments) -> tuple[Check, ...]:
    """Return what has to be known before it is taken, errors first."""
    found = [
        *_space(context, wanted),
        *_standstill(context, wanted),
        *_kind(context, wanted),
        *_contents(context, wanted),
        *_chain(context, wanted),
    ]
    return tuple(sorted(found, key=lambda check: _ORDER.index(check.level)))


def _space(context: SnapshotContext, wanted: TakeSnapshotArguments) -> Iterator[Check]:
    """The room in each pool: memory needs what the guest has at most, an overlay may grow."""
    places: dict[str, int] = {}
    if wanted.kind is SnapshotKind.INTERNAL:
        for number, disk in enumerate(context.writable):
            folder = posixpath.dirname(disk.source)
            first = wanted.memory and not number
            places[folder] = places.get(folder, 0) + (context.memory if first else 0)
    else:
        for one in wanted.overlays:
            places.setdefault(posixpath.dirname(one.path), 0)
        if wanted.memory_file:
            folder = posixpath.dirname(wanted.memory_file)
            places[folder] = places.get(folder, 0) + context.memory
    for folder, needed in places.items():
        pool = next((one for one in context.pools if one.path == folder), None)
        if pool is None:
            yield Check(Severity.WARNING, f"the free space of {folder} is not known: no pool")
            continue
        least = needed + LEAST_FREE
        words = f"{pool.name} has {size(pool.free)} free"
        if pool.free < least:
            yield Check(Severity.ERROR, f"{words}, and {size(least)} are needed at most")
        elif pool.free < needed + LOW:
            yield Check(Severity.WARNING, f"{words}; the guest is paused when that is full")
        else:
            yield Check(Severity.OK, f"{words}; the new data grows with what is written")


def _standstill(context: SnapshotContext, wanted: TakeSnapshotArguments) -> Iterator[Check]:
    if wanted.kind is SnapshotKind.INTERNAL and context.state == "running":
        yield Check(
            Severity.WARNING, f"it stands still while up to {size(context.memory)} are written"
        )
    elif wanted.memory:
        yield Check(Severity.OK, "it runs on while its memory is written, but for the last moment")
    elif context.state == "running" and not wanted.quiesce:
        why = "its agent does not answer" if not context.agent else "its writes are not held"
        yield Check(Severity.WARNING, f"{why}: the disks are as after a power cut")


def _kind(context: SnapshotContext, wanted: TakeSnapshotArguments) -> Iterator[Check]:
    if wanted.kind is SnapshotKind.EXTERNAL and not context.reverts_external:
        yield Check(
            Severity.WARNING,
            f"libvirt {context.version_text} reverts to it only while the domain is off and it is "
            "the newest one; before that, C makes a new domain of it",
        )
    elif context.reverts_external or wanted.kind is SnapshotKind.INTERNAL:
        yield Check(Severity.OK, f"libvirt {context.version_text} can revert to it and delete it")
    other = SnapshotKind.INTERNAL if wanted.kind is SnapshotKind.EXTERNAL else SnapshotKind.EXTERNAL
    if why := why_not(other, context):
        yield Check(Severity.OK, f"{other.value} is not possible: {why}")
    if wanted.drop_checkpoints:
        count = counted(len(wanted.drop_checkpoints), "checkpoint")
        yield Check(Severity.WARNING, f"{count} deleted first: the next backup is a full one")
    if context.checkpoints and wanted.kind is SnapshotKind.EXTERNAL:
        yield Check(Severity.OK, "its incremental backups go on")


def _contents(context: SnapshotContext, wanted: TakeSnapshotArguments) -> Iterator[Check]:
    left = [one.target for one in context.writable if one.target in wanted.left_out]
    if left:
        others = listed([one.target for one in wanted.overlays])
        not_in = "is not in it" if len(left) == 1 else "are not in it"
        yield Check(
            Severity.WARNING, f"{listed(left)} {not_in}: a revert takes back {others} alone"
        )
    raw = [
        one.target
        for one in context.writable
        if one.format != "qcow2" and one.target in {over.target for over in wanted.overlays}
    ]
    if raw:
        yield Check(
            Severity.WARNING,
            f"{listed(raw)} {'is' if len(raw) == 1 else 'are'} no qcow2: a qcow2 lies on top until "
            "it is merged",
        )
    if context.pflash:
        inside = wanted.kind is SnapshotKind.INTERNAL and context.version >= PFLASH_INTERNAL
        words = "is in it" if inside else "is not in it: a revert keeps the present one"
        yield Check(Severity.OK if inside else Severity.WARNING, f"its NVRAM {words}")
    if context.tpm:
        # Design: QEMU writes the state of an emulated TPM with that of its other devices.
        inside = wanted.memory and context.tpm == "emulator"
        words = (
            "goes with its memory" if inside else "is not in it: keys sealed since then are lost"
        )
        yield Check(Severity.OK if inside else Severity.WARNING, f"the state of its TPM {words}")


def _chain(context: SnapshotContext, wanted: TakeSnapshotArguments) -> Iterator[Check]:
    if wanted.kind is not SnapshotKind.EXTERNAL:
        return
    named = {one.name: one for one in context.snapshots}
    files, at = 1, context.current
    while at is not None and files <= len(named) + 1:
        files += 1
        at = named.get(at.parent)
    if files >= LONG_CHAIN:
        yield Check(
            Severity.WARNING, f"{files} files lie on each other; each more slows reads a little"
        )
