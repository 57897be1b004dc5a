"""The complete ``<domain>`` of a new machine."""

from __future__ import annotations

from virttui.libvirtxml.build import element, path
from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import (
    DomainSpec,
    HostCapabilities,
    InstallMethod,
    OperatingSystem,
)
from virttui.planning.domain_spec.container import container_xml
from virttui.planning.domain_spec.defaults import (
    NONE,
    X86,
    is_qemu,
    is_windows,
    lists,
    may_have,
    with_defaults,
)
from virttui.planning.domain_spec.device_xml import devices

_OSINFO = "http://libosinfo.org/xmlns/libvirt/domain/1.0"
_BOOTS = {"cdrom": "cdrom", "floppy": "fd", "disk": "hd"}
_MODES = ("host-passthrough", "host-model", "maximum")


_HYPERV_LIST = "hyperv/features"
_ALWAYS_AVAILABLE = ("relaxed", "vapic", "spinlocks")
_HYPERV: dict[str, set[str]] = {
    "relaxed": set(),
    "vapic": set(),
    "spinlocks": set(),
    "vpindex": set(),
    "runtime": set(),
    "synic": {"vpindex"},
    "stimer": {"vpindex", "synic"},
    "frequencies": set(),
    "tlbflush": {"vpindex"},
    "ipi": {"vpindex"},
    "avic": set(),
}
"""Hyper-V enlightenments, each with those it needs (QEMU's docs/system/i386/hyperv).

evmcs is left out: it serves only a hypervisor inside Windows, and excludes features from that.
"""


def domain_xml(machine: DomainSpec, system: OperatingSystem, capabilities: HostCapabilities) -> str:
    """Return the definition of a machine, with its defaults. Raises InvalidInput.

    With ``installs`` the medium or the network boots before the disks, and a TREE boots its kernel.
    To boot from its disks afterwards, it is defined again without.
    """
    spec = with_defaults(machine, system, capabilities)
    if not spec.name or "/" in spec.name or spec.name.strip() != spec.name:
        raise InvalidInput(f"{spec.name or 'nothing'} is not a valid machine name")
    graphics = spec.graphics
    if (
        graphics != NONE
        and spec.arch == capabilities.arch
        and not may_have(capabilities, "graphics/type", graphics)
    ):
        raise InvalidInput(f"its host has no {graphics.upper()}")
    head = [
        element("name", text=spec.name),
        element("uuid", text=spec.uuid) if spec.uuid else "",
        _metadata(system) if system.uri else "",
        element("title", text=spec.title) if spec.title else "",
        element("description", text=spec.description) if spec.description else "",
        *(
            element(name, text=str(max(1, spec.memory // 1024)), unit="KiB")
            for name in ("memory", "currentMemory")
        ),
        element("vcpu", text=str(spec.vcpus)),
    ]
    if spec.method is InstallMethod.CONTAINER:
        return container_xml(spec, capabilities, head)
    return element(
        "domain",
        *head,
        _os(spec),
        _features(spec, system, capabilities),
        _cpu(spec, system),
        _clock(spec, system),
        _reboot(spec),
        _power() if spec.arch in X86 and is_qemu(spec) else "",
        element("devices", *devices(spec, system, capabilities)),
        type=spec.virt,
    )


def _metadata(system: OperatingSystem) -> str:
    marked = element("libosinfo:os", id=system.uri)
    return element(
        "metadata", element("libosinfo:libosinfo", marked, **{"xmlns:libosinfo": _OSINFO})
    )


# -- what it boots -----------------------------------------------------------------------------


def _os(machine: DomainSpec) -> str:
    uefi = machine.firmware == "uefi"
    return element(
        "os",
        element("type", text="hvm", arch=machine.arch, machine=machine.machine),
        _secure_boot(machine) if uefi else "",
        *_kernel(machine),
        *(element("boot", dev=device) for device in _boot_order(machine)),
        firmware="efi" if uefi else "",
    )


def _secure_boot(machine: DomainSpec) -> str:
    """Return the element that selects a firmware with or without enrolled keys.

    libvirt takes the first firmware that fits, and on Debian that one refuses unsigned systems.
    """
    if machine.arch not in X86:
        return ""
    if not machine.secure:
        return element("firmware", element("feature", enabled="no", name="enrolled-keys"))
    names = ("enrolled-keys", "secure-boot")
    return element("firmware", *(element("feature", enabled="yes", name=one) for one in names))


def _starts_kernel(machine: DomainSpec) -> bool:
    return machine.method is InstallMethod.KERNEL or (
        machine.method is InstallMethod.TREE and machine.installs
    )


def _kernel(machine: DomainSpec) -> list[str]:
    if not _starts_kernel(machine):
        return []
    return [
        element("kernel", text=path(machine.kernel)),
        element("initrd", text=path(machine.initrd)) if machine.initrd else "",
        element("cmdline", text=machine.cmdline) if machine.cmdline else "",
    ]


def _boot_order(machine: DomainSpec) -> list[str]:
    """Return the boot order; empty where the devices have their own.

    A kernel of the host boots before all of it.
    """
    if _starts_kernel(machine) or _has_device_boot_order(machine):
        return []
    devices = [
        _BOOTS[device] for device in ("cdrom", "floppy", "disk") if _has_device(machine, device)
    ]
    first = {InstallMethod.MEDIUM: "cdrom", InstallMethod.NETWORK: "network"}.get(machine.method)
    if first == "network" or first in devices:
        order = [first, "hd"] if machine.installs else ["hd", first]
        return [one for one in order if one and (one == "network" or one in devices)]
    return ["hd"] if "hd" in devices else devices[:1]


def _has_device_boot_order(machine: DomainSpec) -> bool:
    """True if its devices have a boot order of their own."""
    return any(one.boot_order for one in machine.disks) or any(
        one.boot_order for one in machine.nics
    )


def _reboot(machine: DomainSpec) -> str:
    """Return ``<on_reboot>`` for an installer's kernel, which would otherwise boot again."""
    tree = machine.method is InstallMethod.TREE and machine.installs
    return element("on_reboot", text="destroy") if tree else ""


def _has_device(machine: DomainSpec, device: str) -> bool:
    return any(disk.device == device for disk in machine.disks)


# -- processor and clock -----------------------------------------------------------------------


def _features(machine: DomainSpec, system: OperatingSystem, capabilities: HostCapabilities) -> str:
    """Return ACPI and APIC, and the Hyper-V enlightenments for a Windows on KVM."""
    x86 = machine.arch in X86
    hyperv = _hyperv(capabilities) if x86 and is_windows(system) and machine.virt == "kvm" else ""
    vmport = x86 and is_qemu(machine) and machine.graphics == "spice"
    acpi = x86 or machine.firmware == "uefi"
    parts = (
        "<acpi/>" if acpi else "",
        "<apic/>" if x86 else "",
        hyperv,
        element("vmport", state="off") if vmport else "",
    )
    return element("features", *parts) if any(parts) else ""


def _hyperv(capabilities: HostCapabilities) -> str:
    """Return the Hyper-V enlightenments that the host has, each only with those it needs.

    The first three are older than libvirt's list of them.
    """
    enabled: set[str] = set()
    parts = []
    for name, needed in _HYPERV.items():
        available = (
            may_have(capabilities, _HYPERV_LIST, name)
            if name in _ALWAYS_AVAILABLE
            else lists(capabilities, _HYPERV_LIST, name)
        )
        if not available or not enabled >= needed:
            continue
        enabled.add(name)
        retries = "8191" if name == "spinlocks" else ""
        parts.append(element(name, state="on", retries=retries))
    return element("hyperv", *parts) if parts else ""


def _cpu(machine: DomainSpec, system: OperatingSystem) -> str:
    """Its processor. Windows for desktops uses two sockets at most, so that it gets cores."""
    parts = []
    if machine.cpu and machine.cpu not in _MODES:
        parts.append(element("model", text=machine.cpu))
    if is_windows(system) and machine.vcpus > 1:
        cores = str(machine.vcpus)
        parts.append(element("topology", sockets="1", cores=cores, threads="1"))
    if machine.cpu in _MODES:
        return element("cpu", *parts, mode=machine.cpu)
    if machine.cpu:
        return element("cpu", *parts, mode="custom", match="exact")
    return element("cpu", *parts) if parts else ""


def _clock(machine: DomainSpec, system: OperatingSystem) -> str:
    """Windows and Solaris keep local time. The timers are what QEMU's own people advise."""
    timers = []
    if machine.arch in X86 and is_qemu(machine):
        timers = [
            element("timer", name="rtc", tickpolicy="catchup"),
            element("timer", name="pit", tickpolicy="delay"),
            element("timer", name="hpet", present="no"),
        ]
        if is_windows(system) and machine.virt == "kvm":
            timers.append(element("timer", name="hypervclock", present="yes"))
    local = is_windows(system) or system.family == "solaris"
    return element("clock", *timers, offset="localtime" if local else "utc")


def _power() -> str:
    """No suspending from within: a shutdown that is asked for would become a sleep."""
    return element(
        "pm",
        element("suspend-to-mem", enabled="no"),
        element("suspend-to-disk", enabled="no"),
    )
