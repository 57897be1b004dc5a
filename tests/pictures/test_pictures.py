"""Every character of a picture is in its cell, whatever typefaces its viewer has."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import cairocffi
import cairosvg
import pytest

from tests.pictures.outlines import CELL

FOLDER = Path(__file__).parents[2] / "screenshots"
PICTURES = sorted(FOLDER.glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"
# How far over the edge of its cell a letter may reach, in units of the picture: as in any typeface.
OVERHANG = 1.0
SCALE = 4


def named(path: Path) -> str:
    return path.stem


def outlines(picture: ElementTree.Element) -> dict[str, str]:
    return {one.attrib["id"]: one.attrib["d"] for one in picture.iter(f"{SVG}path")}


def screen(picture: ElementTree.Element) -> dict[tuple[int, int], str]:
    """The characters of its description by row and column."""
    text = picture.findtext(f"{SVG}desc") or ""
    return {(row, column): character for row, line in enumerate(text.split("\n")[1:-1])
            for column, character in enumerate(line) if not character.isspace()}  # fmt: skip


def whole(value: float, step: float) -> int:
    """How many steps a position is; it has to be on one."""
    count = round(value / step)
    assert abs(value - count * step) < 0.02
    return count


def test_there_are_pictures() -> None:
    assert len(PICTURES) > 20


@pytest.mark.parametrize("path", PICTURES, ids=named)
def test_each_character_is_drawn_in_its_cell(path: Path) -> None:
    picture = ElementTree.parse(path).getroot()
    drawn: dict[tuple[int, int], str] = {}
    for group in picture.iter(f"{SVG}g"):
        moved = re.fullmatch(r"translate\(0,([\d.]+)\)", group.get("transform", ""))
        for one in group.findall(f"{SVG}use"):
            assert moved is not None
            cell = whole(float(moved[1]), CELL[1]), whole(float(one.attrib["x"]), CELL[0])
            assert cell not in drawn
            drawn[cell] = chr(int(one.attrib["href"].removeprefix("#")[1:], 16))
    assert drawn == screen(picture)


@pytest.mark.parametrize("path", PICTURES, ids=named)
def test_no_typeface_and_nothing_from_elsewhere_is_needed(path: Path) -> None:
    text = path.read_text()
    picture = ElementTree.fromstring(text)
    assert not list(picture.iter(f"{SVG}text")) and "font" not in text.partition("<defs>")[2]
    assert "url(" not in text and "src=" not in text


def test_each_outline_rendered_stays_in_its_cell() -> None:
    found: dict[str, str] = {}
    for path in PICTURES:
        found |= outlines(ElementTree.parse(path).getroot())
    assert len(found) > 100
    # One cell of ink, then one that has to stay empty, in both directions.
    across, down = 32, -(-len(found) // 16)
    places = {name: (number % 16 * 2 + 0.5, number // 16 * 2 + 0.5)
              for number, name in enumerate(found)}  # fmt: skip
    drawn = "".join(
        f'<path d="{path}" transform="translate({places[name][0] * CELL[0]},'
        f'{places[name][1] * CELL[1]})"/>'
        for name, path in found.items()
    )
    wide, high = across * CELL[0], 2 * down * CELL[1]
    png = cairosvg.svg2png(
        bytestring=f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}"'
        f' viewBox="0 0 {wide} {high}">{drawn}</svg>'.encode(),
        scale=SCALE,
    )
    surface = cairocffi.ImageSurface.create_from_png(BytesIO(png))
    data, stride = bytes(surface.get_data()), surface.get_stride()

    def ink(left: float, top: float, right: float, bottom: float) -> int:
        """Pixels that are drawn in a part of the sheet."""
        pixels = 0
        for y in range(round(top * SCALE), round(bottom * SCALE)):
            row = data[y * stride + 3 + 4 * round(left * SCALE) : y * stride
                       + 4 * round(right * SCALE) : 4]  # fmt: skip
            pixels += len(row) - row.count(0)
        return pixels

    for name, (column, row) in places.items():
        left, top = column * CELL[0], row * CELL[1]
        within = ink(
            left - OVERHANG, top - OVERHANG, left + CELL[0] + OVERHANG, top + CELL[1] + OVERHANG
        )
        around = ink(left - CELL[0] / 2, top - CELL[1] / 2,
                     left + CELL[0] * 1.5, top + CELL[1] * 1.5)  # fmt: skip
        assert within > 10, f"{name} is not drawn"
        assert around == within, f"{chr(int(name[1:], 16))!r} leaves its cell"
