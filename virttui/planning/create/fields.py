"""The form fields of each step, with the values entered or the defaults."""

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
from virttui.planning.create.sources import (
    file_name,
    is_outside_host,
    looks_like_medium,
    pool_options,
    volume_options,
)
from virttui.planning.create.step_context import (
    NO,
    NONE,
    YES,
    StepContext,
    requirements_text,
    size_text,
    text_field,
    volume_field,
    with_default_hardware,
)
from virttui.planning.domain_spec.defaults import GRAPHICS, may_have
from virttui.planning.form import choice
from virttui.planning.osinfo.catalog import OsCatalog

KEYS = "~/.ssh/id_ed25519.pub"
"""The default path of the user's SSH key."""
_METHODS = {
    InstallMethod.MEDIUM: "an ISO image boots first",
    InstallMethod.CLOUD: "a ready image, set up by cloud-init",
    InstallMethod.NETWORK: "PXE: the network says what boots",
    InstallMethod.TREE: "a distribution's installer, from its URL",
    InstallMethod.DISK: "a volume that holds a system already",
    InstallMethod.KERNEL: "kernel and initrd of the host",
    InstallMethod.CONTAINER: "a root folder of the host, or a tar file of one",
}
_IMAGES = ("qcow2", "raw", "vmdk", "vdi", "qed")
_SOURCE_FIELDS = {
    InstallMethod.MEDIUM: "medium",
    InstallMethod.CLOUD: "base",
    InstallMethod.DISK: "disk",
    InstallMethod.TREE: "tree",
}
"""The field that holds the source of the operating system."""


class ResolvedChoices(NamedTuple):
    """All steps' values with their defaults, the method, and the operating system."""

    values: dict[str, str]
    method: InstallMethod
    system: OperatingSystem
    candidates: tuple[OperatingSystem, ...]


def medium_to_read(entered: FormValues, context: CreateContext) -> str:
    """Return the medium whose descriptor must be read, as ``pool/volume``, else ""."""
    if _method(entered, context) is not InstallMethod.MEDIUM:
        return ""
    medium = _what_value("medium", InstallMethod.MEDIUM, entered, context)
    return medium if "/" in medium and not medium.startswith(("/", "~", ".")) else ""


def form_fields(
    step: WizardStep, entered: FormValues, context: CreateContext, systems: OsCatalog
) -> tuple[FormField, ...]:
    """Return the fields of one step."""
    method = _method(entered, context)
    if step is WizardStep.WHAT:
        return _what_fields(method, entered, context)
    system, candidates = _system(method, entered, context, systems)
    if step is WizardStep.SYSTEM:
        return (_system_field(system, candidates, systems, context),)
    return _fields_of_step(step, method, system, entered, context)


def _fields_of_step(
    step: WizardStep,
    method: InstallMethod,
    system: OperatingSystem,
    entered: FormValues,
    context: CreateContext,
) -> tuple[FormField, ...]:
    base = _what_value("base", method, entered, context) if method is InstallMethod.CLOUD else ""
    return _STEP_FIELDS[step](StepContext(method, system, entered, context, base))


def resolve_choices(
    entered: FormValues, context: CreateContext, systems: OsCatalog
) -> ResolvedChoices:
    """Return the values of all steps."""
    method = _method(entered, context)
    system, candidates = _system(method, entered, context, systems)
    values = {one.name: one.value for one in _what_fields(method, entered, context)}
    values["os"] = system.id
    for step in _STEP_FIELDS:
        fields = _fields_of_step(step, method, system, entered, context)
        values |= {one.name: one.value for one in fields}
    return ResolvedChoices(values, method, system, candidates)


def lookups(entered: FormValues, context: CreateContext) -> tuple[Lookup, ...]:
    """Return the files of this computer and the URLs that must be read first."""
    method = _method(entered, context)
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


# -- what --------------------------------------------------------------------------------------


def _method(entered: FormValues, context: CreateContext) -> InstallMethod:
    usable = _methods(context)
    return InstallMethod(entered["method"]) if entered.get("method") in usable else usable[0]


def _methods(context: CreateContext) -> list[InstallMethod]:
    if context.container:
        return [InstallMethod.CONTAINER]
    return [one for one in _METHODS if one is not InstallMethod.CONTAINER]


def _what_fields(
    method: InstallMethod, entered: FormValues, context: CreateContext
) -> tuple[FormField, ...]:
    options = tuple(Option(one, _METHODS[one]) for one in _methods(context))
    fields = [FormField("method", "from", method, options, only=True)]
    if method is InstallMethod.MEDIUM:
        fields += _medium_fields(entered, context)
    elif method is InstallMethod.CLOUD:
        written = {place for place, _ in context.volume_writers}
        images = volume_options(context, lambda one: one.format in _IMAGES)
        images = [one for one in images if one.name not in written]
        fields.append(volume_field("base", "image", entered, images, _SOURCE_NOTE))
        fields += _upload_field(entered, "base", context)
    elif method is InstallMethod.TREE:
        fields.append(text_field("tree", "URL", entered, _tree_note(entered, context)))
        fields.append(choice("upload", "kernel to", pool_options(context, files=True), entered))
        tree = context.lookup_results.get(
            Lookup(LookupKind.TREE, entered.get("tree", "")), LookupResult()
        ).tree
        fields.append(
            text_field(
                "cmdline",
                "its words",
                entered,
                "what its installer is told",
                usual=tree.cmdline if tree is not None else "",
                needed=False,
            )
        )
    elif method is InstallMethod.DISK:
        unused = free_volumes(StepContext(method, OperatingSystem("", ""), entered, context))
        note = "pool/volume not in use"
        fields.append(volume_field("disk", "volume", entered, unused, note))
    elif method is InstallMethod.KERNEL:
        fields += [
            text_field("kernel", "kernel", entered, "a path of the host"),
            text_field("initrd", "initrd", entered, "a path of the host", needed=False),
            text_field(
                "cmdline", "its words", entered, "root=/dev/vda console=ttyS0", needed=False
            ),
        ]
    elif method is InstallMethod.CONTAINER:
        fields += [
            text_field(
                "tarball",
                "filled from",
                entered,
                "a tar file of this machine, if it is the host",
                needed=False,
            ),
            text_field(
                "root",
                "root folder",
                entered,
                "a path of the host",
                usual=_root(entered) if entered.get("tarball") else "",
            ),
            text_field("init", "starts", entered, "a path in it", usual="/sbin/init"),
        ]
    return tuple(fields)


def _root(entered: FormValues) -> str:
    return f"/var/lib/libvirt/filesystems/{entered.get('name') or 'vm'}"


_SOURCE_NOTE = "pool/volume, or ~/file or https://… to be put into a pool"


def _tree_note(entered: FormValues, context: CreateContext) -> str:
    """Return a note about the install tree."""
    found = context.lookup_results.get(Lookup(LookupKind.TREE, entered.get("tree", "")))
    if found is None or (found.tree is None and not found.error):
        return "https://…/debian/dists/stable/main/installer-amd64/, …/os/"
    return found.error or (found.tree.label if found.tree is not None else "")


def _medium_fields(entered: FormValues, context: CreateContext) -> list[FormField]:
    images = volume_options(context, lambda one: one.format == "iso" or looks_like_medium(one))
    field = volume_field("medium", "medium", entered, images, _SOURCE_NOTE)
    return [field, *_upload_field(entered, "medium", context)]


def _upload_field(entered: FormValues, field: str, context: CreateContext) -> list[FormField]:
    """Return the field for the pool that a file of this computer, or of the web, goes to."""
    if not is_outside_host(entered.get(field, "")):
        return []
    return [choice("upload", "put into", pool_options(context, files=True), entered)]


# -- where, system -----------------------------------------------------------------------------


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


def _system(
    method: InstallMethod, entered: FormValues, context: CreateContext, systems: OsCatalog
) -> tuple[OperatingSystem, tuple[OperatingSystem, ...]]:
    """Return the operating system that was chosen, detected in the medium, or guessed from a
    name, and the candidates for it."""
    found = systems.detect(context.medium) if context.medium is not None else ()
    if not found and context.medium is not None:
        found = systems_in_name(context.medium.volume, systems)
    if not found:
        image = _SOURCE_FIELDS.get(method)
        source = _what_value(image, method, entered, context) if image else ""
        found = systems_in_name(_name_hint(source, context), systems)
    if entered.get("os"):
        return systems.by_id(entered["os"]), found
    return (found[0] if found else systems.by_id("")), found


def _what_value(
    name: str, method: InstallMethod, entered: FormValues, context: CreateContext
) -> str:
    return next(
        (one.value for one in _what_fields(method, entered, context) if one.name == name), ""
    )


def _name_hint(source: str, context: CreateContext) -> str:
    """Return the text to guess a system from: the name of a file, or of an install tree."""
    found = context.lookup_results.get(Lookup(LookupKind.TREE, source))
    if found is not None and found.tree is not None:
        return found.tree.label
    return file_name(source)


def systems_in_name(source: str, systems: OsCatalog) -> tuple[OperatingSystem, ...]:
    """Return the systems whose id occurs in the name of an image: ``debian-12-generic`` is
    debian12.

    A release that is newer than all known ones of its distribution counts as the newest known one.
    """
    words = re.findall(r"[a-z]+|\d+(?:\.\d+)?", source.rpartition("/")[2].lower())
    found: list[OperatingSystem] = []
    for first, second in itertools.pairwise([*words, ""]):
        for id in (f"{first}{second}", f"{first}{second.split('.')[0]}", f"{first}-{second}"):
            system = systems.by_id(id)
            if system.known and system not in found:
                found.append(system)
    if found:
        return tuple(found)
    return next((newest for word in words if (newest := systems.newest_of(word))), ())


def _system_field(
    system: OperatingSystem,
    candidates: tuple[OperatingSystem, ...],
    systems: OsCatalog,
    context: CreateContext,
) -> FormField:
    # Only what the medium itself says is surely so; a file can be called anything.
    detected = systems.detect(context.medium) if context.medium is not None else ()
    options = [
        Option(
            one.id,
            f"{one.name}, as the medium says"
            if one in detected
            else f"{one.name}? guessed from its name",
        )
        for one in candidates
    ]
    candidate_ids = {one.id for one in candidates}
    options += [Option(one.id, one.name) for one in systems.by_use if one.id not in candidate_ids]
    note = context.medium_error or system.name
    return FormField("os", "system", system.id, tuple(options), note=note)


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
