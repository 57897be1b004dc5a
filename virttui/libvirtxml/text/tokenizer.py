"""A tolerant tokenizer: every character of any text belongs to exactly one token.

It works line by line, each line beginning in the mode the one before ended in, so that an editor
need only scan the lines it shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple


class Part(StrEnum):
    """Kinds of tokens."""

    OPEN = "<"
    CLOSE_OPEN = "</"
    END = ">"
    EMPTY_END = "/>"
    NAME = "name"
    ATTRIBUTE = "attribute"
    EQUALS = "="
    VALUE = "value"
    BLANK = "blank"
    TEXT = "text"
    COMMENT = "comment"
    CDATA = "cdata"
    INSTRUCTION = "instruction"
    DOCTYPE = "doctype"
    WRONG = "wrong"


class Mode(StrEnum):
    """States of the scanner."""

    TEXT = "text"
    NAME = "name"
    TAG = "tag"
    SINGLE = "'"
    DOUBLE = '"'
    COMMENT = "-->"
    CDATA = "]]>"
    INSTRUCTION = "?>"
    DOCTYPE = "doctype"


class Token(NamedTuple):
    """A part of a text. A value includes its quotes."""

    part: Part
    start: int
    end: int


_STARTS = (
    ("<!--", Part.COMMENT, Mode.COMMENT),
    ("<![CDATA[", Part.CDATA, Mode.CDATA),
    ("<?", Part.INSTRUCTION, Mode.INSTRUCTION),
    ("<!", Part.DOCTYPE, Mode.DOCTYPE),
    ("</", Part.CLOSE_OPEN, Mode.NAME),
    ("<", Part.OPEN, Mode.NAME),
)
_INSIDE = {
    Mode.COMMENT: Part.COMMENT,
    Mode.CDATA: Part.CDATA,
    Mode.INSTRUCTION: Part.INSTRUCTION,
    Mode.DOCTYPE: Part.DOCTYPE,
}
# A name ends where nothing of a name can follow; what XML allows in it is a checker's concern.
_NAME = re.compile(r"[^\s<>/='\"]+")
_BLANK = re.compile(r"\s+")


def scan(text: str, mode: Mode = Mode.TEXT, start: int = 0) -> Iterator[tuple[Token, Mode]]:
    """Yield every token from ``start`` on, each with the mode that follows it."""
    place, end = start, len(text)
    while place < end:
        token, mode = _next(text, place, mode)
        yield token, mode
        place = token.end


def _next(text: str, place: int, mode: Mode) -> tuple[Token, Mode]:
    if mode is Mode.TEXT:
        return _in_text(text, place)
    if mode is Mode.NAME:
        return _in_name(text, place)
    if mode is Mode.TAG:
        return _in_tag(text, place)
    if mode in (Mode.SINGLE, Mode.DOUBLE):
        return _rest_of_value(text, place, place, mode)
    return _until(text, place, place, mode)


def _in_text(text: str, place: int) -> tuple[Token, Mode]:
    if text[place] != "<":
        found = text.find("<", place)
        return Token(Part.TEXT, place, found if found >= 0 else len(text)), Mode.TEXT
    for sign, part, mode in _STARTS:
        if text.startswith(sign, place):
            if mode in _INSIDE:
                return _until(text, place, place + len(sign), mode)
            return Token(part, place, place + len(sign)), mode
    raise AssertionError("a < begins something")


def _in_name(text: str, place: int) -> tuple[Token, Mode]:
    match = _NAME.match(text, place)
    if match is not None:
        return Token(Part.NAME, place, match.end()), Mode.TAG
    return _in_tag(text, place)


def _in_tag(text: str, place: int) -> tuple[Token, Mode]:
    sign = text[place]
    if match := _BLANK.match(text, place):
        return Token(Part.BLANK, place, match.end()), Mode.TAG
    if sign == ">":
        return Token(Part.END, place, place + 1), Mode.TEXT
    if text.startswith("/>", place):
        return Token(Part.EMPTY_END, place, place + 2), Mode.TEXT
    if sign == "<":
        # A tag that was never closed: what follows is the next one.
        return _in_text(text, place)
    if sign == "=":
        return Token(Part.EQUALS, place, place + 1), Mode.TAG
    if sign in "'\"":
        return _rest_of_value(text, place, place + 1, Mode(sign))
    if match := _NAME.match(text, place):
        return Token(Part.ATTRIBUTE, place, match.end()), Mode.TAG
    return Token(Part.WRONG, place, place + 1), Mode.TAG


def _rest_of_value(text: str, start: int, place: int, mode: Mode) -> tuple[Token, Mode]:
    """Return a quoted value to its end. It cannot hold a ``<``: there the end quote is missing."""
    quote = text.find(mode.value, place)
    tag = text.find("<", place)
    if quote >= 0 and (tag < 0 or quote < tag):
        return Token(Part.VALUE, start, quote + 1), Mode.TAG
    if tag > start:
        return Token(Part.VALUE, start, tag), Mode.TAG
    if tag == start:
        return _in_text(text, start)
    return Token(Part.VALUE, start, len(text)), mode


def _until(text: str, start: int, place: int, mode: Mode) -> tuple[Token, Mode]:
    end = ">" if mode is Mode.DOCTYPE else mode.value
    found = text.find(end, place)
    if found < 0:
        return Token(_INSIDE[mode], start, len(text)), mode
    return Token(_INSIDE[mode], start, found + len(end)), Mode.TEXT


def line_tokens(line: str, mode: Mode) -> tuple[list[Token], Mode]:
    """Return the tokens of one line that begins in ``mode``, and the mode of the next line."""
    tokens: list[Token] = []
    after = mode
    for token, follows in scan(line, mode):
        tokens.append(token)
        after = follows
    return tokens, Mode.TAG if after is Mode.NAME else after
