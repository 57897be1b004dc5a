"""A form of several fields, each with what it would be anyhow, and what it all comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import events
from textual.widgets import Input

from virttui.local.paths import is_path
from virttui.modals.base.modal import Dialog, button, row
from virttui.modals.base.path_completion import CompletionOutcome, PathCompletion, completed
from virttui.model.documents import Option
from virttui.model.form_fields import FormField
from virttui.render.chrome import KeyHint
from virttui.render.line import (
    BLANK,
    Background,
    Line,
    Role,
    Run,
    clean,
    cut_end,
    fit,
    text_width,
    within,
    wrapped,
)
from virttui.widgets.field import KeyHandler

_LABEL, _FIELD = 14, 28
_HEIGHT = 16
"""Lines of fields and XML together, where there is room for them."""
_EMPTY: Line = (Run(""),)
"""A line that keeps its place also where blank ones are left out."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FormState(Generic[T]):
    """What the values come to: the fields now, and the result, None while it cannot be had.

    ``lines`` show the result, or ``short`` does where they do not fit; ``wrong`` says what is
    missing. Without fields it says why there can be none. ``about`` is a sentence on what would
    come of the values, right or wrong.
    """

    wanted: tuple[FormField, ...] = ()
    result: T | None = None
    lines: tuple[str, ...] = ()
    short: str = ""
    error: str = ""
    about: str = ""


class FormDialog(Dialog[T]):
    """Gives back the result, or None. One field at a time has the cursor.

    What a field holds is taken as it is typed; where only some values are possible, when it is one
    of them, or when the field is left and it begins one. Subclasses give ``filled``. ``act`` is on
    the button, ``hint`` in the keys, ``said`` in the box while nothing is known.
    """

    WIDTH = 78
    FROM_THE_TOP = False
    """Whether it begins with the first field, and not with the first that has to be filled in."""

    def __init__(self, title: str, act: str, hint: str, said: str) -> None:
        super().__init__(title, field=True)
        self._act, self._hint, self._said = act, hint, said
        self._entered: dict[str, str] = {}
        self._evaluate: FormState[T] = FormState()
        self._place = 0
        self._begun = False
        self._typing = False
        """Whether the field holds what was typed, and not what its value is."""
        self._paths = PathCompletion()
        self._last_entered: tuple[str, str] = ("", "")
        """The field that was entered last, with the value it had then."""

    def evaluate(self, entered: dict[str, str]) -> FormState[T] | None:
        """What the values come to; None as long as it is not known what is wanted at all."""
        raise NotImplementedError

    def recompute(self) -> None:
        """Find the fields anew: what one holds decides what the next ones are."""
        self._evaluate = self.evaluate(self._entered) or FormState()
        if self._wanted and not self._begun:
            self._begun = True
            self._place = 0 if self.FROM_THE_TOP else self._missing(0)
        self._place = max(0, min(self._place, len(self._wanted) - 1))
        self._show_value()
        if self.is_mounted:
            self.draw()

    @property
    def _wanted(self) -> tuple[FormField, ...]:
        return self._evaluate.wanted

    @property
    def _now(self) -> FormField | None:
        return self._wanted[self._place] if self._wanted else None

    def typing_in(self, *names: str) -> bool:
        """Whether one of these fields is being typed in: its value is not what it will be."""
        return self._typing and self._now is not None and self._now.name in names

    def _show_value(self) -> None:
        """Put the value of the field with the cursor into it, unless another is being typed."""
        field = self._input.parent
        if field is not None:
            field.display = bool(self._wanted)
        if self._now is None or self._typing:
            return
        self._input.password = self._now.hidden
        entered = (self._now.name, self._now.value)
        if entered != self._last_entered or self._input.value != self._now.value:
            self._last_entered = entered
            self._input.fill(self._now.value)
        if field is not None:
            self._input.focus()

    # -- drawing ---------------------------------------------------------------------------

    def body(self) -> list[Line]:
        """The fields before the one with the cursor, or why there are none."""
        if self._wanted:
            start, _ = self._span
            return [self._line(wanted) for wanted in self._wanted[start : self._place]]
        said = self._evaluate.error
        if not said:
            return [(Run(self._said, Role.MUTED),)]
        return [(Run(part, Role.BAD),) for part in wrapped(clean(said), self.width)]

    def foot(self) -> list[Line]:
        """The fields behind, the choices, what is missing or comes of it, the buttons."""
        now = self._now
        if now is None:
            return [BLANK, row(button("esc", "Close", focused=True))]
        note = cut_end(clean(self._word(now)), self._note_cells)
        self.field_note(
            f" {fit(now.label, _LABEL - 1)} ",
            (Run(fit(f" {note}", self._note_cells + 2), Role.MUTED),),
            Role.ACCENT_STRONG,
        )
        start, end = self._span
        lines = [self._line(wanted) for wanted in self._wanted[self._place + 1 : end]]
        buttons = row(button("esc", "Cancel"), button("enter", self._act, possible=self._possible))
        # The box keeps its height while values are chosen, as far as there is room.
        room = max(1, min(self.room - 6, _HEIGHT) - (end - start))
        outcome = self._outcome(room)
        outcome += [_EMPTY] * (room - len(outcome))
        return [*lines, self._hidden(), self._choices(now), BLANK, *outcome, BLANK, buttons]

    @property
    def _span(self) -> tuple[int, int]:
        """Which fields are in view, around the one with the cursor, where not all have room."""
        count = len(self._wanted)
        most = max(2, min(self.room - 6, _HEIGHT) - 2)
        if count <= most:
            return 0, count
        start = max(0, min(self._place - most // 2, count - most))
        return start, start + most

    def _hidden(self) -> Line:
        """How many fields are out of view."""
        start, end = self._span
        below = len(self._wanted) - end
        words = [f"{start} more above"] if start else []
        words += [f"{below} more below"] if below else []
        return (Run(", ".join(words), Role.MUTED),) if words else BLANK

    @property
    def _possible(self) -> bool:
        return self._evaluate.result is not None

    @property
    def _note_cells(self) -> int:
        return max(0, self.width - _LABEL - _FIELD - 1)

    def _line(self, wanted: FormField) -> Line:
        return (
            Run(f"{fit(wanted.label, _LABEL - 1)} ", Role.MUTED),
            Run(fit(shown(wanted), _FIELD), Role.TEXT, Background.FIELD),
            Run(f" {cut_end(clean(self._word(wanted)), self._note_cells)}", Role.MUTED),
        )

    def _word(self, wanted: FormField) -> str:
        """A word about the value where there is one, else about the field."""
        value = next((one for one in wanted.options if one.name == wanted.value), None)
        return value.note if value is not None and value.note else wanted.note

    def _choices(self, now: FormField) -> Line:
        """The values to choose from in one line, around the one that is lit."""
        if self._paths.offered:
            words = "  ".join(one.rstrip("/").rpartition("/")[2] for one in self._paths.offered)
            return (Run("tab ", Role.ACCENT_STRONG), Run(cut_end(clean(words), self.width - 4)))
        options = self._fitting(now)
        names = [one.name for one in options]
        lit = names.index(now.value) if now.value in names else -1
        runs: list[Run] = [Run("← → ", Role.ACCENT_STRONG)] if options else []
        start = self._first(names, max(lit, 0))
        if start:
            runs.append(Run("… ", Role.MUTED))
        for number, name in enumerate(names[start:], start):
            role = Role.STRONG if number == lit else Role.MUTED
            runs.append(Run(f"{clean(name)}  ", role))
        if not options and now.options:
            free = "not in the list; taken as typed"
            runs.append(
                Run("nothing is called that", Role.WARN) if now.only else Run(free, Role.MUTED)
            )
        return within(tuple(runs), self.width)

    def _first(self, names: list[str], lit: int) -> int:
        """From which name on the lit one is still in view."""
        room, start = self.width - 8, lit
        while start and (room := room - text_width(clean(names[start])) - 2) > 0:
            start -= 1
        return start if room <= 0 else 0

    def _fitting(self, now: FormField) -> tuple[Option, ...]:
        """The options that what is being typed could become; all of them when nothing is."""
        typed = self._input.value.strip().casefold()
        if not self._typing or not typed:
            return now.options
        held = [one for one in now.options if typed in one.name.casefold()]
        return tuple(sorted(held, key=lambda one: not one.name.casefold().startswith(typed)))

    def _outcome(self, room: int) -> list[Line]:
        evaluate, width = self._evaluate, self.width
        about = wrapped(clean(evaluate.about), width) if evaluate.about else []
        said: list[Line] = [(Run(part),) for part in about]
        if not self._possible:
            error: list[Line] = [
                (Run(part, Role.WARN),) for part in wrapped(clean(evaluate.error), width)
            ]
            return [*said, *error] if len(said) + len(error) <= room else error[:room]
        lines = evaluate.lines if len(evaluate.lines) + len(said) <= room else (evaluate.short,)
        told: list[Line] = [
            (Run(cut_end(clean(line), width) or " ", Role.MUTED),) for line in lines
        ]
        return [*said, *told][:room]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        if not self._wanted:
            return [KeyHint("esc", "close", keep=True)]
        choose = [KeyHint("← →", "choose")] if self._now and self._now.options else []
        return [
            KeyHint("enter", self._hint, self._possible),
            KeyHint("tab ↑↓", "field"),
            *choose,
            KeyHint("esc", "cancel", keep=True),
        ]

    # -- keys ------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """Between the fields, between the values of one, or into it."""
        key, now = event.key, self._now
        if key == "escape" or now is None:
            if key in ("escape", "enter", "q"):
                self._paths.drop()
                self.finish(None)
        elif self._paths.keeps(event):
            pass
        elif key == "tab" and self._completes(now):
            self.draw()
        elif key == "enter":
            self._next()
        elif key in ("tab", "down", "shift+tab", "up"):
            self._move(1 if key in ("tab", "down") else -1)
        elif key in ("left", "right") and now.options:
            self._turn(now, 1 if key == "right" else -1)
        else:
            if now.only and event.is_printable and not self._typing:
                # A value is chosen by how it begins; there is nothing in the old one to keep.
                self._input.value = ""
            if not self._input.take_key(event):
                return False
            self._take(now)
        return True

    def _completes(self, now: FormField) -> bool:
        """Complete a path, or how a name begins; false where ``tab`` goes to the next field."""
        typed = self._input.value
        if now.only or not (self._typing or (now.file and len(self._wanted) == 1)):
            return False
        if is_path(typed) or now.file:
            self._paths.busy = True
            self.run_worker(self._complete(now, typed))
            return True
        value = completed(typed, [one.name for one in self._fitting(now)])
        if value:
            self._retype(now, value)
        return bool(value)

    async def _complete(self, now: FormField, typed: str) -> None:
        step = await self._paths.complete(typed, lambda value: self._retype(now, value))
        if step is CompletionOutcome.NOTHING and len(self._wanted) > 1:
            self._move(1)
        self.draw()
        self._replay()

    def _replay(self) -> None:
        """Give the keys that came meanwhile to whatever is on top now."""
        for event in self._paths.kept():
            if isinstance(screen := self.app.screen, KeyHandler):
                screen.take_key(event)

    def _retype(self, now: FormField, value: str) -> None:
        """Go on behind a value as if it had been typed."""
        self._input.value = value
        self._input.cursor_position = len(value)
        self._take(now)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What was pasted is as good as typed."""
        now = self._now
        if now is not None and self._input.value != now.value:
            self._take(now)

    def _take(self, now: FormField) -> None:
        """Take what is in the field as far as it can be a value."""
        value = self._input.value.strip()
        self._paths.forget()
        # A blank at the end is on the way to the next word.
        self._typing = self._input.value != now.value or self._typing
        if not now.only or value in {one.name for one in now.options}:
            self._entered[now.name] = value
        self.recompute()

    def _turn(self, now: FormField, by: int) -> None:
        """The next value, or the first that begins as was typed."""
        fitting = [one.name for one in self._fitting(now)]
        names = [one.name for one in now.options]
        if self._typing and self._input.value.strip() not in names:
            if not fitting:
                return
            value = fitting[0]
        else:
            here = names.index(now.value) if now.value in names else -1 if by > 0 else 0
            value = names[(here + by) % len(names)]
        self._typing = False
        self._entered[now.name] = value
        self.recompute()

    def _leave(self) -> bool:
        """Let go of the field; false when what is in it can be no value."""
        now = self._now
        if now is None or not self._typing:
            return True
        value = self._input.value.strip()
        if now.only and value and value != now.value:
            fitting = self._fitting(now)
            if not fitting:
                self.draw()
                return False
            self._entered[now.name] = fitting[0].name
        elif not value or self._otherwise(now) == value:
            # It is what it would be anyhow, and goes on to follow what it is made of.
            self._entered.pop(now.name, None)
        self._typing = False
        return True

    def _otherwise(self, now: FormField) -> str:
        """What a field of free text would hold had nobody typed into it."""
        if now.options:
            return ""
        others = {name: value for name, value in self._entered.items() if name != now.name}
        evaluate = self.evaluate(others)
        wanted = evaluate.wanted if evaluate is not None else ()
        return next((one.value for one in wanted if one.name == now.name), "")

    def _move(self, by: int) -> None:
        if self._leave():
            self._paths.forget()
            self._place = (self._place + by) % len(self._wanted)
            self.recompute()

    def _next(self) -> None:
        """On to what it changes, once it is whole; until then to what is missing."""
        if not self._leave():
            return
        self.recompute()
        if self._evaluate.result is not None:
            self.done(self._evaluate.result)
            return
        self._place = self._missing(self._place)
        self.recompute()

    def done(self, result: T) -> None:
        """It is whole, and ``enter`` was pressed."""
        self.finish(result)

    def _begin_step(self) -> None:
        """Begin with the first field again: others are asked for."""
        self._typing, self._begun, self._place = False, False, 0
        self.recompute()

    def _missing(self, otherwise: int) -> int:
        """The place of the first field that somebody has to fill in."""
        asking = {one.name for one in self._wanted if one.pool and not one.options}
        empty = (
            place
            for place, one in enumerate(self._wanted)
            if one.needed and not one.value and one.name not in asking
        )
        return next(empty, otherwise)


def shown(wanted: FormField) -> str:
    """A value as it is shown: what is hidden as dots, of which nobody can count the letters."""
    return "········" if wanted.hidden and wanted.value else wanted.value
