"""Datatypes in libvirt's schemas: XML Schema's names, limits and patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_ALTERNATIVES = re.compile(r"[\w\-|()]+")

_RANGES: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "positiveInteger": (1, None),
    "short": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedLong": (0, 2**64 - 1),
}
_MAX_LENGTH = 2000
"""Longer values are accepted: some patterns take quadratic time. libxml2 still checks them."""


class Datatype(Struct, frozen=True, eq=False):
    """A type: its name in XML Schema, its limits, and the words that it lists, if any."""

    name: str
    pattern: re.Pattern[str] | None
    minimum: float | None
    maximum: float | None
    max_length: int | None
    words: tuple[str, ...]

    def allows(self, text: str) -> bool:
        """True if ``text`` is a value of this type. An unknown type allows any text."""
        if len(text) > _MAX_LENGTH:
            return True
        if self.name != "string":
            text = " ".join(text.split())
        if self.pattern is not None and not self.pattern.fullmatch(text):
            return False
        if self.max_length is not None and len(text) > self.max_length:
            return False
        if self.name in _RANGES:
            return _WHOLE.fullmatch(text) is not None and self._in_range(int(text[:40]))
        if self.name == "double":
            special = text in ("INF", "-INF", "NaN")
            return special or (_NUMBER.fullmatch(text) is not None and self._in_range(float(text)))
        return self.name != "NCName" or _NAME.fullmatch(text) is not None

    def _in_range(self, number: float) -> bool:
        if self.minimum is not None and number < self.minimum:
            return False
        return self.maximum is None or number <= self.maximum

    @property
    def description(self) -> str:
        """The values of this type in words, "" where there are none."""
        if self.name in _RANGES or self.name == "double":
            kind = "a whole number" if self.name in _RANGES else "a number"
            most = self.maximum if self.maximum is not None and self.maximum < 2**31 - 1 else None
            least = self.minimum if self.minimum is not None and self.minimum > -(2**15) else None
            if least is not None and most is not None:
                return f"{kind} from {least:g} to {most:.0f}"
            if least is not None:
                return f"{kind} from {least:g} on"
            return kind
        return {"dateTime": "a date and time", "anyURI": "an address"}.get(self.name, "")


def datatype(name: str, params: Mapping[str, list[str]]) -> Datatype:
    """Return a type by its name and the parameters that limit it."""
    least, most = _RANGES.get(name, (None, None))
    lower = [float(word) for word in params.get("minInclusive", ())]
    upper = [float(word) for word in params.get("maxInclusive", ())]
    lengths = [int(word) for word in params.get("maxLength", ())]
    patterns = params.get("pattern", [])
    return Datatype(
        name,
        _compiled(patterns),
        max([*lower, *([] if least is None else [least])], default=None),
        min([*upper, *([] if most is None else [most])], default=None),
        min(lengths, default=None),
        _listed_words(patterns[0]) if len(patterns) == 1 else (),
    )


def _compiled(patterns: list[str]) -> re.Pattern[str] | None:
    """Return XML Schema's pattern as Python's; None where there is none, or one with another
    syntax.

    There ``^``, ``$`` and ``"`` are literal characters; everything else that libvirt uses is the
    same.
    """
    if len(patterns) != 1:
        return None
    spelled = re.sub(r"(?<![\[\\])([$^])", r"\\\1", patterns[0])
    try:
        return re.compile(spelled, re.ASCII)
    except re.error:
        return None


def _listed_words(pattern: str) -> tuple[str, ...]:
    """Return the words of a pattern that is only a choice: ``(vepa|bridge|private)``."""
    if "|" not in pattern or not _ALTERNATIVES.fullmatch(pattern):
        return ()
    words = [word.strip("()") for word in pattern.split("|")]
    flat = all(word and not set(word) & set("()") for word in words)
    return tuple(words) if flat else ()
