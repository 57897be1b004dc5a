"""How large a text may be: every answer here comes in bounded time, whoever wrote the text."""

from __future__ import annotations

MAX_CHARACTERS = 8_000_000
"""Characters that are looked at at all. libxml2 itself refuses a text of 10 MB in one piece."""
LARGEST_IN_PARTS = 600_000
MOST_PARTS = 40_000
"""Beyond either, only libxml2 looks: walking so many tags or attributes takes over a second."""
MAX_PROBLEMS = 200
"""The check of a text stops after so many problems."""


def in_parts(text: str) -> bool:
    """True if a text is small enough to look at each of its elements."""
    return len(text) <= LARGEST_IN_PARTS and max(map(text.count, "<=")) <= MOST_PARTS
