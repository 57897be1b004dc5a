"""Objects as actions need them: with their host and the task at work on them."""

from __future__ import annotations

from virttui import formatting
from virttui.actions.target import ActionTarget
from virttui.model.identity import Kind, ObjectId
from virttui.panes.storage.volumes import VolumeRow
from virttui.store.fleet_state import FleetState


def subject(fleet_state: FleetState, kind: Kind | None, key: ObjectId) -> ActionTarget | None:
    """The object with that key; None when it is gone. A volume is known by its row alone."""
    host = fleet_state.host(key.host)
    if kind is None or host is None:
        return None
    if kind is Kind.HOST:
        return ActionTarget(kind, key, host.name, host)
    find = {
        Kind.DOMAIN: fleet_state.domain,
        Kind.NETWORK: fleet_state.network,
        Kind.POOL: fleet_state.pool,
    }
    thing = find[kind](key) if kind in find else None
    if thing is None:
        return None
    return ActionTarget(kind, key, thing.name, host, thing, fleet_state.at_work.get(key))


def of_volume(fleet_state: FleetState, row: VolumeRow) -> ActionTarget | None:
    """The volume of a row; None when its host is gone."""
    host = fleet_state.host(row.key.host)
    if host is None:
        return None
    others = [f"{one.domain.name} on {one.host}" for one in row.others if one.sure]
    overlays = (formatting.counted(row.backs, "overlay"),) if row.backs else ()
    return ActionTarget(
        Kind.VOLUME,
        row.key,
        row.volume.name,
        host,
        row.volume,
        fleet_state.at_work.get(row.key),
        (*(domain.name for domain in row.users), *others, *row.needed_by, *overlays),
        next((domain.name for domain in row.users if domain.state.active), ""),
        tuple(f"{one.domain.name} on {one.host}" for one in row.others if not one.sure),
        row.unknown,
    )
