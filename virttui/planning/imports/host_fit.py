"""Checks that a definition fits its host: its requirements, and its disks that exist there
already."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lxml import etree

from virttui.libvirtxml.disks.sources import source_text
from virttui.libvirtxml.parse import attribute, size, text, whole
from virttui.model.provision.checks import Check
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.severity import Severity
from virttui.planning.domain_spec.defaults import may_have

_MIB = 1024**2


def check_host_features(root: etree._Element, context: CreateContext) -> Iterator[Check]:
    """Compare machine type, firmware, virtualization and sizes with the host's."""
    capabilities = context.capabilities or HostCapabilities()
    kind = root.get("type", "")
    if kind not in ("kvm", "qemu") and not context.container and capabilities.machines:
        yield Check(
            Severity.ERROR, f"it is for {kind or 'no hypervisor'}, which {context.name} is not"
        )
    machine = attribute(root, "os/type", "machine")
    arch = attribute(root, "os/type", "arch") or capabilities.arch
    if (
        machine
        and capabilities.machines
        and arch == capabilities.arch
        and machine not in capabilities.machines
    ):
        newest = "q35" if "q35" in machine else "pc"
        yield Check(Severity.ERROR, f"{context.name} has no machine type {machine}",
                    f"write {newest} into its file, or use a host with that QEMU")  # fmt: skip
    if arch != capabilities.arch and capabilities.arch:
        yield Check(
            Severity.WARNING, f"it is for {arch}, which {context.name} only emulates, if at all"
        )
    yield from _firmware(root, capabilities, context)
    if kind == "qemu" and capabilities.virt == "qemu":
        yield Check(Severity.WARNING, f"{context.name} has no KVM: it will be slow")
    yield from _screens(root, capabilities, context)
    yield from _sizes(root, capabilities, context)
    tpms = capabilities.of("tpm/backendModel")
    if root.find("devices/tpm") is not None and tpms is not None and "emulator" not in tpms:
        yield Check(Severity.ERROR, f"{context.name} cannot give it a TPM", "install swtpm there")


def _firmware(
    root: etree._Element, capabilities: HostCapabilities, context: CreateContext
) -> Iterator[Check]:
    uefi = attribute(root, "os", "firmware") == "efi"
    if uefi and capabilities.machines and "efi" not in capabilities.firmwares:
        yield Check(Severity.ERROR, f"{context.name} has no UEFI firmware", "install OVMF there")
    loader, known = text(root, "os/loader"), capabilities.of("loader/value")
    if loader and known is not None and loader not in known:
        level = Severity.WARNING if not uefi else Severity.OK
        words = f"it boots with {loader}, which {context.name} does not list"
        yield Check(level, words, "install that firmware there")
    secure = root.find("os/firmware/feature[@name='secure-boot'][@enabled='yes']") is not None
    if secure and not capabilities.secure_boot:
        yield Check(Severity.ERROR, f"{context.name} has no firmware with secure boot")


def _screens(
    root: etree._Element, capabilities: HostCapabilities, context: CreateContext
) -> Iterator[Check]:
    """Check graphics that the host's QEMU was built without, and other devices that need SPICE."""
    new_network = {one.get("type", "") for one in root.iterfind("devices/graphics")}
    if root.find("devices/*[@type='spicevmc']") is not None:
        new_network.add("spice")
    for kind in sorted(new_network):
        if not may_have(capabilities, "graphics/type", kind):
            fix = "take it out of its file, or install it for QEMU there"
            yield Check(Severity.ERROR, f"{context.name} has no {kind.upper()}", fix)


def _sizes(
    root: etree._Element, capabilities: HostCapabilities, context: CreateContext
) -> Iterator[Check]:
    vcpus, memory = whole(text(root, "vcpu")) or 0, size(root, "memory") or 0
    if capabilities.max_vcpus and vcpus > capabilities.max_vcpus:
        yield Check(
            Severity.ERROR, f"{context.name} gives a machine {capabilities.max_vcpus} vCPUs at most"
        )
    if context.memory and memory > context.memory:
        yield Check(Severity.ERROR, f"{context.name} has less memory than its {memory // _MIB} MiB")
    elif context.memory and memory + context.memory_promised > context.memory:
        yield Check(Severity.WARNING, f"{context.name} would promise more memory than it has")


# -- what lies on the host -------------------------------------------------------------------------


def check_existing_disks(
    root: etree._Element, plan: ProvisionPlan, context: CreateContext
) -> Iterator[Check]:
    """Check disks that exist on the host already."""
    new_volumes = {(step.pool_name, step.new.name) for step in plan.volumes}
    for disk in root.iterfind("devices/disk"):
        source = disk.find("source")
        if source is None or (source.get("pool", ""), source.get("volume", "")) in new_volumes:
            continue
        target = attribute(disk, "target", "dev")
        yield from _check_exists(target, source, context)
        exclusive = disk.find("readonly") is None and disk.find("shareable") is None
        place = _source_name(source)
        user = dict(context.volume_users).get(place, "")
        if user and exclusive:
            words = f"disk {target}: {user} has {place} as a disk too"
            yield Check(Severity.WARNING, words, "never run both at once")


def _source_name(source: etree._Element) -> str:
    if source.get("volume"):
        return f"{source.get('pool', '')}/{source.get('volume', '')}"
    return source_text(source)


def _check_exists(target: str, source: etree._Element, context: CreateContext) -> Iterator[Check]:
    """Check that a disk is where the definition says, as far as the pools know."""
    volumes = [(pool, one) for pool in context.pools for one in pool.context.volumes]
    names = {f"{pool.name}/{one.name}": one for pool, one in volumes}
    paths = {one.path: one for _, one in volumes}
    folders = {posixpath.dirname(path) for path in paths}
    place = _source_name(source)
    if source.get("volume") and place not in names:
        words = f"disk {target}: {place} is in no active pool"
        yield Check(Severity.ERROR, words, "start that pool, or change the file")
    elif place.startswith("/") and place not in paths:
        if posixpath.dirname(place) in folders:
            words = f"disk {target}: {place} is not there, as far as its pool knows"
            yield Check(Severity.ERROR, words, "put it there, and refresh its pool (3, then r)")
        else:
            words = f"disk {target} is {place}, and no pool knows whether it exists"
            yield Check(Severity.WARNING, words)
    found = names.get(place) or paths.get(place)
    if found is not None and found.backing and found.backing not in paths:
        words = f"disk {target} has the backing file {found.backing}, which is in no active pool"
        yield Check(Severity.WARNING, words, "see that it is there")
