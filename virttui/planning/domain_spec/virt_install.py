"""The equivalent command of a new machine: a virt-install command line (4.1)."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from itertools import chain

from virttui.model.provision.domain_spec import DiskSpec, DomainSpec, InstallMethod, NicSpec
from virttui.planning.domain_spec.defaults import NONE, X86

_GIB = 1024**3
_MIB = 1024**2
_NO_VOLUMES: Mapping[str, int] = {}
_KINDS = {"network": "network", "bridge": "bridge"}


def install_line(machine: DomainSpec, uri: str, new: Mapping[str, int] = _NO_VOLUMES) -> str:
    """Return a virt-install command line that creates about this machine, quoted for a shell.

    Values that are "" or None in ``machine`` are left to virt-install. ``new`` are the volumes to
    create, by name, with their bytes; virt-install names those itself, after the machine.
    """
    parts = ["virt-install", "--connect", uri, "--name", machine.name, *_kind(machine)]
    if machine.title or machine.description:
        values = {"title": machine.title, "description": machine.description}
        parts += ["--metadata", _option_text(values)]
    if machine.memory:
        parts += ["--memory", str(max(1, machine.memory // _MIB))]
    if machine.vcpus:
        parts += ["--vcpus", str(machine.vcpus)]
    if machine.method is InstallMethod.CONTAINER:
        parts += ["--filesystem", _option_text({"source": machine.root, "target": "/"})]
        parts += ["--boot", _option_text({"init": machine.init})] if machine.init else []
    else:
        parts += chain(_boots(machine), _devices(machine, new))
    cards = [nic_option(nic) for nic in machine.nics] or [NONE]
    parts += [word for card in cards for word in ("--network", card)]
    return shlex.join([*parts, "--noautoconsole"])


def _kind(machine: DomainSpec) -> Iterator[str]:
    if machine.method is not InstallMethod.CONTAINER:
        known = machine.os or "detect=off,require=off"
        yield from ("--osinfo", known)
    for option, value in (
        ("--virt-type", machine.virt),
        ("--arch", machine.arch),
        ("--machine", machine.machine),
    ):
        if value:
            yield from (option, value)


def _boots(machine: DomainSpec) -> Iterator[str]:
    """Yield the options for the source of its system, its firmware and its CPU."""
    if machine.method is InstallMethod.KERNEL or (
        machine.method is InstallMethod.TREE and machine.installs
    ):
        # Not --install: that one copies from the machine it runs on, which may not be the host.
        values = {
            "kernel": machine.kernel,
            "initrd": machine.initrd,
            "kernel_args": machine.cmdline,
        }
        yield from ("--import", "--boot", _option_text(values))
    elif machine.installs and machine.method is InstallMethod.MEDIUM:
        yield from ("--install", "bootdev=cdrom")
    else:
        yield (
            "--pxe" if machine.installs and machine.method is InstallMethod.NETWORK else "--import"
        )
    if machine.firmware == "uefi":
        firmware = {"firmware": "efi"}
        if machine.secure is not None and machine.arch in X86:
            enabled = "yes" if machine.secure else "no"
            firmware |= _feature(0, "enrolled-keys", enabled)
            firmware |= _feature(1, "secure-boot", enabled) if machine.secure else {}
        yield from ("--boot", _option_text(firmware))
    if machine.cpu:
        yield from ("--cpu", machine.cpu)


def _feature(number: int, name: str, enabled: str) -> dict[str, str]:
    key = f"firmware.feature{number}"
    return {f"{key}.enabled": enabled, f"{key}.name": name}


def _devices(machine: DomainSpec, new: Mapping[str, int]) -> Iterator[str]:
    for disk in machine.disks:
        yield from ("--disk", disk_option(disk, new))
    if not machine.disks:
        yield from ("--disk", NONE)
    if machine.graphics:
        local = ",listen=127.0.0.1" if machine.graphics != NONE else ""
        yield from ("--graphics", machine.graphics + local)
    if machine.video and machine.graphics != NONE:
        yield from ("--video", machine.video)
    if machine.rng is not None:
        yield from ("--rng", "/dev/urandom" if machine.rng else NONE)
    if machine.tpm is not None:
        yield from ("--tpm", "emulator,backend.version=2.0" if machine.tpm else NONE)
    if machine.agent is not None:
        agent = "unix,target.type=virtio,target.name=org.qemu.guest_agent.0"
        yield from ("--channel", agent if machine.agent else NONE)
        if machine.graphics == "spice":
            yield from ("--channel", "spicevmc,target.type=virtio,target.name=com.redhat.spice.0")
    yield from ("--sound", NONE)


def disk_option(disk: DiskSpec, new: Mapping[str, int] = _NO_VOLUMES) -> str:
    """Return the value of ``--disk``; ``new`` as above."""
    values: dict[str, str] = {}
    if disk.volume and disk.volume in new:
        values = {"pool": disk.pool, "size": f"{new[disk.volume] / _GIB:.10g}"}
    elif disk.volume:
        values = {"vol": f"{disk.pool}/{disk.volume}"}
    elif disk.path:
        values = {"path": disk.path}
    values["device"] = "" if disk.device == "disk" else disk.device
    values["format"] = disk.format if disk.device == "disk" else ""
    values |= {"bus": disk.bus, "target.dev": disk.target}
    if disk.device == "disk":
        values |= {"readonly": "on"} if disk.read_only else {"driver.discard": "unmap"}
    return _option_text(values)


def nic_option(nic: NicSpec) -> str:
    """Return the value of ``--network``."""
    values = {"type": nic.kind}
    if nic.kind in _KINDS:
        values = {_KINDS[nic.kind]: nic.source, "portgroup": nic.portgroup}
    elif nic.kind == "direct":
        values = {"type": "direct", "source": nic.source, "source.mode": "bridge"}
    return _option_text({**values, "model": nic.model, "mac": nic.mac})


def _option_text(values: Mapping[str, str]) -> str:
    """Return ``key=value,…`` without empty values, quoted as virt-install parses it."""
    return ",".join(f"{key}={_quoted(value)}" for key, value in values.items() if value)


def _quoted(value: str) -> str:
    if not any(letter in value for letter in ",'\"\\"):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
