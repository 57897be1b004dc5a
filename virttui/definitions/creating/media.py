"""What an ISO image tells of itself, read from its first sectors (ECMA-119, El Torito 1.0)."""

from __future__ import annotations

from virttui.model.errors import BadInput
from virttui.model.machines import Descriptor

_SECTOR = 2048
_FIRST = 16
_PRIMARY, _BOOT, _END = 1, 0, 255


def descriptor(data: bytes) -> Descriptor:
    """The primary volume descriptor in the first 64 KiB of an image.

    Raises BadInput for what is no ISO image.
    """
    primary, bootable = b"", False
    for start in range(_FIRST * _SECTOR, len(data) - _SECTOR + 1, _SECTOR):
        sector = data[start : start + _SECTOR]
        if sector[1:6] != b"CD001" or sector[0] == _END:
            break
        if sector[0] == _PRIMARY and not primary:
            primary = sector
        bootable |= sector[0] == _BOOT and sector[7:30] == b"EL TORITO SPECIFICATION"
    if not primary:
        raise BadInput("it is no ISO image: it has no volume descriptor")
    blocks = int.from_bytes(primary[80:84], "little")
    return Descriptor(
        volume=_words(primary[40:72]),
        system=_words(primary[8:40]),
        publisher=_words(primary[318:446]),
        application=_words(primary[574:702]),
        size=blocks * int.from_bytes(primary[128:130], "little"),
        bootable=bootable,
    )


def _words(field: bytes) -> str:
    """A field without its padding; what cannot be shown is left out."""
    told = field.partition(b"\0")[0].decode("utf-8", "replace")
    return "".join(letter for letter in told if letter.isprintable()).strip()
