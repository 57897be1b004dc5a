"""Things to choose from by their words, and how they are searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PickerItem:
    """One thing to choose. ``id`` is what comes of it; ``why_not`` is "" when it can be done."""

    id: str
    words: str
    note: str = ""
    key: str = ""
    why_not: str = ""


def search(entries: Sequence[PickerItem], typed: str, limit: int = 200) -> list[PickerItem]:
    """The entries that hold every word typed: those that begin with it first."""
    words = typed.casefold().split()
    if not words:
        return list(entries[:limit])
    found: list[tuple[int, int, PickerItem]] = []
    for place, entry in enumerate(entries):
        held = entry.words.casefold()
        if all(word in held for word in words):
            found.append((0 if held.startswith(words[0]) else 1, place, entry))
        elif all(word in f"{held} {entry.note.casefold()}" for word in words):
            found.append((2, place, entry))
    found.sort(key=lambda one: one[:2])
    return [entry for _, _, entry in found[:limit]]
