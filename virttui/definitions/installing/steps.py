"""The fields of each step, with the values they have as given or else as usual."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from virttui.definitions.creating import Systems, usual
from virttui.definitions.installing.places import (
    is_image,
    local,
    pools_of,
    volume_at,
    volumes,
)
from virttui.definitions.making.maker import choice
from virttui.model.documents import Value
from virttui.model.installing import Ground, Stage
from virttui.model.machines import HostCan, Machine, Method, Sizes, System
from virttui.model.making import Wanted
from virttui.model.volumes import FILE_POOLS

Values = Mapping[str, str]

GIB = 1024**3
MIB = 1024**2
NONE = "none"
YES, NO = "yes", "no"
OVERLAY, COPY = "overlay", "copy"
_METHODS = {
    Method.MEDIUM: "an ISO image boots first",
    Method.CLOUD: "a ready image, told who it is by cloud-init",
    Method.NETWORK: "PXE: the network says what boots",
    Method.DISK: "a volume that holds a system already",
    Method.KERNEL: "kernel and initrd of the host",
    Method.CONTAINER: "a root folder of the host",
}
_USUAL = (
    r"(debian|ubuntu|fedora|rhel|centos|almalinux|rocky|opensuse|sles|archlinux|alpinelinux|win|"
    r"freebsd)(-stream)?[\dk]"
)
"""The systems that come first in the list."""
_IMAGES = ("qcow2", "raw", "vmdk", "vdi", "qed")


class Chosen(NamedTuple):
    """What the values of all steps come to so far: every value, the method, the system."""

    values: dict[str, str]
    method: Method
    system: System
    candidates: tuple[System, ...]


def medium_of(given: Values, ground: Ground) -> str:
    """The medium that is to be asked what it is, as ``pool/volume``; "" where there is none."""
    if _method(given, ground) is not Method.MEDIUM:
        return ""
    medium = _what_value("medium", Method.MEDIUM, given, ground)
    return medium if "/" in medium and not medium.startswith(("/", "~", ".")) else ""


def wants(stage: Stage, given: Values, ground: Ground, systems: Systems) -> tuple[Wanted, ...]:
    """The fields of one step."""
    method = _method(given, ground)
    if stage is Stage.WHAT:
        return _what(method, given, ground)
    system, candidates = _system(method, given, ground, systems)
    if stage is Stage.SYSTEM:
        return (_system_field(system, candidates, systems, ground),)
    return _FIELDS[stage](_Place(method, system, given, ground))


def chosen(given: Values, ground: Ground, systems: Systems) -> Chosen:
    """The values of all steps."""
    method = _method(given, ground)
    system, candidates = _system(method, given, ground, systems)
    values = {
        one.name: one.value
        for stage in Stage
        if stage is not Stage.REVIEW
        for one in wants(stage, given, ground, systems)
    }
    return Chosen(values, method, system, candidates)


class _Place(NamedTuple):
    """What the fields of a step are made from."""

    method: Method
    system: System
    given: Values
    ground: Ground


# -- what --------------------------------------------------------------------------------------


def _method(given: Values, ground: Ground) -> Method:
    able = _methods(ground)
    return Method(given["method"]) if given.get("method") in able else able[0]


def _methods(ground: Ground) -> list[Method]:
    if ground.container:
        return [Method.CONTAINER]
    return [one for one in _METHODS if one is not Method.CONTAINER]


def _what(method: Method, given: Values, ground: Ground) -> tuple[Wanted, ...]:
    options = tuple(Value(one, _METHODS[one]) for one in _methods(ground))
    fields = [Wanted("method", "from", method, options, only=True)]
    if method is Method.MEDIUM:
        fields += _medium(given, ground)
    elif method is Method.CLOUD:
        images = volumes(ground, lambda one: one.format in _IMAGES)
        fields.append(_place("base", "image", given, images, "pool/volume, or ~/file to upload"))
        fields += _upload(given, "base", ground)
    elif method is Method.DISK:
        free = [
            one
            for one in volumes(ground, lambda one: one.format != "iso")
            if one.name not in dict(ground.used)
        ]
        fields.append(_place("disk", "volume", given, free, "pool/volume that nobody has"))
    elif method is Method.KERNEL:
        fields += [
            _text("kernel", "kernel", given, "a path of the host"),
            _text("initrd", "initrd", given, "a path of the host", needed=False),
            _text("cmdline", "its words", given, "root=/dev/vda console=ttyS0", needed=False),
        ]
    elif method is Method.CONTAINER:
        fields += [
            _text("root", "root folder", given, "a path of the host"),
            _text("init", "starts", given, "a path in it", usual="/sbin/init"),
        ]
    return tuple(fields)


def _medium(given: Values, ground: Ground) -> list[Wanted]:
    images = volumes(ground, lambda one: one.format == "iso" or is_image(one))
    note = "pool/volume, or ~/file to upload"
    return [_place("medium", "medium", given, images, note), *_upload(given, "medium", ground)]


def _upload(given: Values, field: str, ground: Ground) -> list[Wanted]:
    """Where a file of this machine goes."""
    if not local(given.get(field, "")):
        return []
    return [choice("upload", "upload to", pools_of(ground, files=True), given)]


def _place(name: str, label: str, given: Values, options: list[Value], note: str) -> Wanted:
    value = given.get(name) or (options[0].name if options else "")
    return Wanted(name, label, value, tuple(options), note=note)


def _text(
    name: str, label: str, given: Values, note: str, *, usual: str = "", needed: bool = True
) -> Wanted:
    return Wanted(name, label, given.get(name, usual), needed=needed, note=note)


# -- where, system -----------------------------------------------------------------------------


def _where(place: _Place) -> tuple[Wanted, ...]:
    given = place.given
    name = given.get("name", _free_name(place))
    return (
        Wanted("name", "name", name, note="what it is called; web-{01..20} makes twenty"),
        _text("title", "title", given, "a line about it", needed=False),
    )


def _free_name(place: _Place) -> str:
    """By its system, where nobody has that name; else with a number."""
    stem = re.sub(r"[^a-z0-9.-]", "-", place.system.id.lower()) if place.system.known else "vm"
    taken = {*place.ground.names, *(name for name, _ in place.ground.elsewhere)}
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name


def _system(
    method: Method, given: Values, ground: Ground, systems: Systems
) -> tuple[System, tuple[System, ...]]:
    """The system that is chosen, or told by the medium, or guessed by the name of the image."""
    found = systems.detect(ground.told) if ground.told is not None else ()
    if not found and ground.told is not None:
        found = guessed(ground.told.volume, systems)
    if not found:
        image = {Method.MEDIUM: "medium", Method.CLOUD: "base", Method.DISK: "disk"}.get(method)
        place = _what_value(image, method, given, ground) if image else ""
        found = guessed(place, systems)
    if given.get("os"):
        return systems.by_id(given["os"]), found
    return (found[0] if found else systems.by_id("")), found


def _what_value(name: str, method: Method, given: Values, ground: Ground) -> str:
    return next((one.value for one in _what(method, given, ground) if one.name == name), "")


def guessed(place: str, systems: Systems) -> tuple[System, ...]:
    """The systems whose id stands in the name of an image: ``debian-12-generic`` is debian12.

    A release that is newer than what is known of its distribution gets the newest that is known.
    """
    words = re.findall(r"[a-z]+|\d+(?:\.\d+)?", place.rpartition("/")[2].lower())
    found: list[System] = []
    for first, second in itertools.pairwise([*words, ""]):
        for id in (f"{first}{second}", f"{first}{second.split('.')[0]}", f"{first}-{second}"):
            system = systems.by_id(id)
            if system.known and system not in found:
                found.append(system)
    if found or not words:
        return tuple(found)
    kin = [one for one in systems.all if re.fullmatch(rf"{words[0]}\d+(\.\d+)?", one.id)]
    return (max(kin, key=lambda one: one.released),) if kin else ()


def _system_field(
    system: System, candidates: tuple[System, ...], systems: Systems, ground: Ground
) -> Wanted:
    options = [Value(one.id, f"{one.name}, as the medium says") for one in candidates]
    rest = [one for one in systems.all if one not in candidates]
    rest.sort(key=lambda one: one.released, reverse=True)
    rest.sort(key=lambda one: not re.match(_USUAL, one.id))
    options += [Value(one.id, one.name) for one in rest]
    note = ground.untold or system.name
    return Wanted("os", "system", system.id, tuple(options), note=note)


# -- size --------------------------------------------------------------------------------------


def bare(place: _Place, **known: object) -> Machine:
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


def _size(place: _Place) -> tuple[Wanted, ...]:
    machine, given = bare(place), place.given
    wants, least = place.system.recommended, place.system.minimum
    return (
        Wanted("vcpus", "vCPUs", given.get("vcpus") or str(machine.vcpus),
               note=_wants(place.system, str(wants.cpus or ""), str(least.cpus or ""))),
        Wanted("memory", "memory", given.get("memory") or spelled(machine.memory),
               note=_wants(place.system, _memory(wants), _memory(least))),
    )  # fmt: skip


def _memory(sizes: Sizes) -> str:
    return spelled(sizes.memory) if sizes.memory else ""


def _wants(system: System, wanted: str, least: str) -> str:
    said = [f"wants {wanted}"] if wanted else []
    said += [f"at least {least}"] if least else []
    return f"{system.name} {', '.join(said)}" if said and system.known else ""


# -- disks -------------------------------------------------------------------------------------


def disk_size(place: _Place) -> int:
    """What the first disk usually is: as recommended, at least as large as its image."""
    wanted = place.system.recommended.storage or place.system.minimum.storage or 20 * GIB
    found = volume_at(place.ground, _base(place))
    return max(wanted, found[1].capacity if found is not None else 0)


def _base(place: _Place) -> str:
    """The image a cloud image's disk is made of, "" for other methods."""
    if place.method is not Method.CLOUD:
        return ""
    return _what_value("base", place.method, place.given, place.ground)


def _disks(place: _Place) -> tuple[Wanted, ...]:
    given, method = place.given, place.method
    if method in (Method.DISK, Method.CONTAINER):
        return (_data(given),)
    fields = [choice("pool", "pool", pools_of(place.ground), given)]
    shelf = next((one for one in place.ground.pools if one.name == fields[0].value), None)
    files = shelf is not None and shelf.room.type in FILE_POOLS
    if method is Method.CLOUD:
        fields.append(_how(place, files=files))
    needed = method is not Method.KERNEL
    size = given.get("size", spelled(disk_size(place)) if needed else "")
    least = place.system.minimum.storage
    note = _wants(place.system, "", spelled(least) if least else "")
    fields.append(Wanted("size", "size", size, needed=needed, note=note or "20G; none for no disk"))
    if files and not (method is Method.CLOUD and fields[1].value == OVERLAY):
        formats = (Value("qcow2", "grows as it is written"), Value("raw", "plain, and fastest"))
        fields.append(choice("format", "format", formats, given))
    return (*fields, _data(given))


def _how(place: _Place, *, files: bool) -> Wanted:
    """How the image becomes its disk: on top of it, or as a copy."""
    ways = [Value(COPY, "its own, the image can go")]
    if files and not local(_base(place)):
        ways.insert(0, Value(OVERLAY, "at once; the image has to stay as it is"))
    return choice("how", "disk is", ways, place.given)


def _data(given: Values) -> Wanted:
    note = "a second, empty disk: 100G"
    return Wanted("data", "data disk", given.get("data", ""), needed=False, note=note)


# -- network, extras ---------------------------------------------------------------------------


def _network(place: _Place) -> tuple[Wanted, ...]:
    ground, given = place.ground, place.given
    options = [*ground.networks, *(Value(f"bridge:{one}", "of the host") for one in ground.bridges)]
    options.append(Value(NONE, "no network card"))
    first = choice("net", "network", options, given)
    second = choice("net2", "and", [Value(NONE, "no second card"), *options[:-1]], given)
    return (first,) if first.value == NONE else (first, second)


def _extras(place: _Place) -> tuple[Wanted, ...]:
    given = place.given
    on, off = Value(YES), Value(NO)
    fields: list[Wanted] = []
    if place.method is not Method.CONTAINER:
        machine = bare(place)
        firmwares = (Value("uefi"), Value("bios"))
        fields += [
            choice("firmware", "firmware", firmwares, given, machine.firmware),
            choice("graphics", "screen", (Value("vnc"), Value("spice"), Value(NONE)), given,
                   machine.graphics),
        ]  # fmt: skip
    if place.ground.can is not None and place.ground.can.virt == "kvm":
        virts = (Value("kvm"), Value("qemu", "emulated, and slow"))
        fields.append(choice("virt", "runs by", virts, given))
    if place.method is Method.CLOUD:
        fields += [
            _text("hostname", "hostname", given, "inside the guest; its name else",
                  needed=False),
            _text("user", "user", given, "who can log in", usual="admin"),
            Wanted("password", "password", given.get("password", ""), needed=False, hidden=True,
                   note="kept as a hash; none for keys alone"),
            _text("keys", "ssh keys", given, "a key, or a file of this machine",
                  needed=False, usual="~/.ssh/id_ed25519.pub"),
        ]  # fmt: skip
    fields += [
        choice("autostart", "with its host", (off, on), given, note="whether its host starts it"),
        choice("start", "start now", (on, off), given),
    ]
    return tuple(fields)


_FIELDS: dict[Stage, Callable[[_Place], tuple[Wanted, ...]]] = {
    Stage.WHERE: _where,
    Stage.SIZE: _size,
    Stage.DISKS: _disks,
    Stage.NETWORK: _network,
    Stage.EXTRAS: _extras,
    Stage.REVIEW: lambda place: (),
}
