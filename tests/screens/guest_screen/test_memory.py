"""Of many screens that are watched little is kept."""

from __future__ import annotations

import gc
import sys

from tests.scenes import fleet
from tests.terminal.images.printed import printed
from virttui.model.domains.guest_screen import Screenshot
from virttui.model.queries import ScreenshotQuery, ScreenshotResult
from virttui.screens.guest_screen.watch import MOST_POINTS, ScreenWatch
from virttui.terminal.images.image import Image, reduced
from virttui.terminal.images.png import write_png

KEY = fleet.key("web-01")
MOST_OF_AN_IMAGE, MOST_OF_A_TEXT = 512 * 1024, 128 * 1024
"""The budgets of docs/performance.md, in bytes."""


def size_of(thing: object, seen: set[int]) -> int:
    """The bytes of an object and of all that it refers to, classes and code left out."""
    if id(thing) in seen or isinstance(thing, type) or callable(thing):
        return 0
    seen.add(id(thing))
    return sys.getsizeof(thing) + sum(size_of(one, seen) for one in gc.get_referents(thing))


def a_picture(shade: int) -> bytes:
    """An image of 1280x800, no text."""
    row = bytes((x * 7 + shade) & 255 for x in range(3 * 1280))
    return write_png(Image(1280, 800, row * 800))


async def test_an_image_takes_little() -> None:
    watch = ScreenWatch(KEY, lambda query: None, sparing=True)
    query = ScreenshotQuery(KEY)
    for shade in (0, 100):
        found = ScreenshotResult(query, screenshot=Screenshot("image/png", a_picture(shade)))
        assert await watch.take(found, 1.0) and not watch.why_not
        assert not await watch.take(found, 2.0), "the same picture is no change"
    assert watch.screen is not None and watch.screen.text is None
    assert size_of((watch.screen, watch.data), set()) <= MOST_OF_AN_IMAGE


async def test_a_text_screen_takes_little() -> None:
    watch = ScreenWatch(KEY, lambda query: None, sparing=True)
    text = [f"line {number:03} is full of text".ljust(80, ".") for number in range(25)]
    found = ScreenshotResult(
        ScreenshotQuery(KEY), screenshot=Screenshot("image/png", write_png(printed(text)))
    )
    assert await watch.take(found, 1.0)
    assert watch.screen is not None and watch.screen.text is not None
    assert size_of((watch.screen, watch.data), set()) <= MOST_OF_A_TEXT


def test_an_image_is_reduced_to_whole_steps_of_its_pixels() -> None:
    rgb = bytes(range(3 * 4 * 3))
    image = Image(4, 3, rgb)
    assert reduced(image, 4) is image
    small = reduced(image, 2)
    assert (small.width, small.height) == (2, 2)
    assert small.rgb == rgb[0:3] + rgb[6:9] + rgb[24:27] + rgb[30:33]
    wide = reduced(Image(1280, 800, bytes(3 * 1280 * 800)), MOST_POINTS)
    assert (wide.width, wide.height) == (320, 200)
