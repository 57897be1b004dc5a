"""A form that is a whole page, drawn by a pane."""

from __future__ import annotations

from typing import TypeVar

from virttui.modals.base.form import FormDialog
from virttui.render.chrome import Badge, keys_line
from virttui.render.form_page import TYPED, FormPageLines
from virttui.render.line import length

T = TypeVar("T")


class FullPageForm(FormDialog[T]):
    """Subclasses give the ``frame``: everything but the line of keys."""

    FROM_THE_TOP = True

    def __init__(self, title: str, act: str, hint: str, said: str) -> None:
        super().__init__(title, act, hint, said)
        self.add_class("page")

    def frame(self, width: int, lines: int) -> FormPageLines:
        """The page in ``cells`` and ``lines``."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """A page always has the width of the terminal."""

    def draw(self) -> None:
        """Draw the page; unchanged lines cost nothing."""
        size, look = self.app.size, self.look
        frame = self.frame(size.width, size.height - 1)
        field = self._input.parent
        if field is not None:
            field.display = bool(frame.before)
        for lines, told in ((self._body, frame.above), (self._foot, frame.below)):
            lines.styles.height = len(told)
            lines.set_lines([look.with_glyphs(line) for line in told])
        for lines, line in ((self._before, frame.before), (self._note, frame.note)):
            lines.styles.width = length(line)
            lines.set_lines([look.with_glyphs(line)])
        self._input.styles.width = TYPED
        self._keys.set_lines([look.with_glyphs(keys_line(self.hints(), size.width))])

    def badge(self) -> Badge:
        """The badge at the right end of the tabs."""
        fleet_state, interval = self.console.fleet_state(), self.console.settings.interval
        concerns = fleet_state.concerns.values()
        alarm = any(concern.alarm for concern in concerns)
        return Badge(interval, len(concerns), alarm, asking=fleet_state.connecting)
