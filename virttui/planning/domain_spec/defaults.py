"""The defaults of a new machine, from the needs of its system and the capabilities of its host.

The rules are virt-install's (4.1) wherever it has one; where they differ, the comparison in
``tests/lab/same_definition.py`` says why.
"""

from __future__ import annotations

from msgspec.structs import replace

from virttui.libvirtxml.edits.operands import free_target
from virttui.model.provision.domain_spec import (
    DiskSpec,
    DomainSpec,
    HostCapabilities,
    InstallMethod,
    NicSpec,
    OperatingSystem,
)

NONE = "none"
GRAPHICS = ("vnc", "spice")
X86 = ("x86_64", "i686")
_VIRT_BOARDS = {
    "aarch64": "virt",
    "armv7l": "virt",
    "riscv64": "virt",
    "ppc64": "pseries",
    "ppc64le": "pseries",
    "s390x": "s390-ccw-virtio",
}
"""Architecture -> the machine type made for guests; all of these support virtio only."""
_VCPUS, _MEMORY = 2, 2 * 1024**3
"""Sizes for a system whose needs are unknown."""
_CONTAINER_MEMORY = 1024**3
_NIC_MODELS = ("e1000", "rtl8139", "ne2k_pci", "pcnet")
_WINDOWS = ("winnt", "win9x", "win16")


def with_defaults(
    machine: DomainSpec, system: OperatingSystem, capabilities: HostCapabilities
) -> DomainSpec:
    """Return the machine with every value set except MAC addresses; chosen values stay."""
    if machine.method is InstallMethod.CONTAINER:
        return _container(machine, capabilities)
    spec = replace(machine, arch=machine.arch or capabilities.arch)
    spec = replace(spec, virt=machine.virt or _virt(spec, capabilities))
    spec = replace(spec, machine=machine.machine or _board(spec, system, capabilities))
    spec = replace(spec, firmware=machine.firmware or _firmware(spec, system, capabilities))
    if spec.secure is None:
        spec = replace(spec, secure=_secure(spec, system, capabilities))
    spec = replace(
        spec,
        cpu=machine.cpu or _cpu(spec, capabilities),
        vcpus=machine.vcpus or _vcpus(system, capabilities),
        memory=machine.memory or _memory(system),
        graphics=machine.graphics or _graphics(spec, capabilities),
    )
    has_virtio_serial = _virtio(spec, system, "console")
    # UEFI firmware since EDK II of 2024 boots from a network only where there is an RNG.
    netboot = spec.method is InstallMethod.NETWORK and spec.firmware == "uefi" and is_qemu(spec)
    needs_rng = netboot or _virtio(spec, system, "rng")
    rng = needs_rng and may_have(capabilities, "rng/backendModel", "random")
    tpm = spec.firmware == "uefi" and lists(capabilities, "tpm/backendModel", "emulator")
    return replace(
        spec,
        video=machine.video or _video(spec, system, capabilities),
        disks=_disks(spec, system, capabilities),
        nics=tuple(_nic(nic, spec, system) for nic in machine.nics),
        rng=rng if machine.rng is None else machine.rng,
        tpm=tpm if machine.tpm is None else machine.tpm,
        agent=has_virtio_serial if machine.agent is None else machine.agent,
    )


def is_q35(machine: DomainSpec) -> bool:
    """True if its machine type is q35, under any full name: it has PCI Express and SATA."""
    return machine.arch in X86 and "q35" in machine.machine


def is_virt_board(machine: DomainSpec) -> bool:
    """True if its machine type is made for guests, and supports virtio only."""
    board = _VIRT_BOARDS.get(machine.arch)
    return board is not None and machine.machine.startswith(board)


def is_qemu(machine: DomainSpec) -> bool:
    """True if QEMU runs it."""
    return machine.virt in ("kvm", "qemu")


def is_windows(system: OperatingSystem) -> bool:
    """True if it is any Windows."""
    return system.family in _WINDOWS


def has_usb3(machine: DomainSpec, system: OperatingSystem) -> bool:
    """True if it has drivers for USB 3; systems for virt boards are newer than those."""
    return "qemu-xhci" in system.devices or is_virt_board(machine)


def has_balloon(machine: DomainSpec, system: OperatingSystem) -> bool:
    """True if it has a driver for the memory balloon."""
    return _has_driver(system, "balloon") and is_qemu(machine)


def _container(machine: DomainSpec, capabilities: HostCapabilities) -> DomainSpec:
    return replace(
        machine,
        virt=machine.virt or "lxc",
        arch=machine.arch or capabilities.arch,
        vcpus=machine.vcpus or 1,
        memory=machine.memory or _CONTAINER_MEMORY,
        init=machine.init or "/sbin/init",
        secure=False,
        tpm=False,
        rng=False,
        agent=False,
        graphics=NONE,
        video=NONE,
    )


# -- what a host has ---------------------------------------------------------------------------


def may_have(capabilities: HostCapabilities, path: str, value: str) -> bool:
    """True if the host has this value, or does not list such values."""
    listed = capabilities.of(path)
    return listed is None or value in listed


def lists(capabilities: HostCapabilities, path: str, value: str) -> bool:
    """True if the host lists this value."""
    return value in (capabilities.of(path) or ())


# -- what a system has drivers for -------------------------------------------------------------


def _has_driver(system: OperatingSystem, kind: str) -> bool:
    return any(f"virtio{version}-{kind}" in system.devices for version in ("", "1.0"))


def _virtio(machine: DomainSpec, system: OperatingSystem, kind: str) -> bool:
    """True if it gets a virtio device of this kind; only QEMU has them."""
    return is_qemu(machine) and (is_virt_board(machine) or _has_driver(system, kind))


# -- the machine -------------------------------------------------------------------------------


def _virt(machine: DomainSpec, capabilities: HostCapabilities) -> str:
    """Return the hypervisor: KVM if the host's processor can run the machine."""
    own = machine.arch == capabilities.arch or (
        machine.arch in X86 and capabilities.arch == "x86_64"
    )
    return capabilities.virt if own or capabilities.virt != "kvm" else "qemu"


def _board(machine: DomainSpec, system: OperatingSystem, capabilities: HostCapabilities) -> str:
    """Return the machine type: q35 if the system has drivers for it, and for virtio 1.0 if for
    virtio."""
    if machine.arch in X86 and is_qemu(machine):
        old = "virtio-net" in system.devices and "virtio1.0-net" not in system.devices
        modern = "qemu-x86-q35" in system.devices and not old
        if machine.secure or modern:
            return _first(capabilities, "q35")
        return _first(capabilities, "pc")
    return _first(capabilities, _VIRT_BOARDS.get(machine.arch, ""))


def _first(capabilities: HostCapabilities, name: str) -> str:
    return name if name in capabilities.machines else capabilities.machine


def _firmware(machine: DomainSpec, system: OperatingSystem, capabilities: HostCapabilities) -> str:
    """Return the firmware: UEFI if the system or the board cannot boot otherwise, else BIOS.

    BIOS starts faster, and allows internal snapshots.
    """
    if "efi" not in capabilities.firmwares or machine.method is InstallMethod.KERNEL:
        return "bios"
    uefi_only = "efi" in system.firmwares and "bios" not in system.firmwares
    needs_uefi = (
        uefi_only or bool(machine.secure) or (machine.arch not in X86 and is_virt_board(machine))
    )
    return "uefi" if needs_uefi else "bios"


def _secure(machine: DomainSpec, system: OperatingSystem, capabilities: HostCapabilities) -> bool:
    """True if it gets secure boot: the system asks for it, and only q35 protects its keys from
    the guest."""
    supported = machine.firmware == "uefi" and "efi-secure" in system.firmwares
    return supported and capabilities.secure_boot and is_q35(machine)


def _cpu(machine: DomainSpec, capabilities: HostCapabilities) -> str:
    """Return the CPU mode: the host's own CPU with KVM, else the most that QEMU supports; "" for
    its default."""
    if machine.virt == "kvm":
        modes = capabilities.cpu_modes or ("host-passthrough",)
        return next((one for one in ("host-passthrough", "host-model") if one in modes), "")
    if machine.virt == "qemu" and "maximum" in capabilities.cpu_modes:
        return "maximum"
    return "cortex-a57" if machine.virt == "qemu" and machine.arch == "aarch64" else ""


def _vcpus(system: OperatingSystem, capabilities: HostCapabilities) -> int:
    count = system.recommended.cpus or 2 * system.minimum.cpus
    count = count or (1 if system.known else _VCPUS)
    return min(count, capabilities.max_vcpus or count)


def _memory(system: OperatingSystem) -> int:
    return system.recommended.memory or 2 * system.minimum.memory or _MEMORY


def _graphics(machine: DomainSpec, capabilities: HostCapabilities) -> str:
    if machine.arch == "s390x" or not may_have(capabilities, "graphics/type", "vnc"):
        return "spice" if lists(capabilities, "graphics/type", "spice") else NONE
    return "vnc"


def _video(machine: DomainSpec, system: OperatingSystem, capabilities: HostCapabilities) -> str:
    path = "video/modelType"
    if machine.graphics == NONE:
        return NONE
    if machine.arch in ("ppc64", "ppc64le"):
        return "vga"
    if is_virt_board(machine) or (
        "virtio1.0-gpu" in system.devices and may_have(capabilities, path, "virtio")
    ):
        return "virtio"
    if machine.graphics == "spice" and lists(capabilities, path, "qxl"):
        return "qxl"
    return "bochs" if machine.firmware == "uefi" and lists(capabilities, path, "bochs") else "vga"


def _nic(nic: NicSpec, machine: DomainSpec, system: OperatingSystem) -> NicSpec:
    return replace(nic, model=nic.model or _nic_model(machine, system))


def _nic_model(machine: DomainSpec, system: OperatingSystem) -> str:
    if _virtio(machine, system, "net"):
        return "virtio"
    if is_q35(machine):
        return "e1000e"
    if machine.arch not in X86:
        return ""
    return next((one for one in _NIC_MODELS if one in system.devices), _NIC_MODELS[0])


# -- disks -------------------------------------------------------------------------------------


def _disks(
    machine: DomainSpec, system: OperatingSystem, capabilities: HostCapabilities
) -> tuple[DiskSpec, ...]:
    taken = {disk.target for disk in machine.disks if disk.target}
    found = []
    for disk in machine.disks:
        bus = disk.bus or _bus(disk, machine, system, capabilities)
        target = disk.target or free_target(bus, taken)
        taken.add(target)
        only = disk.read_only or disk.device == "cdrom"
        # QEMU writes to every disk on these; what nobody may write to is a CD there.
        device = "cdrom" if only and bus in ("ide", "sata") else disk.device
        found.append(replace(disk, device=device, bus=bus, target=target, read_only=only))
    return tuple(found)


def _bus(
    disk: DiskSpec, machine: DomainSpec, system: OperatingSystem, capabilities: HostCapabilities
) -> str:
    """Return the bus of a disk: virtio where both support it, else the board's own."""
    if disk.device == "floppy":
        return "fdc"
    if disk.device == "disk" and _virtio(machine, system, "block"):
        if may_have(capabilities, "disk/bus", "virtio"):
            return "virtio"
    elif machine.arch not in X86 and _virtio(machine, system, "scsi"):
        return "scsi"
    return "ide" if machine.arch in X86 and not is_q35(machine) else "sata"
