"""Names of clones from a pattern: ``web-{01..20}``, ``web-{a,b,c}``, or a single name."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection

from virttui.model.errors import InvalidInput

MAX_CLONES = 200
"""The most clones at once; a larger number is likely a typing error."""
_MAX_NAME = 200
_RANGE = re.compile(r"(\d{1,9})\.\.(\d{1,9})")
OVERLAY_SUFFIX = "-own"
"""The suffix of the overlay that the source continues on when its disk becomes a base."""
_FORMATS = (".qcow2", ".raw", ".img", ".qed", ".vmdk", ".vdi", ".vhdx", ".iso")


def expand(pattern: str) -> tuple[str, ...]:
    """Return the names of a pattern, in order. Raises InvalidInput."""
    parts = _parts(pattern)
    count = 1
    for part in parts:
        count *= len(part)
        if count > MAX_CLONES:
            raise InvalidInput(f"that is more than {MAX_CLONES} clones")
    expanded = tuple("".join(one) for one in itertools.product(*parts))
    for name in expanded:
        _check(name)
    duplicates = {name for name in expanded if expanded.count(name) > 1}
    if duplicates:
        raise InvalidInput(f"{min(duplicates)} appears twice")
    return expanded


def _parts(pattern: str) -> list[list[str]]:
    """Split the pattern into parts, each a list of alternatives."""
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
            raise InvalidInput("a { has no } after it")
        if "{" in inside:
            raise InvalidInput("braces cannot be nested")
        parts.append(_alternatives(inside))
    return parts


def _alternatives(inside: str) -> list[str]:
    expanded = _RANGE.fullmatch(inside)
    if expanded is not None:
        first, last = expanded.groups()
        start, stop = int(first), int(last)
        if start > stop:
            raise InvalidInput(f"{{{inside}}} counts down: write {{{last}..{first}}}")
        if stop - start >= MAX_CLONES:
            raise InvalidInput(f"that is more than {MAX_CLONES} clones")
        width = len(first) if first.startswith("0") or len(first) == len(last) else 0
        return [str(number).zfill(width) for number in range(start, stop + 1)]
    if ".." in inside:
        raise InvalidInput(f"{{{inside}}} is not a range: write {{01..20}}")
    choices = inside.split(",")
    if len(choices) < 2 or not all(choices):
        raise InvalidInput("braces hold names with commas, or a range: {a,b} or {01..20}")
    return choices


def _check(name: str) -> None:
    """Raise InvalidInput for a name that libvirt or a file of that name cannot have."""
    if not name:
        raise InvalidInput("its name is missing")
    if "/" in name or not name.isprintable() or name in (".", ".."):
        what = 'contain "/"' if "/" in name else "contain control characters"
        what = "be . or .." if name in (".", "..") else what
        raise InvalidInput(f"{name!r}: a name cannot {what}")
    if name.strip() != name:
        raise InvalidInput(f"{name!r}: a name cannot begin or end with a space")
    if len(name.encode()) > _MAX_NAME:
        raise InvalidInput(f"a name is longer than {_MAX_NAME} bytes")


def next_name(name: str, used: Collection[str]) -> str:
    """Return a free name after the source's: ``web-01`` gives ``web-02``, ``db`` ``db-clone``.

    Digits right behind a word belong to it: ``debian12`` is not followed by ``debian13``.
    """
    expanded = re.fullmatch(r"(.*[-_.])(\d{1,9})", name)
    stem, digits = expanded.groups() if expanded is not None else (f"{name}-clone", "")
    number = int(digits or 0)
    candidate = stem
    while candidate in used or candidate == name or (digits and candidate == stem):
        number += 1
        candidate = f"{stem}{str(number).zfill(len(digits))}"
    return candidate


def volume_name(old: str, source: str, clone: str, target: str, ending: str | None) -> str:
    """Return the name of a clone's volume, made from the name of the source's volume.

    The source's name in it is replaced, as in ``web-01-data.raw``; a volume name without it becomes
    the clone's name with the disk's target. ``ending`` replaces the file name's ending where the
    format changes, None keeps it.
    """
    stem, _, last = old.rpartition(".")
    suffix = f".{last}" if stem and f".{last}" in _FORMATS else ""
    stem = old.removesuffix(suffix) if suffix else old
    stem = stem.removesuffix(OVERLAY_SUFFIX)
    if ending is not None:
        suffix = ending
    renamed = replace_name(stem, source, clone)
    return (renamed if renamed != stem else f"{clone}-{target}") + suffix


def replace_name(words: str, source: str, clone: str) -> str:
    """Return ``words`` with the source's name replaced where it is a word by itself.

    ``web-1`` is not replaced in ``web-10``, nor ``db`` in ``dbus``.
    """
    return re.sub(rf"(?<![A-Za-z0-9]){re.escape(source)}(?![A-Za-z0-9])", lambda _: clone, words)
