"""Units of sizes in OVF files: DSP0004's programmatic units, and the words used before those."""

from __future__ import annotations

import re
from fractions import Fraction

_WORDS: dict[str, int | Fraction] = {
    "": 1, "byte": 1, "bytes": 1, "b": 1, "bit": Fraction(1, 8), "bits": Fraction(1, 8),
    "sector": 512, "sectors": 512,
}  # fmt: skip
_BINARY = ("kilo", "mega", "giga", "tera", "peta", "exa")
"""VMware and VirtualBox mean 2^20 by MegaBytes, and OVF adopted that."""
_SHORT = "kmgtpe"
_PREFIXES = ("kibi", "mebi", "gibi", "tebi", "pebi", "exbi")
_FACTOR = re.compile(r"([*/])(\d{1,20})(?:\^([+-]?\d{1,3}))?")
_MAX_FACTOR = 2**63


def _units_by_name() -> dict[str, int | Fraction]:
    found = dict(_WORDS)
    for power, (kilo, kibi, k) in enumerate(zip(_BINARY, _PREFIXES, _SHORT, strict=True), 1):
        for word in (f"{kilo}byte", f"{kibi}byte", f"{k}b", f"{k}ib", k):
            found[word] = found[f"{word}s"] = 1024**power
    return found


_UNITS = _units_by_name()


def unit(words: str) -> Fraction | None:
    """Return the bytes of a unit: ``byte * 2^30``, ``byte * 10^9``, ``GigaBytes`` …; None for an
    unknown one."""
    plain = re.sub(r"[\s()]+", "", words.lower())
    base = re.match(r"[a-z]*", plain)
    start = base[0] if base is not None else ""
    found = _UNITS.get(start)
    if found is None:
        return None
    value, place = Fraction(found), len(start)
    while place < len(plain):
        factor = _FACTOR.match(plain, place)
        if factor is None:
            return None
        power = int(factor[3] or 1)
        # A size has no use for more than these, and a power of any number would take for ever.
        if int(factor[2]) > _MAX_FACTOR or abs(power) > 63 or not int(factor[2]):
            return None
        value *= Fraction(int(factor[2])) ** (power if factor[1] == "*" else -power)
        place = factor.end()
        if value > _MAX_FACTOR or value.denominator > _MAX_FACTOR:
            return None
    return value


def size(number: str, words: str) -> int | None:
    """Return a number of such units in whole bytes; None where it makes no sense."""
    factor = unit(words)
    match = re.fullmatch(r"\d{1,20}(\.\d{1,9})?", number.strip())
    if factor is None or match is None or not match[0].isascii():
        return None
    value = Fraction(match[0]) * factor
    return int(value) if value <= _MAX_FACTOR else None
