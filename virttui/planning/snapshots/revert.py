"""Reverting to a snapshot: by which way, what is lost, what has to be taken first."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from virttui.formatting import counted
from virttui.model.domains.snapshots import BEING_DELETED, Snapshot, SnapshotKind
from virttui.model.errors import InvalidInput
from virttui.model.severity import Severity
from virttui.model.snapshots.changes import (
    AfterRevert,
    DefinitionDifference,
    RevertArguments,
    RevertWay,
    SnapshotComparison,
    SnapshotContext,
)
from virttui.planning.snapshots.checks import checks
from virttui.planning.snapshots.take import plan as plan_take

_CLONE = "C makes a new domain of it"
_GO_ON = "U goes on with that"


class RevertChoices(Struct, frozen=True):
    """What is chosen in the question: a snapshot of now first, what it does then, its clock."""

    first: bool = True
    after: AfterRevert = AfterRevert.AS_THEN
    set_clock: bool = False
    drop_checkpoints: bool = False


def snapshot_named(context: SnapshotContext, name: str) -> Snapshot:
    """Return a snapshot of a domain. Raises InvalidInput."""
    for one in context.snapshots:
        if one.name == name:
            return one
    raise InvalidInput(f"{context.name} has no snapshot {name}")


def way(context: SnapshotContext, snapshot: Snapshot) -> RevertWay:
    """Return how a revert to it is made on this host."""
    external = snapshot.kind is SnapshotKind.EXTERNAL
    return RevertWay.OVERLAY if external and not context.reverts_external else RevertWay.LIBVIRT


def why_not(context: SnapshotContext, snapshot: Snapshot) -> str:
    """Return why there can be no revert to it, in words; "" where there can.

    Checkpoints are no reason here: the question offers to delete them.
    """
    return next(_reasons(context, snapshot), "")


def _reasons(context: SnapshotContext, snapshot: Snapshot) -> Iterator[str]:
    if snapshot.fault:
        yield f"its description cannot be read: {snapshot.fault}"
    if snapshot.note.startswith(BEING_DELETED):
        yield f"a deletion of it was begun, and it is not whole any more; {_GO_ON}"
    if len(context.kinds) > 1 or SnapshotKind.MIXED in context.kinds:
        # Of what lies inside an image that another file lies on, no new domain can be made.
        clone = f"; {_CLONE}" if snapshot.kind is SnapshotKind.EXTERNAL else ""
        yield (
            f"{context.name} has internal and external snapshots, and reverting one of them loses "
            f"others{clone}"
        )
    if way(context, snapshot) is RevertWay.OVERLAY:
        yield from _against_overlay(context, snapshot)


def _against_overlay(context: SnapshotContext, snapshot: Snapshot) -> Iterator[str]:
    """libvirt below 9.9 reverts to no external one, and can hold no two branches of them."""
    libvirt = f"libvirt {context.version_text}"
    if context.active:
        yield (
            f"{libvirt} cannot revert to an external one while the domain runs: shut it down "
            f"first, or {_CLONE}"
        )
    children = [one.name for one in context.snapshots if one.parent == snapshot.name]
    if not snapshot.current or children:
        yield (
            f"{libvirt} can hold no branches of external ones, so only the newest one that now "
            f"comes after can be gone back to; {_CLONE}"
        )
    now = {disk.target: disk for disk in context.disks}
    for disk in snapshot.kept_disks:
        present = now.get(disk.target)
        if present is None:
            yield f"{disk.target} is no longer in the definition; {_CLONE}"
        elif present.source != disk.overlay:
            yield f"{disk.target} is not on the file that this snapshot made; {_CLONE}"
        elif not present.pool:
            yield f"the image of {disk.target} is in no active pool, so no overlay can be made"


def checkpoints_in_the_way(context: SnapshotContext, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the checkpoints that have to be deleted before a revert: they end the guest."""
    return context.checkpoints if snapshot.kind is SnapshotKind.INTERNAL else ()


def why_no_first(context: SnapshotContext, snapshot: Snapshot, name: str) -> str:
    """Return why no snapshot of now can be taken before, in words; "" where it can."""
    if way(context, snapshot) is RevertWay.OVERLAY:
        return ""
    try:
        wanted = plan_take(_without_checkpoints(context), {"name": name})
    except InvalidInput as error:
        return error.message
    if wanted.kind is not snapshot.kind and snapshot.kind is not SnapshotKind.EMPTY:
        return f"it would be {wanted.kind.value}, and mixing kinds loses data"
    errors = (one.words for one in checks(context, wanted) if one.level is Severity.ERROR)
    return next(errors, "")


def plan(
    context: SnapshotContext, snapshot: Snapshot, choices: RevertChoices, name_of_now: str
) -> RevertArguments:
    """Return what is done. Raises InvalidInput where it cannot be."""
    if reason := why_not(context, snapshot):
        raise InvalidInput(reason)
    in_the_way = checkpoints_in_the_way(context, snapshot)
    if in_the_way and not choices.drop_checkpoints:
        raise InvalidInput(
            f"it has {counted(len(in_the_way), 'checkpoint')} of incremental backups: a revert "
            "would end the guest"
        )
    first = None
    made_by = way(context, snapshot)
    if choices.first and made_by is RevertWay.LIBVIRT:
        if reason := why_no_first(context, snapshot, name_of_now):
            raise InvalidInput(f"no snapshot of now can be taken first: {reason}")
        values = {"name": name_of_now, "note": f"before the revert to {snapshot.name}"}
        first = replace(plan_take(_without_checkpoints(context), values), drop_checkpoints=())
    current = context.current
    return RevertArguments(
        snapshot.name,
        made_by,
        first,
        in_the_way,
        choices.after,
        choices.set_clock,
        active=context.active,
        current=current.name if current is not None else "",
    )


def _without_checkpoints(context: SnapshotContext) -> SnapshotContext:
    """They are deleted before the snapshot of now is taken."""
    return replace(context, checkpoints=())


def possible_states(snapshot: Snapshot) -> tuple[AfterRevert, ...]:
    """Return what a domain can do after a revert: as it was first."""
    if snapshot.state in ("running", "paused") and snapshot.memory != "no":
        return (AfterRevert.AS_THEN, AfterRevert.PAUSED)
    return (AfterRevert.AS_THEN, AfterRevert.RUNNING)


def runs_after(snapshot: Snapshot, after: AfterRevert) -> bool:
    """Return whether the guest runs after a revert; without memory it is off unless started."""
    if after is AfterRevert.AS_THEN:
        return snapshot.state == "running" and snapshot.memory != "no"
    return after is AfterRevert.RUNNING


# -- what it means, in sentences ---------------------------------------------------------------


def beyond_files(
    snapshot: Snapshot, comparison: SnapshotComparison
) -> tuple[DefinitionDifference, ...]:
    """Return what differs, without the files of the disks that are in the snapshot."""
    files = {f"disk {disk.target} image" for disk in snapshot.kept_disks}
    return tuple(one for one in comparison.differences if one.what not in files)


def difference_words(differences: tuple[DefinitionDifference, ...]) -> Iterator[str]:
    """Yield what of the definition a revert changes back, a sentence each."""
    for one in differences:
        if not one.then:
            yield f"{one.what} was added since, and goes from the definition"
        elif not one.now:
            yield f"{one.what} was removed since, and comes back"
        else:
            yield f"{one.what}: {one.now} becomes {one.then}"
