"""``virttui snapshot``: for cron, systemd timers and scripts that are about to change a guest.

Exit statuses: 0 all of them were taken, 1 some were not, 2 bad arguments.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from virttui.cli.client import FleetClient, host_of
from virttui.cli.output import print_json, show_message, warn
from virttui.cli.run_work import with_fleet
from virttui.cli.task_follower import carry_out
from virttui.model.backend import HostSpec
from virttui.model.commands import Command, Target, Verb
from virttui.model.domains.snapshots import SnapshotKind
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind
from virttui.model.inventory import Domain
from virttui.model.provision.checks import Check
from virttui.model.queries import SnapshotContextQuery, SnapshotContextResult
from virttui.model.severity import Severity
from virttui.model.snapshots.changes import SnapshotContext, TakeSnapshotArguments
from virttui.model.tasks import Task, TaskState
from virttui.planning.snapshots.checks import checks
from virttui.planning.snapshots.take import plan
from virttui.planning.snapshots.take_several import PlannedSnapshot
from virttui.settings import Settings

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet


class SnapshotRequest(Struct, frozen=True):
    """What was asked for on the command line.

    ``names`` are domains by name or UUID, ``host`` is one of several, "" for the only one.
    ``called`` is the name of the snapshot, "" for one that says when. ``kind`` is "" for the kind
    that each domain can have; ``without`` are targets of disks.
    """

    names: tuple[str, ...] = ()
    called: str = ""
    note: str = ""
    kind: str = ""
    memory: bool = False
    quiesce: bool = True
    without: tuple[str, ...] = ()
    delete_checkpoints: bool = False
    host: str = ""
    dry_run: bool = False
    as_json: bool = False

    @property
    def values(self) -> dict[str, str]:
        """The fields of the form, as far as they are given."""
        called = self.called or time.strftime("snapshot-%Y%m%d-%H%M%S")
        found = {"name": called, "note": self.note}
        found |= {"kind": self.kind} if self.kind else {}
        found |= {"memory": "yes"} if self.memory else {}
        found |= {} if self.quiesce else {"quiesce": "no"}
        found |= {f"disk {target}": "out" for target in self.without}
        return found | ({"checkpoints": "delete"} if self.delete_checkpoints else {})


def take_snapshots(hosts: Sequence[HostSpec], settings: Settings, request: SnapshotRequest) -> int:
    """Take a snapshot of each domain, or say what would be taken."""

    def work(client: FleetClient, fleet: Fleet) -> int:
        host = host_of(request.host, hosts, client)
        domains = [_domain(client, host, name) for name in request.names]
        values = request.values
        planned = [_planned(client, fleet, one, request, values) for one in domains]
        if request.dry_run:
            return _show(planned, request)
        commands = [
            Command(Verb.SNAPSHOT, Target(Kind.DOMAIN, domain.key, domain.name), one.arguments)
            for domain, one in zip(domains, planned, strict=True)
            if one.arguments is not None
        ]
        left_out = [one for one in planned if one.arguments is None]
        if not request.as_json:
            for one in left_out:
                warn(one.words)
            return max(carry_out(commands, client, fleet), int(bool(left_out)))
        tasks: list[Task] = []
        status = carry_out(commands, client, fleet, tasks)
        print_json([*map(_task_record, tasks), *map(_plan_record, left_out)])
        return max(status, int(bool(left_out)))

    return with_fleet(hosts, settings, work)


def _domain(client: FleetClient, host: str, name: str) -> Domain:
    known = client.fleet_state().inventories[host].domains.values()
    found = next((one for one in known if name in (one.name, one.key.uuid)), None)
    if found is None:
        raise InvalidInput(f"no domain is called {name}")
    if found.os_type == "exe":
        raise InvalidInput(f"{name} is a container, and containers have no snapshots")
    return found


def _planned(
    client: FleetClient,
    fleet: Fleet,
    domain: Domain,
    request: SnapshotRequest,
    values: dict[str, str],
) -> PlannedSnapshot:
    """What is taken of a domain, or why nothing is."""
    query = SnapshotContextQuery(domain.key)
    result = client.ask(fleet, query, SnapshotContextResult, "what its snapshots can be")
    if result.context is None:
        return PlannedSnapshot(SnapshotContext(domain.name), why_not=result.why_not)
    context = result.context
    unknown = set(request.without) - {disk.target for disk in context.disks}
    if unknown:
        raise InvalidInput(f"{domain.name} has no disk {sorted(unknown)[0]}")
    try:
        wanted = plan(context, values)
    except InvalidInput as error:
        return PlannedSnapshot(context, why_not=error.message)
    if request.kind and wanted.kind.value != request.kind:
        return PlannedSnapshot(context, why_not=f"no {request.kind} snapshot of it is possible")
    wrong = [one.words for one in checks(context, wanted) if one.level is Severity.ERROR]
    return PlannedSnapshot(context, None if wrong else wanted, "".join(wrong[:1]))


def _show(planned: Sequence[PlannedSnapshot], request: SnapshotRequest) -> int:
    """Say what would be taken; 1 where something cannot be."""
    if request.as_json:
        print_json([_plan_record(one) for one in planned])
    else:
        for one in planned:
            show_message(one.words)
            for check in _checks(one):
                show_message(f"  {check.level.value}: {check.words}")
    return int(any(one.arguments is None for one in planned))


def _checks(one: PlannedSnapshot) -> tuple[Check, ...]:
    return checks(one.context, one.arguments) if one.arguments is not None else ()


def _plan_record(one: PlannedSnapshot) -> dict[str, Any]:
    wanted = one.arguments
    return {
        "domain": one.context.name,
        "snapshot": wanted.name if wanted is not None else None,
        "kind": wanted.kind.value if wanted is not None else None,
        "memory": wanted.memory if wanted is not None else None,
        "quiesced": wanted.quiesce if wanted is not None else None,
        "disks": _disks(wanted) if wanted is not None else None,
        "done": False,
        "error": one.why_not or None,
        "warnings": [check.words for check in _checks(one) if check.level is Severity.WARNING],
    }


def _disks(wanted: TakeSnapshotArguments) -> list[str] | None:
    """The disks of an external one; None for an internal one, which has all of them."""
    if wanted.kind is SnapshotKind.INTERNAL:
        return None
    return [disk.target for disk in wanted.overlays]


def _task_record(task: Task) -> dict[str, Any]:
    wanted: Any = task.command.arguments
    return {
        "domain": task.command.target.name,
        "snapshot": wanted.name,
        "kind": wanted.kind.value,
        "memory": wanted.memory,
        "quiesced": wanted.quiesce,
        "disks": _disks(wanted),
        "done": task.state is TaskState.DONE,
        "error": task.trouble.message if task.trouble is not None else None,
        "warnings": [],
    }
