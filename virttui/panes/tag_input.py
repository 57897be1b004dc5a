"""The tags field: parses tags to add and to remove."""

from __future__ import annotations

from typing import NamedTuple

from virttui.model.domains.tags import tag_fault


class TagChange(NamedTuple):
    """Tags to add and tags to drop."""

    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.add or self.drop)


def change_of(typed: str, known: tuple[str, ...] | None) -> TagChange:
    """The change of tags by ``typed``. ``known`` are the tags that are edited as a whole, None
    when tags are only added, or dropped by a ``-`` before them."""
    words = [word.strip(",") for word in typed.split()]
    drop = [word[1:] for word in words if word.startswith("-")]
    add = [word.removeprefix("+") for word in words if not word.startswith("-")]
    if known is not None:
        drop += [tag for tag in known if tag not in add]
        add = [tag for tag in add if tag not in known]
    added = tuple(dict.fromkeys(tag for tag in add if tag not in drop))
    return TagChange(added, tuple(dict.fromkeys(tag for tag in drop if tag)))


def tag_error(typed: str) -> str:
    """The reason why a word can be no tag; "" when all can."""
    for word in typed.split():
        fault = tag_fault(word.strip(",").removeprefix("-").removeprefix("+"))
        if fault:
            return f"{word}: {fault}"
    return ""
