"""Domains that devices are made for, and a host that has something of everything."""

from __future__ import annotations

from virttui.model.documents import HostValues, Option
from virttui.model.domains.devices import Bus, CandidateVolume, DeviceContext, HostDevice

Q35 = """\
<domain type='kvm'>
  <name>web-01</name>
  <memory unit='KiB'>4194304</memory>
  <vcpu>4</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/srv/web-01.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
    </interface>
  </devices>
</domain>
"""
PC = Q35.replace("pc-q35-7.2", "pc-i440fx-7.2")
SHARED = Q35.replace(
    "  <vcpu>",
    "  <memoryBacking>\n    <access mode='shared'/>\n  </memoryBacking>\n  <vcpu>",
)
CONTAINER = """\
<domain type='lxc'>
  <name>box</name>
  <memory unit='KiB'>65536</memory>
  <os>
    <type>exe</type>
    <init>/bin/sh</init>
  </os>
  <devices/>
</domain>
"""


def values(*names: str) -> tuple[Option, ...]:
    return tuple(Option(name) for name in names)


KNOWLEDGE = HostValues(
    {
        "devices/disk/target@bus": values("virtio", "ide", "fdc", "scsi", "sata", "usb"),
        "devices/interface/model@type": values("virtio", "e1000e", "rtl8139"),
        "devices/interface[type=bridge]/source@bridge": values("br0", "br1"),
        "devices/graphics@type": values("sdl", "vnc", "spice", "egl-headless"),
        "devices/video/model@type": values("vga", "cirrus", "qxl", "virtio", "none", "bochs"),
        "devices/rng@model": values("virtio", "virtio-transitional"),
        "devices/rng/backend@model": values("random", "egd", "builtin"),
        "devices/tpm@model": values("tpm-tis", "tpm-crb"),
        "devices/tpm/backend@type": values("passthrough", "emulator"),
        "devices/tpm/backend@version": values("1.2", "2.0"),
        "devices/filesystem/driver@type": values("path", "handle", "virtiofs"),
    }
)
LOGI = HostDevice(Bus.USB, "1.4", "046d:c52b", "Logitech Receiver")
STICKS = tuple(HostDevice(Bus.USB, f"2.{n}", "0781:5567", "SanDisk Cruzer") for n in (3, 4))
CARD = HostDevice(Bus.PCI, "0000:06:00.0", "10de:1eb8", "NVIDIA Tesla T4", "nouveau")
AROUND = DeviceContext(
    host_values=KNOWLEDGE,
    networks=(Option("lab", "isolated"), Option("default", "nat"), Option("off", "is off now")),
    pools=(Option("default", "12G free"), Option("isos", "1G free")),
    volumes={
        "default": (
            CandidateVolume("web-01.qcow2", "qcow2", "qcow2, used by web-01", True),
            CandidateVolume("data.qcow2", "qcow2", "qcow2, 256M"),
            CandidateVolume("spare.raw", "raw", "raw, 16M"),
        ),
        "isos": (CandidateVolume("rescue.iso", "iso", "iso, 8M"),),
    },
    devices=(CARD, LOGI, *STICKS),
    mac="52:54:00:12:34:56",
    libvirt="9.0.0",
)
