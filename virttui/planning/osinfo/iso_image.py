"""Facts of an ISO image, from its first sectors (ECMA-119, El Torito 1.0)."""

from __future__ import annotations

from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import IsoDescriptor

_SECTOR = 2048
_FIRST = 16
_PRIMARY, _BOOT, _END = 1, 0, 255


def descriptor(data: bytes) -> IsoDescriptor:
    """Return the primary volume descriptor in the first 64 KiB of an image.

    Raises InvalidInput for anything but an ISO image.
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
        raise InvalidInput("it is not an ISO image: it has no volume descriptor")
    blocks = int.from_bytes(primary[80:84], "little")
    return IsoDescriptor(
        volume=_words(primary[40:72]),
        system=_words(primary[8:40]),
        publisher=_words(primary[318:446]),
        application=_words(primary[574:702]),
        size=blocks * int.from_bytes(primary[128:130], "little"),
        bootable=bootable,
    )


def _words(field: bytes) -> str:
    """Return a field without its padding and without unprintable characters."""
    text = field.partition(b"\0")[0].decode("utf-8", "replace")
    return "".join(letter for letter in text if letter.isprintable()).strip()


_FORMATS = ((b"QFI\xfb", "qcow2"), (b"KDMV", "vmdk"), (b"<<< ", "vdi"), (b"conectix", "vpc"))


def disk_format(head: bytes, size: int) -> tuple[str, int]:
    """Return the format of a disk image by its first bytes, and the bytes of the disk in it.

    ``size`` is the image's own; an unknown format counts as raw. The capacity is known of raw and
    qcow2 only (its header: bytes 24 to 31, big-endian), 0 for others. Raises InvalidInput for a
    qcow2 with a backing file, which would be missing.
    """
    format = next((name for begin, name in _FORMATS if head.startswith(begin)), "raw")
    if format == "raw":
        return format, size
    if format != "qcow2" or len(head) < 32:
        return format, 0
    if int.from_bytes(head[8:16], "big"):
        raise InvalidInput("it is an overlay of another file, which would be missing there")
    return format, int.from_bytes(head[24:32], "big")
