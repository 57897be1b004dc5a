"""The fields of each step, with the values they have as given or else as usual."""

from __future__ import annotations

import itertools
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
from virttui.model.provision.lookups import Lookup, LookupKind, LookupResult
from virttui.planning.create.disk_fields import disk_fields, free_volumes, nic_fields
from virttui.planning.create.sources import brought, file_name, is_image, pools_of, volumes
from virttui.planning.create.step_context import (
    NO,
    NONE,
    YES,
    StepContext,
    bare,
    spelled,
    text,
    volume_field,
    wishes,
)
from virttui.planning.domain_spec.defaults import SCREENS, has
from virttui.planning.form import choice
from virttui.planning.osinfo.catalog import OsCatalog

KEYS = "~/.ssh/id_ed25519.pub"
"""Where SSH keys usually are."""
_METHODS = {
    InstallMethod.MEDIUM: "an ISO image boots first",
    InstallMethod.CLOUD: "a ready image, told who it is by cloud-init",
    InstallMethod.NETWORK: "PXE: the network says what boots",
    InstallMethod.TREE: "a distribution's installer, from its URL",
    InstallMethod.DISK: "a volume that holds a system already",
    InstallMethod.KERNEL: "kernel and initrd of the host",
    InstallMethod.CONTAINER: "a root folder of the host, or a tar file of one",
}
_IMAGES = ("qcow2", "raw", "vmdk", "vdi", "qed")
_PLACE_OF = {
    InstallMethod.MEDIUM: "medium",
    InstallMethod.CLOUD: "base",
    InstallMethod.DISK: "disk",
    InstallMethod.TREE: "tree",
}
"""The field that says what a system is in."""


class ResolvedChoices(NamedTuple):
    """What the values of all steps come to so far: every value, the method, the system."""

    values: dict[str, str]
    method: InstallMethod
    system: OperatingSystem
    candidates: tuple[OperatingSystem, ...]


def medium_to_read(entered: FormValues, context: CreateContext) -> str:
    """The medium that is to be asked what it is, as ``pool/volume``; "" where there is none."""
    if _method(entered, context) is not InstallMethod.MEDIUM:
        return ""
    medium = _what_value("medium", InstallMethod.MEDIUM, entered, context)
    return medium if "/" in medium and not medium.startswith(("/", "~", ".")) else ""


def form_fields(
    step: WizardStep, entered: FormValues, context: CreateContext, systems: OsCatalog
) -> tuple[FormField, ...]:
    """The fields of one step."""
    method = _method(entered, context)
    if step is WizardStep.WHAT:
        return _what(method, entered, context)
    system, candidates = _system(method, entered, context, systems)
    if step is WizardStep.SYSTEM:
        return (_system_field(system, candidates, systems, context),)
    return _of_step(step, method, system, entered, context)


def _of_step(
    step: WizardStep,
    method: InstallMethod,
    system: OperatingSystem,
    entered: FormValues,
    context: CreateContext,
) -> tuple[FormField, ...]:
    base = _what_value("base", method, entered, context) if method is InstallMethod.CLOUD else ""
    return _FIELDS[step](StepContext(method, system, entered, context, base))


def resolve_choices(
    entered: FormValues, context: CreateContext, systems: OsCatalog
) -> ResolvedChoices:
    """The values of all steps."""
    method = _method(entered, context)
    system, candidates = _system(method, entered, context, systems)
    values = {one.name: one.value for one in _what(method, entered, context)}
    values["os"] = system.id
    for step in _FIELDS:
        fields = _of_step(step, method, system, entered, context)
        values |= {one.name: one.value for one in fields}
    return ResolvedChoices(values, method, system, candidates)


def lookups(entered: FormValues, context: CreateContext) -> tuple[Lookup, ...]:
    """The places that have to be looked at, outside of the host, before more can be said."""
    method = _method(entered, context)
    found: list[Lookup] = []
    if method is InstallMethod.TREE and (url := entered.get("tree", "")):
        found.append(Lookup(LookupKind.TREE, url))
    field = {InstallMethod.MEDIUM: "medium", InstallMethod.CLOUD: "base"}.get(method, "")
    if brought(place := entered.get(field, "")):
        found.append(Lookup(LookupKind.IMAGE, place))
    if method is InstallMethod.CLOUD:
        texts = (entered.get("keys", KEYS), entered.get("extra", ""), entered.get("address", ""))
        found += [Lookup(LookupKind.TEXT, one) for one in texts if one.startswith(("~", "/"))]
    return tuple(found)


# -- what --------------------------------------------------------------------------------------


def _method(entered: FormValues, context: CreateContext) -> InstallMethod:
    able = _methods(context)
    return InstallMethod(entered["method"]) if entered.get("method") in able else able[0]


def _methods(context: CreateContext) -> list[InstallMethod]:
    if context.container:
        return [InstallMethod.CONTAINER]
    return [one for one in _METHODS if one is not InstallMethod.CONTAINER]


def _what(
    method: InstallMethod, entered: FormValues, context: CreateContext
) -> tuple[FormField, ...]:
    options = tuple(Option(one, _METHODS[one]) for one in _methods(context))
    fields = [FormField("method", "from", method, options, only=True)]
    if method is InstallMethod.MEDIUM:
        fields += _medium(entered, context)
    elif method is InstallMethod.CLOUD:
        written = {place for place, _ in context.volume_writers}
        images = volumes(context, lambda one: one.format in _IMAGES)
        images = [one for one in images if one.name not in written]
        fields.append(volume_field("base", "image", entered, images, _BRING))
        fields += _upload(entered, "base", context)
    elif method is InstallMethod.TREE:
        fields.append(text("tree", "URL", entered, _said_of(entered, context)))
        fields.append(choice("upload", "kernel to", pools_of(context, files=True), entered))
        told = context.lookup_results.get(
            Lookup(LookupKind.TREE, entered.get("tree", "")), LookupResult()
        ).tree
        fields.append(
            text(
                "cmdline",
                "its words",
                entered,
                "what its installer is told",
                usual=told.cmdline if told is not None else "",
                needed=False,
            )
        )
    elif method is InstallMethod.DISK:
        free = free_volumes(StepContext(method, OperatingSystem("", ""), entered, context))
        note = "pool/volume not in use"
        fields.append(volume_field("disk", "volume", entered, free, note))
    elif method is InstallMethod.KERNEL:
        fields += [
            text("kernel", "kernel", entered, "a path of the host"),
            text("initrd", "initrd", entered, "a path of the host", needed=False),
            text("cmdline", "its words", entered, "root=/dev/vda console=ttyS0", needed=False),
        ]
    elif method is InstallMethod.CONTAINER:
        fields += [
            text(
                "tarball",
                "filled from",
                entered,
                "a tar file of this machine, if it is the host",
                needed=False,
            ),
            text(
                "root",
                "root folder",
                entered,
                "a path of the host",
                usual=_root(entered) if entered.get("tarball") else "",
            ),
            text("init", "starts", entered, "a path in it", usual="/sbin/init"),
        ]
    return tuple(fields)


def _root(entered: FormValues) -> str:
    return f"/var/lib/libvirt/filesystems/{entered.get('name') or 'vm'}"


_BRING = "pool/volume, or ~/file or https://… to be put into a pool"


def _said_of(entered: FormValues, context: CreateContext) -> str:
    """What is known of an install tree."""
    found = context.lookup_results.get(Lookup(LookupKind.TREE, entered.get("tree", "")))
    if found is None or (found.tree is None and not found.error):
        return "https://…/debian/dists/stable/main/installer-amd64/, …/os/"
    return found.error or (found.tree.label if found.tree is not None else "")


def _medium(entered: FormValues, context: CreateContext) -> list[FormField]:
    images = volumes(context, lambda one: one.format == "iso" or is_image(one))
    field = volume_field("medium", "medium", entered, images, _BRING)
    return [field, *_upload(entered, "medium", context)]


def _upload(entered: FormValues, field: str, context: CreateContext) -> list[FormField]:
    """Where a file of this machine, or of the web, goes."""
    if not brought(entered.get(field, "")):
        return []
    return [choice("upload", "put into", pools_of(context, files=True), entered)]


# -- where, system -----------------------------------------------------------------------------


def _where(place: StepContext) -> tuple[FormField, ...]:
    entered = place.entered
    name = entered.get("name", _free_name(place))
    return (
        FormField("name", "name", name, note="what it is called; web-{01..20} makes twenty"),
        text("title", "title", entered, "a line about it", needed=False),
    )


def _free_name(place: StepContext) -> str:
    """By its system, where nobody has that name; else with a number."""
    stem = re.sub(r"[^a-z0-9.-]", "-", place.system.id.lower()) if place.system.known else "vm"
    taken = {*place.context.names, *(name for name, _ in place.context.names_elsewhere)}
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name


def _system(
    method: InstallMethod, entered: FormValues, context: CreateContext, systems: OsCatalog
) -> tuple[OperatingSystem, tuple[OperatingSystem, ...]]:
    """The system that is chosen, or told by the medium, or guessed by the name of the image."""
    found = systems.detect(context.medium) if context.medium is not None else ()
    if not found and context.medium is not None:
        found = systems_in_name(context.medium.volume, systems)
    if not found:
        image = _PLACE_OF.get(method)
        place = _what_value(image, method, entered, context) if image else ""
        found = systems_in_name(_name_in(place, context), systems)
    if entered.get("os"):
        return systems.by_id(entered["os"]), found
    return (found[0] if found else systems.by_id("")), found


def _what_value(
    name: str, method: InstallMethod, entered: FormValues, context: CreateContext
) -> str:
    return next((one.value for one in _what(method, entered, context) if one.name == name), "")


def _name_in(place: str, context: CreateContext) -> str:
    """What a place may tell of its system: its file's name, or what a tree says it is."""
    found = context.lookup_results.get(Lookup(LookupKind.TREE, place))
    if found is not None and found.tree is not None:
        return found.tree.label
    return file_name(place)


def systems_in_name(place: str, systems: OsCatalog) -> tuple[OperatingSystem, ...]:
    """The systems whose id stands in the name of an image: ``debian-12-generic`` is debian12.

    A release that is newer than what is known of its distribution gets the newest that is known.
    """
    words = re.findall(r"[a-z]+|\d+(?:\.\d+)?", place.rpartition("/")[2].lower())
    found: list[OperatingSystem] = []
    for first, second in itertools.pairwise([*words, ""]):
        for id in (f"{first}{second}", f"{first}{second.split('.')[0]}", f"{first}-{second}"):
            system = systems.by_id(id)
            if system.known and system not in found:
                found.append(system)
    if found:
        return tuple(found)
    return next((kin for word in words if (kin := systems.newest_of(word))), ())


def _system_field(
    system: OperatingSystem,
    candidates: tuple[OperatingSystem, ...],
    systems: OsCatalog,
    context: CreateContext,
) -> FormField:
    # Only what the medium itself says is surely so; a file can be called anything.
    told = systems.detect(context.medium) if context.medium is not None else ()
    options = [
        Option(
            one.id,
            f"{one.name}, as the medium says"
            if one in told
            else f"{one.name}? guessed from its name",
        )
        for one in candidates
    ]
    first = {one.id for one in candidates}
    options += [Option(one.id, one.name) for one in systems.by_use if one.id not in first]
    note = context.medium_error or system.name
    return FormField("os", "system", system.id, tuple(options), note=note)


# -- size --------------------------------------------------------------------------------------


def _size(place: StepContext) -> tuple[FormField, ...]:
    machine, entered = bare(place), place.entered
    wants, least = place.system.recommended, place.system.minimum
    return (
        FormField("vcpus", "vCPUs", entered.get("vcpus") or str(machine.vcpus),
               note=wishes(place.system, str(wants.cpus or ""), str(least.cpus or ""))),
        FormField("memory", "memory", entered.get("memory") or spelled(machine.memory),
               note=wishes(place.system, _memory(wants), _memory(least))),
    )  # fmt: skip


def _memory(sizes: ResourceNeeds) -> str:
    return spelled(sizes.memory) if sizes.memory else ""


# -- extras ------------------------------------------------------------------------------------


def _extras(place: StepContext) -> tuple[FormField, ...]:
    entered = place.entered
    on, off = Option(YES), Option(NO)
    fields: list[FormField] = []
    if place.method is not InstallMethod.CONTAINER:
        machine = bare(place)
        firmwares = (Option("uefi"), Option("bios"))
        fields += [
            choice("firmware", "firmware", firmwares, entered, machine.firmware),
            _screen(entered, place.context, machine.graphics),
        ]  # fmt: skip
    if place.context.capabilities is not None and place.context.capabilities.virt == "kvm":
        virts = (Option("kvm"), Option("qemu", "emulated, and slow"))
        fields.append(choice("virt", "runs by", virts, entered))
    if place.method is InstallMethod.CLOUD:
        fields += _cloud(entered)
    fields.append(choice("autostart", "with its host", (off, on), entered,
                         note="whether its host starts it"))  # fmt: skip
    if place.method is InstallMethod.TREE:
        at_once = Option(YES, "the installer runs from this start alone")
        fields.append(choice("start", "start now", (at_once,), entered))
    else:
        fields.append(choice("start", "start now", (on, off), entered))
    return tuple(fields)


def _screen(entered: FormValues, context: CreateContext, usual: str) -> FormField:
    """How its screen is reached, of what its host has; what that lacks is said."""
    lacks = [
        kind
        for kind in SCREENS
        if not has(context.capabilities or HostCapabilities(), "graphics/type", kind)
    ]
    options = [Option(kind) for kind in (*SCREENS, NONE) if kind not in lacks]
    note = f"{context.name} has no {' and no '.join(map(str.upper, lacks))}" if lacks else ""
    return choice("graphics", "screen", options, entered, usual, note)


def _cloud(entered: FormValues) -> list[FormField]:
    """What the image is told at its first boot."""
    return [
        text("hostname", "hostname", entered, "inside the guest; empty = the domain's name",
             needed=False),
        text("user", "user", entered, "who can log in", usual="admin"),
        FormField("password", "password", entered.get("password", ""), needed=False, hidden=True,
               note="kept as a hash; none for keys alone"),
        text("keys", "ssh keys", entered, "a key, or a file of this machine",
             needed=False, usual=KEYS),
        text("extra", "user-data", entered, "a file of this machine, beside all this",
             needed=False),
    ]  # fmt: skip


_FIELDS: dict[WizardStep, Callable[[StepContext], tuple[FormField, ...]]] = {
    WizardStep.WHERE: _where,
    WizardStep.SIZE: _size,
    WizardStep.DISKS: disk_fields,
    WizardStep.NETWORK: nic_fields,
    WizardStep.EXTRAS: _extras,
    WizardStep.REVIEW: lambda place: (),
}
