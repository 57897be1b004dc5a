"""Passwords in definitions: they are removed before a text is shown, and restored before it is
written.

Placeholders ``(hidden 1)``, ``(hidden 2)`` … replace them, so that an editor's file, a diff and a
picture of the screen hold none. A draft has ``LOST_SECRET`` for each that is stored nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from virttui.libvirtxml.text.span_edit import SpanEdit, apply_edits
from virttui.libvirtxml.text.tokenizer import Part, scan
from virttui.libvirtxml.text.tree import Tree, escaped, tree
from virttui.model.secret_value import hides

SECRET_ATTRIBUTES = frozenset({"passwd", "password"})
SECRET_ELEMENTS = frozenset({"cookie"})
"""Values that libvirt itself returns only with the flag SECURE."""
_NAMES = (*SECRET_ATTRIBUTES, *SECRET_ELEMENTS)
LOST_SECRET = "(hidden: type it again)"
"""The placeholder in a draft for a password that is stored nowhere else, so that the user has to
type it again."""
_PLACEHOLDER_START = "(hidden"
_PLACEHOLDER = re.compile(r"\(hidden ([0-9]{1,6})\)")
_TAG_END = re.compile(r"\s*/?>?\s*$")
_VALUE = re.compile(r"""\s*=\s*(?:'([^'<]*)|"([^"<]*))|\s*=([^\s<>'"][^\s<>]*?)(?=/?>|[\s<]|$)""")
"""The text after the name of an attribute, also without quotes or an end."""
_LOOSE_SECRET = re.compile(
    r"""\b(?:passwd|password)\s*=\s*(?:'([^'\n]*)|"([^"\n]*))|<cookie\b[^<>]*>([^<]*)""",
    re.IGNORECASE,
)
"""The same in a comment, or where its tag was not opened."""


@hides("secrets")
class RedactedText(Struct, frozen=True):
    """A text without its passwords, and the passwords in order."""

    text: str
    secrets: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of hidden passwords."""
        return len(self.secrets)


class SecretLocation(Struct, frozen=True):
    """The place of a secret. ``quote`` is the quote around it, "" for the text of an element."""

    start: int
    end: int
    quote: str = ""


def redact(text: str, known: tuple[str, ...] = (), *, typed: bool = False) -> RedactedText:
    """Remove the passwords; those in ``known`` keep their number.

    In a text that was ``typed``, existing placeholders stay as they are.
    """
    if not any(name in text for name in _NAMES):
        return RedactedText(text, known)
    secrets = list(known)
    changes: list[SpanEdit] = []
    for place in find_secrets(tree(text)):
        raw = text[place.start : place.end]
        if raw.strip() and not (typed and is_placeholder(raw)):
            if raw not in secrets:
                secrets.append(raw)
            token = f"(hidden {secrets.index(raw) + 1})"
            changes.append(SpanEdit(place.start, place.end, token))
    return RedactedText(apply_edits(text, changes), tuple(secrets))


def restore_secrets(text: str, secrets: tuple[str, ...]) -> str:
    """Put the passwords back. A placeholder with an unknown number stays as it was typed."""
    if _PLACEHOLDER_START not in text:
        return text
    changes: list[SpanEdit] = []
    for place in find_secrets(tree(text)):
        number = placeholder_number(text[place.start : place.end])
        if 0 < number <= len(secrets):
            # As it was written, entities and all; only the quotes around it may have changed.
            value, quote = secrets[number - 1], place.quote
            value = value.replace(quote, escaped(quote, quote)) if quote else value
            changes.append(SpanEdit(place.start, place.end, value))
    return apply_edits(text, changes)


def redact_for_draft(text: str, known: Sequence[str], stored: Sequence[str]) -> str:
    """Return the text for a file that must hold no password; it may be a fragment of a definition.

    Placeholders refer to ``known``. A password in ``stored`` gets its number there, any other
    becomes LOST_SECRET: also in a comment, without quotes, or where an end quote is missing.
    """
    if not any(name in text.casefold() for name in _NAMES):
        return text
    changes: list[SpanEdit] = []
    for start, end in sorted(_find_all_secrets(text), key=lambda place: place[0]):
        if changes and start < changes[-1].end:
            continue
        raw = text[start:end]
        number = placeholder_number(raw)
        value = known[number - 1] if 0 < number <= len(known) else raw
        if value in stored:
            changes.append(SpanEdit(start, end, f"(hidden {stored.index(value) + 1})"))
        elif value.strip() and not is_placeholder(value):
            changes.append(SpanEdit(start, end, LOST_SECRET))
    return apply_edits(text, changes)


def _find_all_secrets(text: str) -> Iterator[tuple[int, int]]:
    """Yield every place that is or may be a password, in half-typed tags and comments as well."""
    parsed = tree(text)
    for element in parsed.top.walk():
        if element.name in SECRET_ELEMENTS and not element.empty and element.children:
            # It has no end tag: what was typed reaches to the end of its line.
            start, end = element.texts[0] if element.texts else (0, 0)
            yield start, start + len(text[start:end].partition("\n")[0])
    for place in find_secrets(parsed):
        end = place.end
        if place.quote and not text.startswith(place.quote, end):
            # It reaches to the next tag: what was typed reaches to the end of its line.
            line = text[place.start : end].partition("\n")[0]
            end = place.start + len(_TAG_END.sub("", line))
        yield place.start, end
    for (part, start, end), _ in scan(text):
        if part is Part.ATTRIBUTE and text[start:end].casefold() in SECRET_ATTRIBUTES:
            match = _VALUE.match(text, end)
            if match is not None and match.lastindex:
                yield match.span(match.lastindex)
        elif part in (Part.COMMENT, Part.TEXT):
            for loose in _LOOSE_SECRET.finditer(text, start, end):
                yield loose.span(loose.lastindex or 0)


def is_placeholder(value: str) -> bool:
    """True if a value is a placeholder."""
    return value == LOST_SECRET or _PLACEHOLDER.fullmatch(value) is not None


def placeholder_number(value: str) -> int:
    """Return the number in a placeholder, 0 for any other value."""
    match = _PLACEHOLDER.fullmatch(value)
    return int(match[1]) if match is not None else 0


def unknown_placeholders(text: str, secrets: tuple[str, ...]) -> list[str]:
    """Return the placeholders without a password, which would be written as passwords."""
    if _PLACEHOLDER_START not in text:
        return []
    values = [text[place.start : place.end] for place in find_secrets(tree(text))]
    numbered = [one for one in values if _PLACEHOLDER.fullmatch(one)]
    has_lost = LOST_SECRET in text and any(
        LOST_SECRET in text[token.start : token.end]
        for token, _ in scan(text)
        if token.part is not Part.COMMENT
    )
    unknown = [one for one in numbered if not 0 < placeholder_number(one) <= len(secrets)]
    return [*unknown, *([LOST_SECRET] if has_lost else [])]


def find_secrets(parsed: Tree) -> list[SecretLocation]:
    """Return every attribute that holds a password, and every cookie of a disk fetched by HTTP."""
    found: list[SecretLocation] = []
    for element in parsed.top.walk():
        for attribute in element.attributes:
            if attribute.name in SECRET_ATTRIBUTES and attribute.value_start < attribute.end:
                quote = parsed.text[attribute.value_start - 1]
                found.append(SecretLocation(attribute.value_start, attribute.value_end, quote))
        if element.name in SECRET_ELEMENTS and not element.empty and not element.children:
            found.append(SecretLocation(element.open_end, element.close_start))
    return found
