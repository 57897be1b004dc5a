"""Matching of names in descriptors with names of files: hrefs are URIs, and systems encode names
differently.

``ubuntu%20disk.vmdk`` may be the file's name, or ``ubuntu disk.vmdk``; an umlaut may be one
character or two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from urllib.parse import unquote, unquote_plus

_COMPARISONS: tuple[Callable[[str], str], ...] = (
    lambda name: name,
    unquote,
    lambda name: unicodedata.normalize("NFC", unquote(name)),
    lambda name: unicodedata.normalize("NFC", unquote_plus(name)),
)
"""Ways to compare two names, the strictest first."""


def find_name(names: Iterable[str], href: str) -> str | None:
    """Return the file that an href names, None where there is none or several match."""
    all_names = list(names)
    name = href.removeprefix("./")
    for comparison in _COMPARISONS:
        matching = [one for one in all_names if comparison(one) == comparison(name)]
        if len(matching) == 1:
            return matching[0]
    return None


def chunk_files(names: Iterable[str], href: str) -> list[str]:
    """Return the files that hold the pieces of an href's file, in order: ``href.000000000`` and
    on."""
    all_names = set(names)
    name = find_name(all_names, f"{href}.{0:09d}")
    if name is None:
        return []
    stem = name[: -len(f"{0:09d}")]
    result = [name]
    while (name := f"{stem}{len(result):09d}") in all_names:
        result.append(name)
    return result
