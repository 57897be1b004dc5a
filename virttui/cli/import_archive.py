"""``virttui import FILE`` and ``virttui archive NAME FILE``: the same engine as of the form.

Everything is checked and printed before anything is made; what the form would ask for has the value
that it would have there, or the one of ``--set FIELD=VALUE``.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from virttui.cli.check_lines import check_line
from virttui.cli.client import PATIENCE, FleetClient, host_facts, host_of
from virttui.cli.output import show_message, warn
from virttui.cli.run_work import with_fleet
from virttui.cli.task_follower import Interrupted, carry_out
from virttui.model.backend import HostSpec
from virttui.model.commands import ArchiveArguments, Command, Target, Verb
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Domain
from virttui.model.provision.appliance import Appliance, ApplianceFormat, ImportPlan, NativeConfig
from virttui.model.queries import NativeConfigQuery, NativeConfigResult
from virttui.settings import Settings, osinfo_folders
from virttui.store.create_context import context
from virttui.store.device_context import macs
from virttui.store.import_conflicts import others

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet

_RETURNS = 15.0
"""Seconds that a call to a host that went may take to return, and then drops what it wrote."""
_LOOK_AGAIN = 0.05


def bring(
    hosts: Sequence[HostSpec],
    settings: Settings,
    file: str,
    host: str,
    entered: Sequence[str],
    *,
    dry_run: bool = False,
) -> int:
    """Bring a machine in; 0 when it is made, or could be in a dry run."""
    from virttui.appliances.open_appliance import open_appliance

    def work(client: FleetClient, fleet: Fleet) -> int:
        values, appliance = _values(entered), open_appliance(file)
        id = host_of(host, hosts, client)
        planned = _planned(appliance, id, values, settings, client, fleet)
        _print(planned, id)
        if planned.blocked:
            raise InvalidInput("nothing was created: fix the errors above")
        target = Target(Kind.DOMAIN, ObjectId(id, planned.uuid), planned.plan.name)
        command = Command(Verb.PROVISION, target, planned.plan)
        return 0 if dry_run else carry_out([command], client, fleet)

    return with_fleet(hosts, settings, work)


def pack(hosts: Sequence[HostSpec], settings: Settings, name: str, file: str, host: str) -> int:
    """Write a machine into a file; 0 when it is there."""

    def work(client: FleetClient, fleet: Fleet) -> int:
        id = host_of(host, hosts, client)

        def found() -> Domain | None:
            known = client.fleet_state().inventories[id].domains.values()
            return next((one for one in known if name in (one.name, one.key.uuid)), None)

        domain = client.wait(found, PATIENCE, f"no machine is called {name}")
        path = Path(file).expanduser().absolute()
        part = path.with_name(f"{path.name}.part")
        ours = not part.exists()
        target = Target(Kind.DOMAIN, domain.key, domain.name)
        status = carry_out(
            [Command(Verb.ARCHIVE, target, ArchiveArguments(str(path)))], client, fleet
        )
        if status == 1 and ours:
            _report_partial_file(path, part)
        return status

    return with_fleet(hosts, settings, work)


def _report_partial_file(path: Path, part: Path) -> None:
    """Say what is left of an archive that was not written; the call at work may still hold it."""
    until = time.monotonic() + _RETURNS
    with contextlib.suppress(Interrupted):
        while part.exists() and time.monotonic() < until:
            time.sleep(_LOOK_AGAIN)
    if part.exists():
        warn(f"{part} is still there, with passwords in it: delete it")
    elif not path.exists():
        warn(f"nothing is left of {path}")


def _values(entered: Sequence[str]) -> dict[str, str]:
    """``FIELD=VALUE``, with - for blanks. Raises InvalidInput."""
    values = {}
    for words in entered:
        name, sign, value = words.partition("=")
        if not sign or not name:
            raise InvalidInput(f"{words} is no FIELD=VALUE")
        values[name.replace("-", " ")] = value
    return values


def _planned(
    appliance: Appliance,
    host: str,
    values: Mapping[str, str],
    settings: Settings,
    client: FleetClient,
    fleet: Fleet,
) -> ImportPlan:
    """The import plan. Raises InvalidInput, also for a field that does not exist."""
    from virttui.planning.imports.fields import form_fields
    from virttui.planning.imports.from_xml import appliance_from_xml
    from virttui.planning.imports.plan import plan
    from virttui.planning.new_ids import IdGenerator
    from virttui.planning.osinfo.catalog import os_catalog

    if appliance.packaging is ApplianceFormat.NATIVE:
        native = NativeConfig(appliance.config_format, appliance.config)
        query = NativeConfigQuery(ObjectId(host, ""), native)
        found = client.ask(fleet, query, NativeConfigResult, "what it means")
        if found.error is not None:
            raise InvalidInput(found.error.message, advice=found.error.advice)
        appliance = appliance_from_xml(replace(appliance, xml=found.xml))
    can, around = host_facts(host, client, fleet)
    fleet_state, known = client.fleet_state(), os_catalog(osinfo_folders())
    new_ids = IdGenerator(macs(fleet_state))
    here = context(fleet_state, fleet_state.inventories[host], *new_ids.for_machine(0), can, around)
    there = others(fleet_state)
    fields = {one.name: one for one in form_fields(values, appliance, here, known, there)}
    for name, value in values.items():
        if name not in fields:
            raise InvalidInput(f"{name} is not a field; there are: {', '.join(fields)}")
        if fields[name].only and fields[name].value != value:
            choices = ", ".join(one.name for one in fields[name].options)
            raise InvalidInput(f"{name} is one of: {choices}")
    scratch = str(settings.scratch or "")
    return plan(values, appliance, here, known, there, new_ids, scratch)


def _print(planned: ImportPlan, host: str) -> None:
    show_message(f"{planned.plan.name} on {host}")
    for line in (*planned.lines, *planned.plan.words):
        show_message(f"  {line}")
    for check in planned.checks:
        show_message(f"  {check_line(check)}")
