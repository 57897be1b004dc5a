"""Names of clones from a pattern: ``web-{01..20}``, ``web-{a,b,c}``, or one name as it is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection

from virttui.model.errors import InvalidInput

MOST = 200
"""So many clones at once; more is a slip of the finger."""
_LONGEST = 200
_RANGE = re.compile(r"(\d{1,9})\.\.(\d{1,9})")
OWN = "-own"
"""How the overlay is called that a domain goes on on when its disk became a base."""
_FORMATS = (".qcow2", ".raw", ".img", ".qed", ".vmdk", ".vdi", ".vhdx", ".iso")


def names(pattern: str) -> tuple[str, ...]:
    """The names that a pattern stands for, in its order. Raises InvalidInput, in words."""
    parts = _parts(pattern)
    count = 1
    for part in parts:
        count *= len(part)
        if count > MOST:
            raise InvalidInput(f"that is more than {MOST} clones")
    found = tuple("".join(one) for one in itertools.product(*parts))
    for name in found:
        _check(name)
    twice = {name for name in found if found.count(name) > 1}
    if twice:
        raise InvalidInput(f"{min(twice)} comes twice")
    return found


def _parts(pattern: str) -> list[list[str]]:
    """The pattern in pieces, each with what may stand there."""
    parts: list[list[str]] = []
    rest = pattern
    while rest:
        plain, brace, rest = rest.partition("{")
        if "}" in plain:
            raise InvalidInput("a } has no { before it")
        parts.append([plain])
        if not brace:
            break
        inside, end, rest = rest.partition("}")
        if not end:
            raise InvalidInput("a { has no } behind it")
        if "{" in inside:
            raise InvalidInput("braces cannot stand in braces")
        parts.append(_alternatives(inside))
    return parts


def _alternatives(inside: str) -> list[str]:
    found = _RANGE.fullmatch(inside)
    if found is not None:
        first, last = found.groups()
        start, stop = int(first), int(last)
        if start > stop:
            raise InvalidInput(f"{{{inside}}} counts down: write {{{last}..{first}}}")
        if stop - start >= MOST:
            raise InvalidInput(f"that is more than {MOST} clones")
        width = len(first) if first.startswith("0") or len(first) == len(last) else 0
        return [str(number).zfill(width) for number in range(start, stop + 1)]
    if ".." in inside:
        raise InvalidInput(f"{{{inside}}} is no range: write {{01..20}}")
    choices = inside.split(",")
    if len(choices) < 2 or not all(choices):
        raise InvalidInput("between braces stand names with commas, or a range: {a,b} or {01..20}")
    return choices


def _check(name: str) -> None:
    """Raises InvalidInput for what libvirt, or a file called so, could not bear."""
    if not name:
        raise InvalidInput("its name is missing")
    if "/" in name or not name.isprintable() or name in (".", ".."):
        what = 'contain "/"' if "/" in name else "contain control characters"
        what = "be . or .." if name in (".", "..") else what
        raise InvalidInput(f"{name!r}: a name cannot {what}")
    if name.strip() != name:
        raise InvalidInput(f"{name!r}: a name cannot begin or end with a space")
    if len(name.encode()) > _LONGEST:
        raise InvalidInput(f"a name is longer than {_LONGEST} bytes")


def next_name(name: str, taken: Collection[str]) -> str:
    """A name nobody has, after the source's: ``web-01`` gives ``web-02``, ``db`` ``db-clone``.

    Digits right behind a word belong to it: ``debian12`` is followed by no ``debian13``.
    """
    found = re.fullmatch(r"(.*[-_.])(\d{1,9})", name)
    stem, digits = found.groups() if found is not None else (f"{name}-clone", "")
    number = int(digits or 0)
    candidate = stem
    while candidate in taken or candidate == name or (digits and candidate == stem):
        number += 1
        candidate = f"{stem}{str(number).zfill(len(digits))}"
    return candidate


def volume_name(old: str, source: str, clone: str, target: str, ending: str | None) -> str:
    """What the volume of a clone is called, from what the source's is.

    The source's name in it becomes the clone's, as in ``web-01-data.raw``; where it does not stand
    in it, it is the clone's with the disk's target. ``ending`` is the one of another format.
    """
    stem, _, last = old.rpartition(".")
    suffix = f".{last}" if stem and f".{last}" in _FORMATS else ""
    stem = old.removesuffix(suffix) if suffix else old
    stem = stem.removesuffix(OWN)
    if ending is not None:
        suffix = ending
    renamed = renamed_in(stem, source, clone)
    return (renamed if renamed != stem else f"{clone}-{target}") + suffix


def renamed_in(words: str, source: str, clone: str) -> str:
    """``words`` with the source's name in it replaced, where it stands by itself.

    ``web-1`` is not found in ``web-10``, nor ``db`` in ``dbus``.
    """
    return re.sub(rf"(?<![A-Za-z0-9]){re.escape(source)}(?![A-Za-z0-9])", lambda _: clone, words)
