"""What the bytes of a screenshot show: text where it is a text mode, else an image."""

from __future__ import annotations

from msgspec import Struct

from virttui.terminal.images.decode import decode
from virttui.terminal.images.image import Image
from virttui.terminal.images.text_mode import ScreenText, read_text


class Screen(Struct, frozen=True):
    """What a screen shows; ``text`` is None where it shows no text mode that is known."""

    image: Image
    text: ScreenText | None = None

    def same(self, other: Screen | None) -> bool:
        """Whether both show the same, a cursor that blinks left out."""
        if other is None or (self.text is None) != (other.text is None):
            return False
        return self.text.same(other.text) if self.text is not None else self.image == other.image


def read_screen(data: bytes) -> Screen:
    """Decode a screenshot, and read its text. Takes up to a second. Raises ImageError."""
    image = decode(data)
    return Screen(image, read_text(image))
