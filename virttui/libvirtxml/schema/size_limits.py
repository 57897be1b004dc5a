"""Limits of a text's size: every check takes bounded time, whoever wrote the text."""

from __future__ import annotations

MAX_CHARACTERS = 8_000_000
"""The most characters to check at all. libxml2 itself refuses a text of 10 MB in one piece."""
MAX_WALKED_CHARACTERS = 600_000
MAX_WALKED_PARTS = 40_000
"""Beyond either limit, only libxml2 checks: walking so many tags or attributes takes over a
second."""
MAX_PROBLEMS = 200
"""The check of a text stops after so many problems."""


def is_walkable(text: str) -> bool:
    """True if a text is small enough to check each of its elements."""
    return len(text) <= MAX_WALKED_CHARACTERS and max(map(text.count, "<=")) <= MAX_WALKED_PARTS
