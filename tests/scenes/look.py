"""Look at the app on the scripted scene: ``python -m tests.scenes.look 120x36 out.svg [options]``.

Options: ``theme=light``, ``glyphs=ascii``, ``slow``, ``silent``, ``cursor=NAME``, ``marks=A,B``
and any number of ``key=…`` that are pressed in order. A ``.png`` is drawn cell by cell.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.color import Color
from rich.style import Style

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.domains.delete_plan import DeletePlan, DomainStorage
from virttui.model.messages import FleetMessage

FONTS = "/usr/share/fonts/truetype/jetbrains-mono"
WEIGHTS = ("Regular", "Bold")


async def look(size: tuple[int, int], out: Path, options: list[str]) -> None:
    """Run, press, draw."""
    changes: dict[str, Any] = {}
    keys: list[str] = []
    cursor, marks = "", []
    inventories = fleet.inventories()
    for option in options:
        name, _, value = option.partition("=")
        if name in ("theme", "glyphs"):
            changes[name] = value
        elif name == "slow":
            changes["slow"] = True
        elif name == "silent":
            inventories[1] = fleet.silent(inventories[1])
        elif name == "cursor":
            cursor = value
        elif name == "marks":
            marks = value.split(",")
        else:
            keys.append(value)
    messages: list[FleetMessage] = [*inventories, *fleet.tasks(), *fleet.host_events()]
    async with running_app(size, messages, **changes) as ui:
        ui.backend.volumes = fleet.volumes()
        ui.backend.plan = PLAN
        ui.view_state.clear_message()
        if cursor:
            ui.put_cursor(cursor)
        ui.view_state.views["domains"].cursor.marks |= {fleet.key(name) for name in marks}
        ui.console.paint()
        await ui.pilot.pause(0.1)
        for key in keys:
            await ui.press(key)
        if out.suffix == ".svg":
            await asyncio.to_thread(out.write_text, ui.app.export_screenshot())
        else:
            draw(cells_of(ui), size, out)


def cells_of(ui: RunningApp) -> list[list[tuple[str, Style]]]:
    """The screen on top as one character and style a cell; wide ones leave a blank behind."""
    lines = []
    for strip in ui.app.screen._compositor.render_strips():
        line: list[tuple[str, Style]] = []
        for segment in strip:
            for char in segment.text:
                line.append((char, segment.style or Style()))
                line += [("", segment.style or Style())] * (cell_len(char) - 1)
        lines.append(line)
    return lines


def draw(lines: list[list[tuple[str, Style]]], size: tuple[int, int], out: Path) -> None:
    """A picture of 9 x 19 pixels a cell, like the design's."""
    fonts = [ImageFont.truetype(f"{FONTS}/JetBrainsMono-{name}.ttf", 15) for name in WEIGHTS]
    default = Style(color="#c9d1d9", bgcolor="#000000")
    image = Image.new("RGB", (size[0] * 9 + 12, size[1] * 19 + 12), "#000000")
    pen = ImageDraw.Draw(image)
    for y, line in enumerate(lines):
        for x, (char, style) in enumerate(line):
            left, top = 6 + 9 * x, 6 + 19 * y
            fore, back = (_colour(part, default) for part in (style.color, style.bgcolor))
            fore = fore or (200, 200, 200)
            back = back or (0, 0, 0)
            if style.reverse:
                fore, back = back, fore
            if style.dim:
                red, green, blue = ((2 * a + 3 * b) // 5 for a, b in zip(fore, back, strict=True))
                fore = (red, green, blue)
            pen.rectangle((left, top, left + 8, top + 18), back)
            if "\u2800" <= char <= "\u28ff":
                _dots(pen, left, top, ord(char) - 0x2800, fore)
            else:
                pen.text((left, top - 1), char, fore, fonts[bool(style.bold)])
            if style.underline:
                pen.line((left, top + 17, left + 8, top + 17), fore)
    image.save(out)


def _dots(pen: ImageDraw.ImageDraw, left: int, top: int, bits: int, fore: Any) -> None:
    """A braille cell: fonts draw it too differently to be compared."""
    places = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
    for bit, (column, row) in enumerate(places):
        if bits >> bit & 1:
            x, y = left + 1 + 4 * column, top + 2 + 4 * row + row // 2
            pen.rectangle((x, y, x + 2, y + 2), fore)


def _colour(colour: Color | None, default: Style) -> tuple[int, int, int] | None:
    if colour is None or colour.is_default:
        return None
    red, green, blue = colour.get_truecolor()
    return red, green, blue


PLAN = DeletePlan(
    (
        DomainStorage("vda", "/srv/default/crm.qcow2", "default", int(38.2 * fleet.G)),
        DomainStorage("vdb", "/srv/default/crm-data.raw", "default", int(80 * fleet.G),
                also=("crm-test",)),
    ),
    snapshots=3,
    nvram="/var/lib/libvirt/qemu/nvram/legacy-crm-2011_VARS.fd",
)  # fmt: skip


def main(arguments: list[str]) -> None:
    """``WIDTHxHEIGHT FILE [options]``."""
    width, height = map(int, arguments[0].split("x"))
    out = Path(arguments[1])
    asyncio.run(look((width, height), out, arguments[2:]))


if __name__ == "__main__":
    main(sys.argv[1:])
