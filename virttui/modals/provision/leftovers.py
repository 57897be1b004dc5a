"""What is left of a machine or volume that was not made: taken away, forgotten, or left there."""

from __future__ import annotations

from textual import events

from virttui import formatting
from virttui.modals.base.modal import Dialog, bold, button, row
from virttui.model.provision.plan import IncompleteDomain
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, wrapped


class IncompleteDomainDialog(Dialog[bool]):
    """Gives back True to take the pieces away, False to forget them, None to leave all as it is."""

    WIDTH = 66

    def __init__(self, left: IncompleteDomain, host: str, ago: str) -> None:
        super().__init__(f"What is left of {left.name}", danger=bool(left.resources))
        self._left, self._host, self._ago = left, host, ago
        self._offset = 0

    def body(self) -> list[Line]:
        """What happened, each piece, what stays, the buttons."""
        left, width = self._left, self.width
        said = f"{left.operation.capitalize()} {left.name} on {self._host}, begun {self._ago} ago, "
        said += "was interrupted. "
        if left.snapshots:
            said += "Finish it?"
        else:
            gone = left.resources
            said += "Remove what is left of it?" if gone else "Nothing can be removed now."
        head = [bold(part, left.name) for part in wrapped(said, width)]
        told: list[Line] = []
        for name in left.snapshots:
            told.append((Run(f"  {clean(name)}", Role.STRONG), Run(" is not whole any more")))
        for piece in left.resources:
            told += [(Run(f"  {part}", Role.STRONG),) for part in wrapped(piece.words, width - 2)]
        for words in left.kept_reasons:
            stays = wrapped(words, width - 2)
            told += [(Run("! ", Role.WARN), Run(stays[0], Role.MUTED))]
            told += [(Run(f"  {part}", Role.MUTED),) for part in stays[1:]]
        words = "Forgetting it removes nothing; it is no longer listed."
        tail: list[Line] = [(Run(part, Role.MUTED),) for part in wrapped(words, width)]
        tail += [BLANK, self._buttons()]
        room = max(1, self.room - self.taken(head, [BLANK, BLANK], tail))
        self._offset = max(0, min(self._offset, len(told) - room))
        return [*head, BLANK, *told[self._offset : self._offset + room], BLANK, *tail]

    def _buttons(self) -> Line:
        parts = [button("", "Cancel", focused=True)]
        parts += [button("y", self._act)] if self._possible else []
        return row(*parts, button("f", "Forget it"))

    @property
    def _possible(self) -> bool:
        return bool(self._left.resources or self._left.snapshots)

    @property
    def _act(self) -> str:
        if self._left.snapshots:
            return "Finish"
        return f"Remove {formatting.counted(len(self._left.resources), 'item')}"

    def hints(self) -> list[KeyHint]:
        """The keys."""
        does = "finish it" if self._left.snapshots else "remove it"
        act = [KeyHint("y", does)] if self._possible else []
        return [
            *act,
            KeyHint("f", "forget it"),
            KeyHint("↑↓", "scroll"),
            KeyHint("n esc enter", "cancel", keep=True),
        ]

    def take_key(self, event: events.Key) -> bool:
        """``y`` takes away, ``f`` forgets; all else leaves it as it is."""
        key = event.key
        if key == "y" and self._possible:
            self.finish(True)
        elif key == "f":
            self.finish(False)
        elif key in ("escape", "enter", "n", "q"):
            self.finish(None)
        elif key in ("up", "down", "j", "k"):
            self._offset += 1 if key in ("down", "j") else -1
            self.draw()
        return True
