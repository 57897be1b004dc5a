"""Take out of a guest's output what pyte would print, misread or choke on.

pyte prints what is in device control strings, sixel pictures and sequences with ``<``, ``=``,
``>``, ``!`` or ``$``; a parameter of more than 4,300 digits is a ``ValueError``, one too many a
``TypeError``, and an endless title takes memory without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LONGEST_SEQUENCE = 256
_MOST_PARAMETERS = {"H": 2, "f": 2, "r": 2, "m": 32, "h": 32, "l": 32}
_PRIVATE_FINALS = "hlJKn"

_TOKEN = re.compile(
    rb"""
    (?P<text> [^\x1b]+ )
  | \x1b\[ (?P<private> [<=>?]? ) (?P<parameters> [0-?]* ) (?P<between> [ -/]* ) (?P<final> [@-~] )
  | \x1b (?P<string> [PX^_\]] )
  | (?P<escape> \x1b [()\#] [ -~] | \x1b [0-Z\\`-~] )
  | \x1b (?P<other> [ -/]+ [0-~] )
  | (?P<incomplete> \x1b (?: \[ [0-?]* [ -/]* | [ -/]* ) \Z )
  | (?P<broken> \x1b (?: \[ [0-?]* [ -/]* | [ -/]* ) )
    """,
    re.VERBOSE,
)
_STRING_END = re.compile(rb"[\x07\x18\x1a\x1b]")
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_LONG_NUMBER = re.compile(rb"[0-9]{5,}")
_UNKNOWN = b"\x1b[<"  # the beginning of a sequence that is dropped when its end comes
_COLOUR = re.compile(r"(?P<what>38|48):(?:2:(?:\d*:)?(\d+):(\d+):(\d+)|5:(\d+))\Z")


class SequenceFilter:
    """Cuts output into tokens that pyte understands: text, or one whole sequence."""

    def __init__(self) -> None:
        self._rest = b""
        self._string = b""

    def tokens(self, data: bytes) -> Iterator[bytes]:
        """What is whole of all that came so far; the beginning of a sequence waits for its end."""
        data = self._rest + data
        self._rest = b""
        position = 0
        while position < len(data):
            if self._string:
                position = self._skip_string(data, position)
                continue
            found = _TOKEN.match(data, position)
            if found is None or found.lastgroup is None:  # the pattern matches whatever there is
                raise AssertionError(data[position : position + 20])
            position = found.end()
            if found.lastgroup == "incomplete":
                self._rest = _LONG_NUMBER.sub(b"9999", found[0])
                if len(self._rest) > _LONGEST_SEQUENCE:
                    self._rest = _UNKNOWN
            elif found.lastgroup == "string":
                self._string = found["string"]
            elif found.lastgroup == "text":
                yield self._text(found[0], is_last=position == len(data))
            elif found.lastgroup == "final":
                yield csi(found)
            elif found.lastgroup == "escape":
                yield b"\r\x1bD" if found[0] == b"\x1bE" else found[0]  # pyte moves down alone

    def _text(self, text: bytes, *, is_last: bool) -> bytes:
        """Text without 8-bit controls, which pyte would obey."""
        if is_last and text.endswith(b"\xc2"):
            text, self._rest = text[:-1], text[-1:]
        return _C1.sub(b"", text)

    def _skip_string(self, data: bytes, position: int) -> int:
        """Where a string ends; its content is nobody's."""
        found = _STRING_END.search(data, position)
        if found is None:
            return len(data)
        end = found[0]
        if end == b"\x07" and self._string != b"]":
            return found.end()
        if end == b"\x1b":
            if found.end() == len(data):
                self._rest = end
                return len(data)
            self._string = b""
            # Another sequence than ST ends a string too, and is itself looked at.
            is_st = data.startswith(b"\\", found.end())
            return found.end() + 1 if is_st else found.start()
        self._string = b""
        return found.end()


def csi(found: re.Match[bytes]) -> bytes:
    """A control sequence with parameters as pyte takes them; b"" where it knows none such."""
    final = found["final"].decode()
    private = found["private"].decode()
    if found["between"] or private in ("<", "=", ">"):
        return b""
    if private and final not in _PRIVATE_FINALS:
        return b""
    if final == "s":
        return b"\x1b7"
    if final == "u":
        return b"\x1b8"
    parts = [_parameter(part) for part in found["parameters"].decode().split(";")]
    if len(parts) > _MOST_PARAMETERS.get(final, 1):
        return b""
    if any(not part.replace(";", "").isdecimal() for part in parts if part):
        return b""
    return f"\x1b[{private}{';'.join(parts)}{final}".encode()


def _parameter(part: str) -> str:
    """One parameter, with what colons divide divided by semicolons."""
    if part.startswith("4:"):
        return "24" if part == "4:0" else "4"
    if colour := _COLOUR.match(part):
        numbers = [number for number in colour.groups()[1:] if number is not None]
        return ";".join([colour["what"], "2" if len(numbers) == 3 else "5", *numbers])
    return "9999" if len(part) > 4 and part.isdecimal() else part
