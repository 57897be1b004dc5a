"""Decodes what hosts send as a screenshot: PNG or PPM."""

from __future__ import annotations

from virttui.terminal.images.image import Image, ImageError, check_size
from virttui.terminal.images.png import SIGNATURE, read_png


def decode(data: bytes) -> Image:
    """A picture from PNG (8 bits a sample, not interlaced) or PPM (P6). Raises ImageError.

    libvirt gives PNG from 9.0 on with QEMU 7.1 and newer, else PPM.
    """
    if data.startswith(SIGNATURE):
        return read_png(data)
    if data.startswith(b"P6"):
        return _read_ppm(data)
    raise ImageError("what the host sent is neither PNG nor PPM")


def _read_ppm(data: bytes) -> Image:
    """``P6 WIDTH HEIGHT 255`` and one blank, with comments between; then the samples."""
    numbers: list[int] = []
    at = 2
    while len(numbers) < 3:
        while data[at : at + 1].isspace():
            at += 1
        if data[at : at + 1] == b"#":
            at = data.find(b"\n", at)
            if at < 0:
                raise ImageError("its PPM header does not end")
            continue
        begin = at
        while data[at : at + 1].isdigit():
            at += 1
        if at == begin or at - begin > 9:
            raise ImageError("its PPM header is not one")
        numbers.append(int(data[begin:at]))
    width, height, most = numbers
    check_size(width, height)
    if most != 255:
        raise ImageError(f"its samples go to {most}, not to 255")
    rgb = data[at + 1 : at + 1 + 3 * width * height]
    if len(rgb) != 3 * width * height:
        raise ImageError("it ends before its last row")
    return Image(width, height, rgb)
