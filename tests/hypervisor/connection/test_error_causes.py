"""Messages of libvirt and QEMU: each has its true cause and a way out, or is quoted."""

from __future__ import annotations

import re

import libvirt
import pytest

from virttui.hypervisor.connection.error_causes import CAUSES, cause_of, plain
from virttui.hypervisor.connection.translate import operation_error
from virttui.model.errors import NotFound, Refused

PROBING = "internal error: Failed to start QEMU binary /usr/bin/qemu-system-x86_64 for probing: "
CHILD = "internal error: Child process (/usr/bin/mount -o nodev srv:/x /mnt/x) unexpected "
MONITOR = (
    "internal error: QEMU unexpectedly closed the monitor (vm='web'): "
    "2026-11-29T11:59:27.494854Z qemu-system-x86_64: "
)
BLOCKDEV = '-blockdev {"node-name":"libvirt-1-format","driver":"qcow2"}: '

MESSAGES = [
    ("Cannot access backing file '/b.qcow2' of storage file '/o.qcow2' (as uid:64055, gid:994): "
     "No such file or directory", "/b.qcow2 is missing; it is the backing file of /o.qcow2"),
    ("Cannot access backing file '/b.qcow2' of storage file '/o.qcow2' (as uid:64055, gid:994): "
     "Permission denied", "QEMU (user 64055) may not open /b.qcow2, the backing file of /o.qcow2"),
    ("Cannot access storage file '/a.qcow2': No such file or directory", "/a.qcow2 is not there"),
    ("Cannot access storage file '/a.qcow2' (as uid:64055, gid:994): No such file or directory",
     "/a.qcow2 is not there"),
    ("Cannot access storage file '/home/lee/win.iso' (as uid:64055, gid:994): Permission denied",
     "QEMU (user 64055) may not open /home/lee/win.iso"),
    ("cannot access storage file '/a.iso': Permission denied", "QEMU may not open /a.iso"),
    (f"{MONITOR}{BLOCKDEV}Could not open backing file: Could not open '/b.qcow2': No such file or "
     "directory", "/b.qcow2 is missing; it is the backing file of a disk"),
    (f"{MONITOR}{BLOCKDEV}Could not open '/a.raw': No such file or directory",
     "/a.raw is not there"),
    (f"{MONITOR}{BLOCKDEV}Could not open '/home/lee/x.qcow2': Permission denied",
     "QEMU may not open /home/lee/x.qcow2"),
    (f"{MONITOR}{BLOCKDEV}Could not open '/a.raw': Read-only file system",
     "/a.raw is on a file system that is read-only"),
    (f'{MONITOR}{BLOCKDEV}Failed to get "write" lock\nIs another process using the image [/a.raw]?',
     "/a.raw is in use by another process"),
    (f'{MONITOR}{BLOCKDEV}Failed to get shared "write" lock\nIs another process using the image'
     " [/a b.raw]?", "/a b.raw is in use by another process"),
    (f'{MONITOR}{BLOCKDEV}Failed to get "write" lock',
     "one of its disks is in use by another process"),
    ("resource busy: disk /a.raw is already in use by another guest",
     "one of its disks is in use by another process"),
    ("resource busy: Lockspace resource '4ab5c' is locked",
     "the lock manager says that another host has one of its disks"),
    (f"{MONITOR}{BLOCKDEV}Image is not in qcow2 format", "one of its disks is not qcow2"),
    (f"{MONITOR}{BLOCKDEV}qcow2: Image is corrupt; cannot be opened read/write",
     "one of its disks is corrupt: QEMU opens it for reading alone"),
    ("operation failed: already built: Device '/dev/sdb1' already formatted using 'ext4'",
     "/dev/sdb1 holds ext4 already; nothing was changed"),
    ("checkpoint inconsistent: missing or broken bitmap 'k4' for disk 'vda'",
     "the bitmap that says what changed on vda is gone: QEMU was killed, or its image is another "
     "one"),
    ("internal error: bitmap 'k4' not found in backing chain of 'vda'",
     "the checkpoint k4 has no bitmap in the image of vda any more"),
    ("internal error: unable to execute QEMU command 'transaction': Bitmap already exists: k0",
     "a bitmap of that name, k0, stayed in one of its images"),
    ("internal error: unable to execute QEMU command 'transaction': Cannot store dirty bitmaps in "
     "qcow2 v2 files", "one of its images is a qcow2 of version 2, which stores no bitmaps"),
    ("Operation not supported: cannot perform disk backup for inactive domain",
     "it is off: libvirt backs up what runs"),
    ("unsupported configuration: checkpoint for disk vdb unsupported for storage type raw",
     "vdb is raw, which stores no bitmaps"),
    ("cannot write data to file '/a': No space left on device", "the file system is full"),
    ("internal error: Secret not found: no secret with matching uuid '1b40a534'",
     "the secret 1b40a534 of its encrypted disk is not on this host"),
    ("internal error: unable to execute QEMU agent command 'guest-fstrim': Command guest-fstrim "
     "has been disabled: the agent is in frozen state",
     "its writes are held: its agent does nothing else until then"),
    ("internal error: unable to execute QEMU agent command 'guest-fstrim': Command guest-fstrim "
     "has been disabled: the command is not allowed",
     "its agent refuses that: its writes are held, or its configuration forbids it"),
    ("image magic is incorrect", "its saved state is broken: it cannot go on from there"),
    ("operation failed: failed to read qemu header",
     "its saved state is broken: it cannot go on from there"),
    ("operation failed: save image is incomplete",
     "its saved state is broken: it cannot go on from there"),
    ("image version is not supported (3 > 2)", "its saved state is of a later libvirt"),
    (f"{MONITOR}load of migration failed: Invalid argument",
     "this QEMU cannot go on from its saved state"),
    ("operation failed: Compression program for save image format in configuration file isn't "
     "available", "the host lacks the program that its save image is to be compressed with"),
    ("Requested operation is not valid: Refusing to undefine while domain managed save image "
     "exists", "it has a saved state"),
    ("cannot open directory '/srv/gone/iso': No such file or directory",
     "the folder /srv/gone/iso is not there"),
    ("cannot open directory '/srv/iso': Permission denied", "libvirt may not look into /srv/iso"),
    (f"{CHILD}exit status 32: mount.nfs: Connection refused",
     "it could not be mounted: Connection refused"),
    ("Requested operation is not valid: storage pool 'spare' is not active", "pool spare is off"),
    ("Failed to connect socket to '/var/run/libvirt/virtlogd-sock': No such file or directory",
     "virtlogd does not run there: nothing answers on /var/run/libvirt/virtlogd-sock"),
    ("Failed to connect socket to '/run/libvirt/virtnetworkd-sock': Connection refused",
     "virtnetworkd does not run there: nothing answers on /run/libvirt/virtnetworkd-sock"),
    ("Failed to connect socket to '/run/other': Connection refused",
     "no daemon answers on /run/other"),
    ("Cannot open log file: '/var/log/a-serial.log': Device or resource busy",
     "the log of its serial console, /var/log/a-serial.log, is written by another guest"),
    ("error from service: GDBus.Error: CreateMachine: Machine 'qemu-1-web' already exists",
     "systemd still has an earlier process of it"),
    (f"{PROBING}libvirt:  error : cannot execute binary /usr/bin/qemu-system-x86_64: No such file "
     "or directory", "/usr/bin/qemu-system-x86_64 is not there: this host has no such QEMU"),
    ("Cannot check QEMU binary /usr/libexec/qemu-kvm: No such file or directory",
     "/usr/libexec/qemu-kvm is not there: this host has no such QEMU"),
    ("Unable to find 'swtpm_setup' binary in $PATH", "swtpm_setup is not installed on its host"),
    ("operation failed: Unable to find a satisfying virtiofsd",
     "virtiofsd is not installed on its host"),
    ("Cannot find 'passt' in path: No such file or directory",
     "passt is not installed on its host"),
    ("Unable to open /dev/net/tun, is tun module loaded?: No such file or directory",
     "/dev/net/tun is not there: its host has no tun"),
    ("Cannot get interface MTU on 'br0': No such device", "its host has no bridge or device br0"),
    ("Requested operation is not valid: PCI device 0000:01:00.0 is in use by driver QEMU, domain "
     "web", "PCI device 0000:01:00.0 is in use by web"),
    ("unsupported configuration: host doesn't support passthrough of host PCI devices",
     "its host cannot pass PCI devices through: the IOMMU is off"),
    (f"{MONITOR}-device vfio-pci,host=01:00.0: vfio 0000:01:00.0: group 1 is not viable",
     "its PCI device shares IOMMU group 1 with one that the host uses"),
    ("operation failed: Did not find USB device 046d:c52b",
     "USB device 046d:c52b is not plugged in"),
    ("unsupported configuration: spice graphics are not supported with this QEMU",
     "the host's QEMU has no spice screens"),
    ("internal error: unable to find an unused port in range 'vnc' (5900-65535)",
     "no port is free for its screen"),
    ("unable to set user and group to '64055:994' on '/mnt/a.raw': Operation not permitted",
     "libvirt may not give /mnt/a.raw to QEMU's user"),
    ("unable to set security context 'system_u:object_r:svirt_image_t:s0' on '/mnt/a.raw': "
     "Operation not permitted", "SELinux's label cannot be set on /mnt/a.raw"),
    ("Requested operation is not valid: Setting different DAC user or group on /a.raw which is "
     "already in use", "/a.raw is in use by another guest that runs as somebody else"),
    ("internal error: cannot load AppArmor profile 'libvirt-9b199ddd'",
     "AppArmor does not take the profile libvirt-9b199ddd"),
    ("unsupported configuration: guest and host CPU are not compatible: Host CPU does not provide "
     "required features: avx512f, pcid",
     "its CPU model needs features this host lacks: avx512f, pcid"),
    ("unsupported configuration: Emulator '/usr/bin/qemu' does not support machine type 'pc-99'",
     "the host's QEMU does not know the machine type pc-99"),
    (f"{MONITOR}unsupported machine type 'pc-99'",
     "the host's QEMU does not know the machine type pc-99"),
    (f"{MONITOR}Could not access KVM kernel module: No such file or directory",
     "its host has no KVM for it (No such file)"),
    ("unsupported configuration: Emulator '/q' does not support virt type 'kvm'",
     "its host has no KVM for it"),
    ("internal error: hugetlbfs filesystem is not mounted or disabled by administrator config",
     "its host has no huge pages of the size that it needs"),
    (f"{MONITOR}cannot set up guest memory 'pc.ram': Cannot allocate memory",
     "the host has not enough free memory"),
    ("Requested operation is not valid: network 'default' is not active", "network default is off"),
    ("internal error: Child process (dnsmasq) unexpected exit status 2: dnsmasq: failed to create "
     "listening socket for 192.168.122.1: Address already in use",
     "another program on the host serves DNS on 192.168.122.1"),
    ("internal error: Network is already in use by interface virbr0",
     "its addresses are in use by virbr0 on the host"),
    ("internal error: Failed to apply firewall rules /usr/sbin/iptables -w: iptables: No "
     "chain/target/match by that name.", "the host's firewall did not take its rules"),
    ("internal error: referenced filter 'clean' is missing", "network filter clean is not there"),
    ("Requested operation is not valid: domain is already running", "it is already running"),
    ("Requested operation is not valid: domain is not running", "it is not running"),
    ("Requested operation is not valid: domain is not paused", "it is not paused"),
    ("operation failed: domain 'web' already exists with uuid 9b199ddd", "the name is taken"),
    ("Requested operation is not valid: cannot rename active domain",
     "it runs, and libvirt renames only what is off"),
    ("Requested operation is not valid: cannot undefine domain with 2 snapshots",
     "it has snapshots"),
    ("Requested operation is not valid: cannot undefine domain with nvram", "it has an NVRAM file"),
    ("Requested operation is not valid: cannot set autostart for transient domain",
     "it is transient: libvirt keeps no definition of it"),
    ("qemu-img: Unable to get accurate CPU usage",
     "qemu-img could not measure how fast this host derives keys; nothing was created"),
]  # fmt: skip
_SELF = ("it is already running", "it is not running", "it is not paused")


def error(said: str, code: int = libvirt.VIR_ERR_INTERNAL_ERROR) -> libvirt.libvirtError:
    """An error of libvirt's as a call raises it."""
    found = libvirt.libvirtError("a call failed")
    found.err = (code, 10, said, 2, said, None, None, -1, -1)
    return found


@pytest.mark.parametrize(("said", "cause"), MESSAGES, ids=[cause for _, cause in MESSAGES])
def test_a_message_has_its_cause_and_a_way_out(said: str, cause: str) -> None:
    why = operation_error(error(said))
    assert isinstance(why, Refused) and why.message == cause and why.libvirt_message == said
    assert why.advice or cause in _SELF


def test_every_row_has_a_message() -> None:
    unused = [
        (about, pattern)
        for about, rows in CAUSES.items()
        for pattern, _, _ in rows
        if not any(re.search(pattern, said) for said, _ in MESSAGES)
    ]
    assert not unused


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("internal error: Cannot read /etc/odd.conf: No such file or directory",
         "Cannot read /etc/odd.conf: No such file or directory"),
        ("unable to open '/sys/kernel/x': Permission denied",
         "unable to open '/sys/kernel/x': Permission denied"),
        ("internal error: one\n  two\n\nthree", "one two three"),
        (f"{MONITOR}{BLOCKDEV}Something odd", "Something odd"),
        (f"internal error: process exited while connecting to monitor: {MONITOR}-device a,b=c: No",
         "No"),
        ("internal error: ", "internal error:"),
    ],
)  # fmt: skip
def test_what_fits_no_row_is_quoted_once_on_one_line(said: str, words: str) -> None:
    why = operation_error(error(said))
    assert why.message == words and not why.advice
    assert cause_of(said) is None and plain(plain(said)) == plain(said)


@pytest.mark.parametrize(
    ("code", "said", "words"),
    [
        (libvirt.VIR_ERR_NO_NETWORK, "Network not found: no network with matching name 'iso'",
         "there is no network called iso"),
        (libvirt.VIR_ERR_NO_STORAGE_POOL,
         "Storage pool not found: no storage pool with matching name 'spare'",
         "there is no pool called spare"),
        (libvirt.VIR_ERR_NO_STORAGE_VOL,
         "Storage volume not found: no storage vol with matching path '/a'",
         "there is no volume called /a"),
        (libvirt.VIR_ERR_NO_NETWORK, "Network not found: no network with matching uuid '1'",
         "the network is gone"),
    ],
)  # fmt: skip
def test_what_never_was_is_not_gone(code: int, said: str, words: str) -> None:
    why = operation_error(error(said, code))
    assert isinstance(why, NotFound) and why.message == words


def test_braces_in_a_name_are_letters() -> None:
    assert cause_of("cannot open directory '/{0}{x}': Permission denied") == (
        "libvirt may not look into /{0}{x}", "see who owns the folder and those above it",
    )  # fmt: skip
