"""The text of descriptions: they come in many encodings, and some do not say in which."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARATION = re.compile(r"""\s*(<\?xml\b[^>]*?)\s+encoding\s*=\s*(["'])([\w.:-]+)\2""")
_VMX = re.compile(r"""^[ \t]*\.encoding[ \t]*=[ \t]*"?([\w.:-]+)""", re.M | re.I)
_KNOWN = re.compile(
    r"(x-)?(ascii|us-ascii|utf|ucs|windows|cp|ibm|iso|latin|gb|hz|big5|shift|sjis|ms|euc|johab|koi8"
    r"|mac|tis)[\w.:-]*",
    re.I,
)
"""How encodings of characters begin; Python's codecs are of more kinds."""
_OTHERS = {"macintosh": "mac_roman", "ms932": "cp932", "ms936": "cp936", "windows-31j": "cp932"}


def decoded(raw: bytes) -> str:
    """A description as text, by what it says of its encoding, or else by how it looks.

    What no encoding fits is taken as windows-1252, in which every byte means something.
    """
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return raw.decode(name, "replace")
    if wide := _wide(raw):
        return raw.decode(wide, "replace")
    head = raw[:65536].decode("latin-1")
    found = _DECLARATION.match(head)
    said = found[3] if found is not None else ""
    if found is None and (line := _VMX.search(head)) is not None:
        said = line[1]
    for name in (said, "utf-8"):
        text = _by(raw, name)
        if text is not None:
            return text
    return raw.decode("cp1252", "replace")


def undeclared(text: str) -> str:
    """XML without the encoding that it had as bytes."""
    text = text.lstrip("\ufeff \t\r\n")
    found = _DECLARATION.match(text)
    return text if found is None else found[1] + text[found.end() :]


def is_wide(head: bytes) -> bool:
    """True if a file is a text of which every letter takes two bytes or more."""
    return bool(_wide(head)) or any(head.startswith(mark) for mark, _ in _BOMS[1:])


def _wide(head: bytes) -> str:
    """UTF-16 without a mark, told by the zeros of its first letters."""
    head = head[:4]
    if len(head) == 4 and head[0] and head[2] and not head[1] and not head[3]:
        return "utf-16-le"
    if len(head) == 4 and head[1] and head[3] and not head[0] and not head[2]:
        return "utf-16-be"
    return ""


def _by(raw: bytes, name: str) -> str | None:
    """The text by an encoding's name, None where that is unknown or does not fit."""
    name = name.lower()
    if name.startswith(("utf-16", "utf16", "ucs")) or not _KNOWN.fullmatch(name):
        # Wide encodings were told apart before: what says so here is written otherwise.
        return None
    name = _OTHERS.get(name, name.removeprefix("x-").replace("mac-", "mac_"))
    try:
        return raw.decode(name)
    except (LookupError, UnicodeError):
        return None
