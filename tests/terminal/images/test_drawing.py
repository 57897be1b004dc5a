"""Images in cells: by quadrants, half blocks and letters, whole and not stretched."""

from __future__ import annotations

import pytest

from virttui.terminal.images.drawing import Drawing, draw, fitting
from virttui.terminal.images.image import Image
from virttui.terminal.row import row_text

BLACK, WHITE, RED = bytes(3), bytes((255,) * 3), bytes((255, 0, 0))


def halves(width: int, height: int) -> Image:
    """White on the left, black on the right."""
    return Image(width, height, (WHITE * (width // 2) + BLACK * (width - width // 2)) * height)


@pytest.mark.parametrize("drawing", list(Drawing))
@pytest.mark.parametrize("room", [(80, 23), (10, 40), (1, 1), (200, 58)])
def test_it_fits_and_keeps_its_shape(drawing: Drawing, room: tuple[int, int]) -> None:
    image = Image(720, 400, bytes(3 * 720 * 400))
    cells = draw(image, *room, drawing)
    assert (cells.columns, len(cells.rows)) == fitting(image, *room)
    assert cells.columns <= room[0] and len(cells.rows) <= room[1]
    if room == (80, 23):
        assert (cells.columns, len(cells.rows)) == (80, 22)


def test_quadrants_have_an_edge_where_it_is() -> None:
    cells = draw(halves(6, 4), 3, 1, Drawing.QUADRANTS)
    (row,) = cells.rows
    assert [run.text for run in row] == [" ", "▌", " "]
    assert row[0].style.background == (255, 255, 255)
    assert (row[1].style.foreground, row[1].style.background) == ((255, 255, 255), (0, 0, 0))
    assert row[2].style.background == (0, 0, 0)


def test_half_blocks_have_two_colours_in_a_cell() -> None:
    (row,) = draw(Image(1, 2, RED + WHITE), 1, 1, Drawing.HALVES).rows
    assert row[0].text == "▀"
    assert (row[0].style.foreground, row[0].style.background) == ((255, 0, 0), (255, 255, 255))


def test_letters_need_no_colours() -> None:
    (row,) = draw(halves(4, 2), 4, 1, Drawing.LETTERS).rows
    assert row_text(row) == "@@"


def test_points_smaller_than_a_cell_are_averaged() -> None:
    checks = Image(40, 40, (WHITE + BLACK) * 20 * 40)
    (row,) = draw(checks, 1, 1, Drawing.HALVES).rows
    background = row[0].style.background
    assert isinstance(background, tuple) and 80 < background[0] < 180
