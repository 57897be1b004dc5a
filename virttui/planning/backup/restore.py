"""The restore of a backup: a new domain, a domain's disks in place, or single volumes; pure.

It ends in the ``ProvisionPlan`` that clones and imports end in: volumes, NVRAM, definition, each
undone when a later one fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from virttui.libvirtxml.build import element
from virttui.libvirtxml.text.span_edit import SpanEdit, apply_edits, insert, set_attribute
from virttui.libvirtxml.text.tree import tree
from virttui.model.backup.manifest import (
    BackupDisk,
    BackupManifest,
    Consistency,
    StoredBackup,
)
from virttui.model.errors import InvalidInput
from virttui.model.identity import ObjectId
from virttui.model.provision.checks import Check
from virttui.model.provision.plan import FileCopy, ProvisionPlan, VolumeStep
from virttui.model.severity import Severity
from virttui.model.volumes import FILE_POOLS, NewVolume, free_name
from virttui.planning.backup.names import stem
from virttui.planning.clone.xml import (
    CloneIdentity,
    NewDisk,
    clone_xml,
    count_nics,
    nvram_path,
    with_disks,
)
from virttui.planning.new_ids import IdGenerator


class RestorePool(Struct, frozen=True):
    """The pool that restored volumes go to: ``path`` is its folder, ``volumes`` are the names of
    those that it has. ``available`` are its free bytes, None where it does not tell."""

    key: ObjectId
    name: str
    type: str
    path: str
    volumes: tuple[str, ...] = ()
    available: int | None = None


class RestoreRequest(Struct, frozen=True):
    """What is restored, and as what. ``targets`` are the disks, all of them where it is empty.

    ``link_up``: network cards are plugged in. ``source_path`` is the folder of the backup's pool.
    """

    pool: RestorePool
    source_path: str
    targets: tuple[str, ...] = ()
    link_up: bool = False
    start: bool = False


def chosen_disks(manifest: BackupManifest, targets: Collection[str]) -> tuple[BackupDisk, ...]:
    """Return the disks to restore. Raises InvalidInput for one that is not in the backup."""
    known = {one.target for one in manifest.disks}
    if unknown := sorted(set(targets) - known):
        raise InvalidInput(
            f"{unknown[0]} is not in the backup {manifest.id}; it has {', '.join(sorted(known))}"
        )
    return tuple(one for one in manifest.disks if not targets or one.target in targets)


def new_name(domain: str, id: str, taken: Collection[str]) -> str:
    """Return the name that a restored domain gets by default: ``web-03-1129``, or a free one."""
    return free_name(f"{domain}-{id[4:8]}", taken)


def volume_steps(
    backup: StoredBackup, request: RestoreRequest, begins: str
) -> tuple[VolumeStep, ...]:
    """Return the volumes that hold the restored disks; their names begin with ``begins``.

    Raises InvalidInput where the pool does not fit.
    """
    pool = request.pool
    if pool.type not in FILE_POOLS or not pool.path:
        raise InvalidInput(f"{pool.name} is a pool of type {pool.type}: a restore needs files")
    taken = set(pool.volumes)
    steps: list[VolumeStep] = []
    for disk in chosen_disks(backup.manifest, request.targets):
        format = disk.format if disk.format in ("qcow2", "raw") else "qcow2"
        ending = "qcow2" if format == "qcow2" else "img"
        name = free_name(f"{begins}-{disk.target}.{ending}", taken)
        taken.add(name)
        new = NewVolume(name, disk.capacity, format, 0)
        origin = (ObjectId(pool.key.host, backup.pool), disk.volume)
        steps.append(VolumeStep(pool.key, pool.name, new, copy_of=origin))
    return tuple(steps)


def needed_bytes(chain: Sequence[StoredBackup], targets: Collection[str]) -> int:
    """Return about how many bytes the restored volumes take: those of all files of the chain."""
    return sum(
        disk.size
        for backup in chain
        for disk in backup.manifest.disks
        if not targets or disk.target in targets
    )


def _new_disks(
    backup: StoredBackup, request: RestoreRequest, steps: Iterable[VolumeStep]
) -> dict[str, NewDisk]:
    folder = request.pool.path.rstrip("/")
    disks = chosen_disks(backup.manifest, request.targets)
    return {
        disk.target: NewDisk("file", f"{folder}/{step.new.name}", step.new.format)
        for disk, step in zip(disks, steps, strict=True)
    }


def plan_new_domain(
    backup: StoredBackup, request: RestoreRequest, name: str, ids: IdGenerator
) -> tuple[ProvisionPlan, str]:
    """Return the plan of a new domain, and its UUID. Raises InvalidInput.

    Its name, UUID and MAC addresses are new, and its cards are not plugged in unless asked for:
    nothing collides with the domain that the backup is of. Disks that were not in the backup are
    not in it; drives for CDs and floppies stay.
    """
    manifest = backup.manifest
    steps = volume_steps(backup, request, stem(name, manifest.id))
    uuid = ids.uuid()
    macs = tuple(ids.mac() for _ in range(count_nics(manifest.definition)))
    disks: dict[str, NewDisk | None] = dict.fromkeys(_without_backup(manifest))
    disks |= _new_disks(backup, request, steps)
    identity = CloneIdentity(name, uuid, macs, disks)
    saved = next((one for one in manifest.files if one.what == "nvram"), None)
    nvram = nvram_path(manifest.definition, identity, saved.path if saved is not None else "")
    identity = CloneIdentity(name, uuid, macs, disks, nvram)
    xml = clone_xml(manifest.definition, identity)
    copy = None
    if saved is not None and nvram:
        source = f"{request.source_path.rstrip('/')}/{saved.volume}"
        copy = FileCopy(request.pool.key.host, source, nvram)
    plan = ProvisionPlan(
        name,
        xml if request.link_up else with_links_down(xml),
        steps,
        start=request.start,
        nvram=copy,
    )
    return plan, uuid


def _without_backup(manifest: BackupManifest) -> list[str]:
    """The disks of the definition that hold data and are in no backup."""
    root = tree(manifest.definition).root
    if root is None:
        raise InvalidInput("the definition in its manifest makes no sense")
    found = []
    for disk in root.all("devices/disk"):
        target = disk.child("target")
        if target is not None and disk.get("device") not in ("cdrom", "floppy"):
            found.append(target.get("dev"))
    return found


def with_links_down(xml: str) -> str:
    """Return a definition whose network cards are not plugged in. Raises InvalidInput."""
    parsed = tree(xml)
    if parsed.root is None:
        raise InvalidInput("its definition makes no sense")
    edits: list[SpanEdit] = []
    for card in parsed.root.all("devices/interface"):
        if card.get("type") == "hostdev":
            continue  # a card of the host has no link that libvirt could take down
        link = card.child("link")
        if link is not None:
            edits.append(set_attribute(parsed, link, "state", "down"))
        else:
            edits.append(insert(parsed, card, element("link", state="down")))
    return apply_edits(xml, edits)


def plan_in_place(
    backup: StoredBackup, request: RestoreRequest, name: str, stored_xml: str
) -> ProvisionPlan:
    """Return the plan that gives a domain its disks of then; those of now stay beside them.

    ``stored_xml`` is its definition, in which nothing but the sources of these disks changes.
    Raises InvalidInput where it has no such disk any more.
    """
    manifest = backup.manifest
    present = _targets(stored_xml)
    disks = chosen_disks(manifest, request.targets)
    if gone := [one.target for one in disks if one.target not in present]:
        raise InvalidInput(
            f"{name} has no disk {gone[0]} any more: name the others, or restore it as a new domain"
        )
    steps = volume_steps(backup, request, f"{stem(name, manifest.id)}-restored")
    xml = with_disks(stored_xml, _new_disks(backup, request, steps))
    return ProvisionPlan(name, xml, steps, replaces_xml=stored_xml)


def _targets(xml: str) -> set[str]:
    root = tree(xml).root
    if root is None:
        raise InvalidInput("its definition makes no sense")
    found = (disk.child("target") for disk in root.all("devices/disk"))
    return {target.get("dev") for target in found if target is not None}


def restore_checks(
    chain: Sequence[StoredBackup], request: RestoreRequest, *, in_place: bool
) -> tuple[Check, ...]:
    """Return what has to be said before a restore, blockers first."""
    tip = chain[-1].manifest
    found = [*_space(chain, request), _verified(chain)]
    found += [
        Check(Severity.WARNING, f"{one.what} is not in it: {one.reason}")
        for one in tip.left_out
        if not one.reason.startswith(("it is a cdrom", "it is a floppy"))
    ]
    if tip.consistency is Consistency.CRASH:
        found.append(Check(Severity.WARNING, "its file systems are as after a power cut"))
    if in_place:
        found.append(
            Check(
                Severity.WARNING,
                f"what was written since {tip.id} is then only on the disks of today, "
                "which stay beside the restored ones",
            )
        )
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.level)))


_ORDER = (Severity.ERROR, Severity.WARNING, Severity.OK)


def _space(chain: Sequence[StoredBackup], request: RestoreRequest) -> list[Check]:
    needed, available = needed_bytes(chain, request.targets), request.pool.available
    if available is not None and needed > available:
        return [Check(Severity.ERROR, f"{request.pool.name} has too little room for it")]
    return []


def _verified(chain: Sequence[StoredBackup]) -> Check:
    unverified = [one.manifest.id for one in chain if one.verified is None]
    if unverified:
        words = f"{unverified[0]} was never verified; all is read and compared before anything"
        return Check(Severity.WARNING, words)
    count = "the backup is" if len(chain) == 1 else f"all {len(chain)} backups are"
    return Check(Severity.OK, f"{count} there and verified; it is read and compared again first")
