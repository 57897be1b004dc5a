"""What is chosen where nothing was: by the system, and by what the host has."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.planning.domain_spec.host_capabilities import ARM, KVM, machine
from virttui.model.provision.domain_spec import (
    DiskSpec,
    HostCapabilities,
    InstallMethod,
    NicSpec,
    OperatingSystem,
    ResourceNeeds,
)
from virttui.planning.domain_spec.defaults import with_defaults
from virttui.planning.osinfo.builtin import FREEBSD, GENERIC_LINUX, WINDOWS_11, unknown_system

OLD = OperatingSystem("rhel5", "RHEL 5", "linux", devices=frozenset({"virtio-net", "virtio-block"}))


def with_values(can: HostCapabilities, **values: tuple[str, ...]) -> HostCapabilities:
    """A host that tells other values, by paths with _ for /."""
    new = {name.replace("_", "/"): listed for name, listed in values.items()}
    return replace(can, values=tuple({**dict(can.values), **new}.items()))


def test_a_modern_linux_has_virtio_throughout() -> None:
    made = with_defaults(machine(), GENERIC_LINUX, KVM)
    assert (made.virt, made.arch, made.machine) == ("kvm", "x86_64", "q35")
    assert (made.firmware, made.secure, made.cpu) == ("bios", False, "host-passthrough")
    assert [(disk.bus, disk.target) for disk in made.disks] == [("virtio", "vda"), ("sata", "sda")]
    assert made.disks[1].read_only and not made.disks[0].read_only
    assert [nic.model for nic in made.nics] == ["virtio"]
    assert (made.graphics, made.video) == ("vnc", "virtio")
    assert (made.rng, made.agent, made.tpm) == (True, True, False)
    assert (made.vcpus, made.memory) == (2, 2 * 1024**3)


def test_windows_11_has_what_it_asks_for() -> None:
    made = with_defaults(machine(), WINDOWS_11, KVM)
    assert (made.machine, made.firmware, made.secure, made.tpm) == ("q35", "uefi", True, True)
    assert [(disk.bus, disk.target) for disk in made.disks] == [("sata", "sda"), ("sata", "sdb")]
    assert [nic.model for nic in made.nics] == ["e1000e"]
    assert (made.video, made.rng, made.agent) == ("bochs", False, False)


def test_what_the_host_lacks_is_not_promised() -> None:
    poor = replace(
        with_values(KVM, tpm_backendModel=("passthrough",), video_modelType=("vga",)),
        secure_boot=False, max_vcpus=2,
    )  # fmt: skip
    made = with_defaults(machine(), WINDOWS_11, poor)
    assert (made.secure, made.tpm, made.vcpus, made.video) == (False, False, 2, "vga")
    none = with_defaults(machine(), WINDOWS_11, replace(poor, firmwares=frozenset({"bios"})))
    assert (none.firmware, none.secure, none.tpm) == ("bios", False, False)
    assert (
        with_defaults(machine(), GENERIC_LINUX, with_values(KVM, rng_backendModel=("egd",))).rng
        is False
    )
    assert with_defaults(machine(InstallMethod.NETWORK), WINDOWS_11, KVM).rng is True, (
        "its UEFI asks for it"
    )
    assert (
        with_defaults(machine(InstallMethod.NETWORK, firmware="bios"), WINDOWS_11, KVM).rng is False
    )
    assert (
        with_defaults(machine(), GENERIC_LINUX, with_values(KVM, graphics_type=("spice",))).graphics
        == "spice"
    )
    assert (
        with_defaults(machine(), GENERIC_LINUX, with_values(KVM, graphics_type=("sdl",))).graphics
        == "none"
    )
    assert (
        with_defaults(machine(), GENERIC_LINUX, with_values(KVM, disk_bus=("sata",))).disks[0].bus
        == "sata"
    )


def test_an_old_system_and_an_unknown_one_get_the_old_board() -> None:
    made = with_defaults(machine(), OLD, KVM)
    assert (made.machine, made.disks[0].bus, made.disks[1].bus) == ("pc", "virtio", "ide")
    made = with_defaults(machine(), unknown_system(), KVM)
    assert [(disk.bus, disk.target) for disk in made.disks] == [("ide", "hda"), ("ide", "hdb")]
    assert (made.machine, made.nics[0].model, made.video) == ("pc", "e1000", "vga")
    assert (made.vcpus, made.memory) == (2, 2 * 1024**3)


def test_what_was_chosen_stays() -> None:
    chosen = machine(
        virt="qemu", machine="pc-i440fx-7.2", firmware="uefi", secure=False, cpu="EPYC", vcpus=3,
        memory=5 * 1024**3, graphics="spice", video="vga", tpm=False, rng=False, agent=False,
        disks=(DiskSpec(path="/a", bus="sata", target="sdq"),),
        nics=(NicSpec(model="pcnet"),),
    )  # fmt: skip
    assert with_defaults(chosen, GENERIC_LINUX, KVM) == replace(chosen, arch="x86_64")


def test_it_settles_at_once() -> None:
    for system in (GENERIC_LINUX, WINDOWS_11, FREEBSD, OLD, unknown_system()):
        for can in (KVM, ARM, HostCapabilities()):
            once = with_defaults(machine(), system, can)
            assert with_defaults(once, system, can) == once


def test_targets_are_nobody_elses() -> None:
    disks = (DiskSpec(path="/a", target="vdb"), *(DiskSpec(path=f"/{n}") for n in "bcd"))
    made = with_defaults(machine(InstallMethod.DISK, disks=disks), GENERIC_LINUX, KVM)
    assert [disk.target for disk in made.disks] == ["vdb", "vda", "vdc", "vdd"]


def test_secure_boot_that_is_wanted_brings_its_board() -> None:
    made = with_defaults(machine(secure=True), unknown_system(), KVM)
    assert (made.machine, made.firmware, made.secure) == ("q35", "uefi", True)


def test_arm_has_its_own_board_and_virtio_whatever_the_system() -> None:
    made = with_defaults(machine(), unknown_system(), ARM)
    assert (made.virt, made.machine, made.firmware) == ("qemu", "virt", "uefi")
    assert made.cpu == "cortex-a57"
    assert [(disk.bus, disk.target) for disk in made.disks] == [("virtio", "vda"), ("scsi", "sda")]
    assert (made.nics[0].model, made.video) == ("virtio", "virtio")


def test_another_architecture_is_emulated() -> None:
    assert with_defaults(machine(arch="aarch64"), GENERIC_LINUX, KVM).virt == "qemu"
    assert with_defaults(machine(arch="i686"), GENERIC_LINUX, KVM).virt == "kvm"


def test_without_kvm_the_processor_is_the_most_there_is() -> None:
    assert with_defaults(machine(), GENERIC_LINUX, replace(KVM, virt="qemu")).cpu == "maximum"
    assert with_defaults(machine(), GENERIC_LINUX, HostCapabilities()).cpu == ""


@pytest.mark.parametrize(
    ("minimum", "recommended", "vcpus", "memory"),
    [
        (ResourceNeeds(1, 10, 0), ResourceNeeds(3, 50, 0), 3, 50),
        (ResourceNeeds(1, 10, 0), ResourceNeeds(0, 50, 0), 2, 50),
    ],
)
def test_needs_are_the_recommended_else_twice_the_least(
    minimum: ResourceNeeds, recommended: ResourceNeeds, vcpus: int, memory: int
) -> None:
    system = replace(GENERIC_LINUX, minimum=minimum, recommended=recommended)
    made = with_defaults(machine(), system, KVM)
    assert (made.vcpus, made.memory) == (vcpus, memory)
