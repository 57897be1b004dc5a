"""A path in a form's field, completed by ``tab``: the disk is read beside the screen's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from enum import Enum, auto

from textual import events

from virttui.local.paths import common, completions


class CompletionOutcome(Enum):
    """What a ``tab`` came to."""

    TAKEN = auto()
    LISTED = auto()
    NOTHING = auto()


class PathCompletion:
    """Completes what is typed, and keeps the keys that come before the disk has answered."""

    def __init__(self) -> None:
        self.offered: tuple[str, ...] = ()
        """What the text could become, where that is more than one thing."""
        self.busy = False
        """Whether the disk is being read; whoever begins that says so at once."""
        self._listed = ""
        self._kept: list[events.Key] = []

    def forget(self) -> None:
        """Another text is typed, or another field has the cursor."""
        self.offered, self._listed = (), ""

    def keeps(self, event: events.Key) -> bool:
        """Keep a key for later while the disk is read."""
        if self.busy:
            self._kept.append(event)
        return self.busy

    def drop(self) -> None:
        """Nobody waits for the keys any more."""
        self.busy, self._kept = False, []

    async def complete(self, typed: str, take: Callable[[str], None]) -> CompletionOutcome:
        """Put what is clear into the field by ``take``, or list what there is to choose from."""
        if typed and typed == self._listed:
            return CompletionOutcome.NOTHING
        offered = await asyncio.to_thread(completions, typed)
        whole = common(offered)
        if not self.busy:
            return CompletionOutcome.TAKEN
        if len(whole) > len(typed):
            self.forget()
            take(whole)
            self.offered = offered if len(offered) > 1 else ()
            return CompletionOutcome.TAKEN
        self.offered = offered if len(offered) > 1 else ()
        self._listed = typed if self.offered else ""
        return CompletionOutcome.LISTED if self.offered else CompletionOutcome.NOTHING

    def kept(self) -> list[events.Key]:
        """The keys that came meanwhile; from now on they go their usual way."""
        kept = self._kept
        self.drop()
        return kept


def completed(typed: str, names: Sequence[str]) -> str:
    """What a name that is being typed becomes, as far as that is clear, else its first ending.

    "" where it is whole, begins none of the names, or is a number: that is a value of its own.
    """
    begun = tuple(one for one in names if one.startswith(typed))
    if not begun or typed in begun or not any(map(str.isalpha, typed)):
        return ""
    return common(begun) if len(common(begun)) > len(typed) else begun[0]
