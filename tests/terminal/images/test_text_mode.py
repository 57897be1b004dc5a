"""Text is read back from images of text modes exactly, or not at all."""

from __future__ import annotations

import random

import pytest

from virttui.terminal.cells import REPLACEMENT
from virttui.terminal.images.image import Image
from virttui.terminal.images.reading import Screen
from virttui.terminal.images.text_mode import ScreenText, read_text
from virttui.terminal.row import CellStyle, row_text

from .printed import BLACK, GREY, bitmaps, printed


def read(image: Image) -> ScreenText:
    found = read_text(image)
    assert found is not None, "it is text"
    return found


@pytest.mark.parametrize(("font", "width"), [("vga", 9), ("linux", 8), ("vga", 8)])
def test_every_character_of_a_font_is_read_back(font: str, width: int) -> None:
    letters = "".join(letter for letter in bitmaps(font) if letter.strip())
    lines = [letters[at : at + 80] for at in range(0, len(letters), 80)]
    found = read(printed(lines, font=font, width=width))
    # A full block is a cell in one colour, as a blank in that colour is.
    assert found.lines[: len(lines)] == tuple(line.replace("█", " ").rstrip() for line in lines)
    assert found.unknown == 0 and len(found.lines) == 25 and found.columns == 80


def test_a_cursor_is_seen_and_is_no_part_of_what_is_the_same() -> None:
    lines = ["mail-01 login: "]
    without, at_the_end = read(printed(lines)), read(printed(lines, cursor=(15, 0)))
    assert at_the_end.cursor == (15, 0) and without.cursor is None
    assert at_the_end.same(without) and without.same(at_the_end)
    on_a_letter = read(printed(["a_b"], cursor=(2, 0)))
    assert on_a_letter.lines[0] == "a_b" and on_a_letter.cursor == (2, 0)
    assert not read(printed(["mail-02 login: "])).same(without)


def test_an_underscore_is_no_cursor() -> None:
    found = read(printed(["_ __ _"]))
    assert found.lines[0] == "_ __ _" and found.cursor is None


def test_colours_are_the_sixteen_and_grey_on_black_is_the_terminals_own() -> None:
    colours = {1: (BLACK, GREY), 2: ((255, 255, 255), BLACK), 3: ((84, 255, 84), (0, 0, 168))}
    rows = read(printed(["plain", "chosen", "bright", "green"], colours=colours)).rows
    assert rows[0][0].style == CellStyle()
    assert rows[1][0].style == CellStyle(0, 7) and row_text(rows[1]) == "chosen"
    assert rows[2][0].style == CellStyle(bold=True)
    assert rows[3][0].style == CellStyle(10, 4)


def test_the_framebuffers_strip_below_the_last_row_is_left_out() -> None:
    found = read(printed(["at 800x600"], font="linux", width=8, size=(100, 37), below=8))
    assert (found.columns, len(found.rows), found.font) == (100, 37, "linux")
    assert found.text == "at 800x600"


def test_a_blank_screen_is_text_without_letters() -> None:
    assert read(printed([])).text == ""


def test_a_font_that_is_not_known_is_an_image() -> None:
    # Every letter a point lower, as no table has it.
    image = printed(["SeaBIOS (version 1.16.2)"] * 10)
    lower = bytes(image.stride) + image.rgb[: -image.stride]
    assert read_text(Image(image.width, image.height, lower)) is None


def test_noise_is_an_image() -> None:
    noise = random.Random(7).randbytes(3 * 640 * 480)
    assert read_text(Image(640, 480, noise)) is None


def test_a_few_cells_of_something_else_are_marked_and_counted() -> None:
    image = printed(["a long line of text that says where it comes from"] * 8)
    rgb = bytearray(image.rgb)
    for x in range(9 * 70, 9 * 70 + 9, 2):  # a pattern in row 0 that is no letter
        rgb[3 * x : 3 * x + 3] = bytes((200, 30, 30))
        rgb[image.stride + 3 * x : image.stride + 3 * x + 3] = bytes((30, 200, 30))
    found = read(Image(image.width, image.height, bytes(rgb)))
    assert found.unknown == 1 and found.lines[0].endswith(f" {REPLACEMENT}")


def test_screens_of_different_kinds_are_not_the_same() -> None:
    image = printed(["one"])
    text = Screen(image, read_text(image))
    assert text.same(Screen(image, read_text(image)))
    assert not text.same(Screen(image)) and not Screen(image).same(None)
    assert Screen(image).same(Screen(printed(["one"])))
