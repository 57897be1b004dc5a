"""The commands of a restore, for the command line and for the form alike; pure."""

from __future__ import annotations

from msgspec import Struct

from virttui.model.backup.arguments import VerifyArguments
from virttui.model.backup.manifest import StoredBackup
from virttui.model.backup.restore import RestoreArguments
from virttui.model.commands import Command, Target, Verb
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.plan import ProvisionPlan, VolumeStep
from virttui.model.volumes import VolumeOperation
from virttui.planning.backup.names import stem
from virttui.planning.backup.restore import (
    RestoreRequest,
    plan_in_place,
    plan_new_domain,
    volume_steps,
)
from virttui.planning.new_ids import IdGenerator


class RestoreCommands(Struct, frozen=True):
    """The commands of a restore, each to be given when the one before is done.

    ``headline`` says in words what becomes of what, ``steps`` what is done, in order.
    """

    commands: tuple[Command, ...]
    headline: str
    steps: tuple[str, ...]


_FIRST = "read all of it, and compare it with its manifests"


def as_new_domain(
    backup: StoredBackup, request: RestoreRequest, name: str, ids: IdGenerator
) -> RestoreCommands:
    """Return the commands that make a new domain. Raises InvalidInput."""
    plan, uuid = plan_new_domain(backup, request, name, ids)
    target = Target(Kind.DOMAIN, ObjectId(request.pool.key.host, uuid), name)
    return _planned(backup, plan, target, f"becomes {name}, a new domain")


def in_place(
    backup: StoredBackup, request: RestoreRequest, target: Target, stored_xml: str
) -> RestoreCommands:
    """Return the commands that give a domain its disks of then. Raises InvalidInput."""
    plan = plan_in_place(backup, request, target.name, stored_xml)
    return _planned(backup, plan, target, f"in {target.name} itself")


def _planned(
    backup: StoredBackup, plan: ProvisionPlan, target: Target, becomes: str
) -> RestoreCommands:
    manifest = backup.manifest
    place = ObjectId(target.key.host, backup.pool)
    arguments = RestoreArguments(place, backup.pool_name, manifest.uuid, manifest.id, plan)
    command = Command(Verb.RESTORE, target, arguments)
    return RestoreCommands((command,), _headline(backup, becomes), (_FIRST, *plan.words))


def as_volumes(backup: StoredBackup, request: RestoreRequest) -> RestoreCommands:
    """Return the commands that make volumes of disks, which belong to no domain.

    Raises InvalidInput.
    """
    manifest, host = backup.manifest, request.pool.key.host
    steps = volume_steps(backup, request, f"{stem(manifest.domain, manifest.id)}-restored")
    place = ObjectId(host, backup.pool)
    target = Target(Kind.DOMAIN, ObjectId(host, manifest.uuid), manifest.domain)
    arguments = VerifyArguments(place, backup.pool_name, (manifest.id,))
    verify = Command(Verb.VERIFY_BACKUP, target, arguments)
    becomes = f"becomes {len(steps)} volumes".replace("becomes 1 volumes", "becomes 1 volume")
    copies = (_copy(backup, step, place) for step in steps)
    words = (_FIRST, *(step.words for step in steps))
    return RestoreCommands((verify, *copies), _headline(backup, becomes), words)


def _copy(backup: StoredBackup, step: VolumeStep, place: ObjectId) -> Command:
    assert step.copy_of is not None
    name = step.copy_of[1]
    work = VolumeOperation(
        place, backup.pool_name, step.new, target_pool=step.pool, target_pool_name=step.pool_name
    )
    return Command(Verb.CLONE, Target(Kind.VOLUME, ObjectId(place.host, name), name), work)


def _headline(backup: StoredBackup, becomes: str) -> str:
    manifest = backup.manifest
    kind = f"{manifest.kind}, {manifest.consistency}"
    return f"{manifest.domain} as of {manifest.id} ({kind}) {becomes}"
