"""``virttui create FILE``: machines from a TOML file, by the same steps as the wizard.

    [defaults]                       # for every machine, all of it optional
    host = "kvm01"
    method = "cloud image"
    base = "default/debian-12.qcow2"

    [[machine]]
    name = "web-{01..03}"
    memory = "2G"
    disk2.size = "100G"

The keys are the wizard's fields; ``template`` names one that was kept. Everything is planned and
checked before the first is made.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from virttui.cli.check_lines import check_line
from virttui.cli.client import FleetClient, host_facts, host_of
from virttui.cli.create_fields import nearest
from virttui.cli.output import show_message, warn
from virttui.cli.task_follower import Interrupted, carry_out, interruptible
from virttui.model.backend import HostSpec
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.create import CreatePlan
from virttui.model.severity import Severity
from virttui.persistence import templates
from virttui.settings import Settings, osinfo_folders
from virttui.source_lookup import look_up
from virttui.store.create_context import context
from virttui.store.device_context import macs

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet

_HOST, _TEMPLATE = "host", "template"

T = TypeVar("T")


def read_machines(path: Path) -> list[dict[str, str]]:
    """The machines of a file, each as what is given for the wizard's fields. Raises
    InvalidInput."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: {error}") from error
    except RecursionError as error:
        raise InvalidInput(f"{path}: it is nested too deeply") from error
    known = {"defaults", "machine"}
    if stray := sorted(set(tables) - known):
        raise InvalidInput(f"{path}: {stray[0]} is not known; write [defaults] and [[machine]]")
    defaults, machines = tables.get("defaults", {}), tables.get("machine", [])
    if not isinstance(defaults, dict) or not isinstance(machines, list) or not machines:
        raise InvalidInput(f"{path}: it has no [[machine]]")
    if not all(isinstance(machine, dict) for machine in machines):
        raise InvalidInput(f"{path}: each machine is a [[machine]] table")
    return [_entered(path, {**defaults, **machine}) for machine in machines]


def _entered(path: Path, machine: Mapping[str, Any]) -> dict[str, str]:
    try:
        entered = templates.flattened(machine)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error.message}") from error
    if name := entered.pop(_TEMPLATE, ""):
        known = templates.load_all()
        if name not in known:
            there = f"; there are: {', '.join(known)}" if known else ""
            raise InvalidInput(f"{path}: no template is called {name}{there}")
        entered = {**known[name], **entered}
    if "name" not in entered:
        raise InvalidInput(f"{path}: a machine has no name")
    return entered


def create(
    hosts: Sequence[HostSpec], settings: Settings, file: str, *, dry_run: bool = False
) -> int:
    """Make what a file describes; 0 when all of it was made, or could be in a dry run."""
    from virttui.hypervisor.fleet import Fleet

    client = FleetClient(hosts)
    fleet: Fleet | None = None
    try:
        machines = read_machines(Path(file))
        fleet = Fleet(hosts, client.receive, settings)
        with interruptible():
            planned = _planned(machines, hosts, client, fleet)
            for host, proposals in planned:
                _print(host, proposals, whole=dry_run)
            if any(one.blocked for _, proposals in planned for one in proposals):
                warn("nothing was created")
                return 1
            return 0 if dry_run else carry_out(_commands(planned), client, fleet)
    except Interrupted as why:
        warn("nothing was started")
        return why.status
    except InvalidInput as error:
        warn(error.message)
        return 1
    finally:
        if fleet is not None:
            fleet.stop()


def _planned(
    machines: Sequence[Mapping[str, str]],
    hosts: Sequence[HostSpec],
    client: FleetClient,
    fleet: Fleet,
) -> list[tuple[str, tuple[CreatePlan, ...]]]:
    """The plan of every machine, by the id of its host. Raises InvalidInput."""
    from virttui.planning.create.fields import form_fields, lookups
    from virttui.planning.create.plan import plan
    from virttui.planning.new_ids import IdGenerator
    from virttui.planning.osinfo.catalog import os_catalog

    known = os_catalog(osinfo_folders())
    planned: list[tuple[str, tuple[CreatePlan, ...]]] = []
    new_ids: IdGenerator | None = None
    for machine in machines:
        host = host_of(machine.get(_HOST, ""), hosts, client)
        can, around = host_facts(host, client, fleet)
        fleet_state = client.fleet_state()
        new_ids = new_ids or IdGenerator(macs(fleet_state))
        first = sum(len(proposals) for _, proposals in planned)
        entered = {name: value for name, value in machine.items() if name != _HOST}
        here = context(
            fleet_state, fleet_state.inventories[host], *new_ids.for_machine(first), can, around
        )
        found = {lookup: look_up(lookup) for lookup in lookups(entered, here)}
        here = replace(here, lookup_results=found)
        _check(entered, [f for step in WizardStep for f in form_fields(step, entered, here, known)])
        try:
            proposal = plan(entered, here, known, new_ids.starting_at(first))
        except InvalidInput as error:
            # Of many machines in one file: which one it is.
            raise InvalidInput(
                f"{entered['name']}: {error.message}", advice=error.advice
            ) from error
        planned.append((host, proposal))
    _apart(planned)
    return planned


def _check(entered: Mapping[str, str], fields: Sequence[FormField]) -> None:
    """Raises InvalidInput for what no field has, and for a value that a field would pass over."""
    name = entered["name"]
    if stray := sorted(set(entered) - {field.name for field in fields}):
        method = entered.get("method", "it")
        near = nearest(stray[0], fields)
        raise InvalidInput(f"{name}: {stray[0]} is not a field of {method}{near}")
    for field in fields:
        value, known = entered.get(field.name), [option.name for option in field.options]
        if field.only and value is not None and value not in known:
            there = ", ".join(known[:12]) or "nothing"
            why = f" ({field.note})" if field.note else ""
            raise InvalidInput(f"{name}: {field.name} is {value or 'empty'}; there is {there}{why}")


def _apart(planned: Sequence[tuple[str, tuple[CreatePlan, ...]]]) -> None:
    """Raises InvalidInput when two machines of the file would have one name."""
    seen: set[tuple[str, str]] = set()
    for host, proposals in planned:
        for one in proposals:
            if (host, one.machine.name) in seen:
                raise InvalidInput(f"{one.machine.name} is there twice")
            seen.add((host, one.machine.name))


def _print(host: str, proposals: Sequence[CreatePlan], *, whole: bool) -> None:
    for number, one in enumerate(proposals):
        show_message(f"{one.machine.name} on {host}")
        for step in one.plan.words if whole else ():
            show_message(f"  {step}")
        for check in one.checks if not number else ():
            if check.level is not Severity.OK or whole:
                show_message(f"  {check_line(check)}")
        if whole:
            show_message(f"  virt-install: {one.plan.equivalent_command}")


def _commands(planned: Sequence[tuple[str, tuple[CreatePlan, ...]]]) -> list[Command]:
    """The commands that create them all."""
    return [
        Command(
            Verb.PROVISION,
            Target(Kind.DOMAIN, ObjectId(host, one.machine.uuid), one.plan.name),
            one.plan,
        )
        for host, proposals in planned
        for one in proposals
    ]
