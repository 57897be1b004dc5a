"""A form whose result is tried before it closes: what cannot be is said in the form."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from textual import events

from virttui.modals.fields import FieldsSheet
from virttui.model.errors import BadInput
from virttui.panes.line import Line, Role, Run, clean, wrapped

T = TypeVar("T")


class TriedSheet(FieldsSheet[T]):
    """Gives back a result that ``attempt`` let pass, or None.

    A form that closed and failed later would leave its user typing letters that act on rows.
    """

    TRYING = "checking it"
    """What is said while it is tried."""

    def __init__(self, title: str, act: str, hint: str, said: str) -> None:
        super().__init__(title, act, hint, said)
        self._trying = False
        self._refused = ""
        self._refused_for: dict[str, str] = {}

    def attempt(self, result: T) -> None:
        """Try a result. On a thread. Raises BadInput."""
        raise NotImplementedError

    def refuse(self, error: BadInput) -> None:
        """Say why this cannot be, as long as nothing else is typed."""
        advice = f": {error.advice}" if error.advice else ""
        self._refused, self._refused_for = f"{error.sentence}{advice}", dict(self._given)
        self.draw()

    def done(self, result: T) -> None:
        """Try it, and close when it passes."""
        self._trying, self._refused = True, ""
        self.draw()
        self.run_worker(self._attempt(result))

    async def _attempt(self, result: T) -> None:
        try:
            await asyncio.to_thread(self.attempt, result)
        except BadInput as error:
            self._trying = False
            self.refuse(error)
        else:
            self.finish(result)

    def think(self) -> None:
        """What was refused is so until something else is typed."""
        if self._given != self._refused_for:
            self._refused = ""
        super().think()

    def take_key(self, event: events.Key) -> bool:
        """While it is tried only ``esc`` counts."""
        return True if self._trying and event.key != "escape" else super().take_key(event)

    def _outcome(self, room: int) -> list[Line]:
        said, role = (self.TRYING, Role.MUTED) if self._trying else (self._refused, Role.BAD)
        if not said:
            return super()._outcome(room)
        lines: list[Line] = [(Run(part, role),) for part in wrapped(clean(said), self.cells)]
        return lines[:room]
