"""Paths and addresses of a host that any guest may use."""

from __future__ import annotations

import ipaddress
import posixpath

NVRAM = "/libvirt/qemu/nvram"
"""The folder of libvirt's NVRAM files, below its state folder."""
_SOCKETS = ("/var/lib/libvirt/qemu/channel/target/",)
_LOGS = ("/var/log/libvirt/",)
_PACKAGES = ("/usr/share/", "/usr/lib/ipxe/", "/usr/lib/xen", "/usr/libexec/xen")
_RANDOM = frozenset({"/dev/random", "/dev/urandom", "/dev/hwrng"})


def _below(path: str, folders: tuple[str, ...]) -> bool:
    normal = posixpath.normpath(path)
    return normal.startswith(folders) and path.isprintable()


def is_libvirt_socket(path: str) -> bool:
    """True if a socket is in libvirt's own folder for them."""
    return _below(path, _SOCKETS)


def is_nvram_folder(folder: str) -> bool:
    """True if a folder is one of libvirt's for NVRAM files, of root or of a user."""
    return folder.startswith("/") and folder.endswith(NVRAM) and folder.isprintable()


def is_nvram_path(path: str) -> bool:
    """True if a file is in such a folder."""
    return is_nvram_folder(posixpath.dirname(posixpath.normpath(path))) and path.isprintable()


def is_log_path(path: str) -> bool:
    """True if a file is in libvirt's log folder."""
    return _below(path, _LOGS)


def is_package_path(path: str) -> bool:
    """True if a file belongs to the host's packages, and everybody may read it."""
    return _below(path, _PACKAGES)


def is_random(path: str) -> bool:
    """True if a device only returns random numbers."""
    return path in _RANDOM


def is_loopback(address: str) -> bool:
    """True if an address can be reached only from its own host; false if in doubt."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False
