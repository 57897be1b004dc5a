"""What the fields of a step are made from, and the words that they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from virttui.definitions.creating import usual
from virttui.model.documents import Value
from virttui.model.installing import Ground
from virttui.model.machines import HostCan, Machine, Method, System
from virttui.model.making import Wanted

Values = Mapping[str, str]

GIB = 1024**3
MIB = 1024**2
NONE = "none"
YES, NO = "yes", "no"


class Place(NamedTuple):
    """The method and system that were chosen, every value given, and what the host has.

    ``base`` is the image that its disk is made of, "" where it is made of none.
    """

    method: Method
    system: System
    given: Values
    ground: Ground
    base: str = ""


def bare(place: Place, **known: object) -> Machine:
    """The machine without its disks, every blank filled in."""
    machine = Machine(
        place.given.get("name", ""), place.ground.uuid, place.method, os=place.system.id,
        **known,  # type: ignore[arg-type]
    )  # fmt: skip
    return usual(machine, place.system, place.ground.can or HostCan())


def spelled(size: int) -> str:
    """A size as people type it."""
    for unit, factor in (("G", GIB), ("M", MIB)):
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def wishes(system: System, wanted: str, least: str) -> str:
    """What a system wants, and needs, in words."""
    said = [f"wants {wanted}"] if wanted else []
    said += [f"at least {least}"] if least else []
    return f"{system.name} {', '.join(said)}" if said and system.known else ""


def text(
    name: str,
    label: str,
    given: Values,
    note: str,
    *,
    usual: str = "",
    needed: bool = True,
    group: str = "",
) -> Wanted:
    """A field that takes any words."""
    return Wanted(name, label, given.get(name, usual), needed=needed, note=note, group=group)


def volume_field(
    name: str, label: str, given: Values, options: list[Value], note: str, *, group: str = ""
) -> Wanted:
    """A field that takes a volume, or what else its note says."""
    value = given.get(name) or (options[0].name if options else "")
    return Wanted(name, label, value, tuple(options), note=note, group=group)
