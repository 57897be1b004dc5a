"""Hosts that machines are made for, and machines to be made."""

from __future__ import annotations

from typing import Any

from virttui.model.provision.domain_spec import (
    DiskSpec,
    DomainSpec,
    HostCapabilities,
    InstallMethod,
)

UUID = "6f6f6f6f-0000-4000-8000-000000000001"
KVM = HostCapabilities(
    virt="kvm",
    arch="x86_64",
    emulator="/usr/bin/qemu-system-x86_64",
    machine="pc-i440fx-7.2",
    machines=("pc", "pc-i440fx-7.2", "q35", "pc-q35-7.2"),
    max_vcpus=288,
    firmwares=frozenset({"bios", "efi"}),
    secure_boot=True,
    cpu_modes=("host-passthrough", "maximum", "host-model", "custom"),
    values=(
        ("disk/bus", ("ide", "fdc", "scsi", "virtio", "usb", "sata")),
        ("graphics/type", ("vnc", "spice", "egl-headless")),
        ("video/modelType", ("vga", "cirrus", "qxl", "virtio", "none", "bochs")),
        ("rng/backendModel", ("random", "egd", "builtin")),
        ("tpm/model", ("tpm-tis", "tpm-crb")),
        ("tpm/backendModel", ("passthrough", "emulator")),
    ),
)
ARM = HostCapabilities(
    virt="qemu",
    arch="aarch64",
    emulator="/usr/bin/qemu-system-aarch64",
    machine="integratorcp",
    machines=("integratorcp", "virt", "virt-7.2"),
    max_vcpus=512,
    firmwares=frozenset({"efi"}),
    cpu_modes=("custom",),
    values=(("disk/bus", ("fdc", "scsi", "virtio", "usb", "sata")),),
)
DISK = DiskSpec(pool="default", volume="web.qcow2")
MEDIUM = DiskSpec(path="/srv/debian.iso", device="cdrom")


def machine(method: InstallMethod = InstallMethod.MEDIUM, **entered: object) -> DomainSpec:
    disks = (DISK, MEDIUM) if method is InstallMethod.MEDIUM else (DISK,)
    wanted: dict[str, Any] = {"name": "web", "uuid": UUID, "disks": disks, **entered}
    return DomainSpec(method=method, **wanted)
