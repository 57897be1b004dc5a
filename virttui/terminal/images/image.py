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
