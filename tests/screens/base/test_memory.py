"""What was on the screen is let go of when it is closed."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from tests.scenes.running_app import RunningApp, running_app
from virttui.widgets.line_view import LineView

PLACES = {
    "help": ("question_mark",),
    "a domain's page": ("enter",),
    "the copy menu": ("y",),
    "a confirm": ("D",),
    "the palette": ("ctrl+p",),
    "the wizard": ("n",),
    "the workbench": ("x",),
    "a filter": ("slash",),
}


def live_parts() -> int:
    """How many parts of screens are in memory."""
    gc.collect()
    return sum(isinstance(one, LineView) for one in gc.get_objects())


async def visit(ui: RunningApp, keys: tuple[str, ...]) -> None:
    await ui.press(*keys, "escape", "escape")
    assert ui.app.screen is ui.console


async def settled(ui: RunningApp) -> int:
    """How many are kept once none is on its way out any more."""
    counts = [live_parts()]

    def still() -> bool:
        counts.append(live_parts())
        return counts[-2] == counts[-1]

    await ui.wait_for(still, "the count to be the same twice")
    return counts[-1]


@pytest.mark.parametrize("place", PLACES)
async def test_what_was_opened_and_closed_is_gone(place: str) -> None:
    async with running_app() as ui:
        ui.put_cursor("web-01")
        await visit(ui, PLACES[place])
        before = await settled(ui)
        for _ in range(6):
            await visit(ui, PLACES[place])
        await ui.wait_for(lambda: live_parts() <= before, f"no more than {before} to be kept")


MOST_GROWTH = 5 * 1024**2
"""Bytes that the process may grow by while pages and sheets are opened 200 times."""


def resident() -> int:
    """How much memory the process has."""
    gc.collect()
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def test_pages_opened_two_hundred_times_take_no_more_memory() -> None:
    async with running_app((80, 24)) as ui:
        ui.put_cursor("web-01")
        for _ in range(8):  # what is read and kept once is no growth, nor are caches that fill
            for keys in PLACES.values():
                await visit(ui, keys)
        grown = MOST_GROWTH
        for _ in range(3):  # or it grows each time
            before = resident()
            for _ in range(200 // len(PLACES)):
                for keys in PLACES.values():
                    await visit(ui, keys)
            grown = resident() - before
            if grown < MOST_GROWTH:
                break
        assert grown < MOST_GROWTH
