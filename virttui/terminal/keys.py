"""Keys by Textual's names as the bytes that a terminal sends for them: xterm's, as in ctlseqs."""

from __future__ import annotations

import unicodedata

ESCAPE_KEY = b"\x1d"
"""ctrl+], which stops typing and so is never sent for a key: only where the user asks for it."""

_PLAIN = {
    "enter": b"\r", "tab": b"\t", "space": b" ", "backspace": b"\x7f", "escape": b"\x1b",
}  # fmt: skip

# With modifiers: CSI 1 ; modifiers LETTER. Application cursor keys: SS3 LETTER.
_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_FIRST_FOUR = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}

# CSI NUMBER ~, with modifiers CSI NUMBER ; modifiers ~.
_NUMBERED = {
    "insert": 2, "delete": 3, "pageup": 5, "pagedown": 6,
    "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21, "f11": 23, "f12": 24, "f13": 25,
    "f14": 26, "f15": 28, "f16": 29, "f17": 31, "f18": 32, "f19": 33, "f20": 34,
}  # fmt: skip

# Names that are not Unicode's, or that Textual shortens.
_CHARACTERS = {
    "slash": "/", "backslash": "\\", "at": "@", "minus": "-", "plus": "+", "underscore": "_",
    "space": " ",
}  # fmt: skip

# What ctrl makes of other characters than letters: xterm's and the DEC terminals'.
_CONTROLS = {
    " ": 0x00, "@": 0x00, "2": 0x00, "[": 0x1B, "3": 0x1B, "\\": 0x1C, "4": 0x1C, "]": 0x1D,
    "5": 0x1D, "^": 0x1E, "6": 0x1E, "_": 0x1F, "7": 0x1F, "/": 0x1F, "-": 0x1F, "8": 0x7F,
    "?": 0x7F,
}  # fmt: skip

_SHIFT, _ALT, _CTRL = 1, 2, 4
_MODIFIERS = {"shift": _SHIFT, "alt": _ALT, "ctrl": _CTRL}


def key_bytes(key: str, character: str | None = None, *, application_cursor: bool = False) -> bytes:
    """What is sent for a key; b"" for ctrl+] and for keys that a terminal does not send.

    ``key`` is such as ``up``, ``ctrl+c``, ``f5``, ``alt+x``, ``exclamation_mark``; ``character`` is
    what it types, where it is known. ``application_cursor`` is the mode that the guest asked for.
    """
    before, _, name = key.rpartition("+")
    if not name:  # the key is + itself
        before, name = before.rstrip("+"), "+"
    words = before.split("+") if before else []
    if not set(words) <= _MODIFIERS.keys():
        return b""
    modifiers = sum({_MODIFIERS[word] for word in words})
    sent = _named(name, modifiers, application_cursor=application_cursor)
    if sent is None:
        sent = _typed(name, character, modifiers)
    return b"" if sent.endswith(ESCAPE_KEY) else sent


def _named(name: str, modifiers: int, *, application_cursor: bool) -> bytes | None:
    """What is sent for a key that types nothing; None where it is none."""
    number = modifiers + 1
    if letter := _CURSOR.get(name) or _FIRST_FOUR.get(name):
        if modifiers:
            return f"\x1b[1;{number}{letter}".encode()
        is_ss3 = name in _FIRST_FOUR or application_cursor
        return f"\x1b{'O' if is_ss3 else '['}{letter}".encode()
    if code := _NUMBERED.get(name):
        return f"\x1b[{code};{number}~".encode() if modifiers else f"\x1b[{code}~".encode()
    if name == "tab" and modifiers & _SHIFT:
        return b"\x1b[Z"
    if name == "backspace" and modifiers & _CTRL:
        return _with_alt(b"\x08", modifiers)
    if name in _PLAIN and not (name == "space" and modifiers & _CTRL):
        return _with_alt(_PLAIN[name], modifiers)
    return None


def _typed(name: str, character: str | None, modifiers: int) -> bytes:
    """What is sent for a key that types a character."""
    known = _character(name)
    if modifiers & _CTRL:
        code = _control(known or "")
        return b"" if code is None else _with_alt(bytes([code]), modifiers)
    if character is not None and character.isprintable() and not modifiers & _ALT:
        return character.encode()
    if known is None:
        return b""
    known = known.upper() if modifiers & _SHIFT else known
    return _with_alt(known.encode(), modifiers)


def _character(name: str) -> str | None:
    """The character that a key is called after."""
    if len(name) == 1:
        return name
    if name in _CHARACTERS:
        return _CHARACTERS[name]
    for spelled in (name.replace("_", " "), name.replace("_", "-"), _hyphenated(name)):
        try:
            return unicodedata.lookup(spelled.upper())
        except KeyError:
            continue
    return None


def _hyphenated(name: str) -> str:
    """``less_than_sign`` is LESS-THAN SIGN: all but the last joined by hyphens."""
    *first, last = name.split("_")
    return f"{'-'.join(first)} {last}"


def _control(character: str) -> int | None:
    if len(character) == 1 and character.isascii() and character.isalpha():
        return ord(character.upper()) - 64
    return _CONTROLS.get(character)


def _with_alt(sent: bytes, modifiers: int) -> bytes:
    return b"\x1b" + sent if modifiers & _ALT else sent
