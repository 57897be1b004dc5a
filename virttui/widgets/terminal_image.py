"""A picture that the terminal draws itself, in the place of a widget whose cells are blank.

It is written past Textual, once its cells were painted: Textual repaints only cells that differ, so
that blank ones stay as they are.
"""

from __future__ import annotations

import os

from textual.widget import Widget

from virttui.terminal.images.drawing import fitting
from virttui.terminal.images.graphics import kitty, kitty_removed, sixel
from virttui.terminal.images.image import Image, reduced

KITTY = "kitty"
_NUMBER = 1 + os.getpid() % 0x7FFF
"""The number of the image in the terminal, which other programs may have images in as well."""
_MOST = 1920
"""Points across that are sent where the size of a cell is not known."""


def sequence(image: Image, size: tuple[int, int], graphics: str, cell: tuple[int, int]) -> bytes:
    """What makes a terminal draw an image in ``size``, columns and rows; takes up to a second."""
    columns, rows = fitting(image, *size)
    width, height = columns * cell[0], rows * cell[1]
    if graphics == KITTY:
        return kitty(reduced(image, max(width, height) or _MOST), columns, rows, _NUMBER)
    return sixel(image, width, height)


class TerminalImage:
    """Shows one picture in the upper left of a widget, behind the column of its marks."""

    def __init__(self, view: Widget, graphics: str) -> None:
        self._view = view
        self._graphics = graphics
        self._sequence = b""
        self._is_shown = False

    def show(self, sequence: bytes) -> None:
        """Show a picture once the widget was painted."""
        self._sequence = sequence
        self.show_again()

    def show_again(self) -> None:
        """Show it after something else was in its place."""
        if self._sequence:
            self._view.call_after_refresh(self._draw)

    def hide(self) -> None:
        """Have it gone from the terminal; ``show_again`` shows it."""
        if self._is_shown:
            self._is_shown = False
            if self._graphics == KITTY:
                self._write(kitty_removed(_NUMBER))
            elif self._view.is_attached:
                self._view.refresh()

    def remove(self) -> None:
        """Show no picture any more."""
        self.hide()
        self._sequence = b""

    def _draw(self) -> None:
        view = self._view
        if not self._sequence or not view.is_attached or not view.display:
            return
        if view.app.screen is not view.screen:  # a dialog lies over it
            return
        self._is_shown = True
        x, y = view.region.x + 2, view.region.y + 1
        self._write(b"\x1b7\x1b[%d;%dH" % (y, x) + self._sequence + b"\x1b8")

    def _write(self, data: bytes) -> None:
        driver = self._view.app._driver
        if driver is not None:
            driver.write(data.decode("ascii"))
