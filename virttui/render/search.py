"""Things to choose from by their words, and how they are searched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class PickerItem(Struct, Generic[T_co], frozen=True):
    """One thing to choose: ``value`` is what its choice returns, or puts into a line.

    ``why_not`` is "" when it can be chosen.
    """

    value: T_co
    words: str
    note: str = ""
    key: str = ""
    why_not: str = ""


def search(entries: Sequence[PickerItem[T]], typed: str, limit: int = 200) -> list[PickerItem[T]]:
    """The entries that hold every word typed: those that begin with all of it first."""
    words = typed.casefold().split()
    whole = " ".join(words)
    if not words:
        return list(entries[:limit])
    found: list[tuple[int, int, PickerItem[T]]] = []
    for place, entry in enumerate(entries):
        text = entry.words.casefold()
        if all(word in text for word in words):
            rank = 0 if text.startswith(whole) else 1 if text.startswith(words[0]) else 2
            found.append((rank, place, entry))
        elif all(word in f"{text} {entry.note.casefold()}" for word in words):
            found.append((3, place, entry))
    found.sort(key=lambda one: one[:2])
    return [entry for _, _, entry in found[:limit]]
