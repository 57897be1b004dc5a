"""Errors of libvirt and QEMU by pattern, each with its cause and advice.

Messages are those of libvirt 9 to 12 and QEMU 7 to 10, by what they are about. The first row that
fits counts; a row fits what it was written for and nothing wider. What none fits is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Row = tuple[str, str, str]
"""A pattern, the cause, the way out ("" for none); groups of the pattern stand in both."""

_FILE = "see that its pool is on and the file exists (3, enter), then try again"
_RIGHTS = "see who owns the file and the folders above it; a pool's own folder is open to QEMU"
_LABEL = "see who owns the file, and whether its file system can be labelled (NFS often cannot)"

CAUSES: Mapping[str, tuple[Row, ...]] = {
    "disk": (
        (r"[Cc]annot access backing file '(?P<base>[^']+)' of storage file '(?P<file>[^']+)'"
         r".*No such file", "{base} is missing; it is the backing file of {file}",
         "put it back, or see which pool it was in (3)"),
        (r"[Cc]annot access backing file '(?P<base>[^']+)' of storage file '(?P<file>[^']+)'"
         r" \(as uid:(?P<uid>\d+).*Permission denied",
         "QEMU (user {uid}) may not open {base}, the backing file of {file}", _RIGHTS),
        (r"[Cc]annot access storage file '(?P<file>/[^']*)'.*No such file", "{file} is not there",
         _FILE),
        (r"[Cc]annot access storage file '(?P<file>[^']+)' \(as uid:(?P<uid>\d+)"
         r".*Permission denied", "QEMU (user {uid}) may not open {file}", _RIGHTS),
        (r"[Cc]annot access storage file '(?P<file>[^']+)'.*Permission denied",
         "QEMU may not open {file}", _RIGHTS),
        (r"Could not open backing (?:file|image).*Could not open '(?P<file>[^']+)': No such file",
         "{file} is missing; it is the backing file of a disk",
         "put it back, or see which pool it was in (3)"),
        (r"Could not open '(?P<file>[^']+)': No such file", "{file} is not there", _FILE),
        (r"Could not open '(?P<file>[^']+)': Permission denied", "QEMU may not open {file}",
         _RIGHTS),
        (r"Could not open '(?P<file>[^']+)': Read-only file system",
         "{file} is on a file system that is read-only", "see why (dmesg), and mount it writable"),
        (r"(?s)Failed to get .?(?:write|shared)?.*lock.*using the image \[(?P<file>[^\]]+)\]",
         "{file} is in use by another process", "see who uses the disk (3, enter)"),
        (r"Failed to get .?[\w ]*.? ?lock", "one of its disks is in use by another process",
         "see who uses the disk (3, enter)"),
        (r"already in use by another", "one of its disks is in use by another process",
         "see who uses the disk (3, enter)"),
        (r"(?:Lockspace resource|[Ff]ailed to acquire lock).*(?:is locked|unavailable)",
         "the lock manager says that another host has one of its disks",
         "see where else it runs, and stop it there"),
        (r"Image is not in (?P<what>\w+) format", "one of its disks is not {what}",
         "set the format that it has (x), as qemu-img info tells it"),
        (r"[Ii]mage is corrupt", "one of its disks is corrupt: QEMU opens it for reading alone",
         "shut it down; qemu-img check -r all FILE mends it, on a copy first"),
        (r"already built: Device '(?P<device>[^']+)' already formatted using '(?P<what>[^']+)'",
         "{device} holds {what} already; nothing was changed", "O formats it whatever is on it"),
        (r"[Nn]o space left on device|No space left", "the file system is full",
         "free some space there"),
        (r"no secret with matching (?:uuid|usage) '(?P<what>[^']+)'",
         "the secret {what} of its encrypted disk is not on this host",
         ":secrets defines it and sets its value"),
    ),
    "saved state": (
        (r"image magic is incorrect|failed to read qemu header|save image is incomplete",
         "its saved state is broken: it cannot go on from there",
         "W drops the saved state; it then boots as after a power cut"),
        (r"image version is not supported", "its saved state is of a later libvirt",
         "start it where it was saved, or drop the saved state (W) for a fresh boot"),
        (r"load of migration failed|error while loading state",
         "this QEMU cannot go on from its saved state",
         "W drops the saved state; it then boots as after a power cut"),
        (r"Compression program for (?P<what>\w+) image format .* isn't available",
         "the host lacks the program that its {what} image is to be compressed with",
         "install it there (xz-utils, zstd, lzop …), or change {what}_image_format in qemu.conf"),
        (r"Refusing to undefine while .*managed save", "it has a saved state",
         "tick the saved state in the dialog, so that it is deleted too"),
    ),
    "backup": (
        (r"missing or broken bitmap '(?P<bitmap>[^']+)' for disk '(?P<disk>[^']+)'",
         "the bitmap that says what changed on {disk} is gone: QEMU was killed, or its image is "
         "another one", "take a full backup; it begins a new chain"),
        (r"bitmap '(?P<bitmap>[^']+)' not found in backing chain of '(?P<disk>[^']+)'",
         "the checkpoint {bitmap} has no bitmap in the image of {disk} any more",
         "virsh checkpoint-delete --metadata drops it; the next backup is a full one"),
        (r"Bitmap already exists: (?P<bitmap>[^\s']+)",
         "a bitmap of that name, {bitmap}, stayed in one of its images",
         "qemu-img bitmap --remove drops it while the domain is off"),
        (r"[Cc]annot store dirty bitmaps in qcow2 v2",
         "one of its images is a qcow2 of version 2, which stores no bitmaps",
         "qemu-img amend -o compat=1.1 while it is off; until then each backup is a full one"),
        (r"cannot perform disk backup for inactive domain", "it is off: libvirt backs up what runs",
         "start it, paused if need be"),
        (r"checkpoint for disk (?P<disk>\S+) unsupported for storage type (?P<type>\w+)",
         "{disk} is {type}, which stores no bitmaps", "take a full backup of it"),
    ),
    "pool": (
        (r"cannot open directory '(?P<path>[^']+)': No such file",
         "the folder {path} is not there", "mount it, or create it: B on its pool"),
        (r"cannot open directory '(?P<path>[^']+)': Permission denied",
         "libvirt may not look into {path}", "see who owns the folder and those above it"),
        (r"Child process \(\S*mount\b.*? exit status \d+: (?:mount[.\w]*: )?(?P<why>[^\n]+)",
         "it could not be mounted: {why}",
         "see that its server answers and exports it"),
        (r"storage pool '?(?P<name>[^']+?)'? .*is not active", "pool {name} is off",
         "start it on the storage pane (3, s), then try again"),
    ),
    "daemon": (
        (r"Failed to connect socket to '(?P<path>[^']*/(?P<daemon>virt\w+d)[^/']*-sock[^']*)'"
         r": (?:No such file|Connection refused)",
         "{daemon} does not run there: nothing answers on {path}",
         "sudo systemctl start {daemon}.socket on that host"),
        (r"Failed to connect socket to '(?P<path>[^']*)': (?:No such file|Connection refused)",
         "no daemon answers on {path}", "see that it is installed and runs on that host"),
        (r"Cannot open log file: '(?P<file>[^']+)': Device or resource busy",
         "the log of its serial console, {file}, is written by another guest",
         "give it a log file of its own, in its XML"),
        (r"CreateMachine: .*already exists", "systemd still has an earlier process of it",
         "see machinectl list, and end what is left with machinectl terminate"),
    ),
    "program": (
        (r"(?:cannot execute binary|Cannot check QEMU binary|[Ee]mulator) '?(?P<file>/[^\s':]+)'?"
         r"(?:: No such file| not found)", "{file} is not there: this host has no such QEMU",
         "install it there (qemu-system-…), or choose another emulator in its XML (x)"),
        (r"[Uu]nable to find (?:a satisfying )?'?(?P<what>swtpm\w*|virtiofsd|passt|dnsmasq)'?",
         "{what} is not installed on its host", "install {what} there"),
        (r"[Cc]annot find '(?P<what>[^']+)' in (?:path|PATH)",
         "{what} is not installed on its host", "install {what} there"),
    ),
    "device": (
        (r"Unable to open (?P<file>/dev/net/tun)", "{file} is not there: its host has no tun",
         "modprobe tun on that host"),
        (r"Cannot get interface (?:MTU|flags|index)[^']*'(?P<name>[^']+)': No such device",
         "its host has no bridge or device {name}",
         "make it there, or choose another network for the NIC (e)"),
        (r"PCI device (?P<what>[\w:.]+) is in use by driver \w+, domain (?P<name>\S+)",
         "PCI device {what} is in use by {name}", "take it from {name} first"),
        (r"host doesn't support passthrough of host PCI devices",
         "its host cannot pass PCI devices through: the IOMMU is off",
         "turn it on in the firmware and the kernel's arguments (intel_iommu=on)"),
        (r"group (?P<what>\d+) is not viable",
         "its PCI device shares IOMMU group {what} with one that the host uses",
         "detach all devices of that group, or choose another"),
        (r"[Dd]id not find USB device (?P<what>\w+:\w+)", "USB device {what} is not plugged in",
         "plug it in, or take it out of the definition (e)"),
        (r"(?P<what>\w+) graphics are not supported with this QEMU",
         "the host's QEMU has no {what} screens", "make it vnc, or install {what} for QEMU there"),
        (r"(?:unable to find an unused port|[Ff]ailed to (?:find an available port|bind socket))",
         "no port is free for its screen", "let its graphics choose a port, or end what has it"),
    ),
    "label": (
        (r"unable to set user and group to '[^']+' on '(?P<file>[^']+)'",
         "libvirt may not give {file} to QEMU's user", _LABEL),
        (r"unable to set security context '[^']*' on '(?P<file>[^']+)'",
         "SELinux's label cannot be set on {file}", _LABEL),
        (r"[Ss]etting different .* on (?P<file>\S+) which is already in use",
         "{file} is in use by another guest that runs as somebody else",
         "shut that one down, or make the disk shareable in both"),
        (r"cannot load AppArmor profile '(?P<what>[^']+)'",
         "AppArmor does not take the profile {what}",
         "see journalctl -k for what it refuses: a path in the definition, mostly"),
    ),
    "CPU and machine": (
        (r"[Hh]ost CPU does not provide required features: (?P<what>[\w.,\- ]+)",
         "its CPU model needs features this host lacks: {what}",
         "choose host-model or host-passthrough (e, cpu)"),
        (r"does not support machine type '(?P<what>[^']+)'",
         "the host's QEMU does not know the machine type {what}",
         "choose one that it has (x completes them), or update QEMU"),
        (r"[Uu]nsupported machine type '?(?P<what>[\w.\-]*)",
         "the host's QEMU does not know the machine type {what}",
         "choose one that it has (x completes them), or update QEMU"),
        (r"Could not access KVM kernel module: (?P<why>No such file|Permission denied)",
         "its host has no KVM for it ({why})",
         "load kvm_intel or kvm_amd there, or set its type to qemu"),
        (r"(?:does not support virt type '?kvm|type=kvm|domain type 'kvm')",
         "its host has no KVM for it", "load kvm_intel or kvm_amd there, or set its type to qemu"),
    ),
    "memory": (
        (r"hugetlbfs filesystem is not mounted|usable hugetlbfs mount for (?P<size>\d+)",
         "its host has no huge pages of the size that it needs",
         "reserve them there (/proc/sys/vm/nr_hugepages), or take <hugepages> out (x)"),
        (r"Cannot allocate memory|[Cc]annot set up guest memory",
         "the host has not enough free memory", "stop something, or give it less memory"),
    ),
    "network": (
        (r"[Nn]etwork '?(?P<name>[^']+?)'? is not active", "network {name} is off",
         "start it on the networks pane (2, s), then try again"),
        (r"dnsmasq: failed to create listening socket for (?P<what>\S+?): Address already in use",
         "another program on the host serves DNS on {what}",
         "see who (ss -lntup), or give the network another subnet"),
        (r"[Nn]etwork is already in use by interface (?P<what>\S+)",
         "its addresses are in use by {what} on the host", "give it another subnet (x)"),
        (r"(?:[Ff]ailed to apply firewall rules|No chain/target/match by that name)",
         "the host's firewall did not take its rules",
         "restart the firewall there, then libvirt's network daemon"),
        (r"referenced filter '(?P<name>[^']+)' is missing", "network filter {name} is not there",
         "define it, or take it out of the NIC (x)"),
    ),
    "what it is": (
        (r"domain is already running", "it is already running", ""),
        (r"domain is not running", "it is not running", ""),
        (r"domain is not paused", "it is not paused", ""),
        (r"already exists with uuid|already defined", "the name is taken", "choose another name"),
        (r"cannot rename active domain|domain has to be shutoff before renaming",
         "it runs, and libvirt renames only what is off", "shut it down first"),
        (r"cannot (undefine|delete) .*(with|has) \d* ?snapshot", "it has snapshots",
         "tick the snapshots in the dialog, so that they are deleted too"),
        (r"cannot undefine domain with nvram", "it has an NVRAM file",
         "tick the NVRAM in the dialog, so that it is deleted too"),
        (r"cannot set autostart for transient",
         "it is transient: libvirt keeps no definition of it", "define it first"),
        (r"in frozen state", "its writes are held: its agent does nothing else until then",
         ":let go has them go on"),
        (r"has been disabled: the command is not allowed",
         "its agent refuses that: its writes are held, or its configuration forbids it",
         ":let go has its writes go on"),
        (r"Unable to get accurate CPU usage",
         "qemu-img could not measure how fast this host derives keys; nothing was created",
         "try again: it happens on a busy host"),
    ),
}  # fmt: skip
"""By what the message is about, in the order they are looked through."""

_MISSING: tuple[Row, ...] = (
    (r"no (?P<kind>network|storage pool|storage vol|nwfilter|interface) with matching "
     r"(?:name|path|key) '(?P<name>[^']+)'", "there is no {kind} called {name}", ""),
)  # fmt: skip
_KINDS = {"storage pool": "pool", "storage vol": "volume", "nwfilter": "network filter"}


def cause_of(message: str) -> tuple[str, str] | None:
    """The cause and the way out that a message tells of; None where it fits no row."""
    for rows in CAUSES.values():
        if found := fitting(rows, message):
            return found
    return None


def missing(message: str) -> str:
    """The object that a message reports missing, in words; "" where it names none."""
    for pattern, sentence, _ in _MISSING:
        if match := re.search(pattern, message):
            kind = match["kind"]
            return sentence.format(kind=_KINDS.get(kind, kind), name=match["name"])
    return ""


def fitting(rows: tuple[Row, ...], message: str, **known: str) -> tuple[str, str] | None:
    """The first row of some that fits; what is ``known`` may stand in its words, too."""
    for pattern, sentence, advice in rows:
        if match := re.search(pattern, message):
            found = known | {name: value or "" for name, value in match.groupdict().items()}
            return sentence.format(**found).strip(), advice.format(**found)
    return None


_PREFIX = re.compile(
    r"^(?:internal error|Requested operation is not valid|operation failed|unsupported "
    r"configuration|invalid argument|argument unsupported|End of file while reading data"
    r"|(?:QEMU|qemu) unexpectedly closed the monitor|process exited while connecting to monitor"
    r"|unable to execute QEMU (?:agent )?command '[^']*'|Cannot recv data|libvirt: +error)"
    r"(?: \(vm='[^']*'\))?\s*: *"
)
_QEMU = re.compile(
    r"^(?:\d{4}-\d\d-\d\dT[\d:.+Z]+:? )?qemu[\w.\-]*: (?:-[\w\-]+ (?:\{.*?\}|[^\s{][^:]*): )?"
)


def plain(message: str) -> str:
    """libvirt's own words on one line, without what says where they come from."""
    words = " ".join(message.split())
    while (shorter := _QEMU.sub("", _PREFIX.sub("", words))) != words and shorter:
        words = shorter
    return words
