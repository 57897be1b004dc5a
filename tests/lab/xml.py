"""Definitions as libvirt takes them. Text templates: a lab wants to be read, not to be general."""

from __future__ import annotations

from .images import Images

BOOT_OPTIONS = "quiet mitigations=off nokaslr tsc=reliable no_timer_check cryptomgr.notests"
"""Kernel options that take a second off the boot of an emulated guest."""

CPU = "<cpu mode='custom' match='exact' check='none'><model>qemu64</model></cpu>"
"""The fewest features: an emulated kernel patches less of itself, and boots in 4.2 s, not 5.1."""

# dnsmasq would ping an address for 3 s before it offers it; nobody else is here.
DEFAULT_NETWORK = """\
<network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'>
  <name>default</name>
  <forward mode='nat'/>
  <bridge name='virbr0' stp='off' delay='0'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp>
  </ip>
  <dnsmasq:options><dnsmasq:option value='no-ping'/></dnsmasq:options>
</network>
"""

ISOLATED_NETWORK = """\
<network>
  <name>isolated</name>
  <bridge name='virbr1' stp='off' delay='0'/>
  <ip address='192.168.100.1' netmask='255.255.255.0'>
    <dhcp><range start='192.168.100.128' end='192.168.100.254'/></dhcp>
  </ip>
</network>
"""

VIRTIO_CONSOLE = "\n    <console type='pty'><target type='virtio'/></console>"

UEFI = (
    "\n    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
    "\n    <nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'/>"
)

FIRMWARE_ON_SERIAL = "\n    <bios useserial='yes'/>"

SLOTS = "    <controller type='pci' model='pcie-root-port'/>\n" * 8
"""Four devices take one each; the others wait for what is plugged in while the guest runs."""


def pool(name: str, path: str) -> str:
    """A pool of a folder, as the lab sees it."""
    return f"<pool type='dir'><name>{name}</name><target><path>{path}</path></target></pool>\n"


def guest(name: str, images: Images, disk: str, words: tuple[str, ...], memory_mib: int) -> str:
    """A guest that boots in seconds: serial login, disk, network, agent, screen, balloon."""
    options = " ".join(("console=ttyS0", BOOT_OPTIONS, f"hostname={name}", *words))
    bios = FIRMWARE_ON_SERIAL if "bios" in words else ""
    firmware = UEFI if "uefi" in words else ""
    console = VIRTIO_CONSOLE if "hvc" in words else ""
    return f"""\
<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>{memory_mib}</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>{firmware}
    <kernel>{images.kernel}</kernel>
    <initrd>{images.initramfs}</initrd>
    <cmdline>{options}</cmdline>{bios}
  </os>
  <features><acpi/><apic/></features>
  {CPU}
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' discard='unmap'/>
      <source file='{disk}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <controller type='usb' model='none'/>
    <controller type='pci' model='pcie-root'/>
{SLOTS}    <interface type='network'>
      <source network='default'/>
      <model type='virtio'/>
    </interface>
    <serial type='pty'>
      <log file='/var/log/libvirt/qemu/{name}-serial.log' append='off'/>
    </serial>
    <console type='pty'/>{console}
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <graphics type='vnc' autoport='yes' listen='127.0.0.1'/>
    <video><model type='vga'/></video>
    <memballoon model='virtio'><stats period='2'/></memballoon>
  </devices>
</domain>
"""


def file_disk(path: str, target: str, format: str = "qcow2") -> str:
    """A virtio disk on an image."""
    return (
        f"    <disk type='file' device='disk'><driver name='qemu' type='{format}'/>"
        f"<source file='{path}'/><target dev='{target}' bus='virtio'/></disk>\n"
    )


def still(name: str, devices: str = "", memory_mib: int = 16) -> str:
    """The least that QEMU starts: no disk, no network, nothing to boot; and further ``devices``."""
    return f"""\
<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>{memory_mib}</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/></features>
  <devices>
{devices}    <controller type='usb' model='none'/>
    <memballoon model='none'/>
  </devices>
</domain>
"""


def container(name: str, root: str) -> str:
    """A container with a shell on its console; its network is the lab's."""
    return f"""\
<domain type='lxc'>
  <name>{name}</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os>
    <type>exe</type>
    <init>/bin/sh</init>
  </os>
  <devices>
    <filesystem type='mount'><source dir='{root}'/><target dir='/'/></filesystem>
    <console type='pty'/>
  </devices>
</domain>
"""
