"""Passwords are taken out of a text before it is shown, and put back before it is written.

In their place stands ``(hidden 1)``, ``(hidden 2)`` …: a draft, an editor's file, a diff and a
picture of the screen then hold none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from virttui.markup.change import Change, spliced
from virttui.markup.tree import Attribute, Tree, escaped, tree

SECRET_ATTRIBUTES = frozenset({"passwd", "password"})
_SIGN = "(hidden "
_TOKEN = re.compile(r"\(hidden (\d+)\)")


@dataclass(frozen=True, slots=True)
class Hidden:
    """A text without its passwords, and the passwords in their order."""

    text: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def count(self) -> int:
        """How many are hidden."""
        return len(self.secrets)


def hide(text: str, known: tuple[str, ...] = (), *, typed: bool = False) -> Hidden:
    """Take the passwords out; those that are ``known`` already keep their number.

    In a text that was ``typed`` stand-ins are what they look like, and stay.
    """
    if not any(name in text for name in SECRET_ATTRIBUTES):
        return Hidden(text, known)
    secrets = list(known)
    changes: list[Change] = []
    for attribute in secret_attributes(tree(text)):
        raw = text[attribute.value_start : attribute.value_end]
        if raw and not (typed and is_token(raw)):
            if raw not in secrets:
                secrets.append(raw)
            token = f"(hidden {secrets.index(raw) + 1})"
            changes.append(Change(attribute.value_start, attribute.value_end, token))
    return Hidden(spliced(text, changes), tuple(secrets))


def reveal(text: str, secrets: tuple[str, ...]) -> str:
    """Put the passwords back. A number that stands for none is left as it was typed."""
    if _SIGN not in text:
        return text
    parsed = tree(text)
    changes: list[Change] = []
    for attribute in secret_attributes(parsed):
        found = _TOKEN.fullmatch(attribute.value)
        if found is not None and 0 < int(found[1]) <= len(secrets):
            quote = parsed.text[attribute.value_start - 1]
            # As it was written, entities and all; only the quotes around it may have changed.
            value = secrets[int(found[1]) - 1].replace(quote, escaped(quote, quote))
            changes.append(Change(attribute.value_start, attribute.value_end, value))
    return spliced(text, changes)


def is_token(value: str) -> bool:
    """Whether a value only stands for a hidden one."""
    return _TOKEN.fullmatch(value) is not None


def unknown_tokens(text: str, secrets: tuple[str, ...]) -> list[str]:
    """The tokens in a text that stand for no password known here: they would be written as such."""
    if _SIGN not in text:
        return []
    values = [attribute.value for attribute in secret_attributes(tree(text))]
    found = [_TOKEN.fullmatch(value) for value in values]
    return [one[0] for one in found if one is not None and not 0 < int(one[1]) <= len(secrets)]


def secret_attributes(parsed: Tree) -> list[Attribute]:
    """Every attribute that holds a password."""
    return [
        attribute
        for element in parsed.top.walk()
        for attribute in element.attributes
        if attribute.name in SECRET_ATTRIBUTES
    ]
