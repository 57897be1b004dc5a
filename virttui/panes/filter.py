"""The language of ``/``: plain words, ``host:kvm*``, ``state:paused``, ``cpu>80``, ``mem>4G``.

Words are joined by "and". A plain word is looked for in name, title, host, address and state;
``field:word`` in one of them, with ``*`` and ``?`` as in a shell; ``-`` before a word negates it.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

FIELDS = ("name", "host", "state", "title", "address")
FIGURES = ("cpu", "mem")

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_FIGURE = re.compile(r"(\w+)(>=|<=|>|<)(.*)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?|(\d+(?:\.\d+)?)%", re.IGNORECASE)
_STEP = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


class Facts(NamedTuple):
    """What a row offers to a filter. ``mem`` is bytes used, ``mem_share`` their share."""

    name: str = ""
    host: str = ""
    state: str = ""
    title: str = ""
    address: str = ""
    cpu: float | None = None
    mem: float | None = None
    mem_share: float | None = None


Test = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as typed, and whether a row passes it. The empty one passes everything."""

    text: str = ""
    tests: tuple[Test, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tests)

    def passes(self, facts: Facts) -> bool:
        """Whether every word of the filter holds."""
        return all(test(facts) for test in self.tests)


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be understood: the word, where it starts, and what is wanted there.

    ``rest`` is what the other words ask for.
    """

    word: str
    start: int
    sentence: str
    rest: Filter = EVERYTHING


def parse(text: str) -> Filter | Wrong:
    """Read a filter; the first word that cannot be read is named, the others still hold."""
    tests: list[Test] = []
    read: list[str] = []
    wrong: Wrong | None = None
    for match in re.finditer(r"\S+", text):
        test = _test(match.group())
        if not isinstance(test, str):
            tests.append(test)
            read.append(match.group())
        elif wrong is None:
            wrong = Wrong(match.group(), match.start(), test)
    found = Filter(" ".join(read), tuple(tests))
    return found if wrong is None else replace(wrong, rest=found)


def _test(word: str) -> Test | str:
    if word.startswith("-") and len(word) > 1:
        inner = _test(word[1:])
        return inner if isinstance(inner, str) else lambda facts: not inner(facts)
    figure = _FIGURE.fullmatch(word)
    if figure:
        return _figure(*figure.groups())
    name, colon, wanted = word.partition(":")
    if colon and name in FIELDS:
        return _field(name, wanted)
    if colon and name.isalpha() and not name.startswith("http"):
        return f"{name} is no field: {', '.join(FIELDS)}"
    return _anywhere(word)


def _pattern(wanted: str) -> Callable[[str], bool]:
    wanted = wanted.casefold()
    if any(sign in wanted for sign in "*?"):
        # Brackets are letters like any other: names have them, and nobody expects a class here.
        matches = re.compile(fnmatch.translate(wanted.replace("[", "[[]"))).match
        return lambda text: matches(text.casefold()) is not None
    return lambda text: wanted in text.casefold()


def _field(name: str, wanted: str) -> Test:
    matches = _pattern(wanted)
    place = Facts._fields.index(name)
    if name == "address":
        return lambda facts: any(matches(address) for address in facts.address.split())
    return lambda facts: matches(str(facts[place]))


def _anywhere(word: str) -> Test:
    matches = _pattern(f"*{word}*" if any(sign in word for sign in "*?") else word)
    return lambda facts: any(matches(str(value)) for value in facts[: len(FIELDS)])


def _figure(name: str, sign: str, wanted: str) -> Test | str:
    if name not in FIGURES:
        return f"{name} is no figure: {' or '.join(FIGURES)}"
    if not wanted or wanted[0] in "<>=":
        return f"a number is wanted after {sign}"
    compare = _COMPARE[sign]
    if name == "cpu":
        return _cpu(compare, wanted)
    size = _SIZE.fullmatch(wanted)
    if not size:
        return f"{wanted} is no size: 4G, 512M or 80%"
    number, unit, share = size.groups()
    if share is not None:
        return _compared("mem_share", compare, float(share) / 100)
    return _compared("mem", compare, float(number) * 1024 ** _STEP[unit.upper()])


def _cpu(compare: Callable[[float, float], bool], wanted: str) -> Test | str:
    try:
        value = float(wanted.removesuffix("%"))
    except ValueError:
        return f"{wanted} is no percentage: 80 or 12.5"
    return _compared("cpu", compare, value / 100)


def _compared(name: str, compare: Callable[[float, float], bool], wanted: float) -> Test:
    place = Facts._fields.index(name)

    def holds(facts: Facts) -> bool:
        value = facts[place]
        return isinstance(value, float | int) and compare(value, wanted)

    return holds
