"""The deletion of snapshots: which way each one goes, what becomes of each file, what forbids it.

A snapshot that the domain stands on is merged: the layer right above the file of its moment is
written into that file. One that it does not stand on goes with its branch. Both the page and the
host's worker plan by this, the worker anew before each step: files may have changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from msgspec.structs import replace

from virttui.formatting import counted, listed
from virttui.model.domains.snapshot_deletion import (
    DeletionPlan,
    DeletionStep,
    DeletionWay,
    DiskMerge,
    FileChange,
    FileFate,
    SnapshotFiles,
)
from virttui.model.domains.snapshots import Snapshot, SnapshotDisk, SnapshotKind
from virttui.model.errors import InvalidInput, Refused

EXTERNAL_DELETE = 9_000_000
"""libvirt deletes external snapshots of a domain that is off from this version on."""
REVERTS_EXTERNAL = 9_009_000
"""And reverts to external ones, which makes branches that it knows of."""


def plan(
    names: Collection[str], snapshots: Sequence[Snapshot], files: SnapshotFiles
) -> DeletionPlan:
    """The deletion of snapshots by name, leaf first. Raises InvalidInput for one that is gone."""
    return _Planner(snapshots, files).plan(names)


def descendants(name: str, snapshots: Sequence[Snapshot]) -> list[str]:
    """The snapshots that come after one, each parent before its children."""
    found, todo = list[str](), [name]
    while todo:
        one = todo.pop(0)
        children = [child.name for child in snapshots if child.parent == one]
        todo += [child for child in children if child not in found]
        found += [child for child in children if child not in found]
    return found


def way_to_now(snapshots: Sequence[Snapshot]) -> set[str]:
    """The names of the current snapshot and of all before it."""
    named = {one.name: one for one in snapshots}
    at = next((one.name for one in snapshots if one.current), "")
    way: set[str] = set()
    while at in named and at not in way:
        way.add(at)
        at = named[at].parent
    return way


def older(
    snapshots: Sequence[Snapshot], *, keep: int | None = None, before: float | None = None
) -> tuple[str, ...]:
    """The names of all but the newest ``keep``, and of those taken ``before`` a moment.

    One whose moment is not known is never chosen; nor is one of a branch with younger snapshots,
    which would go with it.
    """
    dated = sorted(
        (one for one in snapshots if one.taken is not None and not one.fault),
        key=lambda one: (one.taken or 0.0, one.name),
    )
    if keep is not None:
        dated = dated[: max(0, len(dated) - keep)]
    chosen = {one.name for one in dated if before is None or (one.taken or 0.0) < before}
    way = way_to_now(snapshots)
    return tuple(
        one.name
        for one in snapshots
        if one.name in chosen
        and (
            one.name in way
            or one.kind is not SnapshotKind.EXTERNAL
            or chosen.issuperset(descendants(one.name, snapshots))
        )
    )


class _Planner:
    """Plans on a copy of what is known, which each step changes."""

    def __init__(self, snapshots: Sequence[Snapshot], files: SnapshotFiles) -> None:
        self._all = {one.name: one for one in snapshots}
        self._left = dict(self._all)
        self._sources = {
            one.name: {disk.target: disk.source for disk in one.kept_disks} for one in snapshots
        }
        self._files = files
        self._chains = {
            chain.disk: [layer.source for layer in chain.layers] for chain in files.chains
        }
        self._way = way_to_now(snapshots)
        self._sizes: dict[str, int | None] = {one.path: one.bytes for one in files.files}
        self._changes: dict[str, FileChange] = {}

    def plan(self, names: Collection[str]) -> DeletionPlan:
        if missing := sorted(set(names) - set(self._all)):
            raise InvalidInput(f"{listed(missing)} is gone already")
        try:
            steps = tuple(self._steps(self._chosen(names)))
        except Refused as refused:
            return DeletionPlan(refusal=refused.message, advice=refused.advice)
        return DeletionPlan(steps, tuple(self._changes.values()))

    def _chosen(self, names: Collection[str]) -> list[Snapshot]:
        """The snapshots that go, with the rest of each branch that goes, leaf first."""
        found: set[str] = set(names)
        for name in names:
            if self._discards(self._all[name]):
                found.update(descendants(name, tuple(self._all.values())))
        return sorted((self._all[name] for name in found), key=lambda one: -self._depth(one.name))

    def _depth(self, name: str) -> int:
        seen: set[str] = set()
        while name in self._all and name not in seen:
            seen.add(name)
            name = self._all[name].parent
        return len(seen)

    def _steps(self, chosen: Sequence[Snapshot]) -> Iterator[DeletionStep]:
        going = {one.name for one in chosen}
        for one in chosen:
            if one.fault:
                raise Refused(f"{one.name} cannot be read: {one.fault}")
            if one.kind is SnapshotKind.MIXED:
                raise Refused(
                    f"{one.name} is internal and external at once, and libvirt can harm such ones",
                    advice="a backup (B) keeps what is now; virsh deletes it at your own risk",
                )
            if one.kind is not SnapshotKind.EXTERNAL:
                step = self._point(one)
            elif self._discards(one):
                step = self._discard(one, going)
            else:
                step = self._merge(one, going)
            self._drop(one)
            yield step

    def _drop(self, one: Snapshot) -> None:
        """Forget a snapshot that is deleted: its children are its parent's then."""
        self._left.pop(one.name)
        for name, child in self._left.items():
            if child.parent == one.name:
                self._left[name] = replace(child, parent=one.parent)

    # -- the ways ------------------------------------------------------------------------------

    def _discards(self, one: Snapshot) -> bool:
        """Whether the domain does not stand on an external snapshot."""
        if one.kind is not SnapshotKind.EXTERNAL or one.name in self._way:
            return False
        sources = self._sources[one.name]
        return not any(source in self._chains.get(disk, ()) for disk, source in sources.items())

    def _point(self, one: Snapshot) -> DeletionStep:
        """An internal one: libvirt finds it in the image that the domain writes to, or not."""
        for disk in one.kept_disks:
            layers = self._chains.get(disk.target)
            if layers and disk.source and layers[0] != disk.source:
                raise Refused(
                    f"{one.name} lies inside {_last(disk.source)}, and {disk.target} is on"
                    f" {_last(layers[0])} now: libvirt does not find it there",
                    advice="delete the external snapshots that were taken after it first",
                )
        return DeletionStep(one.name, DeletionWay.POINT)

    def _discard(self, one: Snapshot, going: set[str]) -> DeletionStep:
        """A branch goes leaf first: with each snapshot its files that nobody else needs."""
        if one.name in self._way:
            raise Refused(f"the domain stands on {one.name}, but its files are not in its chain")
        for child in descendants(one.name, tuple(self._left.values())):
            if child not in going or self._left[child].kind is not SnapshotKind.EXTERNAL:
                raise Refused(f"{child} comes after {one.name}, and is no external snapshot",
                              advice=f"delete {child} first")  # fmt: skip
        self._not_busy(())
        needed = self._needed(without=going)
        # What other snapshots of the branch need goes with the last of them.
        lower = {
            path
            for name, other in self._left.items()
            if name in going and name != one.name and self._discards(other)
            for source in self._sources[name].values()
            for path in (source, *self._files.file(source).lies_on)
        }
        removed: list[str] = []
        for disk in one.kept_disks:
            for path, what in (
                (disk.overlay, f"after {one.name}"),
                (disk.source, f"up to {one.name}"),
            ):
                if not path or path in needed or path in lower or path in self._changes:
                    continue
                if not self._files.file(path).there:
                    continue
                self._nobody(path)
                removed.append(path)
                self._change(path, FileFate.GONE, what)
        return DeletionStep(one.name, DeletionWay.DISCARD, (), (*removed, *self._memory(one)))

    def _merge(self, one: Snapshot, going: set[str]) -> DeletionStep:
        """Each layer right above a file of the moment is written into it."""
        if not self._files.running and self._files.libvirt < EXTERNAL_DELETE:
            raise Refused(
                "libvirt deletes no external snapshot of a domain that is off before its version"
                " 9.0",
                advice="start it: QEMU merges the files then",
            )
        if not self._files.running and self._files.libvirt < REVERTS_EXTERNAL:
            self._resolved(one)
        merged = [disk for disk in one.kept_disks if self._is_merged(one, disk)]
        left = [disk for disk in one.kept_disks if disk not in merged]
        merges = tuple(self._merge_of(one, disk.target, going) for disk in left)
        if not one.being_deleted:
            self._not_busy([merge.disk for merge in merges])
        for merge in merges:
            self._apply(merge)
        for disk in merged:
            self._change(disk.overlay, FileFate.MERGED, "merged already")
        remove = [disk.overlay for disk in merged] + [merge.overlay for merge in merges]
        return DeletionStep(one.name, DeletionWay.MERGE, merges, (*remove, *self._memory(one)))

    def _resolved(self, one: Snapshot) -> None:
        names = [d.target for d in one.kept_disks if d.target in self._files.unresolved]
        if names:
            raise Refused(
                f"this version of libvirt finds the files of {listed(names)} only once the domain"
                " has run with them",
                advice="start it: QEMU merges the files then, and it may be paused",
            )

    def _is_merged(self, one: Snapshot, disk: SnapshotDisk) -> bool:
        """Whether a deletion that was interrupted came so far that a disk is merged already."""
        layers, base = self._chains.get(disk.target, []), self._sources[one.name][disk.target]
        return one.being_deleted and base in layers and disk.overlay not in layers

    def _merge_of(self, one: Snapshot, disk: str, going: set[str]) -> DiskMerge:
        base, layers = self._sources[one.name].get(disk, ""), self._chains.get(disk, [])
        if base not in layers:
            raise Refused(
                f"{one.name} names {_last(base) or 'no file'} for {disk}, which is not in its"
                " chain any more"
            )
        place = layers.index(base)
        if place == 0:
            raise Refused(f"{disk} is written to {_last(base)} itself, which holds {one.name}")
        overlay = layers[place - 1]
        if overlay != self._after(one, disk, layers):
            raise Refused(
                f"{_last(overlay)} lies on {_last(base)}, which no snapshot after {one.name} names:"
                f" what belongs to which moment is not known"
            )
        named = next((d.overlay for d in self._all[one.name].kept_disks if d.target == disk), "")
        unknown_to_libvirt = named not in layers and self._files.libvirt < REVERTS_EXTERNAL
        if not self._files.running and unknown_to_libvirt:
            raise Refused(
                f"{one.name} names {_last(named)} for {disk}, and {_last(overlay)} lies on its"
                " file: this version of libvirt cannot merge that while the domain is off",
                advice="start it: QEMU merges the files then",
            )
        for path in (overlay, base):
            self._no_internal(path)
        if branches := self._branches(one, layers, (base, overlay)):
            raise Refused(
                f"{one.name} has another branch with {listed(branches)}, which would lose its data",
                advice=f"delete {branches[0]} first, or C makes a domain of it",
            )
        same = [
            name
            for name, sources in self._sources.items()
            if name in self._left and name not in going and base in sources.values()
        ]
        if same:
            raise Refused(f"{listed(same)} is kept in {_last(base)} too, which would change")
        for path in (overlay, base):
            self._nobody(path)
        return DiskMerge(disk, overlay, base)

    def _after(self, one: Snapshot, disk: str, layers: Sequence[str]) -> str:
        """The file that was written to from a moment to the next, or to now."""
        following = [
            child for child in self._left.values()
            if child.parent == one.name and child.name in self._way
        ]  # fmt: skip
        return self._sources[following[0].name].get(disk, "") if following else layers[0]

    def _apply(self, merge: DiskMerge) -> None:
        """Change what is known as the merge does."""
        self._chains[merge.disk].remove(merge.overlay)
        for sources in self._sources.values():
            if sources.get(merge.disk) == merge.overlay:
                sources[merge.disk] = merge.base
        before, more = self._sizes.get(merge.base), self._sizes.get(merge.overlay)
        self._change(merge.overlay, FileFate.MERGED, f"into {_last(merge.base)}")
        both = None if before is None or more is None else before + more
        self._sizes[merge.base] = both
        self._change(merge.base, FileFate.GROWS)

    # -- what forbids it -----------------------------------------------------------------------

    def _no_internal(self, path: str) -> None:
        held = self._files.file(path).internal
        if held is None:
            raise Refused(
                f"whether {_last(path)} holds internal snapshots cannot be read from here, and a"
                " merge would destroy them",
                advice="put its folder into an active pool (3)",
            )
        if held:
            raise Refused(
                f"{_last(path)} holds {counted(held, 'internal snapshot')}, which a merge destroys"
                " or libvirt refuses",
                advice="delete the internal ones first, or C makes a new domain",
            )

    def _branches(
        self, one: Snapshot, layers: Sequence[str], touched: Collection[str]
    ) -> list[str]:
        """The other snapshots with a file outside of the chain that lies on what would change."""
        found = []
        for other in self._left.values():
            paths = {
                path
                for disk in other.kept_disks
                for path in (self._sources[other.name].get(disk.target, ""), disk.overlay)
                if path and path not in layers and path not in self._changes
            }
            below = {deep for path in paths for deep in self._files.file(path).lies_on}
            if other.name not in (one.name, *self._way) and below & set(touched):
                found.append(other.name)
        return found

    def _nobody(self, path: str) -> None:
        known = self._files.file(path)
        if known.users:
            raise Refused(
                f"{known.name} is used by {listed(known.users)} too: nothing may change it",
                advice="C makes a new domain of a snapshot, and leaves its files alone",
            )

    def _not_busy(self, disks: Collection[str]) -> None:
        busy = [disk for disk in self._files.busy if not disks or disk in disks]
        if busy:
            raise Refused(f"{listed(busy)} has a block job", advice="5 shows it: X ends it there")

    def _needed(self, without: Collection[str]) -> set[str]:
        """The files that now, and the snapshots that stay, are made of."""
        found = {path for layers in self._chains.values() for path in layers}
        for name in self._left:
            if name not in without:
                found.update(self._sources[name].values())
        for path in tuple(found):
            found.update(self._files.file(path).lies_on)
        return found

    def _memory(self, one: Snapshot) -> tuple[str, ...]:
        if not one.memory_file:
            return ()
        self._sizes.setdefault(one.memory_file, one.memory_bytes)
        self._change(one.memory_file, FileFate.GONE, f"memory of {one.name}")
        return (one.memory_file,)

    def _change(self, path: str, fate: FileFate, note: str = "") -> None:
        self._changes[path] = FileChange(path, fate, self._sizes.get(path), note)


def unknown_users(steps: Sequence[DeletionStep], files: SnapshotFiles) -> tuple[str, ...]:
    """Notes about users of the files that change, which could not be looked at."""
    paths = {path for step in steps for path in step.remove}
    paths |= {merge.base for step in steps for merge in step.merges}
    return tuple(sorted({note for path in paths for note in files.file(path).unknown}))


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
