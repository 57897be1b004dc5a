"""The definition of a machine: the whole ``<domain>``."""

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
    has,
    is_qemu,
    is_windows,
    tells,
    with_defaults,
)
from virttui.planning.domain_spec.device_xml import devices

_OSINFO = "http://libosinfo.org/xmlns/libvirt/domain/1.0"
_BOOTS = {"cdrom": "cdrom", "floppy": "fd", "disk": "hd"}
_MODES = ("host-passthrough", "host-model", "maximum")


_LISTED = "hyperv/features"
_OLD = ("relaxed", "vapic", "spinlocks")
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
"""What Windows is told of its hypervisor, each with what it needs (QEMU's docs/system/i386/hyperv).

evmcs is left out: it serves a hypervisor within Windows alone, and takes features from that.
"""


def machine_xml(machine: DomainSpec, system: OperatingSystem, can: HostCapabilities) -> str:
    """The definition of a machine, what is usual filled in. Raises InvalidInput, in words.

    With ``installs`` its medium or the network boots before its disks, and a TREE its kernel. One
    that is to boot from its disks from then on is defined again without.
    """
    evaluate = with_defaults(machine, system, can)
    if not evaluate.name or "/" in evaluate.name or evaluate.name.strip() != evaluate.name:
        raise InvalidInput(f"{evaluate.name or 'nothing'} is no name of a machine")
    screen = evaluate.graphics
    if screen != NONE and evaluate.arch == can.arch and not has(can, "graphics/type", screen):
        raise InvalidInput(f"its host has no {screen.upper()}")
    head = [
        element("name", text=evaluate.name),
        element("uuid", text=evaluate.uuid) if evaluate.uuid else "",
        _metadata(system) if system.uri else "",
        element("title", text=evaluate.title) if evaluate.title else "",
        element("description", text=evaluate.description) if evaluate.description else "",
        *(
            element(name, text=str(max(1, evaluate.memory // 1024)), unit="KiB")
            for name in ("memory", "currentMemory")
        ),
        element("vcpu", text=str(evaluate.vcpus)),
    ]
    if evaluate.method is InstallMethod.CONTAINER:
        return container_xml(evaluate, can, head)
    return element(
        "domain",
        *head,
        _os(evaluate),
        _features(evaluate, system, can),
        _cpu(evaluate, system),
        _clock(evaluate, system),
        _reboot(evaluate),
        _power() if evaluate.arch in X86 and is_qemu(evaluate) else "",
        element("devices", *devices(evaluate, system, can)),
        type=evaluate.virt,
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
        *(element("boot", dev=device) for device in _order(machine)),
        firmware="efi" if uefi else "",
    )


def _secure_boot(machine: DomainSpec) -> str:
    """True if the firmware has keys that it holds systems against.

    libvirt takes the first firmware that fits, and on Debian that one refuses what is not signed.
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


def _order(machine: DomainSpec) -> list[str]:
    """What boots, first things first: nothing here where its devices say it themselves.

    A kernel of the host's boots before all of it.
    """
    if _starts_kernel(machine) or _in_turns(machine):
        return []
    has = [_BOOTS[device] for device in ("cdrom", "floppy", "disk") if _any(machine, device)]
    first = {InstallMethod.MEDIUM: "cdrom", InstallMethod.NETWORK: "network"}.get(machine.method)
    if first == "network" or first in has:
        order = [first, "hd"] if machine.installs else ["hd", first]
        return [one for one in order if one and (one == "network" or one in has)]
    return ["hd"] if "hd" in has else has[:1]


def _in_turns(machine: DomainSpec) -> bool:
    """True if its devices say themselves in which order they boot."""
    return any(one.boot_order for one in machine.disks) or any(
        one.boot_order for one in machine.nics
    )


def _reboot(machine: DomainSpec) -> str:
    """Off instead of round again: its kernel would be the installer's once more."""
    tree = machine.method is InstallMethod.TREE and machine.installs
    return element("on_reboot", text="destroy") if tree else ""


def _any(machine: DomainSpec, device: str) -> bool:
    return any(disk.device == device for disk in machine.disks)


# -- processor and clock -----------------------------------------------------------------------


def _features(machine: DomainSpec, system: OperatingSystem, can: HostCapabilities) -> str:
    """ACPI and APIC; what makes a Windows quick where KVM runs it."""
    x86 = machine.arch in X86
    hyperv = _hyperv(can) if x86 and is_windows(system) and machine.virt == "kvm" else ""
    vmport = x86 and is_qemu(machine) and machine.graphics == "spice"
    acpi = x86 or machine.firmware == "uefi"
    parts = (
        "<acpi/>" if acpi else "",
        "<apic/>" if x86 else "",
        hyperv,
        element("vmport", state="off") if vmport else "",
    )
    return element("features", *parts) if any(parts) else ""


def _hyperv(can: HostCapabilities) -> str:
    """What the host has of what Windows expects of a hypervisor, and what that needs beside it.

    The first three are older than libvirt's list of them.
    """
    able: set[str] = set()
    parts = []
    for name, needed in _HYPERV.items():
        told = has(can, _LISTED, name) if name in _OLD else tells(can, _LISTED, name)
        if not told or not able >= needed:
            continue
        able.add(name)
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
