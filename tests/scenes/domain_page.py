"""The details of ``db-primary-01`` at the scene's moment: sixteen vCPUs, three disks, two NICs."""

from __future__ import annotations

import math

from msgspec.structs import replace

from tests.scenes import fleet
from virttui.libvirtxml.domain_summary import domain_definition
from virttui.model.domains.details import (
    DiskMetrics,
    DomainDetails,
    GraphPoint,
    GuestAgentInfo,
    GuestFilesystem,
    GuestNic,
    MemoryMetrics,
    NicMetrics,
    QemuProcess,
    VcpuMetrics,
)
from virttui.model.identity import ObjectId

NAME = "db-primary-01"
G = 1024**3
XML = """
<domain type='kvm' id='17'>
  <description>Asks nobody. Backed up at 2.</description>
  <memory unit='GiB'>128</memory><currentMemory unit='GiB'>128</currentMemory>
  <memoryBacking><hugepages><page size='1' unit='G'/></hugepages></memoryBacking>
  <vcpu>16</vcpu>
  <os firmware='efi'><type arch='x86_64' machine='pc-q35-8.2'>hvm</type>
    <loader secure='yes' type='pflash'>/code.fd</loader></os>
  <cpu mode='host-passthrough'/>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'><driver type='qcow2'/><source file='/srv/nvme/db.qcow2'/>
      <target dev='vda' bus='virtio'/><boot order='1'/></disk>
    <disk type='network' device='disk'><source protocol='rbd' name='ceph-vm/db'/>
      <target dev='vdb' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
    <interface type='bridge'><mac address='52:54:00:6b:1a:0e'/><source bridge='br-prod'/>
      <target dev='vnet3'/><model type='virtio'/><boot order='2'/></interface>
    <interface type='network'><mac address='52:54:00:6b:1a:0f'/><source network='mgmt'/>
      <target dev='vnet4'/><model type='virtio'/></interface>
    <serial type='pty'><log file='/var/log/libvirt/qemu/db-primary-01.log'/></serial>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/>
    </channel>
    <graphics type='vnc' port='5907' listen='127.0.0.1'/>
    <video><model type='virtio' vram='16384'/></video>
    <rng model='virtio'/><tpm model='tpm-crb'/><watchdog model='itco' action='reset'/>
    <memballoon model='virtio'><stats period='5'/></memballoon>
  </devices>
</domain>"""
# vCPU: use, wait, steal, host CPU.
_VCPUS = (
    (80, 3, 11, 8), (64, 0, 14, 13), (73, 0, 17, 18), (69, 4, 13, 23), (66, 0, 5, 12),
    (71, 1, 9, 17), (96, 2, 12, 22), (72, 1, 10, 11), (78, 0, 13, 16), (93, 2, 15, 21),
    (66, 1, 7, 10), (85, 2, 3, 15), (97, 3, 31, 20), (55, 2, 19, 9), (87, 1, 0, 14),
    (81, 3, 4, 19),
)  # fmt: skip


def _wave(seconds: int, most: float) -> float:
    return most * (0.6 + 0.4 * math.sin(seconds / 11))


def _trails() -> dict[str, tuple[GraphPoint, ...]]:
    def points(first: float, second: float) -> tuple[GraphPoint, ...]:
        return tuple(
            GraphPoint(
                fleet.NOW - 119 + second_,
                _wave(second_, first),
                _wave(second_, second),
            )
            for second_ in range(120)
        )

    lag = tuple(GraphPoint(fleet.NOW - 119 + second, 0.0009, 0.002) for second in range(119))
    lag += (GraphPoint(fleet.NOW, 0.0009, 0.0068),)
    return {
        "disk vda": points(60e6, 100e6),
        "lag vda": lag,
        "nic vnet3": points(18e6, 21e6),
    }


def details() -> DomainDetails:
    """Everything known: a disk that is slow, a filesystem that fills, vCPUs that are robbed."""
    guest = GuestAgentInfo(
        fleet.NOW,
        os="Debian 12",
        kernel="6.1.0-28-amd64",
        hostname="db1",
        timezone="UTC",
        users=(("lee", fleet.EPOCH - 3600), ("marta", fleet.EPOCH - 7200)),
        disks=(
            GuestFilesystem("/", "ext4", 20 * G, int(8.4 * G), ("vda",)),
            GuestFilesystem("/var/lib/postgresql", "xfs", 200 * G, int(186.1 * G), ("vda",)),
            GuestFilesystem("/backup", "xfs", 5000 * G, 3550 * G, ("vdb",)),
        ),
        nics=(GuestNic("ens3", "52:54:00:6b:1a:0e", ("10.20.2.11/24", "fe80::1/64")),),
        load=3.2,
    )
    return DomainDetails(
        ObjectId("kvm01", fleet.uuid(NAME)),
        at=fleet.NOW,
        definition=domain_definition(XML),
        waiting=2,
        disks={
            "vda": DiskMetrics(290, 122, 58e6, 104e6, 0.0009, 0.0068, 0.012, 200 * G, 200 * G),
            "vdb": DiskMetrics(40, 56, 6.1e6, 8e6, 0.0022, 0.0029, None, 355 * G, 500 * G),
        },
        nics={
            "vnet3": NicMetrics(31_000, 18e6, 21e6, 0, 0),
            "vnet4": NicMetrics(12, 1100, 900, 0, 3, failing=True),
        },
        vcpus=tuple(
            VcpuMetrics(number, use / 100, wait / 100, steal / 100, cpu, "8-23")
            for number, (use, wait, steal, cpu) in enumerate(_VCPUS)
        ),
        memory=MemoryMetrics(128 * G, 105 * G, True, int(18.4 * G), 0.0, 0.0, 0.0, 129 * G),
        process=QemuProcess(21877, fleet.EPOCH - 63 * 86400 - 15000, 37, 129 * G, 62),
        guest=guest,
        trails=_trails(),
    )


def aged(found: DomainDetails, seconds: float) -> DomainDetails:
    """The same, told so long ago."""
    return replace(found, at=fleet.NOW - seconds)
