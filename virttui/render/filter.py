"""The language of ``/``: plain words, ``host:kvm*``, ``state:paused``, ``cpu>80``, ``!name:test``.

Words are joined by "and". A plain word is looked for in every word field of a row; ``field:word``
in one of them, with ``*`` and ``?`` as in a shell; ``!`` or ``-`` before a word negates it. A
figure is compared with ``>``, ``<``, ``>=``, ``<=`` or ``=`` to a number in its own unit; what is
not known is never more or less than anything.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from virttui.render.lazy_rows import picked, plain_texts_of

R = TypeVar("R")
RowTest = Callable[[Any], bool]
Compare = Callable[[float, float], bool]

_COMPARE: dict[str, Compare] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
}
_FIGURE = re.compile(r"(\w+%?)(>=|<=|>|<|=)(.*)")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)([a-z%]*)", re.IGNORECASE)


class Unit(Enum):
    """The unit of a figure: its value without a unit, others by name, and an example."""

    PERCENT = ({"": 0.01, "%": 0.01}, "80 or 12.5")
    SIZE = ({"": 1, **{u: 1024**n for n, u in enumerate("bkmgt")}}, "4G, 512M or 80%")
    RATE = ({"": 1, **{u: 1000**n for n, u in enumerate("bkmgt")}}, "10M or 500K")
    MILLISECONDS = ({"": 0.001, "ms": 0.001, "s": 1.0}, "5 or 0.5s")
    DURATION = ({"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}, "10m, 6h or 3d")
    COUNT = ({"": 1}, "4")

    @property
    def example(self) -> str:
        """An example value."""
        return str(self.value[1])

    def read(self, number: str, unit: str) -> float | None:
        """The typed value in the unit of the rows, or None when it has no such unit."""
        unit = unit.lower()
        steps: Mapping[str, float] = self.value[0]
        if unit not in steps and self in (Unit.SIZE, Unit.RATE):
            unit = unit.removesuffix("b").removesuffix("i")
        return float(number) * steps[unit] if unit in steps else None


class NumericField(NamedTuple):
    """A figure that can be compared. ``share`` is what ``80%`` means where that is another."""

    unit: Unit
    value: Callable[[Any], float | None]
    share: Callable[[Any], float | None] | None = None


class PlainWord(NamedTuple):
    """A plain word, and the case-folded text of a row that has it, or has not where ``negated``."""

    word: str
    text: Callable[[Any], str]
    negated: bool = False


Test = RowTest | PlainWord


class Filter(Struct, frozen=True):
    """A filter as typed, and the rows that pass it. The empty one passes everything."""

    text: str = ""
    tests: tuple[Test, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tests)

    @property
    def figures(self) -> frozenset[str]:
        """The names of the figures that it compares."""
        words = (_FIGURE.fullmatch(word.lstrip("!-")) for word in self.text.split())
        return frozenset(word[1] for word in words if word is not None)

    def narrow(self, rows: Sequence[R]) -> Sequence[R]:
        """The rows for which every word holds, each asked only of those left by the ones before.

        Plain words are first: they need no rows.
        """
        for word, text, negated in (test for test in self.tests if isinstance(test, PlainWord)):
            texts = plain_texts_of(rows, text)
            places = [i for i, found in enumerate(texts) if (word in found) is not negated]
            if len(places) < len(rows):
                rows = picked(rows, places)
        for holds in (test for test in self.tests if not isinstance(test, PlainWord)):
            rows = [row for row in rows if holds(row)]
        return rows


EVERYTHING = Filter()


class FilterError(Struct, frozen=True):
    """A filter error: the word, where it starts, and what is expected there.

    ``rest`` is what the other words ask for.
    """

    word: str
    start: int
    sentence: str
    rest: Filter = EVERYTHING


class FilterLanguage(Struct, Generic[R], frozen=True):
    """The filter language for the rows of one pane.

    ``words`` are texts by field; one that holds several has them apart by a line end. ``plain``
    is where a plain word is looked for: one case-folded text, as ten thousand rows are looked
    through.
    """

    words: Mapping[str, Callable[[R], str]]
    figures: Mapping[str, NumericField] = field(default_factory=dict)
    plain: Callable[[R], str] | None = None

    def parse(self, text: str) -> Filter | FilterError:
        """Read a filter; the first word that cannot be read is named, the others still hold."""
        tests: list[Test] = []
        read: list[str] = []
        error: FilterError | None = None
        for match in re.finditer(r"\S+", text):
            test = self._test(match.group())
            if not isinstance(test, str):
                tests.append(test)
                read.append(match.group())
            elif error is None:
                error = FilterError(match.group(), match.start(), test)
        found = Filter(" ".join(read), tuple(tests))
        return found if error is None else replace(error, rest=found)

    def _test(self, word: str) -> Test | str:
        """One word as a test, or what is wrong with it."""
        if word[0] in "!-" and len(word) > 1:
            inner = self._test(word[1:])
            if isinstance(inner, PlainWord):
                return inner._replace(negated=not inner.negated)
            return inner if isinstance(inner, str) else lambda row: not inner(row)
        figure = _FIGURE.fullmatch(word)
        if figure:
            return self._figure(*figure.groups())
        name, colon, text = word.partition(":")
        if colon and name in self.words:
            return _in(self.words[name], text)
        if colon and name in self.figures:
            return f"{name} is a number: {name}>{self.figures[name].unit.example.split()[0]}"
        if colon and name.isalpha() and not name.startswith("http"):
            return f"{name} is no field: {', '.join(self.words)}"
        return self._anywhere(word)

    def _anywhere(self, word: str) -> Test:
        if self.plain is not None and not _has_signs(word):
            return PlainWord(word.casefold(), self.plain)
        if self.plain is not None:
            return _in(self.plain, word, whole=False)
        tests = [_in(field, word, whole=False) for field in self.words.values()]
        return lambda row: any(test(row) for test in tests)

    def _figure(self, name: str, sign: str, text: str) -> RowTest | str:
        figure = self.figures.get(name)
        if figure is None:
            if not self.figures:
                return "this list has no numbers to compare"
            return f"{name} is no number: {', '.join(self.figures)}"
        if not text or text[0] in "<>=":
            return f"a number must follow {sign}"
        number = _NUMBER.fullmatch(text)
        if number and number[2] == "%" and figure.share is not None:
            return _compared(figure.share, _COMPARE[sign], float(number[1]) / 100)
        value = figure.unit.read(number[1], number[2]) if number else None
        if value is None:
            return f"{text} is no {_NAMES[figure.unit]}: {figure.unit.example}"
        return _compared(figure.value, _COMPARE[sign], value)


_NAMES = {
    Unit.PERCENT: "percentage",
    Unit.SIZE: "size",
    Unit.RATE: "rate",
    Unit.MILLISECONDS: "time",
    Unit.DURATION: "duration",
    Unit.COUNT: "number",
}


def _has_signs(text: str) -> bool:
    """Whether a word has a ``*`` or ``?``."""
    return "*" in text or "?" in text


def _in(field: Callable[[R], str], text: str, *, whole: bool = True) -> RowTest:
    """Test that a field holds a word; ``*`` and ``?`` match within a line, ``whole`` all of it."""
    text = text.casefold()
    if not _has_signs(text):
        return lambda row: text in field(row).casefold()
    # Brackets are letters like any other: names have them, and nobody expects a class here.
    signs = {"*": "[^\n]*", "?": "[^\n]"}
    pattern = "".join(signs.get(char) or re.escape(char) for char in text)
    search = re.compile(f"^{pattern}$" if whole else pattern, re.MULTILINE).search
    return lambda row: search(field(row).casefold()) is not None


def _compared(value: Callable[[R], float | None], compare: Compare, limit: float) -> RowTest:
    def holds(row: R) -> bool:
        known = value(row)
        return known is not None and compare(known, limit)

    return holds
