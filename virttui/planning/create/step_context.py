"""The input of a step's fields, and helpers for their values and notes."""

from __future__ import annotations

from typing import NamedTuple

from virttui.model.documents import Option
from virttui.model.form_fields import FormField, FormValues
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import (
    DomainSpec,
    HostCapabilities,
    InstallMethod,
    OperatingSystem,
)
from virttui.planning.domain_spec.defaults import with_defaults

GIB = 1024**3
MIB = 1024**2
NONE = "none"
YES, NO = "yes", "no"


class StepContext(NamedTuple):
    """The method and system chosen, all values entered, and the facts of the host.

    ``base`` is the image that its disk is made from, "" for none.
    """

    method: InstallMethod
    system: OperatingSystem
    entered: FormValues
    context: CreateContext
    base: str = ""


def with_default_hardware(step: StepContext, **known: object) -> DomainSpec:
    """Return the machine without its disks, with all defaults filled in."""
    machine = DomainSpec(
        step.entered.get("name", ""), step.context.uuid, step.method, os=step.system.id,
        **known,  # type: ignore[arg-type]
    )  # fmt: skip
    return with_defaults(machine, step.system, step.context.capabilities or HostCapabilities())


def size_text(size: int) -> str:
    """Return a size as people type it."""
    for unit, factor in (("G", GIB), ("M", MIB)):
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def requirements_text(system: OperatingSystem, recommended: str, minimum: str) -> str:
    """Return a note about the recommended and minimum size for a system."""
    parts = [f"wants {recommended}"] if recommended else []
    parts += [f"at least {minimum}"] if minimum else []
    return f"{system.name} {', '.join(parts)}" if parts and system.known else ""


def text_field(
    name: str,
    label: str,
    entered: FormValues,
    note: str,
    *,
    usual: str = "",
    needed: bool = True,
    group: str = "",
) -> FormField:
    """Return a field that takes any text."""
    return FormField(name, label, entered.get(name, usual), needed=needed, note=note, group=group)


def volume_field(
    name: str, label: str, entered: FormValues, options: list[Option], note: str, *, group: str = ""
) -> FormField:
    """Return a field that takes a volume, or anything else its note mentions."""
    value = entered.get(name) or (options[0].name if options else "")
    return FormField(name, label, value, tuple(options), note=note, group=group)
