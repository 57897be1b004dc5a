"""The chains of backups: which one needs which; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from virttui.model.backup.manifest import StoredBackup
from virttui.model.errors import InvalidInput

MOST_LINKS = 1000


def newest_first(backups: Iterable[StoredBackup]) -> list[StoredBackup]:
    """Return backups in the order of their moments, the newest first."""
    return sorted(backups, key=lambda one: (one.manifest.begun, one.manifest.id), reverse=True)


def chain_of(id: str, backups: Collection[StoredBackup]) -> tuple[StoredBackup, ...]:
    """Return the backups that the restore of one needs, the full one first and itself last.

    Raises InvalidInput where one of them is missing, or where they do not fit together.
    """
    known = {one.manifest.id: one for one in backups}
    found: list[StoredBackup] = []
    needed = id
    while needed:
        if needed not in known:
            whose = f"{id} needs {needed}, which" if found else f"the backup {id}"
            raise InvalidInput(f"{whose} is not in the pool")
        if len(found) >= MOST_LINKS or any(one.manifest.id == needed for one in found):
            raise InvalidInput(f"{id} needs itself: its manifests do not fit together")
        found.append(known[needed])
        needed = known[needed].manifest.parent
    for later, before in pairwise(found):
        _fits(later, before)
    return tuple(reversed(found))


def _fits(later: StoredBackup, before: StoredBackup) -> None:
    """Raises InvalidInput where a backup does not lie on the one before it."""
    if later.manifest.uuid != before.manifest.uuid:
        raise InvalidInput(f"{later.manifest.id} and {before.manifest.id} are of two domains")
    for disk in later.manifest.disks:
        below = before.manifest.disk(disk.target)
        if disk.backing and (below is None or below.volume != disk.backing):
            raise InvalidInput(
                f"{disk.target} of {later.manifest.id} lies on {disk.backing}, "
                f"which is not in {before.manifest.id}"
            )


def volumes_of_disk(target: str, chain: Sequence[StoredBackup]) -> tuple[str, ...]:
    """Return the volumes that hold a disk at the end of a chain, the newest first."""
    found: list[str] = []
    for backup in reversed(chain):
        disk = backup.manifest.disk(target)
        if disk is None:
            break
        found.append(disk.volume)
        if not disk.backing:
            break
    return tuple(found)


def dependents(ids: Collection[str], backups: Iterable[StoredBackup]) -> set[str]:
    """Return the ids of the backups that need one of ``ids``, directly or not, without these."""
    parents: Mapping[str, str] = {one.manifest.id: one.manifest.parent for one in backups}
    found: set[str] = set()
    for id in parents:
        step, way = parents[id], {id}
        while step and step not in way:
            if step in ids:
                found.add(id)
                break
            way.add(step)
            step = parents.get(step, "")
    return found - set(ids)


def good_of_each(backups: Iterable[StoredBackup]) -> dict[str, list[StoredBackup]]:
    """Return the backups of each domain by UUID that can be restored, the newest first.

    That is as far as the lists of the pools tell; a chain lies in one pool.
    """
    places: dict[tuple[str, str], list[StoredBackup]] = {}
    for one in backups:
        places.setdefault((one.pool, one.manifest.uuid), []).append(one)
    found: dict[str, list[StoredBackup]] = {}
    for (_, uuid), own in places.items():
        found.setdefault(uuid, []).extend(one for one in own if not damaged(one, own))
    return {uuid: newest_first(own) for uuid, own in found.items()}


def damaged(backup: StoredBackup, backups: Collection[StoredBackup]) -> str:
    """Return why a backup cannot be restored as far as its pool's list tells, "" where it can."""
    try:
        chain = chain_of(backup.manifest.id, backups)
    except InvalidInput as error:
        return error.message
    gone = [name for one in chain for name in one.missing]
    if gone:
        return f"{gone[0]} is not in the pool"
    bad = next((one for one in chain if one.check is not None and not one.check.good), None)
    return f"{bad.manifest.id} did not verify" if bad is not None else ""
