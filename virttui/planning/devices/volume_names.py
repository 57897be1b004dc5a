"""Rules for the names of new volumes."""

from __future__ import annotations

from virttui.model.errors import InvalidInput

LONGEST_NAME = 255
"""The most bytes of a file's name; other volumes allow fewer, libvirt says so then."""


def volume_name(name: str) -> str:
    """Return the name if a volume can have it. Raises InvalidInput."""
    if not name:
        raise InvalidInput("its name is missing")
    if "/" in name or name in (".", "..") or not name.isprintable():
        raise InvalidInput(f"{name} is not a valid volume name")
    if len(name.encode()) > LONGEST_NAME:
        raise InvalidInput(f"its name is longer than {LONGEST_NAME} bytes")
    return name
