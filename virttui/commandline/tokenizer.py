"""The words of a line with their places; quotes hold blanks together, as in a shell."""

from __future__ import annotations

import re

from msgspec import Struct

_PLAIN = re.compile(r"[^\s'\"]+")


class Token(Struct, frozen=True):
    """One word: its text without quotes, and where it stands in the line.

    ``quoted`` says that a quote was used, so that ``*`` in it means itself.
    """

    text: str
    start: int
    end: int
    quoted: bool = False


def split(line: str, start: int = 0) -> list[Token]:
    """The words of ``line`` from ``start`` on; a quote without its end reaches to the line's end.

    There is an empty last word when the line ends in a blank: it is the one to be typed next.
    """
    words: list[Token] = []
    place, begun, text, quoted = start, -1, "", False
    while place < len(line):
        char = line[place]
        if char.isspace():
            if begun >= 0:
                words.append(Token(text, begun, place, quoted))
            begun, text, quoted = -1, "", False
            place += 1
            continue
        if begun < 0:
            begun = place
        if char in "'\"":
            end = line.find(char, place + 1)
            end = len(line) if end < 0 else end
            text, quoted, place = text + line[place + 1 : end], True, end + 1
        else:
            found = _PLAIN.match(line, place)
            end = found.end() if found else place + 1
            text, place = text + line[place:end], end
    last = Token(text, begun, len(line), quoted) if begun >= 0 else Token("", len(line), len(line))
    return [*words, last]


def quoted(text: str) -> str:
    """``text`` as one word that ``split`` reads back."""
    if text and not re.search(r"[\s'\"*?\[]", text):
        return text
    if "'" not in text:
        return f"'{text}'"
    return '"' + text.replace('"', '"\'"\'"') + '"'
