"""``virttui restore``: a backup as a new domain, in place, or single disks as volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from virttui.cli.backup import ask_backups, find_pool, named_backups
from virttui.cli.check_lines import check_line
from virttui.cli.client import FleetClient, host_of
from virttui.cli.output import print_json, show_message
from virttui.cli.run_work import with_fleet
from virttui.cli.task_follower import carry_out
from virttui.model.backend import HostSpec
from virttui.model.backup.arguments import VerifyArguments
from virttui.model.backup.manifest import StoredBackup
from virttui.model.backup.restore import RestoreArguments
from virttui.model.commands import Command, Target, Verb
from virttui.model.documents import Document
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory, Pool
from virttui.model.provision.checks import Check
from virttui.model.provision.plan import VolumeStep
from virttui.model.queries import DefinitionQuery, DefinitionResult, VolumesQuery, VolumesResult
from virttui.model.severity import Severity
from virttui.model.tasks import Task
from virttui.model.volumes import VolumeOperation
from virttui.planning.backup.chains import chain_of
from virttui.planning.backup.names import stem
from virttui.planning.backup.restore import (
    RestorePool,
    RestoreRequest,
    new_name,
    plan_in_place,
    plan_new_domain,
    restore_checks,
    volume_steps,
)
from virttui.planning.new_ids import IdGenerator
from virttui.settings import Settings
from virttui.store.device_context import macs

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet


class RestoreOptions(Struct, frozen=True):
    """What was asked for on the command line.

    ``id`` is "" for the newest backup, ``source`` the pool that it is in, "" for any. ``pool`` is
    where the volumes go, "" for the pool of the backup. ``name`` is that of the new domain, "" for
    one that is proposed. With ``targets`` and neither ``name`` nor ``in_place`` volumes are made
    and no domain.
    """

    domain: str
    id: str = ""
    source: str = ""
    pool: str = ""
    name: str = ""
    host: str = ""
    targets: tuple[str, ...] = ()
    in_place: bool = False
    link_up: bool = False
    start: bool = False
    dry_run: bool = False
    as_json: bool = False


class _Prepared(Struct, frozen=True):
    """The commands of a restore, one after the other, with what is said before."""

    commands: tuple[Command, ...]
    lines: tuple[str, ...]
    checks: tuple[Check, ...]
    name: str
    id: str


def restore(hosts: Sequence[HostSpec], settings: Settings, options: RestoreOptions) -> int:
    """Restore a backup; 0 when it is done, or could be in a dry run."""

    def work(client: FleetClient, fleet: Fleet) -> int:
        host = host_of(options.host, hosts, client)
        prepared = _prepare(client, fleet, host, options)
        blocked = any(one.level is Severity.ERROR for one in prepared.checks)
        if not options.as_json:
            for line in prepared.lines:
                show_message(line)
            for check in prepared.checks:
                show_message(f"  {check_line(check)}")
        tasks: list[Task] = []
        if not options.dry_run and not blocked:
            for command in prepared.commands:
                status = carry_out([command], client, fleet, tasks if options.as_json else None)
                if status:
                    _print_record(prepared, tasks, options)
                    return status
        elif blocked and not options.as_json:
            raise InvalidInput("nothing was restored: see the blockers above")
        _print_record(prepared, tasks, options)
        return int(blocked)

    return with_fleet(hosts, settings, work)


def _print_record(prepared: _Prepared, tasks: Sequence[Task], options: RestoreOptions) -> None:
    if not options.as_json:
        return
    last = tasks[-1] if tasks else None
    print_json(
        {
            "name": prepared.name,
            "id": prepared.id,
            "state": last.state.value if last is not None else "planned",
            "message": last.words if last is not None else "",
            "steps": [line.strip() for line in prepared.lines[1:]],
            "checks": [check_line(one) for one in prepared.checks],
        }
    )


def _prepare(client: FleetClient, fleet: Fleet, host: str, options: RestoreOptions) -> _Prepared:
    """Everything that is known and planned before anything is made. Raises InvalidInput."""
    found = ask_backups(client, fleet, ObjectId(host, ""))
    backup = named_backups(found, options.domain, options.source, options.id)[0]
    chain = chain_of(backup.manifest.id, [one for one in found if one.pool == backup.pool])
    inventory = client.fleet_state().inventories[host]
    source = inventory.pools.get(backup.pool)
    if source is None:
        raise InvalidInput(f"the pool {backup.pool_name} is gone")
    request = RestoreRequest(
        _restore_pool(client, fleet, host, options.pool or source.key.uuid),
        source.path,
        options.targets,
        options.link_up,
        options.start,
    )
    checks = restore_checks(chain, request, in_place=options.in_place)
    if options.targets and not options.name and not options.in_place:
        return _volumes_alone(backup, request, checks)
    if options.in_place:
        return _in_place(client, fleet, inventory, (backup, request, checks))
    taken = {one.name for one in inventory.domains.values()}
    name = options.name or new_name(backup.manifest.domain, backup.manifest.id, taken)
    if name in taken:
        raise InvalidInput(f"a domain is called {name} already", advice="name another with --as")
    plan, uuid = plan_new_domain(backup, request, name, IdGenerator(macs(client.fleet_state())))
    arguments = RestoreArguments(
        ObjectId(host, backup.pool), backup.pool_name, backup.manifest.uuid, backup.manifest.id,
        plan,
    )  # fmt: skip
    command = Command(Verb.RESTORE, Target(Kind.DOMAIN, ObjectId(host, uuid), name), arguments)
    lines = (_headline(backup, f"becomes {name}, a new domain"), *_numbered(plan.words))
    return _Prepared((command,), lines, checks, name, backup.manifest.id)


def _headline(backup: StoredBackup, becomes: str) -> str:
    manifest = backup.manifest
    return (
        f"{manifest.domain} as of {manifest.id} ({manifest.kind}, {manifest.consistency}) {becomes}"
    )


def _numbered(words: Sequence[str]) -> tuple[str, ...]:
    first = "read all of it, and compare it with its manifests"
    return tuple(f"  {number}  {one}" for number, one in enumerate((first, *words), 1))


def _restore_pool(client: FleetClient, fleet: Fleet, host: str, name: str) -> RestorePool:
    pool: Pool = find_pool(client, host, name)
    query = VolumesQuery(pool.key)
    listed = client.ask(fleet, query, VolumesResult, f"the volumes of {pool.name}")
    return RestorePool(
        pool.key,
        pool.name,
        pool.type,
        pool.path,
        tuple(one.name for one in listed.volumes),
        pool.available,
    )


def _volumes_alone(
    backup: StoredBackup, request: RestoreRequest, checks: tuple[Check, ...]
) -> _Prepared:
    """Single disks, as volumes that belong to no domain."""
    manifest, pool = backup.manifest, request.pool
    begins = f"{stem(manifest.domain, manifest.id)}-restored"
    steps = volume_steps(backup, request, begins)
    host = pool.key.host
    place = ObjectId(host, backup.pool)
    verify = Command(
        Verb.VERIFY_BACKUP,
        Target(Kind.DOMAIN, ObjectId(host, manifest.uuid), manifest.domain),
        VerifyArguments(place, backup.pool_name, (manifest.id,)),
    )
    copies = [_copy(backup, step, place) for step in steps]
    becomes = f"becomes {len(steps)} volumes".replace("1 volumes", "1 volume")
    lines = (_headline(backup, becomes), *_numbered([step.words for step in steps]))
    return _Prepared((verify, *copies), lines, checks, manifest.domain, manifest.id)


def _copy(backup: StoredBackup, step: VolumeStep, place: ObjectId) -> Command:
    assert step.copy_of is not None
    name = step.copy_of[1]
    work = VolumeOperation(
        place, backup.pool_name, step.new, target_pool=step.pool, target_pool_name=step.pool_name
    )
    return Command(Verb.CLONE, Target(Kind.VOLUME, ObjectId(place.host, name), name), work)


def _in_place(
    client: FleetClient,
    fleet: Fleet,
    inventory: Inventory,
    wanted: tuple[StoredBackup, RestoreRequest, tuple[Check, ...]],
) -> _Prepared:
    """The disks of then for the domain itself; those of today stay."""
    backup, request, checks = wanted
    manifest, host = backup.manifest, inventory.host.id
    domain = inventory.domains.get(manifest.uuid)
    if domain is None:
        raise InvalidInput(
            f"{manifest.domain} is not there any more", advice="restore it as a new domain"
        )
    if domain.state.active:
        words = f"{domain.name} runs: its disks cannot be exchanged"
        checks = (Check(Severity.ERROR, words, "shut it down first"), *checks)
    document = Document(Kind.DOMAIN, domain.key, domain.name)
    query = DefinitionQuery(domain.key, document=document)
    told = client.ask(fleet, query, DefinitionResult, f"the definition of {domain.name}")
    if told.definition is None or not told.definition.stored:
        raise InvalidInput(f"the definition of {domain.name} is not known: {told.why_not}")
    plan = plan_in_place(backup, request, domain.name, told.definition.stored)
    arguments = RestoreArguments(
        ObjectId(host, backup.pool), backup.pool_name, manifest.uuid, manifest.id, plan
    )
    command = Command(Verb.RESTORE, Target(Kind.DOMAIN, domain.key, domain.name), arguments)
    lines = (_headline(backup, f"in {domain.name} itself"), *_numbered(plan.words))
    return _Prepared((command,), lines, checks, domain.name, manifest.id)
