"""What will be created, shown before anything is."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events

from virttui import formatting
from virttui.modals.base.modal import Dialog, button, row
from virttui.model.errors import OperationError
from virttui.panes.provision.failure import failure
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, cut_end, wrapped


class ReviewDialog(Dialog[bool]):
    """A scrolling review. Returns True when the user agrees, None to go back.

    ``meaning`` is a sentence about the whole, ``lines`` is what will be created, ``equivalent``
    are the virsh lines that do the same. ``failed`` is why an earlier attempt failed.
    """

    WIDTH = 78

    def __init__(
        self,
        title: str,
        meaning: str,
        lines: Sequence[str],
        equivalent: Sequence[str],
        failed: OperationError | None = None,
    ) -> None:
        super().__init__(title)
        self._failed = failed
        self._meaning, self._lines = meaning, tuple(lines)
        self._equivalent = tuple(equivalent)
        self._offset = 0

    def body(self) -> list[Line]:
        """The meaning, the lines, the equivalent virsh lines, the buttons."""
        width = self.width
        head: list[Line] = []
        if self._failed is not None:
            head += [*failure(self._failed, width), BLANK]
        head += [(Run(part),) for part in wrapped(self._meaning, width)]
        buttons = row(button("esc", "Back", focused=True), button("a", "Create it"))
        told = [cut_end(clean(line), width) for line in self._lines]
        told += ["", *(part for line in self._equivalent for part in wrapped(line, width))]
        room = max(3, self.room - self.taken(head, [buttons, BLANK, BLANK]))
        self._offset = max(0, min(self._offset, len(told) - room))
        shown = told[self._offset : self._offset + room]
        behind = len(told) - self._offset - room
        if behind > 0:
            shown[-1] = f"and {formatting.counted(behind + 1, 'line')} more, ↓"
        # A line of its own keeps its place also where blank ones are left out.
        lines: list[Line] = [(Run(line or " ", Role.MUTED),) for line in shown]
        return [*head, BLANK, *lines, BLANK, buttons]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [
            KeyHint("a", "create it"),
            KeyHint("↑↓", "scroll"),
            KeyHint("esc enter", "back", keep=True),
        ]

    def take_key(self, event: events.Key) -> bool:
        """Only ``a`` agrees."""
        key = event.key
        if key == "a":
            self.finish(True)
        elif key in ("escape", "enter", "n", "q"):
            self.finish(None)
        elif key in ("up", "down", "j", "k"):
            self._offset += 1 if key in ("down", "j") else -1
            self.draw()
        return True
