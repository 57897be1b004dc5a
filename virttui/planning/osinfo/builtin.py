"""A few operating systems that stand for many, for use where osinfo's database is not installed."""

from __future__ import annotations

from virttui.model.provision.domain_spec import OperatingSystem, ResourceNeeds

_GIB = 1024**3
_VIRTIO = frozenset(
    f"virtio{kind}-{device}"
    for kind in ("", "1.0")
    for device in ("net", "block", "scsi", "console", "balloon", "rng")
)
_PLAIN = frozenset({"e1000", "e1000e", "rtl8139", "ich9-hda", "qemu-xhci", "qemu-x86-q35"})

GENERIC_LINUX = OperatingSystem(
    id="linux2022",
    name="Generic Linux 2022",
    family="linux",
    distro="linux",
    version="2022",
    released="2022-01-01",
    minimum=ResourceNeeds(1, _GIB, 10 * _GIB),
    recommended=ResourceNeeds(2, 2 * _GIB, 20 * _GIB),
    devices=_VIRTIO | _PLAIN | {"virtio1.0-gpu", "virtio1.0-input", "virtio1.0-fs"},
    uri="http://libosinfo.org/linux/2022",
)
WINDOWS_10 = OperatingSystem(
    id="win10",
    name="Microsoft Windows 10",
    family="winnt",
    distro="win",
    version="10.0",
    released="2015-07-29",
    minimum=ResourceNeeds(1, 2 * _GIB, 32 * _GIB),
    recommended=ResourceNeeds(2, 4 * _GIB, 64 * _GIB),
    devices=_PLAIN,
    firmwares=frozenset({"bios", "efi"}),
    uri="http://microsoft.com/win/10",
)
WINDOWS_11 = OperatingSystem(
    id="win11",
    name="Microsoft Windows 11",
    family="winnt",
    distro="win",
    version="11.0",
    released="2021-10-05",
    minimum=ResourceNeeds(2, 4 * _GIB, 64 * _GIB),
    recommended=ResourceNeeds(4, 8 * _GIB, 64 * _GIB),
    devices=_PLAIN,
    firmwares=frozenset({"efi", "efi-secure"}),
    uri="http://microsoft.com/win/11",
)
FREEBSD = OperatingSystem(
    id="freebsd13.0",
    name="FreeBSD 13.0",
    family="freebsd",
    distro="freebsd",
    version="13.0",
    released="2021-04-13",
    minimum=ResourceNeeds(1, _GIB, 10 * _GIB),
    recommended=ResourceNeeds(2, 2 * _GIB, 20 * _GIB),
    devices=_VIRTIO | _PLAIN,
    uri="http://freebsd.org/freebsd/13.0",
)
BUILTIN = (GENERIC_LINUX, WINDOWS_11, WINDOWS_10, FREEBSD)


def unknown_system(id: str = "") -> OperatingSystem:
    """Return the placeholder for an unknown system."""
    return OperatingSystem(id=id, name=id or "Unknown system", known=False)
