"""Passwords are taken out of a text before it is shown, and put back before it is written.

In their place stands ``(hidden 1)``, ``(hidden 2)`` …: a draft, an editor's file, a diff and a
picture of the screen then hold none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from virttui.markup.change import Change, spliced
from virttui.markup.tree import Tree, escaped, tree

SECRET_ATTRIBUTES = frozenset({"passwd", "password"})
SECRET_ELEMENTS = frozenset({"cookie"})
"""What libvirt itself tells with SECURE alone."""
_NAMES = (*SECRET_ATTRIBUTES, *SECRET_ELEMENTS)
_SIGN = "(hidden "
_TOKEN = re.compile(r"\(hidden ([0-9]{1,6})\)")


@dataclass(frozen=True, slots=True)
class Hidden:
    """A text without its passwords, and the passwords in their order."""

    text: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def count(self) -> int:
        """How many are hidden."""
        return len(self.secrets)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret stands. ``quote`` is what is around it, "" for the text of an element."""

    start: int
    end: int
    quote: str = ""


def hide(text: str, known: tuple[str, ...] = (), *, typed: bool = False) -> Hidden:
    """Take the passwords out; those that are ``known`` already keep their number.

    In a text that was ``typed`` stand-ins are what they look like, and stay.
    """
    if not any(name in text for name in _NAMES):
        return Hidden(text, known)
    secrets = list(known)
    changes: list[Change] = []
    for place in secret_places(tree(text)):
        raw = text[place.start : place.end]
        if raw.strip() and not (typed and is_token(raw)):
            if raw not in secrets:
                secrets.append(raw)
            token = f"(hidden {secrets.index(raw) + 1})"
            changes.append(Change(place.start, place.end, token))
    return Hidden(spliced(text, changes), tuple(secrets))


def reveal(text: str, secrets: tuple[str, ...]) -> str:
    """Put the passwords back. A number that stands for none is left as it was typed."""
    if _SIGN not in text:
        return text
    changes: list[Change] = []
    for place in secret_places(tree(text)):
        number = number_of(text[place.start : place.end])
        if 0 < number <= len(secrets):
            # As it was written, entities and all; only the quotes around it may have changed.
            value, quote = secrets[number - 1], place.quote
            value = value.replace(quote, escaped(quote, quote)) if quote else value
            changes.append(Change(place.start, place.end, value))
    return spliced(text, changes)


def is_token(value: str) -> bool:
    """Whether a value only stands for a hidden one."""
    return _TOKEN.fullmatch(value) is not None


def number_of(value: str) -> int:
    """The number of the hidden one that a value stands for, 0 for none."""
    found = _TOKEN.fullmatch(value)
    return int(found[1]) if found is not None else 0


def unknown_tokens(text: str, secrets: tuple[str, ...]) -> list[str]:
    """The tokens in a text that stand for no password known here: they would be written as such."""
    if _SIGN not in text:
        return []
    values = [text[place.start : place.end] for place in secret_places(tree(text))]
    return [one for one in values if is_token(one) and not 0 < number_of(one) <= len(secrets)]


def secret_places(parsed: Tree) -> list[Place]:
    """Every attribute that holds a password, and every cookie of a disk fetched by HTTP."""
    found: list[Place] = []
    for element in parsed.top.walk():
        for attribute in element.attributes:
            if attribute.name in SECRET_ATTRIBUTES and attribute.value_start < attribute.end:
                quote = parsed.text[attribute.value_start - 1]
                found.append(Place(attribute.value_start, attribute.value_end, quote))
        if element.name in SECRET_ELEMENTS and not element.empty and not element.children:
            found.append(Place(element.open_end, element.close_start))
    return found
