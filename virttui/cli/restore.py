"""``virttui restore``: a backup as a new domain, in place, or single disks as volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from virttui.cli.backup_lookup import ask_backups, find_pool, named_backups
from virttui.cli.check_lines import check_line
from virttui.cli.client import FleetClient, host_of
from virttui.cli.output import print_json, show_message
from virttui.cli.run_work import with_fleet
from virttui.cli.task_follower import carry_out
from virttui.model.backend import HostSpec
from virttui.model.backup.chains import chain_of
from virttui.model.backup.manifest import BackupManifest, StoredBackup
from virttui.model.commands import Target
from virttui.model.documents import Document
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory, Pool
from virttui.model.provision.checks import Check
from virttui.model.queries import DefinitionQuery, DefinitionResult, VolumesQuery, VolumesResult
from virttui.model.severity import Severity
from virttui.model.tasks import Task
from virttui.planning.backup.restore import (
    RestorePool,
    RestoreRequest,
    new_name,
    restore_checks,
)
from virttui.planning.backup.restore_commands import (
    RestoreCommands,
    as_new_domain,
    as_volumes,
    in_place,
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

    planned: RestoreCommands
    checks: tuple[Check, ...]
    manifest: BackupManifest
    name: str = ""


def restore(hosts: Sequence[HostSpec], settings: Settings, options: RestoreOptions) -> int:
    """Restore a backup; 0 when it is done, or could be in a dry run."""

    def work(client: FleetClient, fleet: Fleet) -> int:
        host = host_of(options.host, hosts, client)
        prepared = _prepare(client, fleet, host, options)
        blocked = any(one.level is Severity.ERROR for one in prepared.checks)
        if not options.as_json:
            show_message(prepared.planned.headline)
            for number, words in enumerate(prepared.planned.steps, 1):
                show_message(f"  {number}  {words}")
            for check in prepared.checks:
                show_message(f"  {check_line(check)}")
        tasks: list[Task] = []
        if not options.dry_run and not blocked:
            for command in prepared.planned.commands:
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
            "name": prepared.name or prepared.manifest.domain,
            "id": prepared.manifest.id,
            "state": last.state.value if last is not None else "planned",
            "message": last.words if last is not None else "",
            "steps": list(prepared.planned.steps),
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
        return _Prepared(as_volumes(backup, request), checks, backup.manifest)
    if options.in_place:
        return _in_place(client, fleet, inventory, (backup, request, checks))
    taken = {one.name for one in inventory.domains.values()}
    name = options.name or new_name(backup.manifest.domain, backup.manifest.id, taken)
    if name in taken:
        raise InvalidInput(f"a domain is called {name} already", advice="name another with --as")
    planned = as_new_domain(backup, request, name, IdGenerator(macs(client.fleet_state())))
    return _Prepared(planned, checks, backup.manifest, name)


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


def _in_place(
    client: FleetClient,
    fleet: Fleet,
    inventory: Inventory,
    wanted: tuple[StoredBackup, RestoreRequest, tuple[Check, ...]],
) -> _Prepared:
    """The disks of then for the domain itself; those of today stay."""
    backup, request, checks = wanted
    manifest = backup.manifest
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
    target = Target(Kind.DOMAIN, domain.key, domain.name)
    planned = in_place(backup, request, target, told.definition.stored)
    return _Prepared(planned, checks, manifest, domain.name)
