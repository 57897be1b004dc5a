"""A device of every kind in libvirt's schema, in forms that people use; and domains of them."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.attack.definitions import IN_DEVICES

USUAL = (
    "<emulator>/usr/bin/qemu-system-x86_64</emulator>",
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none' io='native'/>"
    "<source file='/pool/web-01.qcow2'/><target dev='vda' bus='virtio'/><serial>A</serial></disk>",
    "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>",
    "<disk type='file' device='floppy'><source file='/pool/f.img'/><target dev='fda'/></disk>",
    "<disk type='block' device='lun' rawio='yes'><source dev='/dev/sdb'/><target dev='sdc' "
    "bus='scsi'/></disk>",
    "<disk type='volume' device='disk'><source pool='p' volume='web-01.raw'/><target dev='vdb'/>"
    "<iotune><read_iops_sec>5</read_iops_sec></iotune></disk>",
    "<disk type='network'><source protocol='rbd' name='a/b'><host name='m'/></source>"
    "<target dev='vdc'/></disk>",
    "<disk type='nvme'><source type='pci' namespace='1'><address bus='0x01'/></source>"
    "<target dev='vdd'/></disk>",
    "<disk type='vhostuser'><source type='unix' path='/run/s'/><target dev='vde'/></disk>",
    "<controller type='usb' index='0' model='qemu-xhci' ports='15'/>",
    "<controller type='pci' index='1' model='pcie-root-port'><target chassis='1'/></controller>",
    "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='default' "
    "portid='11111111-2222-3333-4444-555555555555'/><target dev='vnet0'/><model type='virtio'/>"
    "<bandwidth><inbound average='1'/></bandwidth></interface>",
    "<interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br0'/>"
    "<virtualport type='openvswitch'><parameters interfaceid='11111111-2222-3333-4444-555555555555'"
    "/></virtualport><vlan><tag id='42'/></vlan></interface>",
    "<interface type='direct'><mac address='52:54:00:00:00:03'/><source dev='eth0' mode='bridge'/>"
    "</interface>",
    "<interface type='user'/>",
    "<interface type='mcast'><source address='230.0.0.1' port='5558'/></interface>",
    "<serial type='pty'><source path='/dev/pts/3'/><target port='0'/></serial>",
    "<console type='pty' tty='/dev/pts/3'><target type='serial' port='0'/></console>",
    "<serial type='file'><source path='/var/log/libvirt/qemu/web-01-serial.log'/></serial>",
    "<channel type='unix'><source mode='bind' path='/var/lib/libvirt/qemu/web-01.agent'/>"
    "<target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
    "<channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>",
    "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>",
    "<graphics type='vnc' port='5901' autoport='no' passwd='s3cret'/>",
    "<graphics type='spice' socket='/run/web-01.spice'/>",
    "<sound model='ich9'><codec type='micro'/></sound>",
    "<audio id='1' type='none'/>",
    "<video><model type='qxl' vram='65536'/></video>",
    "<hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='0x02'/></source>"
    "</hostdev>",
    "<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address "
    "uuid='11111111-2222-3333-4444-555555555555'/></source></hostdev>",
    "<redirdev bus='usb' type='spicevmc'/>",
    "<watchdog model='i6300esb' action='reset'/>",
    "<memballoon model='virtio'><stats period='5'/></memballoon>",
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
    "<input type='tablet' bus='usb'/>",
    "<hub type='usb'/>",
    "<smartcard mode='passthrough' type='spicevmc'/>",
    "<panic model='isa'/>",
    "<vsock model='virtio'><cid auto='no' address='5'/></vsock>",
    "<iommu model='intel'/>",
    "<shmem name='web-01'><model type='ivshmem-plain'/></shmem>",
    "<memory model='dimm'><target><size unit='KiB'>524288</size><node>0</node></target></memory>",
    "<crypto model='virtio' type='qemu'><backend model='builtin' queues='1'/></crypto>",
    "<filesystem type='mount'><source dir='/srv'/><target dir='s'/></filesystem>",
    "<!-- a word of somebody's -->",
    "<novelty of='tomorrow'><inner/></novelty>",
)
DEVICES = (*USUAL, *(device for device, _ in IN_DEVICES.values()))

HEAD = """\
<domain type='qemu'>
  <name>web-01</name>
  <uuid>0f0e0d0c-1111-4222-8333-444455556666</uuid>
  <metadata><x:y xmlns:x='urn:x'>kept</x:y></metadata>
  <memory unit='MiB'>512</memory>
  <vcpu placement='static'>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <cpu mode='host-model'><numa><cell id='0' cpus='0-1' memory='512' unit='MiB'/></numa></cpu>
"""


def domain_of(devices: Sequence[str]) -> str:
    """A definition with these devices, each on lines of its own."""
    return f"{HEAD}  <devices>\n    " + "\n    ".join(devices) + "\n  </devices>\n</domain>\n"


domains = st.lists(st.sampled_from(DEVICES), min_size=1, max_size=12).map(domain_of)
"""Definitions of any devices in any order, some of them twice."""
