"""The names of a backup's volumes and of its checkpoint.

All begin with the domain's name and the moment, so that a list of the pool can be read by people.
"""

from __future__ import annotations

import re
import time

_UNSAFE = re.compile(r"[^\w.+@-]")
_MOST = 80
"""Characters of a domain's name in a file's; with what follows it fits every file system."""

CHECKPOINT_PREFIX = "virttui-"
MANIFEST_ENDING = ".backup.json"
CHECK_ENDING = ".verified.json"


def backup_id(moment: float) -> str:
    """Return the id of a backup that begins at ``moment``, in seconds since 1970."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))


def stem(domain: str, id: str) -> str:
    """Return what the names of all its volumes begin with."""
    safe = _UNSAFE.sub("_", domain).lstrip(".")
    cut = safe.encode()[:_MOST].decode(errors="ignore") or "domain"
    return f"{cut}-{id}"


def disk_volume(stem: str, target: str) -> str:
    """Return the name of the volume of a disk."""
    return f"{stem}-{target}.qcow2"


def nvram_volume(stem: str) -> str:
    """Return the name of the volume of the firmware variables."""
    return f"{stem}-nvram.fd"


def manifest_volume(stem: str) -> str:
    """Return the name of the manifest's volume."""
    return f"{stem}{MANIFEST_ENDING}"


def check_volume(manifest: str) -> str:
    """Return the name of the volume that says what the verification of a backup found."""
    return f"{manifest.removesuffix(MANIFEST_ENDING)}{CHECK_ENDING}"


def checkpoint_name(id: str, token: str) -> str:
    """Return the name of a checkpoint: none is used twice, whatever the clocks say.

    A bitmap of that name may have stayed in an image when its guest was killed.
    """
    return f"{CHECKPOINT_PREFIX}{id}-{token}"


def checkpoint_description(pool: str, id: str) -> str:
    """Return the description of a checkpoint, which tells later whose it is."""
    return f"virttui backup {id} in pool {pool}"


_DESCRIPTION = re.compile(r"virttui backup (\S+) in pool (\S+)")


def backup_of_checkpoint(description: str) -> tuple[str, str] | None:
    """Return the id of the backup that a checkpoint belongs to, and the UUID of its pool."""
    found = _DESCRIPTION.fullmatch(description)
    return (found[1], found[2]) if found is not None else None
