"""Definitions that reach into their host, each with the words that have to be said of it.

Whatever takes a definition from elsewhere is held against all of them.
"""

from __future__ import annotations

NAMESPACES = "xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'"
USUAL = """\
  <metadata><x:y xmlns:x='urn:x' path='/etc/shadow'>/etc/shadow</x:y></metadata>
  <title>/etc/shadow</title>
  <resource><partition>/machine</partition></resource>
  <os>
    <type machine='q35'>hvm</type>
    <loader type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
    <nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>/var/lib/libvirt/qemu/nvram/a.fd</nvram>
    <cmdline>root=/dev/vda1 console=ttyS0</cmdline>
  </os>
  <sysinfo type='smbios'><system><entry name='serial'>/x/y</entry></system></sysinfo>
  <sysinfo type='fwcfg'><entry name='opt/com.example/a'>b/c</entry></sysinfo>
  <clock offset='timezone' timezone='Europe/Berlin'/>
  <launchSecurity type='sev'><dhCert>AA/BB</dhCert></launchSecurity>
"""
DEVICES = """\
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'><source file='/pool/web.qcow2'/><target dev='vda'/></disk>
    <disk type='file' device='cdrom'><source file='/pool/boot.iso'/><target dev='sda'/></disk>
    <disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vdb'/></disk>
    <disk type='file' device='cdrom'><target dev='sdb'/></disk>
    <disk type='volume'><source pool='p' volume='w'><encryption format='luks'>
      <secret type='passphrase' usage='/luks/w'/></encryption></source><target dev='vdc'/></disk>
    <interface type='network'><source network='default'/><rom bar='off'/></interface>
    <interface type='bridge'><source bridge='br0'/></interface>
    <serial type='pty'><source path='/dev/pts/3'/><target port='0'/></serial>
    <console type='pty' tty='/dev/pts/3'><source path='/dev/pts/3'/></console>
    <channel type='unix'>
      <source mode='bind' path='/var/lib/libvirt/qemu/channel/target/d/agent.0'/>
      <target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>
    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'>
      <listen type='address' address='127.0.0.1'/></graphics>
    <graphics type='spice'><listen type='none'/></graphics>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
    <input type='tablet' bus='usb'/><memballoon model='virtio'/><audio id='1' type='none'/>
    <watchdog model='i6300esb'/><sound model='ich9'/><video><model type='virtio'/></video>
"""


def domain(devices: str = "", rest: str = "") -> str:
    """A definition with more devices and more beside them."""
    return (
        f"<domain type='kvm' {NAMESPACES}>\n  <name>a</name>\n{USUAL}{rest}  <devices>\n"
        f"{DEVICES}{devices}\n  </devices>\n</domain>"
    )


IN_DEVICES = {
    "a script": (
        "<interface type='ethernet'><script path='/tmp/e.sh'/></interface>",
        "/tmp/e.sh is run as root on kvm01 when it starts",
    ),
    "a script at the end": (
        "<interface type='ethernet'><downscript path='/tmp/e.sh'/></interface>",
        "/tmp/e.sh is run as root on kvm01 when it ends",
    ),
    "two scripts": (
        "<interface type='ethernet'><script path='/tmp/a'/><script path='/tmp/b'/></interface>",
        "/tmp/b is run as root",
    ),
    "random numbers of a file": (
        "<rng model='virtio'><backend model='random'>/etc/shadow</backend></rng>",
        "reads /etc/shadow of kvm01 as its random numbers",
    ),
    "a path with a comment in it": (
        "<rng model='virtio'><backend model='random'>/etc<!-- -->/shadow</backend></rng>",
        "reads /etc/shadow of kvm01",
    ),
    "random numbers of a socket": (
        "<rng model='virtio'><backend model='egd' type='unix'>"
        "<source mode='connect' path='/run/x.sock'/></backend></rng>",
        "whoever serves /run/x.sock on kvm01",
    ),
    "a ROM of a card": (
        "<interface type='network'><source network='default'/><rom file='/etc/shadow'/>"
        "</interface>",
        "given the file /etc/shadow of kvm01 as a ROM",
    ),
    "an nvdimm": (
        "<memory model='nvdimm'><source><path>/etc/x</path></source></memory>",
        "reads and writes the file /etc/x of kvm01 as memory (nvdimm)",
    ),
    "the keyboard of the host": (
        "<input type='evdev'><source dev='/dev/input/event0'/></input>",
        "reads the input device /dev/input/event0 of kvm01: every key typed there",
    ),
    "a socket of the host": (
        "<channel type='unix'><source mode='connect' path='/run/docker.sock'/>"
        "<target type='virtio' name='x'/></channel>",
        "its channel talks to whoever serves /run/docker.sock on kvm01",
    ),
    "a socket anywhere": (
        "<serial type='unix'><source mode='bind' path='/etc/x'/></serial>",
        "makes the socket /etc/x on kvm01",
    ),
    "a socket that leaves libvirt's folder": (
        "<serial type='unix'>"
        "<source mode='bind' path='/var/lib/libvirt/qemu/../../../../etc/x'/></serial>",
        "makes the socket /var/lib/libvirt/qemu/../../../../etc/x on kvm01",
    ),
    "a port for all": (
        "<serial type='tcp'><source mode='bind' host='0.0.0.0' service='4555'/></serial>",
        "opens port 4555 of kvm01 for its serial, to anybody who reaches 0.0.0.0",
    ),
    "a service of the host": (
        "<parallel type='tcp'><source mode='connect' host='127.0.0.1' service='6379'/></parallel>",
        "its parallel connects from kvm01 to 127.0.0.1:6379",
    ),
    "a device behind a port": (
        "<serial type='dev'><source path='/dev/ttyS0'/></serial>",
        "reads and writes the device /dev/ttyS0 of kvm01",
    ),
    "a log": (
        "<serial type='pty'><log file='/etc/cron.d/x'/></serial>",
        "written to /etc/cron.d/x of kvm01",
    ),
    "a vhost-user card": (
        "<interface type='vhostuser'><source type='unix' path='/run/v' mode='server'/></interface>",
        "its card is joined to /run/v on kvm01",
    ),
    "a card of the host": (
        "<interface type='hostdev'><source><address type='pci' bus='0x3b'/></source></interface>",
        "given the network device pci 0x3b of kvm01",
    ),
    "a vDPA card": (
        "<interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>",
        "given the vDPA device /dev/vhost-vdpa-0 of kvm01",
    ),
    "a port forward": (
        "<interface type='user'><backend type='passt'/><portForward proto='tcp'>"
        "<range start='22'/></portForward></interface>",
        "opens port 22 of kvm01 at every address",
    ),
    "a file behind a tap": (
        "<interface type='network'><source network='default'/><backend tap='/etc/x'/></interface>",
        "its card opens /etc/x of kvm01",
    ),
    "shared memory": ("<shmem name='other'/>", 'shares the memory "other" of kvm01'),
    "sound in a file": ("<audio id='2' type='file' path='/etc/x'/>", "written to /etc/x of kvm01"),
    "sound on a device": (
        "<audio id='2' type='oss'><input dev='/dev/dsp'/></audio>",
        "uses /dev/dsp of kvm01",
    ),
    "a screen for all": (
        "<graphics type='vnc' port='5999' listen='0.0.0.0'/>",
        "anybody who reaches 0.0.0.0 of kvm01 sees and uses its VNC screen, without a password",
    ),
    "a screen for all, by a listen element": (
        "<graphics type='vnc'><listen type='address' address='::'/></graphics>",
        "anybody who reaches :: of kvm01",
    ),
    "a folder": (
        "<filesystem type='mount'><source dir='/etc'/><target dir='e'/></filesystem>",
        "reads and writes the folder /etc of kvm01",
    ),
    "a program behind a folder": (
        "<filesystem type='mount'><driver type='virtiofs'/><binary path='/tmp/x'/>"
        "<source dir='/etc'/><target dir='e'/></filesystem>",
        "/tmp/x is run as root on kvm01",
    ),
    "the TPM of the host": (
        "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm0'/></backend>"
        "</tpm>",
        "given the TPM /dev/tpm0 of kvm01",
    ),
    "a device of the host": (
        "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/></source></hostdev>",
        "given the usb device 0x1 of kvm01",
    ),
    "a disk that is any file": (
        "<disk type='file' device='disk'><source file='/etc/shadow'/><target dev='vdx'/></disk>",
        "disk vdx reads and writes /etc/shadow of kvm01",
    ),
    "a drive that is any file": (
        "<disk type='file' device='cdrom'><source file='/etc/shadow'/><target dev='sdx'/></disk>",
        "disk sdx reads /etc/shadow of kvm01",
    ),
    "a disk on any file": (
        "<disk type='file'><source file='/pool/web.qcow2'/><backingStore type='file'>"
        "<source file='/pool/boot.iso'/></backingStore><backingStore type='file'>"
        "<source file='/etc/shadow'/></backingStore><target dev='vdx'/></disk>",
        "disk vdx reads /etc/shadow of kvm01",
    ),
    "a disk that keeps its data elsewhere": (
        "<disk type='file'><source file='/pool/web.qcow2'><dataStore type='file'>"
        "<source file='/etc/shadow'/></dataStore></source><target dev='vdx'/></disk>",
        "disk vdx reads /etc/shadow of kvm01",
    ),
    "a disk behind a socket": (
        "<disk type='network'><source protocol='nbd'><host transport='unix' socket='/run/n'/>"
        "</source><target dev='vdx'/></disk>",
        "disk vdx is whoever serves /run/n on kvm01",
    ),
    "a disk that is raw SCSI": (
        "<disk type='volume' device='lun' rawio='yes'><source pool='p' volume='v'/>"
        "<target dev='sdx'/></disk>",
        "disk sdx may send any SCSI command",
    ),
    "an NVMe device": (
        "<disk type='nvme'><source type='pci'><address bus='0x01'/></source>"
        "<target dev='vdx'/></disk>",
        "disk vdx is the NVMe device 0x01 of kvm01",
    ),
    "a key of the host": (
        "<disk type='network'><source protocol='ssh' name='x'><host name='h'/>"
        "<identity keyfile='/root/.ssh/id'/></source><target dev='vdx'/></disk>",
        "disk vdx is reached with /root/.ssh/id of kvm01",
    ),
    "leases": ("<lease><target path='/etc/x'/></lease>", "holds its leases in /etc/x"),
    "a device nobody knows": (
        "<novelty><source path='/etc/shadow'/></novelty>",
        "names /etc/shadow in devices/novelty/source@path, and virttui does not know what for",
    ),
    "a new part of a known device": (
        "<watchdog model='itco'><hook>/tmp/x.sh</hook></watchdog>",
        "names /tmp/x.sh in devices/watchdog/hook",
    ),
}
IN_DEVICES |= {
    "a TPM that is not named": (
        "<tpm model='tpm-tis'><backend type='passthrough'/></tpm>",
        "it is given the TPM of kvm01",
    ),
    "addresses of the host": (
        "<interface type='ethernet'><source><ip address='8.8.8.8' prefix='24'/></source>"
        "</interface>",
        "sets addresses and routes of kvm01 itself",
    ),
    "a tap of the host": (
        "<interface type='ethernet'><target dev='tap0' managed='no'/></interface>",
        "its card is on tap0, which kvm01 has already",
    ),
    "a socket without a mode": (
        "<channel type='unix'><source path='/var/lib/libvirt/qemu/channel/target/x/agent'/>"
        "<target type='virtio' name='x'/></channel>",
        "its channel talks to whoever serves /var/lib/libvirt/qemu/channel/target/x/agent",
    ),
    "the socket of another guest": (
        "<channel type='unix'><source mode='bind' path='/run/libvirt/qemu/channel/1-v/agent'/>"
        "<target type='virtio' name='x'/></channel>",
        "makes the socket /run/libvirt/qemu/channel/1-v/agent on kvm01",
    ),
    "a screen on a network": (
        "<graphics type='vnc'><listen type='network' network='default'/></graphics>",
        "anybody who reaches the network default of kvm01",
    ),
    "a screen with the file's own password": (
        "<graphics type='vnc' listen='0.0.0.0' passwd='x'/>",
        "with the password that its file has",
    ),
    "a screen on the desktop": (
        "<graphics type='sdl' display=':0' xauth='root/.Xauthority'/>",
        "its screen is a window on the desktop of kvm01",
    ),
    "a port by a short address": (
        "<serial type='tcp'><source mode='connect' host='0' service='22'/></serial>",
        "its serial connects from kvm01 to 0:22",
    ),
    "a port of nobody named": (
        "<serial type='udp'><source mode='connect' service='22'/></serial>",
        "its serial connects from kvm01 to the host itself:22",
    ),
    "random numbers of a port": (
        "<rng model='virtio'><backend model='egd' type='udp'><source mode='connect' service='22'/>"
        "</backend></rng>",
        "come over the network of kvm01",
    ),
    "a disk of a server": (
        "<disk type='network' device='cdrom'><source protocol='http' name='latest'>"
        "<host name='169.254.169.254' port='80'/></source><target dev='sdx'/></disk>",
        "disk sdx is what kvm01 is served by 169.254.169.254, port 80 (http)",
    ),
    "a disk by the host's settings": (
        "<disk type='network'><source protocol='rbd' name='p/i'/><target dev='vdx'/></disk>",
        "disk vdx is what kvm01 is served by the servers that kvm01 is set up for (rbd)",
    ),
    "certificates of the host": (
        "<smartcard mode='host-certificates'><certificate>a</certificate></smartcard>",
        "its smart card is made of certificates and keys of kvm01",
    ),
    "a microphone": ("<audio id='1' type='alsa'/>", "sound by alsa of kvm01, its microphone"),
    "a device under another name": (
        "<disk type='nvme'><source protocol='nbd' type='pci'><address bus='0x01'/></source>"
        "<target dev='vdx'/></disk>",
        "disk vdx is the NVMe device 0x01 of kvm01",
    ),
    "a relative path": ("<novelty>etc/shadow</novelty>", "names etc/shadow in devices/novelty"),
}
BESIDE = {
    "arguments": (
        "<q:commandline><q:arg value='-set'/><q:env name='LD_PRELOAD' value='/tmp/x.so'/>"
        "</q:commandline>",
        "past libvirt's checks: variable LD_PRELOAD=/tmp/x.so",
    ),
    "another namespace": (
        "<z:any xmlns:z='urn:z'><z:b c='1'/></z:any>",
        "past libvirt's checks",
    ),
    "a label that protects nothing": ("<seclabel type='none'/>", "without the protection"),
    "a user": (
        "<seclabel type='static' model='dac'><label>root:root</label></seclabel>",
        "runs on kvm01 as root:root (dac)",
    ),
    "a file for the guest": (
        "<sysinfo type='fwcfg'><entry name='opt/x' file='/etc/shadow'/></sysinfo>",
        "given the file /etc/shadow of kvm01",
    ),
    "a boot loader": ("<bootloader>/tmp/x</bootloader>", "/tmp/x is run as root on kvm01"),
    "a table": ("<os><acpi><table type='slic'>/etc/x</table></acpi></os>", "as an ACPI table"),
    "a kernel": ("<os><initrd>/etc/shadow</initrd></os>", "as its initial RAM disk"),
    "a ROM": ("<os><loader type='rom'>/etc/shadow</loader></os>", "runs the firmware /etc/shadow"),
    "a template": ("<os><nvram template='/etc/shadow'/></os>", "made of /etc/shadow"),
    "an NVRAM": ("<os><nvram><source file='/etc/x'/></nvram></os>", "writes its NVRAM to /etc/x"),
    "an emulator": ("<devices><emulator>/tmp/q</emulator></devices>", "/tmp/q is run on kvm01"),
    "a kernel out of a pool": (
        "<os><initrd>/pool/web.qcow2</initrd></os>",
        "given the file /pool/web.qcow2 of kvm01 as its initial RAM disk",
    ),
    "an NVRAM of another guest": (
        "<os><nvram type='volume'><source pool='p' volume='victim'/></nvram></os>",
        "writes its NVRAM to p victim of kvm01",
    ),
    "an NVRAM of a server": (
        "<os><nvram type='network'><source protocol='nbd' name='x'/></nvram></os>",
        "writes its NVRAM to nbd x of kvm01",
    ),
    "a path in pieces": (
        "<os><loader>/usr/share/do<x>c/../../../etc/shadow</x></loader></os>",
        "runs the firmware /usr/share/doc/../../../etc/shadow",
    ),
    "rights of a container": (
        "<features><capabilities policy='allow'/></features>",
        "it has rights on kvm01 that containers do not have",
    ),
    "one right of a container": (
        "<features><capabilities policy='default'><sys_admin state='on'/></capabilities>"
        "</features>",
        "it has rights on kvm01 that containers do not have",
    ),
}
