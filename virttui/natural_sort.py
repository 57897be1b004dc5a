"""The order of names in which ``web-9`` comes before ``web-10``."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=65536)
def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key for names in which ``web-9`` comes before ``web-10``."""
    return tuple(
        (0, int(part), "") if part.isdigit() and part.isascii() else (1, 0, part)
        for part in re.split(r"([0-9]+)", name.casefold())
        if part
    )
