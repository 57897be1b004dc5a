"""A confirmation: verb, name, host, question mark; what is lost; the gentler way. Cancel first."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace
from textual import events

from virttui.modals.base.modal import Dialog, bold, button, row
from virttui.model.commands import IN_PARALLEL, BatchPolicy
from virttui.model.identity import ObjectId
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Background, Line, Role, Run, fit, wrapped


class ConfirmationRow(Struct, frozen=True):
    """One target of a bulk action, or one that is left out, with ``word`` for its state or why."""

    key: ObjectId
    glyph: Run
    name: str
    host: str
    word: str


class Confirmation(Struct, frozen=True):
    """What is asked. ``button`` carries the verb; ``rolls`` offers to
    go one by one. ``touched`` is a line for each thing that feels it; ``width`` is in cells."""

    title: str
    question: str
    button: str
    name: str = ""
    consequence: str = ""
    alternative: str = ""
    danger: bool = False
    listed: tuple[ConfirmationRow, ...] = ()
    left_out: tuple[ConfirmationRow, ...] = ()
    rolls: bool = False
    touched: tuple[Line, ...] = ()
    width: int = 58


class Decision(Struct, frozen=True):
    """The keys left out by hand, and how the others are worked through."""

    left_out: frozenset[ObjectId] = frozenset()
    pace: BatchPolicy = IN_PARALLEL


_STEPS = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -8, "pagedown": 8}


class ConfirmDialog(Dialog[Decision]):
    """Gives back what was decided, or None when it was cancelled."""

    def __init__(self, question: Confirmation) -> None:
        super().__init__(question.title, danger=question.danger)
        self.WIDTH = question.width
        self._question = question
        self._out: set[ObjectId] = set()
        self._pace = IN_PARALLEL
        self._place = 0
        self._on_button = False

    # -- drawing ---------------------------------------------------------------------------

    def body(self) -> list[Line]:
        """All of it."""
        question = self._question
        head: list[Line] = []
        for part in wrapped(question.question, self.width):
            head.append(bold(part, question.name) if question.name else (Run(part),))
        head.append(BLANK)
        tail: list[Line] = []
        if not self._many_left_out:
            for one in question.left_out:
                said = wrapped(f"{one.name} {one.word}: skipped", self.width - 2)
                tail.append((Run("! ", Role.WARN), Run(said[0])))
                tail += [(Run(f"  {part}"),) for part in said[1:]]
        for words, role in ((question.consequence, Role.TEXT), (question.alternative, Role.MUTED)):
            tail += [(Run(part, role),) for part in wrapped(words, self.width)] if words else []
        tail += self._choices()
        tail += [BLANK, self._buttons()] if tail else [self._buttons()]
        room = max(1, self.room - self.taken(head, tail, [BLANK]))
        return head + self._touched(room) + self._list(room) + tail

    def _touched(self, room: int) -> list[Line]:
        """What feels it, scrolled where there is more than fits."""
        lines = self._question.touched
        if not lines:
            return []
        self._place = max(0, min(self._place, len(lines) - room))
        return [*lines[self._place : self._place + room], BLANK]

    def _choices(self) -> list[Line]:
        """How several are worked through."""
        question = self._question
        if len(question.listed) < 2:
            return []
        lines = [_tick("f", self._pace.stop_at_failure, "stop at the first failure")]
        if question.rolls:
            patience = f"{self._pace.patience:.0f} s at most"
            words = "one at a time, waiting for each guest's agent"
            lines.append(_tick("o", self._pace.one_by_one, words))
            if self._pace.one_by_one:
                lines.append((Run(f"      {patience} for each", Role.MUTED),))
        return lines

    @property
    def _many_left_out(self) -> bool:
        """Whether those left out are rows of the list, as sentences would push it away."""
        return len(self._question.left_out) > 2

    @property
    def _rows(self) -> tuple[ConfirmationRow, ...]:
        question = self._question
        return question.listed + (question.left_out if self._many_left_out else ())

    def _list(self, room: int) -> list[Line]:
        """Every target; scrolled around the chosen one when there are more than fit."""
        rows = self._rows
        if not rows:
            return []
        start = max(0, min(self._place - room // 2, len(rows) - room))
        shown = rows[start : start + room]
        lines = [self._target(one, start + place) for place, one in enumerate(shown)]
        return [*lines, BLANK]

    def _target(self, one: ConfirmationRow, place: int) -> Line:
        out = one.key in self._out
        skipped = place >= len(self._question.listed)
        background = (
            Background.CHOSEN if place == self._place and not self._on_button else Background.PLAIN
        )
        name = fit(one.name, max(12, self.width - 34))
        word = "left out" if out else f"{one.word}, skipped" if skipped else one.word
        glyph = Run("-", Role.MUTED) if out else one.glyph
        said = f"{fit(one.host, 7)} {fit(word, 21)}"
        role = Role.MUTED if out or skipped else Role.TEXT
        line = (Run(" "), glyph, Run(f" {name} ", role), Run(said, Role.MUTED))
        return tuple(run._replace(background=background) for run in line)

    def _buttons(self) -> Line:
        return row(
            button("", "Cancel", focused=not self._on_button),
            button("y", self._verb(), focused=self._on_button),
        )

    def _verb(self) -> str:
        question = self._question
        if not question.listed:
            return question.button
        return f"{question.button} {len(question.listed) - len(self._out)}"

    def hints(self) -> list[KeyHint]:
        """The keys."""
        shown = [
            KeyHint("y", self._verb()[:1].lower() + self._verb()[1:]),
            KeyHint("n esc enter", "cancel", keep=True),
        ]
        if self._question.listed:
            shown.append(KeyHint("space", "leave one out"))
        elif self._question.touched:
            shown.append(KeyHint("↑↓", "scroll"))
        return shown

    # -- keys ------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """``y`` acts; ``n``, ``esc`` and ``enter`` on Cancel do not."""
        key = event.key
        if key == "y" or (key == "enter" and self._on_button):
            everyone = len(self._out) == len(self._question.listed) > 0
            self.finish(None if everyone else Decision(frozenset(self._out), self._pace))
        elif key in ("n", "escape", "enter", "q"):
            self.finish(None)
        elif key in ("tab", "shift+tab", "left", "right"):
            self._on_button = not self._on_button
            self.draw()
        elif key == "f":
            self._pace = replace(self._pace, stop_at_failure=not self._pace.stop_at_failure)
            self.draw()
        elif key == "o" and self._question.rolls:
            self._pace = replace(self._pace, one_by_one=not self._pace.one_by_one)
            self.draw()
        elif self._rows:
            self._choose(key)
        elif self._question.touched:
            self._place += _STEPS.get(key, 0)
            self.draw()
        return True

    def _choose(self, key: str) -> None:
        listed, rows = self._question.listed, self._rows
        self._place = max(0, min(self._place + _STEPS.get(key, 0), len(rows) - 1))
        if key == "space" and self._place < len(listed):
            self._out ^= {listed[self._place].key}
        self.draw()


def _tick(key: str, ticked: bool, words: str) -> Line:
    return (
        Run(f"{key} ", Role.ACCENT_STRONG),
        Run(f"[{'x' if ticked else ' '}] "),
        Run(words, Role.TEXT if ticked else Role.MUTED),
    )
