"""Looks at a guest's screen again and again: asks for pictures, and says what changed.

It knows no page: whoever has one calls ``look_if_due`` from time to time, and hands over results.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256

from msgspec.structs import replace

from virttui.model.identity import ObjectId
from virttui.model.queries import Query, ScreenshotQuery, ScreenshotResult
from virttui.screens.base.beside import beside
from virttui.terminal.images.drawing import CellImage, Drawing, draw
from virttui.terminal.images.image import Image, ImageError, reduced
from virttui.terminal.images.reading import Screen, read_screen

EVERY = 5.0
"""Seconds between two pictures."""
SLOWLY = 15.0
"""The same on a slow link."""
LOST = 12.0
"""Seconds after which an answer is not waited for any more: it went to another page."""

MOST_POINTS = 400
"""Points across of an image that is kept for a tile: two for each that the largest tile draws."""
_NO_IMAGE = Image(1, 1, bytes(3))
"""Stands for the image of a screen of which the text alone is kept."""


class ScreenWatch:
    """The screen of one domain. Times are monotonic seconds, but for ``since``, which is an epoch.

    ``screen`` is what it shows, None until the first picture came; ``since`` is from when on that
    has been so. ``why_not`` says why the last picture failed, "" where it did not. ``sparing``
    keeps of a screen what a tile needs: its text, or an image of some 400 points across.
    """

    def __init__(
        self,
        key: ObjectId,
        ask: Callable[[Query], None],
        every: float = EVERY,
        *,
        sparing: bool = False,
    ) -> None:
        self.key = key
        self.sparing = sparing
        self.every = every
        self.number = 0
        self.screen: Screen | None = None
        self.data = b""
        self.type = ""
        self.since = 0.0
        self.why_not = ""
        self._ask = ask
        self._asked: float | None = None
        self._due = 0.0

    def look_if_due(self, now: float) -> bool:
        """Ask for a picture where it is time for one; returns whether it was."""
        if self._asked is not None and now < self._asked + LOST:
            return False
        if now < self._due:
            return False
        self._asked = now
        self._due = now + self.every
        self._ask(ScreenshotQuery(self.key, screen=self.number))
        return True

    def look_soon(self, now: float, seconds: float = 0.0) -> None:
        """Look again after so many seconds, where that is earlier."""
        self._due = min(self._due, now + seconds)

    def forget_question(self) -> None:
        """An answer that was waited for went elsewhere, or is of another screen."""
        self._asked = None

    def show_screen(self, number: int) -> None:
        """Look at another screen of the domain."""
        self.number = number
        self.screen, self.data, self.why_not = None, b"", ""
        self._asked, self._due = None, 0.0

    async def take(self, result: ScreenshotResult, epoch: float) -> bool:
        """Take an answer; returns whether something else is seen than before."""
        if replace(result.query, serial=0) != ScreenshotQuery(self.key, screen=self.number):
            return False
        self._asked = None
        found = result.screenshot
        if found is None:
            return self._fail(result.why_not or "the host sent no picture")
        data = sha256(found.data).digest() if self.sparing else found.data
        if data == self.data:
            return self._fail("")
        screen = await beside(partial(_read, found.data, sparing=self.sparing))
        if isinstance(screen, ImageError):
            return self._fail(f"the picture cannot be drawn: {screen}")
        changed = not screen.same(self.screen)
        self.screen, self.data, self.type = screen, data, found.type
        if changed:
            self.since = epoch
        return self._fail("") or changed

    def _fail(self, why: str) -> bool:
        changed, self.why_not = why != self.why_not, why
        return changed


def _read(data: bytes, *, sparing: bool) -> Screen | ImageError:
    """What a screenshot shows, or why it cannot be read; called on a thread of its own."""
    try:
        screen = read_screen(data)
    except ImageError as error:
        return error
    if not sparing:
        return screen
    little = _NO_IMAGE if screen.text is not None else reduced(screen.image, MOST_POINTS)
    return replace(screen, image=little)


async def image_in_cells(screen: Screen, columns: int, rows: int, drawing: Drawing) -> CellImage:
    """A screen as an image in so many cells, made beside the app."""
    return await beside(partial(draw, screen.image, columns, rows, drawing))
