"""What the fields of a step are made from, and the words that they have in common."""

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
    """The method and system that were chosen, every value given, and what the host has.

    ``base`` is the image that its disk is made of, "" where it is made of none.
    """

    method: InstallMethod
    system: OperatingSystem
    entered: FormValues
    context: CreateContext
    base: str = ""


def bare(place: StepContext, **known: object) -> DomainSpec:
    """The machine without its disks, every blank filled in."""
    machine = DomainSpec(
        place.entered.get("name", ""), place.context.uuid, place.method, os=place.system.id,
        **known,  # type: ignore[arg-type]
    )  # fmt: skip
    return with_defaults(machine, place.system, place.context.capabilities or HostCapabilities())


def spelled(size: int) -> str:
    """A size as people type it."""
    for unit, factor in (("G", GIB), ("M", MIB)):
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def wishes(system: OperatingSystem, wanted: str, least: str) -> str:
    """What a system wants, and needs, in words."""
    said = [f"wants {wanted}"] if wanted else []
    said += [f"at least {least}"] if least else []
    return f"{system.name} {', '.join(said)}" if said and system.known else ""


def text(
    name: str,
    label: str,
    entered: FormValues,
    note: str,
    *,
    usual: str = "",
    needed: bool = True,
    group: str = "",
) -> FormField:
    """A field that takes any words."""
    return FormField(name, label, entered.get(name, usual), needed=needed, note=note, group=group)


def volume_field(
    name: str, label: str, entered: FormValues, options: list[Option], note: str, *, group: str = ""
) -> FormField:
    """A field that takes a volume, or what else its note says."""
    value = entered.get(name) or (options[0].name if options else "")
    return FormField(name, label, value, tuple(options), note=note, group=group)
