"""An image as rows of red, green and blue."""

from __future__ import annotations

from msgspec import Struct

MOST_PIXELS = 4096 * 2304
"""Pixels of the largest picture that is decoded."""


class ImageError(ValueError):
    """The bytes are no picture that can be drawn; the message says why, as a sentence's end."""


class Image(Struct, frozen=True):
    """``rgb`` has three bytes a pixel, row after row from the top."""

    width: int
    height: int
    rgb: bytes

    def __repr__(self) -> str:
        """Without its bytes, which are long."""
        return f"Image({self.width}x{self.height})"

    @property
    def stride(self) -> int:
        """Bytes of one row."""
        return 3 * self.width


def check_size(width: int, height: int) -> None:
    """Raise ImageError for a size that is not decoded."""
    if width < 1 or height < 1:
        raise ImageError(f"a picture of {width}x{height} has nothing in it")
    if width * height > MOST_PIXELS:
        raise ImageError(f"{width}x{height} is too large to be drawn here")


def reduced(image: Image, most: int) -> Image:
    """The image with every second, third or further pixel: at most ``most`` wide and high."""
    step = max(-(-image.width // most), -(-image.height // most), 1)
    if step == 1:
        return image
    lines: list[bytes] = []
    for y in range(0, image.height, step):
        line = image.rgb[y * image.stride : (y + 1) * image.stride]
        made = bytearray(3 * len(range(0, image.width, step)))
        for channel in range(3):
            made[channel::3] = line[channel :: 3 * step]
        lines.append(bytes(made))
    return Image(len(lines[0]) // 3, len(lines), b"".join(lines))
