"""Any text as a safe file name: no path traversal, no hidden files."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

# Long enough for every name in use; with time, action and kind it fits what file systems take.
MAX_LENGTH = 150


def folder_name(text: str) -> str:
    """Return ``text`` as the name of one folder, neither hidden nor a way up; ``decoded_name``
    reverses it."""
    quoted = quote(text, safe="")
    return f"%2E{quoted[1:]}" if quoted.startswith(".") else quoted


def readable_name(name: str) -> str:
    """Return ``name`` as a part of a file name that people read: complete up to 150 bytes."""
    # A surrogate is half a character and fits no file name.
    cut = name.encode(errors="replace")[:MAX_LENGTH].decode(errors="ignore")
    return re.sub(r"[/%\x00-\x1f\x7f]", lambda found: f"%{ord(found[0]):02X}", cut)


def decoded_name(name: str) -> str:
    """Return the text that ``folder_name`` or ``readable_name`` was given."""
    return unquote(name)
