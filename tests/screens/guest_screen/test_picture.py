"""A picture that the terminal draws itself: sent once a change, and gone when the page goes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from tests.scenes.running_app import FixedClock, RunningApp, running_app
from tests.screens.guest_screen.watched import Watched, graphics, screenshot, text_screen, watched
from virttui.terminal.images.image import Image

KITTY = re.compile(r"\x1b7\x1b\[(\d+);(\d+)H\x1b_Ga=T,[^;]*c=(\d+),r=(\d+),")
GONE = "\x1b_Ga=d"


class Written:
    """What was written to the terminal past Textual."""

    def __init__(self, ui: RunningApp) -> None:
        self.parts: list[str] = []
        driver = ui.app._driver
        assert driver is not None
        driver.write = self.parts.append  # type: ignore[assignment, method-assign]

    @property
    def pictures(self) -> list[str]:
        return [part for part in self.parts if KITTY.search(part) or "\x1bP0;1;0q" in part]

    @property
    def removals(self) -> int:
        return sum(GONE in part for part in self.parts)


@asynccontextmanager
async def seen(
    protocol: str, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[RunningApp, Watched, Written]]:
    """The page with an image on it, in a terminal with graphics."""
    clock = FixedClock()
    async with running_app(size, clock=clock) as ui:
        ui.app.settings = replace(ui.app.settings, graphics=protocol, cell=(10, 20))
        written = Written(ui)
        page = await watched(ui, clock, graphics(), "800x600")
        await ui.wait_for(lambda: written.pictures, "the picture")
        yield ui, page, written


async def test_it_is_drawn_in_the_area_of_the_page_and_its_cells_are_blank() -> None:
    async with seen("kitty") as (ui, _, written):
        (sent,) = written.pictures
        found = KITTY.search(sent)
        assert found is not None
        y, x, columns, rows = map(int, found.groups())
        painted = ui.painted().splitlines()
        assert painted[y - 2].startswith("━━ "), "below the rule"
        assert x == 2 and columns <= 80
        for line in painted[y - 1 : y - 1 + rows]:
            assert line[0] == "│" and not line[1 : 1 + columns].strip()
        assert "by the terminal" in ui.text("side") and "Too coarse" not in ui.text("side")


async def test_it_is_sent_once_for_each_change() -> None:
    async with seen("kitty") as (ui, page, written):
        await page.pass_by(60)
        await ui.settle()
        assert len(written.pictures) == 1
        row = bytes(x // 3 & 255 for x in range(3 * 640))
        other = Image(640, 480, row * 480)
        ui.backend.screenshot = screenshot(other)
        await page.pass_by(60)
        await ui.wait_for(lambda: len(written.pictures) == 2, "the other picture")


async def test_it_is_gone_with_the_page_and_under_a_dialog() -> None:
    async with seen("kitty") as (ui, _, written):
        await ui.press("question_mark")
        await ui.wait_for(lambda: written.removals == 1, "the removal")
        await ui.press("escape")
        await ui.wait_for(lambda: len(written.pictures) == 2, "the picture again")
        await ui.press("escape")
        await ui.wait_for(lambda: written.removals == 2, "the removal")


async def test_a_text_takes_its_place() -> None:
    async with seen("kitty") as (_, page, written):
        await page.shows(text_screen("web-01 login:"), "web-01 login:")
        assert written.removals == 1 and len(written.pictures) == 1


async def test_i_draws_in_cells_and_by_the_terminal_again() -> None:
    async with seen("kitty") as (ui, _, written):
        await ui.press("i")
        await ui.wait_for(lambda: written.removals == 1, "the removal")
        await ui.wait_for(lambda: "by quadrants" in ui.text("side"), "cells")
        await ui.press("i", "i", "i")
        await ui.wait_for(lambda: len(written.pictures) == 2, "the picture again")


async def test_a_terminal_with_sixel_gets_sixel() -> None:
    async with seen("sixel") as (_, _, written):
        assert "\x1bP0;1;0q" in written.pictures[0] and written.pictures[0].endswith("\x1b8")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_it_stays_within_the_page_at_every_size(size: tuple[int, int]) -> None:
    async with seen("kitty", size) as (_, _, written):
        found = KITTY.search(written.pictures[0])
        assert found is not None
        y, x, columns, rows = map(int, found.groups())
        assert y - 1 + rows <= size[1] - 1 and x - 1 + columns <= size[0]


async def test_without_graphics_it_is_drawn_in_cells() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        written = Written(ui)
        await watched(ui, clock, graphics(), "800x600")
        await ui.wait_for(lambda: "by quadrants" in ui.text("side"), "cells")
        assert not written.pictures and not written.removals
