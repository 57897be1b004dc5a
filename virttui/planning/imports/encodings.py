"""Decoding of description files, which have many encodings and do not always declare them."""

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
_CHARACTER_SETS = re.compile(
    r"(x-)?(ascii|us-ascii|utf|ucs|windows|cp|ibm|iso|latin|gb|hz|big5|shift|sjis|ms|euc|johab|koi8"
    r"|mac|tis)[\w.:-]*",
    re.I,
)
"""Names of character encodings; Python has codecs of other kinds as well."""
_PYTHON_NAMES = {
    "macintosh": "mac_roman",
    "ms932": "cp932",
    "ms936": "cp936",
    "windows-31j": "cp932",
}


def decoded(raw: bytes) -> str:
    """Return the text of a description, by its declared encoding, or by its first bytes.

    A text that fits no encoding is read as windows-1252, in which every byte is valid.
    """
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return raw.decode(name, "replace")
    if wide := _wide(raw):
        return raw.decode(wide, "replace")
    head = raw[:65536].decode("latin-1")
    match = _DECLARATION.match(head)
    declared = match[3] if match is not None else ""
    if match is None and (line := _VMX.search(head)) is not None:
        declared = line[1]
    for name in (declared, "utf-8"):
        text = _decode_by_name(raw, name)
        if text is not None:
            return text
    return raw.decode("cp1252", "replace")


def without_declaration(text: str) -> str:
    """Return XML without the declaration of the encoding that it had as bytes."""
    text = text.lstrip("\ufeff \t\r\n")
    match = _DECLARATION.match(text)
    return text if match is None else match[1] + text[match.end() :]


def is_wide(head: bytes) -> bool:
    """True if a file is a text in which every character takes two bytes or more."""
    return bool(_wide(head)) or any(head.startswith(mark) for mark, _ in _BOMS[1:])


def _wide(head: bytes) -> str:
    """Return the kind of UTF-16 without a byte order mark, by the zeros of the first characters,
    else ""."""
    head = head[:4]
    if len(head) == 4 and head[0] and head[2] and not head[1] and not head[3]:
        return "utf-16-le"
    if len(head) == 4 and head[1] and head[3] and not head[0] and not head[2]:
        return "utf-16-be"
    return ""


def _decode_by_name(raw: bytes, name: str) -> str | None:
    """Return the text in an encoding, None where that is unknown or does not fit."""
    name = name.lower()
    if name.startswith(("utf-16", "utf16", "ucs")) or not _CHARACTER_SETS.fullmatch(name):
        # Wide encodings were told apart before: what says so here is written otherwise.
        return None
    name = _PYTHON_NAMES.get(name, name.removeprefix("x-").replace("mac-", "mac_"))
    try:
        return raw.decode(name)
    except (LookupError, UnicodeError):
        return None
