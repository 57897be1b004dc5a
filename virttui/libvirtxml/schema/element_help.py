"""Short explanations of elements and values whose names alone say little."""

from __future__ import annotations

_ELEMENTS = {
    "disk": "a disk, CD-ROM or floppy",
    "interface": "a network card",
    "graphics": "the guest's screen: VNC or SPICE",
    "video": "a graphics card",
    "serial": "a serial port",
    "console": "the text console",
    "channel": "a private line to the guest, its agent's too",
    "rng": "a source of random numbers",
    "tpm": "a security module",
    "watchdog": "resets a guest that hangs",
    "hostdev": "a device of the host, given to the guest",
    "filesystem": "a folder of the host",
    "memballoon": "takes memory back from the guest",
    "controller": "what disks and cards are plugged into",
    "redirdev": "USB over the guest's screen",
    "memory": "how much memory; in devices, a module of it",
    "currentMemory": "how much the guest has now",
    "vcpu": "how many CPUs",
    "cputune": "pinning, shares and limits of CPUs",
    "numatune": "which memory of the host is used",
    "memoryBacking": "huge pages, locking, sharing",
    "blkiotune": "weights and limits of disks",
    "iotune": "limits of one disk",
    "os": "firmware, machine and boot order",
    "panic": "tells the host that the guest crashed",
    "vsock": "sockets between host and guest",
    "shmem": "memory shared by guests",
    "iommu": "a virtual IOMMU",
    "launchSecurity": "encrypted memory",
    "alias": "a name of your own begins with ua-",
    "filterref": "a network filter",
    "virtualport": "how the port is set up on its switch",
    "backingStore": "what the image is written on top of",
}

_VALUES: dict[str, dict[str, str]] = {
    "devices/interface/model@type": {
        "virtio": "paravirtual, the fastest",
        "virtio-transitional": "virtio for old and new guests",
        "virtio-non-transitional": "virtio for new guests only",
        "e1000e": "Intel 82574, for old guests",
        "e1000": "Intel 82540, for older guests",
        "rtl8139": "Realtek, for very old guests",
        "igb": "Intel 82576, with virtual functions",
        "vmxnet3": "from VMware",
        "pcnet": "AMD, for very old guests",
        "ne2k_pci": "NE2000, for very old guests",
    },
    "devices/disk/target@bus": {
        "virtio": "paravirtual, the fastest",
        "scsi": "many disks on one controller",
        "sata": "for guests without virtio",
        "ide": "for very old guests",
        "usb": "a stick",
        "fdc": "a floppy",
        "sd": "a memory card",
    },
    "devices/disk@device": {
        "disk": "a disk",
        "cdrom": "removable, read-only",
        "floppy": "removable",
        "lun": "a SCSI device, commands passed through",
    },
    "devices/video/model@type": {
        "virtio": "paravirtual, for new guests",
        "qxl": "for SPICE",
        "vga": "works everywhere",
        "bochs": "for UEFI guests",
        "cirrus": "for very old guests",
        "ramfb": "a frame buffer for boot",
        "none": "no graphics card",
    },
    "devices/graphics@type": {
        "vnc": "seen by any viewer",
        "spice": "sound, USB and clipboard too",
        "sdl": "a window on the host",
        "egl-headless": "3D without a screen",
        "dbus": "over D-Bus",
    },
    "cpu@mode": {
        "host-passthrough": "the host's own CPU, hard to migrate",
        "host-model": "the nearest named model",
        "maximum": "everything that can be given",
        "custom": "a model you name",
    },
    "os@firmware": {"bios": "SeaBIOS", "efi": "UEFI, as OVMF"},
    "@type": {"kvm": "with the CPU's help", "qemu": "emulated, slow"},
    "devices/rng/backend@model": {
        "random": "a device of the host",
        "builtin": "QEMU's own",
        "egd": "a daemon",
    },
    "devices/tpm@model": {
        "tpm-crb": "TPM 2.0, for new guests",
        "tpm-tis": "TPM 1.2 and 2.0",
        "tpm-spapr": "for POWER",
    },
    "devices/tpm/backend@type": {
        "emulator": "swtpm",
        "passthrough": "the host's own",
        "external": "a daemon of yours",
    },
    "devices/filesystem/driver@type": {
        "virtiofs": "shared memory, the fastest",
        "path": "9p",
        "handle": "9p by file handles",
        "mtp": "as a media player",
    },
    "memoryBacking/source@type": {
        "memfd": "shareable, no files",
        "file": "files in a folder",
        "anonymous": "the usual",
    },
    "devices/hostdev@type": {
        "pci": "a PCI device",
        "usb": "a USB device",
        "scsi": "a SCSI device",
        "mdev": "a mediated device, such as a vGPU",
    },
}


def element_note(element: str) -> str:
    """Return the purpose of an element, "" where its name says it."""
    return _ELEMENTS.get(element, "")


def value_note(path: str, value: str) -> str:
    """Return the meaning of a value at a path (without brackets), "" where the value says it."""
    return _VALUES.get(path, {}).get(value, "")
