"""Checks before an import: errors, warnings, and what is fine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from virttui.libvirtxml.parse import root_of
from virttui.model.provision.appliance import Appliance, ExistingIds
from virttui.model.provision.checks import Check
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import HostCapabilities, OperatingSystem
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.severity import Severity
from virttui.planning.create.checks import unknown_facts
from virttui.planning.imports.fields import KEEP, default_bus, disks_to_copy, source_networks
from virttui.planning.imports.hardware_fields import missing_facts
from virttui.planning.imports.host_access import FIELD, access_checks
from virttui.planning.imports.host_fit import check_existing_disks, check_host_features

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.OK: 2}
_MIB = 1024**2
_MIN_FREE_SHARE = 0.05
"""The share of a pool's space that should stay free."""

Identity = tuple[str, Sequence[str]]
"""A UUID and the MAC addresses of the NICs."""


def checks(
    plan: ProvisionPlan,
    appliance: Appliance,
    values: Mapping[str, str],
    context: CreateContext,
    others: ExistingIds,
    identity: Identity,
    system: OperatingSystem,
) -> tuple[Check, ...]:
    """Return the results of all checks, errors first."""
    root = root_of(plan.xml)
    results = [
        *_identity(plan.name, context, others, identity),
        *unknown_facts(context),
        *_space(plan, context),
        *_networks(root, appliance, values, context),
        *check_host_features(root, context),
        *check_existing_disks(root, plan, context),
        *_host_access(plan, appliance, values, context),
        *_system(appliance, values, system),
        *_loader(appliance, context),
        *_notes(appliance),
        *_hardware(appliance, values, context),
    ]
    if appliance.disks and not disks_to_copy(appliance):
        results.append(Check(Severity.WARNING, "it has no disk"))
    # The same thing may be wanted by two devices: a serial port and its console, two disks.
    return tuple(sorted(dict.fromkeys(results), key=lambda check: _ORDER[check.level]))


def _host_access(
    plan: ProvisionPlan, appliance: Appliance, values: Mapping[str, str], context: CreateContext
) -> Iterator[Check]:
    """Check the host resources that a libvirt definition uses; hardware planned here uses none."""
    if not appliance.xml:
        return
    yield from access_checks(plan.xml, values.get(FIELD, ""), context)


def _identity(
    name: str, context: CreateContext, others: ExistingIds, identity: Identity
) -> Iterator[Check]:
    uuid, macs = identity
    if user := others.uuids.get(uuid.lower()):
        level = Severity.ERROR if user.endswith(f" on {context.name}") else Severity.WARNING
        yield Check(level, f"{user} has its UUID", "choose a new one")
    for mac in macs:
        if user := others.macs.get(mac.lower()):
            yield Check(Severity.WARNING, f"{user} has the MAC address {mac}", "choose new ones")
    twins = [host for known, host in context.names_elsewhere if known == name]
    if twins:
        yield Check(Severity.WARNING, f"a machine on {twins[0]} has that name too")
    if not twins and uuid.lower() not in others.uuids and not set(macs) & set(others.macs):
        where = "every host that answered" if context.unknown_hosts else "every host"
        yield Check(Severity.OK, f"name, UUID and MAC addresses are free on {where}")


def _space(plan: ProvisionPlan, context: CreateContext) -> Iterator[Check]:
    """Compare the free space with the bytes to send, and with the maximum size of the disks."""
    for pool in context.pools:
        steps = [step for step in plan.volumes if step.pool == pool.key]
        if not steps:
            continue
        available = pool.context.available
        stored = sum(step.slice.stored for step in steps if step.slice is not None)
        maximum = sum(step.new.capacity for step in steps)
        needed = stored if steps[0].files else maximum
        if needed > available:
            yield Check(Severity.ERROR,
                f"{pool.name} has {available // _MIB} MiB free, and its disks "
                        f"take {needed // _MIB} MiB", "another pool")  # fmt: skip
        elif maximum > available * (1 - _MIN_FREE_SHARE):
            yield Check(Severity.WARNING, f"{pool.name} has less space than its disks may grow to")
        else:
            yield Check(Severity.OK, f"{pool.name} has room for its disks")


def _networks(
    root: etree._Element, appliance: Appliance, values: Mapping[str, str], context: CreateContext
) -> Iterator[Check]:
    states = {value.name: value.note for value in context.networks}
    used = {one.get("network", "") for one in root.iterfind("devices/interface/source")} - {""}
    for name in sorted(used):
        if name not in states and not context.networks_known:
            words = f"whether {context.name} has a network {name} is not known"
            yield Check(Severity.WARNING, words, "see its networks (2)")
        elif name not in states:
            yield Check(Severity.ERROR, f"{context.name} has no network {name}", "choose another")
        elif states[name] == "is off now":
            level = Severity.ERROR if values.get("start") == "yes" else Severity.WARNING
            yield Check(level, f"network {name} is off", "start it (2, then s)")
    bridges = {one.get("bridge", "") for one in root.iterfind("devices/interface/source")} - {""}
    for name in sorted(bridges - set(context.bridges)):
        yield Check(
            Severity.WARNING, f"{context.name} may have no bridge {name}", "see its networks"
        )
    if appliance.nics and values.get("macs") != KEEP and any(nic.mac for nic in appliance.nics):
        yield Check(Severity.WARNING, "new MAC addresses: DHCP will give it another IP",
                    "to avoid that, keep its MACs")  # fmt: skip
    if not appliance.xml and source_networks(appliance):
        yield Check(Severity.WARNING, "its system may rename its cards, and not set them up",
                    "look at its network settings on the console")  # fmt: skip


def _system(
    appliance: Appliance, values: Mapping[str, str], system: OperatingSystem
) -> Iterator[Check]:
    if appliance.xml:
        return
    if not system.known:
        label = appliance.os_label or "not told"
        yield Check(
            Severity.WARNING,
            f"unknown system ({label}): it gets safe, slow hardware (IDE, e1000)",
            "choose a system for better",
        )
    bus = values.get("bus", "")
    if bus in ("virtio", "scsi") and default_bus(appliance, system) != "virtio":
        words = f"it was installed without {bus} disks, and may not find its own"
        yield Check(Severity.WARNING, words, "sata, if it does not boot")
    elif bus == "virtio":
        words = "its disk is vda now and not sda: it boots if it is mounted by UUID, as is usual"
        yield Check(Severity.WARNING, words, "sata, if it does not boot")
    old_buses = {disk.bus for disk in appliance.disks if disk.device == "disk"}
    if system.family == "winnt" and bus == "sata" and old_buses - {"sata"}:
        words = "a Windows that never had a SATA disk may stop with 7B when it boots"
        yield Check(Severity.WARNING, words, "ide, or boot it once in safe mode")


def _hardware(
    appliance: Appliance, values: Mapping[str, str], context: CreateContext
) -> Iterator[Check]:
    """Warn of facts that the file leaves open, and check the architecture."""
    for words in missing_facts(appliance, values):
        yield Check(Severity.WARNING, words, "see its field")
    capabilities = context.capabilities or HostCapabilities()
    if (
        not appliance.xml
        and appliance.arch
        and capabilities.machines
        and appliance.arch != capabilities.arch
    ):
        words = (
            f"it is for {appliance.arch}, and {context.name} is {capabilities.arch}:"
            " its system does not run"
        )
        yield Check(Severity.ERROR, words, "bring it to a host of that kind")
    if appliance.secure and not capabilities.secure_boot and not appliance.xml:
        yield Check(Severity.WARNING,
            f"it had secure boot, and {context.name} has no firmware for it",
                    "install OVMF with its keys there")  # fmt: skip


def _loader(appliance: Appliance, context: CreateContext) -> Iterator[Check]:
    """Check that the firmware that wrote the NVRAM is on the host."""
    known = context.capabilities.of("loader/value") if context.capabilities is not None else None
    firmware = appliance.loader if appliance.nvram is not None else ""
    if firmware and known is not None and firmware not in known:
        words = f"its NVRAM was made by {firmware}, which {context.name} does not list"
        yield Check(Severity.WARNING, words, "install that firmware there")


def _notes(appliance: Appliance) -> Iterator[Check]:
    if appliance.missing_tool:
        fix = "install qemu-utils (Debian) or qemu-img (Fedora)"
        yield Check(Severity.ERROR, appliance.missing_tool, fix)
    for words in appliance.notes:
        yield Check(Severity.WARNING, words)
