"""The virsh lines of snapshots."""

from __future__ import annotations

from virttui.model.domains.snapshots import SnapshotKind
from virttui.model.snapshots.changes import (
    AfterRevert,
    RevertArguments,
    RevertWay,
    TakeSnapshotArguments,
)
from virttui.panes.virsh_equivalent_volume import word_of


def snapshot_lines(target: str, wanted: TakeSnapshotArguments | RevertArguments) -> list[list[str]]:
    """The commands that take a snapshot, or that revert to one."""
    if isinstance(wanted, TakeSnapshotArguments):
        drops = [_dropped(target, name) for name in reversed(wanted.drop_checkpoints)]
        return [*drops, ["snapshot-create-as", target, *_taken(wanted)]]
    lines = [_dropped(target, name) for name in reversed(wanted.drop_checkpoints)]
    if wanted.first is not None:
        lines.append(["snapshot-create-as", target, *_taken(wanted.first)])
    if wanted.way is RevertWay.OVERLAY:
        return [*lines, *_redefined(target)]
    options = {AfterRevert.RUNNING: ["--running"], AfterRevert.PAUSED: ["--paused"]}
    forced = ["--force"] if wanted.force else []
    name = word_of("snapshotname", wanted.name)
    return [*lines, ["snapshot-revert", target, name, *options.get(wanted.after, []), *forced]]


def undone_lines(target: str) -> list[list[str]]:
    """The commands that put back what a revert by overlays replaced."""
    return _redefined(target)


def _dropped(target: str, name: str) -> list[str]:
    return ["checkpoint-delete", target, word_of("checkpointname", name)]


def _redefined(target: str) -> list[list[str]]:
    """With the files of the moment in both definitions, and no ``<backingStore>``."""
    redefined = ["snapshot-create", target, "snapshot.xml", "--redefine", "--current"]
    return [redefined, ["define", "domain.xml", "--validate"]]


def _taken(wanted: TakeSnapshotArguments) -> list[str]:
    """The options of ``snapshot-create-as`` for a snapshot that is taken."""
    options = [word_of("name", wanted.name)]
    options += [word_of("description", wanted.note)] if wanted.note else []
    if wanted.kind is SnapshotKind.INTERNAL:
        return options
    for one in wanted.overlays:
        path = one.path.replace(",", ",,")
        options += ["--diskspec", f"{one.target},snapshot=external,file={path}"]
    for target in wanted.left_out:
        options += ["--diskspec", f"{target},snapshot=no"]
    if wanted.memory_file:
        path = wanted.memory_file.replace(",", ",,")
        return [*options, "--memspec", f"file={path},snapshot=external", "--live"]
    options.append("--disk-only")
    return [*options, "--quiesce"] if wanted.quiesce else options
