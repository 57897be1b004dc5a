"""Names that lead nowhere but where they are meant to."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

# Long enough for every name in use; with time, action and kind it fits what file systems take.
LONGEST = 150


def folder_name(text: str) -> str:
    """``text`` as the name of one folder: neither hidden, nor a way up; ``text_of`` undoes it."""
    quoted = quote(text, safe="")
    return f"%2E{quoted[1:]}" if quoted.startswith(".") else quoted


def readable(name: str) -> str:
    """``name`` as a part of a file name that people read: whole up to 150 bytes."""
    # A surrogate is half a character and fits no file name.
    cut = name.encode(errors="replace")[:LONGEST].decode(errors="ignore")
    return re.sub(r"[/%\x00-\x1f\x7f]", lambda found: f"%{ord(found[0]):02X}", cut)


def text_of(name: str) -> str:
    """The text that ``folder_name`` or ``readable`` was given."""
    return unquote(name)
