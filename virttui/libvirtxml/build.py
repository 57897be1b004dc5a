"""Writing elements as text, and checks of values that users type into them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from virttui.libvirtxml.text.tree import escaped
from virttui.model.errors import InvalidInput

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_NAME = re.compile(r"[A-Za-z0-9_.:%+-]+")


def element(name: str, /, *inner: str, text: str = "", **attributes: str) -> str:
    """Return an element with attributes (empty ones are left out), and text or elements in it.

    Raises InvalidInput for a value that XML cannot hold.
    """
    rendered = "".join(
        f" {key}='{_attribute_value(value)}'" for key, value in attributes.items() if value
    )
    if text:
        return f"<{name}{rendered}>{escaped(_printable(text))}</{name}>"
    lines = [f"  {line}" for part in inner if part for line in part.split("\n")]
    if not lines:
        return f"<{name}{rendered}/>"
    return "\n".join([f"<{name}{rendered}>", *lines, f"</{name}>"])


def _attribute_value(value: str) -> str:
    return escaped(_printable(value), "'")


def _printable(value: str) -> str:
    if not value.isprintable():
        raise InvalidInput("a definition cannot hold control characters")
    return value


def path(words: str) -> str:
    """Return an absolute path. Raises InvalidInput."""
    if not words.startswith("/"):
        raise InvalidInput(f"{words or 'nothing'} is not a path: it begins with /")
    return words


def mac(words: str) -> str:
    """Return a unicast MAC address, in lower case. Raises InvalidInput."""
    address = words.lower()
    if _MAC.fullmatch(address) is None:
        raise InvalidInput(f"{words or 'nothing'} is not a MAC address, as 52:54:00:12:34:56")
    if int(address[:2], 16) & 1:
        raise InvalidInput(f"{words} is for many cards at once: its first byte is odd")
    return address


def name(words: str, what: str) -> str:
    """Return a name without blanks and quotes. Raises InvalidInput."""
    if _NAME.fullmatch(words) is None:
        raise InvalidInput(f"{words or 'nothing'} is not a valid {what}")
    return words


def require_unused(words: str, used: Iterable[str], what: str) -> str:
    """Return a name that no other device has. Raises InvalidInput."""
    if words in used:
        raise InvalidInput(f"it has {what} {words} already")
    return words
