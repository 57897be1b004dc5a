"""What is usual for a machine: every blank filled by what its system wants and its host has.

The rules are virt-install's (4.1) wherever it has one; where they differ, the comparison in
``tests/lab/same_definition.py`` says why.
"""

from __future__ import annotations

from dataclasses import replace

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
SCREENS = ("vnc", "spice")
X86 = ("x86_64", "i686")
_BOARDS = {
    "aarch64": "virt",
    "armv7l": "virt",
    "riscv64": "virt",
    "ppc64": "pseries",
    "ppc64le": "pseries",
    "s390x": "s390-ccw-virtio",
}
"""Architecture -> the machine type made for guests; all of these want virtio and nothing else."""
_VCPUS, _MEMORY = 2, 2 * 1024**3
"""Of a system that tells nothing."""
_CONTAINER_MEMORY = 1024**3
_CARDS = ("e1000", "rtl8139", "ne2k_pci", "pcnet")
_WINDOWS = ("winnt", "win9x", "win16")


def with_defaults(
    machine: DomainSpec, system: OperatingSystem, can: HostCapabilities
) -> DomainSpec:
    """The machine with nothing left open but MAC addresses; what was chosen stays as it is."""
    if machine.method is InstallMethod.CONTAINER:
        return _container(machine, can)
    evaluate = replace(machine, arch=machine.arch or can.arch)
    evaluate = replace(evaluate, virt=machine.virt or _virt(evaluate, can))
    evaluate = replace(evaluate, machine=machine.machine or _board(evaluate, system, can))
    evaluate = replace(evaluate, firmware=machine.firmware or _firmware(evaluate, system, can))
    if evaluate.secure is None:
        evaluate = replace(evaluate, secure=_secure(evaluate, system, can))
    evaluate = replace(
        evaluate,
        cpu=machine.cpu or _cpu(evaluate, can),
        vcpus=machine.vcpus or _vcpus(system, can),
        memory=machine.memory or _memory(system),
        graphics=machine.graphics or _graphics(evaluate, can),
    )
    serial = _virtio(evaluate, system, "console")
    # UEFI firmware since EDK II of 2024 boots from a network only where there is an RNG.
    netboot = (
        evaluate.method is InstallMethod.NETWORK
        and evaluate.firmware == "uefi"
        and is_qemu(evaluate)
    )
    wanted = netboot or _virtio(evaluate, system, "rng")
    rng = wanted and has(can, "rng/backendModel", "random")
    tpm = evaluate.firmware == "uefi" and tells(can, "tpm/backendModel", "emulator")
    return replace(
        evaluate,
        video=machine.video or _video(evaluate, system, can),
        disks=_disks(evaluate, system, can),
        nics=tuple(_nic(nic, evaluate, system) for nic in machine.nics),
        rng=rng if machine.rng is None else machine.rng,
        tpm=tpm if machine.tpm is None else machine.tpm,
        agent=serial if machine.agent is None else machine.agent,
    )


def is_q35(machine: DomainSpec) -> bool:
    """True if its board is q35, by whatever full name: it has PCI Express and SATA."""
    return machine.arch in X86 and "q35" in machine.machine


def is_board(machine: DomainSpec) -> bool:
    """True if it is one of the boards that are made for guests, and know virtio alone."""
    board = _BOARDS.get(machine.arch)
    return board is not None and machine.machine.startswith(board)


def is_qemu(machine: DomainSpec) -> bool:
    """True if QEMU runs it."""
    return machine.virt in ("kvm", "qemu")


def is_windows(system: OperatingSystem) -> bool:
    """True if it is any Windows."""
    return system.family in _WINDOWS


def has_usb3(machine: DomainSpec, system: OperatingSystem) -> bool:
    """True if it has drivers for USB 3; boards made for guests are newer than those."""
    return "qemu-xhci" in system.devices or is_board(machine)


def has_balloon(machine: DomainSpec, system: OperatingSystem) -> bool:
    """True if its memory can be balanced."""
    return _knows(system, "balloon") and is_qemu(machine)


def _container(machine: DomainSpec, can: HostCapabilities) -> DomainSpec:
    return replace(
        machine,
        virt=machine.virt or "lxc",
        arch=machine.arch or can.arch,
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


def has(can: HostCapabilities, path: str, value: str) -> bool:
    """True if the host has it, or does not tell."""
    told = can.of(path)
    return told is None or value in told


def tells(can: HostCapabilities, path: str, value: str) -> bool:
    """True if the host says that it has it."""
    return value in (can.of(path) or ())


# -- what a system has drivers for -------------------------------------------------------------


def _knows(system: OperatingSystem, kind: str) -> bool:
    return any(f"virtio{version}-{kind}" in system.devices for version in ("", "1.0"))


def _virtio(machine: DomainSpec, system: OperatingSystem, kind: str) -> bool:
    """True if it is given a virtio device; only QEMU has them."""
    return is_qemu(machine) and (is_board(machine) or _knows(system, kind))


# -- the machine -------------------------------------------------------------------------------


def _virt(machine: DomainSpec, can: HostCapabilities) -> str:
    """KVM for what the host's own processor runs."""
    own = machine.arch == can.arch or (machine.arch in X86 and can.arch == "x86_64")
    return can.virt if own or can.virt != "kvm" else "qemu"


def _board(machine: DomainSpec, system: OperatingSystem, can: HostCapabilities) -> str:
    """The type of machine: q35 for what has drivers for it and for virtio 1.0, if for virtio."""
    if machine.arch in X86 and is_qemu(machine):
        old = "virtio-net" in system.devices and "virtio1.0-net" not in system.devices
        modern = "qemu-x86-q35" in system.devices and not old
        if machine.secure or modern:
            return _first(can, "q35")
        return _first(can, "pc")
    return _first(can, _BOARDS.get(machine.arch, ""))


def _first(can: HostCapabilities, name: str) -> str:
    return name if name in can.machines else can.machine


def _firmware(machine: DomainSpec, system: OperatingSystem, can: HostCapabilities) -> str:
    """UEFI where the system boots with nothing else, or its board; else BIOS, which is quicker to
    start, and whose machines can have internal snapshots.
    """
    if "efi" not in can.firmwares or machine.method is InstallMethod.KERNEL:
        return "bios"
    only = "efi" in system.firmwares and "bios" not in system.firmwares
    wanted = only or bool(machine.secure) or (machine.arch not in X86 and is_board(machine))
    return "uefi" if wanted else "bios"


def _secure(machine: DomainSpec, system: OperatingSystem, can: HostCapabilities) -> bool:
    """Secure boot where the system asks for it; only q35 keeps its keys safe from the guest."""
    wanted = machine.firmware == "uefi" and "efi-secure" in system.firmwares
    return wanted and can.secure_boot and is_q35(machine)


def _cpu(machine: DomainSpec, can: HostCapabilities) -> str:
    """The host's own processor with KVM, else the most that QEMU can be; "" for its default."""
    if machine.virt == "kvm":
        modes = can.cpu_modes or ("host-passthrough",)
        return next((one for one in ("host-passthrough", "host-model") if one in modes), "")
    if machine.virt == "qemu" and "maximum" in can.cpu_modes:
        return "maximum"
    return "cortex-a57" if machine.virt == "qemu" and machine.arch == "aarch64" else ""


def _vcpus(system: OperatingSystem, can: HostCapabilities) -> int:
    wanted = system.recommended.cpus or 2 * system.minimum.cpus
    wanted = wanted or (1 if system.known else _VCPUS)
    return min(wanted, can.max_vcpus or wanted)


def _memory(system: OperatingSystem) -> int:
    return system.recommended.memory or 2 * system.minimum.memory or _MEMORY


def _graphics(machine: DomainSpec, can: HostCapabilities) -> str:
    if machine.arch == "s390x" or not has(can, "graphics/type", "vnc"):
        return "spice" if tells(can, "graphics/type", "spice") else NONE
    return "vnc"


def _video(machine: DomainSpec, system: OperatingSystem, can: HostCapabilities) -> str:
    path = "video/modelType"
    if machine.graphics == NONE:
        return NONE
    if machine.arch in ("ppc64", "ppc64le"):
        return "vga"
    if is_board(machine) or ("virtio1.0-gpu" in system.devices and has(can, path, "virtio")):
        return "virtio"
    if machine.graphics == "spice" and tells(can, path, "qxl"):
        return "qxl"
    return "bochs" if machine.firmware == "uefi" and tells(can, path, "bochs") else "vga"


def _nic(nic: NicSpec, machine: DomainSpec, system: OperatingSystem) -> NicSpec:
    return replace(nic, model=nic.model or _card(machine, system))


def _card(machine: DomainSpec, system: OperatingSystem) -> str:
    if _virtio(machine, system, "net"):
        return "virtio"
    if is_q35(machine):
        return "e1000e"
    if machine.arch not in X86:
        return ""
    return next((one for one in _CARDS if one in system.devices), _CARDS[0])


# -- disks -------------------------------------------------------------------------------------


def _disks(
    machine: DomainSpec, system: OperatingSystem, can: HostCapabilities
) -> tuple[DiskSpec, ...]:
    taken = {disk.target for disk in machine.disks if disk.target}
    found = []
    for disk in machine.disks:
        bus = disk.bus or _bus(disk, machine, system, can)
        target = disk.target or free_target(bus, taken)
        taken.add(target)
        only = disk.read_only or disk.device == "cdrom"
        # QEMU writes to every disk on these; what nobody may write to is a CD there.
        device = "cdrom" if only and bus in ("ide", "sata") else disk.device
        found.append(replace(disk, device=device, bus=bus, target=target, read_only=only))
    return tuple(found)


def _bus(
    disk: DiskSpec, machine: DomainSpec, system: OperatingSystem, can: HostCapabilities
) -> str:
    """How the guest sees it: by virtio where both know it, else by what the board has.

    What the host tells of buses is of one board only, and so nothing about another's.
    """
    if disk.device == "floppy":
        return "fdc"
    if disk.device == "disk" and _virtio(machine, system, "block"):
        if has(can, "disk/bus", "virtio"):
            return "virtio"
    elif machine.arch not in X86 and _virtio(machine, system, "scsi"):
        return "scsi"
    return "ide" if machine.arch in X86 and not is_q35(machine) else "sata"
