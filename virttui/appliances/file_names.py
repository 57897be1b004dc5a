"""Names in descriptions against names of files: hrefs are URIs, and systems spell them differently.

``ubuntu%20disk.vmdk`` may be called so, or ``ubuntu disk.vmdk``; an umlaut may be one sign or two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from urllib.parse import unquote, unquote_plus

_WAYS: tuple[Callable[[str], str], ...] = (
    lambda name: name,
    unquote,
    lambda name: unicodedata.normalize("NFC", unquote(name)),
    lambda name: unicodedata.normalize("NFC", unquote_plus(name)),
)
"""How two names are compared, the strictest way first."""


def found(names: Iterable[str], href: str) -> str | None:
    """The one file that an href names, None where there is none or it could be several."""
    every = list(names)
    wanted = href.removeprefix("./")
    for way in _WAYS:
        alike = [one for one in every if way(one) == way(wanted)]
        if len(alike) == 1:
            return alike[0]
    return None


def pieces(names: Iterable[str], href: str) -> list[str]:
    """The files that hold the pieces of what an href names, in order: ``href.000000000`` and on."""
    every = set(names)
    name = found(every, f"{href}.{0:09d}")
    if name is None:
        return []
    stem = name[: -len(f"{0:09d}")]
    several = [name]
    while (name := f"{stem}{len(several):09d}") in every:
        several.append(name)
    return several
