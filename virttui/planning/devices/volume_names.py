"""What a new volume can be called."""

from __future__ import annotations

from virttui.model.errors import InvalidInput

LONGEST_NAME = 255
"""Bytes of the name of a file; other volumes have shorter ones, as libvirt then says."""


def volume_name(name: str) -> str:
    """A name that a volume can have. Raises InvalidInput."""
    if not name:
        raise InvalidInput("its name is missing")
    if "/" in name or name in (".", "..") or not name.isprintable():
        raise InvalidInput(f"{name} is no name of a volume")
    if len(name.encode()) > LONGEST_NAME:
        raise InvalidInput(f"its name is longer than {LONGEST_NAME} bytes")
    return name
