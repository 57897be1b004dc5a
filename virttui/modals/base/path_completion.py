"""Path completion by ``tab`` in a form field; a thread reads the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from enum import Enum, auto

from textual import events

from virttui.local.paths import common, completions


class CompletionOutcome(Enum):
    """The outcome of a ``tab``."""

    TAKEN = auto()
    LISTED = auto()
    NOTHING = auto()


class PathCompletion:
    """Completes typed paths, and queues the keys that are typed before the disk has answered."""

    def __init__(self) -> None:
        self.offered: tuple[str, ...] = ()
        """The completions, if there is more than one."""
        self.busy = False
        """True while the disk is read; the caller sets it before it starts."""
        self._listed = ""
        self._kept: list[events.Key] = []

    def forget(self) -> None:
        """Drop the completions: the text or the field has changed."""
        self.offered, self._listed = (), ""

    def keeps(self, event: events.Key) -> bool:
        """Queue a key while the disk is read."""
        if self.busy:
            self._kept.append(event)
        return self.busy

    def drop(self) -> None:
        """Drop the queued keys."""
        self.busy, self._kept = False, []

    async def complete(self, typed: str, take: Callable[[str], None]) -> CompletionOutcome:
        """Pass the unambiguous part to ``take``, or list the completions."""
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
        """Return the queued keys and stop queuing."""
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
