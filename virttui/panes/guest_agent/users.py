"""Names of users and lines of ssh keys, as they may be given to an agent."""

from __future__ import annotations

import base64
import binascii
import re

_TYPES = re.compile(r"(sk-)?(ssh|ecdsa)-[a-z0-9@.-]+")
_LONGEST = 16 * 1024


def user_error(user: str) -> str:
    """Why this is no name of a user, "" where it may be one."""
    if not user:
        return "name the user"
    if user.startswith("-") or ":" in user or not user.isprintable() or user != user.strip():
        return "that is no name of a user"
    return ""


def key_error(line: str) -> str:
    """Why a line is no public ssh key, "" where it is one; options before it are not taken."""
    words = line.split()
    if not line.isprintable() or len(line) > _LONGEST:
        return "a key is one line of text"
    if "PRIVATE KEY" in line:
        return "that is a private key: the guest gets the line of the .pub file"
    if len(words) < 2 or not _TYPES.fullmatch(words[0]):
        return "a key begins with its type, as ssh-ed25519 AAAA… name"
    try:
        base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        return "the key's second word is not whole"
    return ""


def key_words(line: str) -> str:
    """A key so that it is recognized: its type, the end of its body, its comment."""
    kind, _, rest = line.strip().partition(" ")
    body, _, comment = rest.partition(" ")
    return f"{kind} …{body[-12:]} {comment}".rstrip() if body else line
