"""A form with several fields. Each has a default; a preview shows the result of all values."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct
from textual import events
from textual.widgets import Input

from virttui.local.paths import is_path
from virttui.modals.base.field_options import matching, options_line, paths_line
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
    wrapped,
)
from virttui.widgets.field import KeyHandler

_LABEL, _FIELD = 14, 28
_HEIGHT = 16
"""The lines that fields and preview take together, if the terminal has room."""
_EMPTY: Line = (Run(""),)
"""A blank line that small terminals keep: they leave out empty ones."""


T = TypeVar("T")


class FormState(Struct, Generic[T], frozen=True):
    """The state of a form: its fields, and the result, None while some value is missing or wrong.

    ``lines`` show the result, or ``short`` does where they do not fit; ``error`` says what is
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
    """A dialog that returns the result of its fields, or None. One field at a time has the cursor.

    What a field holds is taken as it is typed; where only some values are possible, when it is one
    of them, or when the field is left and it begins one. Subclasses give ``evaluate``. ``act`` is
    on the button, ``hint`` in the keys, ``said`` in the box while nothing is known.
    """

    WIDTH = 78
    FROM_THE_TOP = False
    """True puts the cursor on the first field, false on the first one without a value."""

    def __init__(self, title: str, act: str, hint: str, said: str) -> None:
        super().__init__(title, field=True)
        self._act, self._hint, self._said = act, hint, said
        self._entered: dict[str, str] = {}
        self._form: FormState[T] = FormState()
        self._place = 0
        self._begun = False
        self._typing = False
        """True while the input holds typed text that is not the value of the field yet."""
        self._paths = PathCompletion()
        self._last_entered: tuple[str, str] = ("", "")
        """The name and value of the field that the input was filled from last."""

    def evaluate(self, entered: dict[str, str]) -> FormState[T] | None:
        """The state for these values; None until the fields are known."""
        raise NotImplementedError

    def recompute(self) -> None:
        """Evaluate the form again: the value of one field decides which fields follow."""
        self._form = self.evaluate(self._entered) or FormState()
        if self._form_fields and not self._begun:
            self._begun = True
            self._place = 0 if self.FROM_THE_TOP else self._missing(0)
        self._place = max(0, min(self._place, len(self._form_fields) - 1))
        self._show_value()
        if self.is_mounted:
            self.draw()

    @property
    def _form_fields(self) -> tuple[FormField, ...]:
        return self._form.wanted

    @property
    def _now(self) -> FormField | None:
        return self._form_fields[self._place] if self._form_fields else None

    def typing_in(self, *names: str) -> bool:
        """Whether the user is typing into one of these fields: its value is not final yet."""
        return self._typing and self._now is not None and self._now.name in names

    def _show_value(self) -> None:
        """Fill the input with the value of the current field, unless the user is typing."""
        field = self._input.parent
        if field is not None:
            field.display = bool(self._form_fields)
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
        """The fields above the current one, or why there are no fields."""
        if self._form_fields:
            start, _ = self._span
            return [self._line(wanted) for wanted in self._form_fields[start : self._place]]
        said = self._form.error
        if not said:
            return [(Run(self._said, Role.MUTED),)]
        return [(Run(part, Role.BAD),) for part in wrapped(clean(said), self.width)]

    def foot(self) -> list[Line]:
        """The fields below the current one, its options, the preview or error, the buttons."""
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
        lines = [self._line(wanted) for wanted in self._form_fields[self._place + 1 : end]]
        buttons = row(button("esc", "Cancel"), button("enter", self._act, possible=self._possible))
        # The box keeps its height while values are chosen, as far as there is room.
        room = max(1, min(self.room - 6, _HEIGHT) - (end - start))
        outcome = self._outcome(room)
        outcome += [_EMPTY] * (room - len(outcome))
        return [*lines, self._hidden(), self._choices(now), BLANK, *outcome, BLANK, buttons]

    @property
    def _span(self) -> tuple[int, int]:
        """The first and last visible field, around the current one, if not all fit."""
        count = len(self._form_fields)
        most = max(2, min(self.room - 6, _HEIGHT) - 2)
        if count <= most:
            return 0, count
        start = max(0, min(self._place - most // 2, count - most))
        return start, start + most

    def _hidden(self) -> Line:
        """The number of fields that are out of view."""
        start, end = self._span
        below = len(self._form_fields) - end
        words = [f"{start} more above"] if start else []
        words += [f"{below} more below"] if below else []
        return (Run(", ".join(words), Role.MUTED),) if words else BLANK

    @property
    def _possible(self) -> bool:
        return self._form.result is not None

    @property
    def _note_cells(self) -> int:
        return max(0, self.width - _LABEL - _FIELD - 1)

    def _line(self, wanted: FormField) -> Line:
        return (
            Run(f"{fit(wanted.label, _LABEL - 1)} ", Role.MUTED),
            Run(fit(display_text(wanted), _FIELD), Role.TEXT, Background.FIELD),
            Run(f" {cut_end(clean(self._word(wanted)), self._note_cells)}", Role.MUTED),
        )

    def _word(self, wanted: FormField) -> str:
        """The note of the value, or that of the field if the value has none."""
        value = next((one for one in wanted.options if one.name == wanted.value), None)
        return value.note if value is not None and value.note else wanted.note

    def _choices(self, now: FormField) -> Line:
        """The line of options, or of the paths that can be completed to."""
        if self._paths.offered:
            return paths_line(self._paths.offered, self.width)
        return options_line(now, self._fitting(now), self.width)

    def _fitting(self, now: FormField) -> tuple[Option, ...]:
        """The options that contain the typed text; all options while nothing is typed."""
        return matching(now, self._input.value if self._typing else "")

    def _outcome(self, room: int) -> list[Line]:
        form, width = self._form, self.width
        about = wrapped(clean(form.about), width) if form.about else []
        said: list[Line] = [(Run(part),) for part in about]
        if not self._possible:
            error: list[Line] = [
                (Run(part, Role.WARN),) for part in wrapped(clean(form.error), width)
            ]
            return [*said, *error] if len(said) + len(error) <= room else error[:room]
        lines = form.lines if len(form.lines) + len(said) <= room else (form.short,)
        told: list[Line] = [
            (Run(cut_end(clean(line), width) or " ", Role.MUTED),) for line in lines
        ]
        return [*said, *told][:room]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        if not self._form_fields:
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
        """Move between fields, choose an option, or edit the current field."""
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
        """Complete a path or the name of an option; false if ``tab`` goes to the next field."""
        typed = self._input.value
        if now.only or not (self._typing or (now.file and len(self._form_fields) == 1)):
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
        if step is CompletionOutcome.NOTHING and len(self._form_fields) > 1:
            self._move(1)
        self.draw()
        self._replay()

    def _replay(self) -> None:
        """Pass the keys that were typed meanwhile to the screen on top."""
        for event in self._paths.kept():
            if isinstance(screen := self.app.screen, KeyHandler):
                screen.take_key(event)

    def _retype(self, now: FormField, value: str) -> None:
        """Put a value into the input as if it had been typed."""
        self._input.value = value
        self._input.cursor_position = len(value)
        self._take(now)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Treat pasted text like typed text."""
        now = self._now
        if now is not None and self._input.value != now.value:
            self._take(now)

    def _take(self, now: FormField) -> None:
        """Take the typed text as the value, if the field allows it."""
        # A blank of a password is a part of it.
        value = self._input.value if now.hidden else self._input.value.strip()
        self._paths.forget()
        # A blank at the end is on the way to the next word.
        self._typing = self._input.value != now.value or self._typing
        if not now.only or value in {one.name for one in now.options}:
            self._entered[now.name] = value
        self.recompute()

    def _turn(self, now: FormField, by: int) -> None:
        """Choose the next option, or the first one that contains the typed text."""
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
        """Leave the field; false if the typed text cannot be its value."""
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
        """The default of a free text field."""
        if now.options:
            return ""
        others = {name: value for name, value in self._entered.items() if name != now.name}
        form = self.evaluate(others)
        wanted = form.wanted if form is not None else ()
        return next((one.value for one in wanted if one.name == now.name), "")

    def _move(self, by: int) -> None:
        if self._leave():
            self._paths.forget()
            self._place = (self._place + by) % len(self._form_fields)
            self.recompute()

    def _next(self) -> None:
        """Finish a complete form; otherwise go to the next field without a value."""
        if not self._leave():
            return
        self.recompute()
        if self._form.result is not None:
            self.done(self._form.result)
            return
        self._place = self._missing(self._place)
        self.recompute()

    def done(self, result: T) -> None:
        """Handle ``enter`` on a complete form."""
        self.finish(result)

    def _begin_step(self) -> None:
        """Put the cursor on the first field: the form has new fields."""
        self._typing, self._begun, self._place = False, False, 0
        self.recompute()

    def _missing(self, otherwise: int) -> int:
        """The index of the first field without a value."""
        asking = {one.name for one in self._form_fields if one.pool and not one.options}
        empty = (
            place
            for place, one in enumerate(self._form_fields)
            if one.needed and not one.value and one.name not in asking
        )
        return next(empty, otherwise)


def display_text(wanted: FormField) -> str:
    """A value as text; a hidden one is a fixed number of dots, which does not tell its length."""
    return "········" if wanted.hidden and wanted.value else wanted.value
