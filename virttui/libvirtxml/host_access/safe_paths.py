"""Which paths and addresses of a host a guest may have without anybody's harm."""

from __future__ import annotations

import ipaddress
import posixpath

NVRAM = "/libvirt/qemu/nvram"
"""Where libvirt keeps the variables of firmwares, below a folder of its own."""
_OWN = ("/var/lib/libvirt/qemu/channel/target/",)
_LOGS = ("/var/log/libvirt/",)
_SHIPPED = ("/usr/share/", "/usr/lib/ipxe/", "/usr/lib/xen", "/usr/libexec/xen")
_RANDOM = frozenset({"/dev/random", "/dev/urandom", "/dev/hwrng"})


def _below(path: str, folders: tuple[str, ...]) -> bool:
    normal = posixpath.normpath(path)
    return normal.startswith(folders) and path.isprintable()


def is_own(path: str) -> bool:
    """True if a socket lies where libvirt itself puts them."""
    return _below(path, _OWN)


def is_nvram_folder(folder: str) -> bool:
    """True if libvirt keeps the variables of firmwares in a folder, of root or of a user."""
    return folder.startswith("/") and folder.endswith(NVRAM) and folder.isprintable()


def keeps_nvram(path: str) -> bool:
    """True if a file lies in such a folder."""
    return is_nvram_folder(posixpath.dirname(posixpath.normpath(path))) and path.isprintable()


def is_logged(path: str) -> bool:
    """True if a file lies where libvirt keeps logs."""
    return _below(path, _LOGS)


def is_shipped(path: str) -> bool:
    """True if a file comes with the host's packages, and anybody may read it."""
    return _below(path, _SHIPPED)


def is_random(path: str) -> bool:
    """True if a device gives random numbers and nothing else."""
    return path in _RANDOM


def only_here(address: str) -> bool:
    """True if what listens at an address is reached from its own host alone; false if in doubt."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False
