"""Elements as text, and the checks on what people type into them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from virttui.libvirtxml.text.tree import escaped
from virttui.model.errors import InvalidInput

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_NAME = re.compile(r"[A-Za-z0-9_.:%+-]+")


def element(name: str, /, *inner: str, text: str = "", **attributes: str) -> str:
    """An element with attributes (those that are "" are left out), text or elements in it.

    Raises InvalidInput for a value that no XML can hold.
    """
    given = "".join(f" {key}='{_inside(value)}'" for key, value in attributes.items() if value)
    if text:
        return f"<{name}{given}>{escaped(_printable(text))}</{name}>"
    lines = [f"  {line}" for part in inner if part for line in part.split("\n")]
    if not lines:
        return f"<{name}{given}/>"
    return "\n".join([f"<{name}{given}>", *lines, f"</{name}>"])


def _inside(value: str) -> str:
    return escaped(_printable(value), "'")


def _printable(value: str) -> str:
    if not value.isprintable():
        raise InvalidInput("control characters cannot stand in a definition")
    return value


def path(words: str) -> str:
    """A path of the host, from its root. Raises InvalidInput."""
    if not words.startswith("/"):
        raise InvalidInput(f"{words or 'nothing'} is no path: it begins with /")
    return words


def mac(words: str) -> str:
    """A MAC address of one card, in lower case. Raises InvalidInput."""
    wanted = words.lower()
    if _MAC.fullmatch(wanted) is None:
        raise InvalidInput(f"{words or 'nothing'} is no MAC address, as 52:54:00:12:34:56")
    if int(wanted[:2], 16) & 1:
        raise InvalidInput(f"{words} is for many cards at once: its first byte is odd")
    return wanted


def name(words: str, what: str) -> str:
    """A name without blanks and quotes. Raises InvalidInput."""
    if _NAME.fullmatch(words) is None:
        raise InvalidInput(f"{words or 'nothing'} is no {what}")
    return words


def unused(words: str, taken: Iterable[str], what: str) -> str:
    """A name that no other device has. Raises InvalidInput."""
    if words in taken:
        raise InvalidInput(f"it has {what} {words} already")
    return words
