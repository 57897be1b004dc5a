"""The page of a guest's screen, open on scripted screenshots."""

from __future__ import annotations

from collections.abc import Sequence

from tests.scenes.running_app import FixedClock, RunningApp
from tests.terminal.images.printed import printed
from virttui.model.domains.guest_screen import Display, GuestDisplays, Screenshot
from virttui.model.queries import ScreenshotQuery
from virttui.screens.guest_screen.screen import GuestScreen
from virttui.screens.guest_screen.watch import EVERY
from virttui.terminal.images.image import Image
from virttui.terminal.images.png import write_png

NAME = "web-01"
VNC = Display("vnc", "127.0.0.1", 5907)
DISPLAYS = GuestDisplays((VNC,), ("virtio",), 1)


def screenshot(image: Image) -> Screenshot:
    return Screenshot("image/png", write_png(image))


def text_screen(*lines: str, cursor: tuple[int, int] | None = None) -> Screenshot:
    return screenshot(printed(lines, cursor=cursor))


def graphics() -> Screenshot:
    """Something that is no text: a slope of colours."""
    rgb = bytes(value for y in range(600) for x in range(800) for value in (x >> 2, y >> 2, 90))
    return screenshot(Image(800, 600, bytes(one & 255 for one in rgb)))


class Watched:
    """The page of ``NAME``, looking at what the backend is told to send."""

    def __init__(self, ui: RunningApp, clock: FixedClock) -> None:
        self.ui = ui
        self.clock = clock

    @property
    def page(self) -> GuestScreen:
        page = self.ui.top()
        assert isinstance(page, GuestScreen)
        return page

    @property
    def asked(self) -> list[ScreenshotQuery]:
        """The pictures that were asked for so far."""
        return self.ui.backend.queries_of(ScreenshotQuery)

    async def shows(self, seen: Screenshot, expected: str) -> None:
        """The guest shows something else; look, and wait until it is on the page."""
        self.ui.backend.screenshot = seen
        await self.pass_by(EVERY)
        await self.ui.wait_for(lambda: expected in self.ui.painted(), expected)

    async def pass_by(self, seconds: float) -> None:
        """Let time go on, and have the app tell its screen."""
        self.clock.moved += seconds
        self.ui.app.update_screen()
        await self.ui.frame()


async def watched(
    ui: RunningApp,
    clock: FixedClock,
    seen: Screenshot,
    expected: str,
    displays: GuestDisplays = DISPLAYS,
) -> Watched:
    ui.backend.displays = displays
    ui.backend.screenshot = seen
    ui.put_cursor(NAME)
    await ui.press("v")
    await ui.wait_for(lambda: expected in ui.painted(), expected)
    return Watched(ui, clock)


def lines_of(count: int, first: int = 1) -> Sequence[str]:
    return [f"line {number}" for number in range(first, first + count)]
