"""Host resources that an imported definition uses; the user decides to keep them or to leave
them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from virttui.libvirtxml.host_access.access import HostAccess, KnownHostPaths
from virttui.libvirtxml.host_access.removal import without_accesses
from virttui.libvirtxml.host_access.scan import host_access
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.model.provision.appliance import Appliance
from virttui.model.provision.checks import Check
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.model.severity import Severity
from virttui.planning.form import choice
from virttui.planning.imports.adapt_xml import ImportIdentity, adapt

FIELD = "host access"
UNDECIDED, LEAVE_OUT, KEEP = "undecided", "leave out", "keep"
_FIX = "choose whether it is left out or kept (host access)"
_ROUNDS = 3
"""How often a definition is read again, because removing one thing can reveal another."""


def known_paths(context: CreateContext) -> KnownHostPaths:
    """Return the known paths of the host that a machine is imported to."""
    capabilities = context.capabilities or HostCapabilities()
    volumes = {volume.path for pool in context.pools for volume in pool.context.volumes}
    return KnownHostPaths(
        context.name,
        frozenset(volumes - {""}),
        emulators=frozenset({capabilities.emulator} - {""}),
        firmwares=frozenset(capabilities.of("loader/value") or ()),
    )


def access_field(
    entered: Mapping[str, str], appliance: Appliance, context: CreateContext
) -> list[FormField]:
    """Return the field for the decision; none where the definition uses no grave resource."""
    as_it_is = ImportIdentity(
        appliance.name or "machine",
        appliance.uuid,
        tuple(nic.mac for nic in appliance.nics),
        {disk.target: ("pool", "volume", "raw") for disk in appliance.disks if disk.content},
        drops_other_disks=bool(appliance.disks),
        nvram=appliance.nvram_path,
    )
    xml, _, _ = adapt(appliance.xml, as_it_is, context.capabilities or HostCapabilities())
    count = len(_grave_accesses(xml, known_paths(context)))
    if not count:
        return []
    options = (
        Option(UNDECIDED, "nothing is created before you decide"),
        Option(LEAVE_OUT, "the machine is created without it"),
        Option(KEEP, "it gets all of it: you trust whoever made the file"),
    )
    things = "1 thing" if count == 1 else f"{count} things"
    note = f"{things} of {context.name}, listed below"
    return [choice(FIELD, FIELD, options, entered, UNDECIDED, note)]


def apply_decision(xml: str, decision: str, context: CreateContext) -> tuple[str, list[str]]:
    """Return the definition after the decision, and a line for each thing left out. Raises
    InvalidInput."""
    known = known_paths(context)
    lines: list[str] = []
    for _ in range(_ROUNDS if decision == LEAVE_OUT else 0):
        grave = _grave_accesses(xml, known)
        if not grave:
            return xml, lines
        lines += dict.fromkeys(f"left out: {one.words}" for one in grave)
        xml = without_accesses(xml, grave)
    if decision == LEAVE_OUT and _grave_accesses(xml, known):
        raise InvalidInput("its access to the host cannot be removed from its definition")
    return xml, lines


def access_checks(xml: str, decision: str, context: CreateContext) -> Iterator[Check]:
    """Yield a check for each host resource, an error for a grave one without a decision."""
    # A serial port and its console are one thing in two elements.
    fix = _FIX
    for words, grave in dict.fromkeys((one.words, one.grave) for one in _accesses(xml, context)):
        if grave and decision != KEEP:
            yield Check(Severity.ERROR, words, fix)
            fix = ""  # said once for all of them
        else:
            yield Check(Severity.WARNING, words)


def _accesses(xml: str, context: CreateContext) -> tuple[HostAccess, ...]:
    return host_access(xml, known_paths(context))


def _grave_accesses(xml: str, known: KnownHostPaths) -> list[HostAccess]:
    return [one for one in host_access(xml, known) if one.grave]
