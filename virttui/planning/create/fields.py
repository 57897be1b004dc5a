"""The form fields of each step, with the values entered or the defaults."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from virttui.model.documents import Option
from virttui.model.form_fields import FormField, FormValues
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import (
    HostCapabilities,
    InstallMethod,
    OperatingSystem,
    ResourceNeeds,
)
from virttui.model.provision.lookups import Lookup, LookupKind
from virttui.planning.create.disk_fields import disk_fields, nic_fields
from virttui.planning.create.method_fields import chosen_method, method_fields, method_value
from virttui.planning.create.sources import is_outside_host
from virttui.planning.create.step_context import (
    NO,
    NONE,
    YES,
    StepContext,
    requirements_text,
    size_text,
    text_field,
    with_default_hardware,
)
from virttui.planning.create.system_field import chosen_system, system_field
from virttui.planning.domain_spec.defaults import GRAPHICS, may_have
from virttui.planning.form import choice
from virttui.planning.osinfo.catalog import OsCatalog

KEYS = "~/.ssh/id_ed25519.pub"
"""The default path of the user's SSH key."""


class ResolvedChoices(NamedTuple):
    """All steps' values with their defaults, the method, and the operating system."""

    values: dict[str, str]
    method: InstallMethod
    system: OperatingSystem
    candidates: tuple[OperatingSystem, ...]


def medium_to_read(entered: FormValues, context: CreateContext) -> str:
    """Return the medium whose descriptor must be read, as ``pool/volume``, else ""."""
    if chosen_method(entered, context) is not InstallMethod.MEDIUM:
        return ""
    medium = method_value("medium", InstallMethod.MEDIUM, entered, context)
    return medium if "/" in medium and not medium.startswith(("/", "~", ".")) else ""


def form_fields(
    step: WizardStep, entered: FormValues, context: CreateContext, systems: OsCatalog
) -> tuple[FormField, ...]:
    """Return the fields of one step."""
    method = chosen_method(entered, context)
    if step is WizardStep.WHAT:
        return method_fields(method, entered, context)
    system, candidates = chosen_system(method, entered, context, systems)
    if step is WizardStep.SYSTEM:
        return (system_field(system, candidates, systems, context),)
    return _fields_of_step(step, method, system, entered, context)


def _fields_of_step(
    step: WizardStep,
    method: InstallMethod,
    system: OperatingSystem,
    entered: FormValues,
    context: CreateContext,
) -> tuple[FormField, ...]:
    base = method_value("base", method, entered, context) if method is InstallMethod.CLOUD else ""
    return _STEP_FIELDS[step](StepContext(method, system, entered, context, base))


def resolve_choices(
    entered: FormValues, context: CreateContext, systems: OsCatalog
) -> ResolvedChoices:
    """Return the values of all steps."""
    method = chosen_method(entered, context)
    system, candidates = chosen_system(method, entered, context, systems)
    values = {one.name: one.value for one in method_fields(method, entered, context)}
    values["os"] = system.id
    for step in _STEP_FIELDS:
        fields = _fields_of_step(step, method, system, entered, context)
        values |= {one.name: one.value for one in fields}
    return ResolvedChoices(values, method, system, candidates)


def lookups(entered: FormValues, context: CreateContext) -> tuple[Lookup, ...]:
    """Return the files of this computer and the URLs that must be read first."""
    method = chosen_method(entered, context)
    found: list[Lookup] = []
    if method is InstallMethod.TREE and (url := entered.get("tree", "")):
        found.append(Lookup(LookupKind.TREE, url))
    field = {InstallMethod.MEDIUM: "medium", InstallMethod.CLOUD: "base"}.get(method, "")
    if is_outside_host(place := entered.get(field, "")):
        found.append(Lookup(LookupKind.IMAGE, place))
    if method is InstallMethod.CLOUD:
        texts = (entered.get("keys", KEYS), entered.get("extra", ""), entered.get("address", ""))
        found += [Lookup(LookupKind.TEXT, one) for one in texts if one.startswith(("~", "/"))]
    return tuple(found)


# -- where -------------------------------------------------------------------------------------


def _where_fields(step: StepContext) -> tuple[FormField, ...]:
    entered = step.entered
    name = entered.get("name", _free_name(step))
    return (
        FormField("name", "name", name, note="what it is called; web-{01..20} makes twenty"),
        text_field("title", "title", entered, "a line about it", needed=False),
    )


def _free_name(step: StepContext) -> str:
    """Return a name made from the system's id, with a number where it is taken."""
    stem = re.sub(r"[^a-z0-9.-]", "-", step.system.id.lower()) if step.system.known else "vm"
    used = {*step.context.names, *(name for name, _ in step.context.names_elsewhere)}
    name, number = stem, 2
    while name in used:
        name, number = f"{stem}-{number}", number + 1
    return name


# -- size --------------------------------------------------------------------------------------


def _size_fields(step: StepContext) -> tuple[FormField, ...]:
    machine, entered = with_default_hardware(step), step.entered
    recommended, minimum = step.system.recommended, step.system.minimum
    cpus = requirements_text(step.system, str(recommended.cpus or ""), str(minimum.cpus or ""))
    memory = requirements_text(step.system, _memory(recommended), _memory(minimum))
    return (
        FormField("vcpus", "vCPUs", entered.get("vcpus") or str(machine.vcpus),
                  note=cpus),
        FormField("memory", "memory", entered.get("memory") or size_text(machine.memory),
                  note=memory),
    )  # fmt: skip


def _memory(sizes: ResourceNeeds) -> str:
    return size_text(sizes.memory) if sizes.memory else ""


# -- extras ------------------------------------------------------------------------------------


def _extras_fields(step: StepContext) -> tuple[FormField, ...]:
    entered = step.entered
    on, off = Option(YES), Option(NO)
    fields: list[FormField] = []
    if step.method is not InstallMethod.CONTAINER:
        machine = with_default_hardware(step)
        firmwares = (Option("uefi"), Option("bios"))
        fields += [
            choice("firmware", "firmware", firmwares, entered, machine.firmware),
            _screen_field(entered, step.context, machine.graphics),
        ]  # fmt: skip
    if step.context.capabilities is not None and step.context.capabilities.virt == "kvm":
        virts = (Option("kvm"), Option("qemu", "emulated, and slow"))
        fields.append(choice("virt", "runs by", virts, entered))
    if step.method is InstallMethod.CLOUD:
        fields += _cloud_init_fields(entered)
    fields.append(choice("autostart", "with its host", (off, on), entered,
                         note="whether its host starts it"))  # fmt: skip
    if step.method is InstallMethod.TREE:
        at_once = Option(YES, "the installer runs only from this start")
        fields.append(choice("start", "start now", (at_once,), entered))
    else:
        fields.append(choice("start", "start now", (on, off), entered))
    return tuple(fields)


def _screen_field(entered: FormValues, context: CreateContext, usual: str) -> FormField:
    """Return the field for the graphics that the host supports, with a note about the others."""
    missing = [
        kind
        for kind in GRAPHICS
        if not may_have(context.capabilities or HostCapabilities(), "graphics/type", kind)
    ]
    options = [Option(kind) for kind in (*GRAPHICS, NONE) if kind not in missing]
    note = f"{context.name} has no {' and no '.join(map(str.upper, missing))}" if missing else ""
    return choice("graphics", "screen", options, entered, usual, note)


def _cloud_init_fields(entered: FormValues) -> list[FormField]:
    """Return the fields of cloud-init."""
    return [
        text_field("hostname", "hostname", entered, "inside the guest; empty = the domain's name",
             needed=False),
        text_field("user", "user", entered, "who can log in", usual="admin"),
        FormField("password", "password", entered.get("password", ""), needed=False, hidden=True,
               note="kept as a hash; none for keys alone"),
        text_field("keys", "ssh keys", entered, "a key, or a file of this machine",
             needed=False, usual=KEYS),
        text_field("extra", "user-data", entered, "a file of this machine, beside all this",
             needed=False),
    ]  # fmt: skip


_STEP_FIELDS: dict[WizardStep, Callable[[StepContext], tuple[FormField, ...]]] = {
    WizardStep.WHERE: _where_fields,
    WizardStep.SIZE: _size_fields,
    WizardStep.DISKS: disk_fields,
    WizardStep.NETWORK: nic_fields,
    WizardStep.EXTRAS: _extras_fields,
    WizardStep.REVIEW: lambda place: (),
}
