"""Rules for tags: one word without the characters that filters, lists and XML use."""

from __future__ import annotations

LONGEST = 32
_SIGNS = frozenset(",:!<>&\"'*?/")


def tag_fault(tag: str) -> str:
    """Return the reason why a word cannot be a tag, as the end of a sentence; "" when it can."""
    signs = sorted(set(tag) & _SIGNS)
    if signs:
        return f"a tag has no {signs[0]} in it"
    if not tag or tag[0] in "+-" or not tag.isprintable() or any(map(str.isspace, tag)):
        return "a tag begins with a letter or a figure"
    return f"a tag has at most {LONGEST} letters" if len(tag) > LONGEST else ""
