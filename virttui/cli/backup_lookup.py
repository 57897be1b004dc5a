"""What a command on backups means: its pool, its domains, the backups that there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from virttui.cli.client import FleetClient
from virttui.cli.output import warn
from virttui.model.backup.arguments import (
    BackupMode,
)
from virttui.model.backup.chains import newest_first
from virttui.model.backup.manifest import StoredBackup
from virttui.model.errors import InvalidInput
from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain, Pool
from virttui.model.queries import BackupsQuery, BackupsResult

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet


class BackupRequest(Struct, frozen=True):
    """What was asked for on the command line.

    ``names`` are domains by name or UUID; ``every``: all that run, with ``start_paused`` those that
    are off as well. ``host`` is one of several, "" for the only one. ``pool`` is the name of a pool
    there. ``keep`` is a rule of retention, "" for none.
    """

    names: tuple[str, ...] = ()
    every: bool = False
    pool: str = ""
    host: str = ""
    mode: BackupMode = BackupMode.AUTOMATIC
    quiesce: bool = True
    without: tuple[str, ...] = ()
    start_paused: bool = False
    id: str = ""
    keep: str = ""
    dry_run: bool = False
    as_json: bool = False


def find_pool(client: FleetClient, host: str, name: str) -> Pool:
    """The active pool of a name or UUID. Raises InvalidInput."""
    pools = client.fleet_state().inventories[host].pools.values()
    found = next((one for one in pools if name in (one.name, one.key.uuid)), None)
    if found is None:
        known = ", ".join(sorted(one.name for one in pools)) or "none"
        raise InvalidInput(f"no pool is called {name}; there are: {known}")
    if not found.active:
        raise InvalidInput(f"the pool {name} is off", advice="start it first")
    return found


def find_domains(client: FleetClient, host: str, request: BackupRequest) -> list[Domain]:
    """The domains that are named, each once; or all that run and have a disk.

    Raises InvalidInput.
    """
    known = client.fleet_state().inventories[host].domains.values()
    if request.every:
        guests = (one for one in known if one.os_type != "exe" and _has_data(one))
        chosen = (one for one in guests if one.state.active or request.start_paused)
        return sorted(chosen, key=lambda one: one.name)
    found: dict[str, Domain] = {}
    for name in request.names:
        domain = next((one for one in known if name in (one.name, one.key.uuid)), None)
        if domain is None:
            raise InvalidInput(f"no domain is called {name}")
        found[domain.key.uuid] = domain
    return list(found.values())


def _has_data(domain: Domain) -> bool:
    """Whether a domain has a disk that it writes to: there is nothing to back up else."""
    return any(
        one.device in ("disk", "lun") and one.source and not one.read_only for one in domain.disks
    )


def ask_backups(client: FleetClient, fleet: Fleet, key: ObjectId) -> tuple[StoredBackup, ...]:
    """The backups on a host. Raises InvalidInput where they cannot be listed."""
    result = client.ask(fleet, BackupsQuery(key), BackupsResult, "the backups in its pools")
    if result.error is not None:
        raise InvalidInput(result.error.message, advice=result.error.advice)
    for words in result.unreadable:
        warn(words)
    return result.backups


def named_backups(
    backups: Iterable[StoredBackup], name: str, pool: str = "", id: str = ""
) -> list[StoredBackup]:
    """The backups of a domain by name or UUID, newest first. Raises InvalidInput without any.

    The domain itself may be gone.
    """
    own = [one for one in backups if name in (one.manifest.domain, one.manifest.uuid)]
    own = [one for one in own if pool in ("", one.pool_name, one.pool)]
    if len({one.manifest.uuid for one in own}) > 1:
        raise InvalidInput(f"several domains were called {name}", advice="give its UUID")
    if id:
        own = [one for one in own if one.manifest.id == id]
    if not own:
        raise InvalidInput(f"there is no backup {id} of {name}".replace("  ", " "))
    return newest_first(own)
