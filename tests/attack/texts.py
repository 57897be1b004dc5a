"""Texts that a guest, a host, a file or a program may hand out, and what may never come of them."""

from __future__ import annotations

import unicodedata

TEXTS = {
    "a title of the terminal": "esc\x1b]0;owned\x07end",
    "the clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "a cleared screen": "a\x1b[2J\x1b[1;1Hroot: ok",
    "a device control string": "\x1bP1$r0m\x1b\\x",
    "one byte that begins a sequence": "a\x9b31mb\x9d0;t\x9c",
    "a forged row": "one\nroot  running\r\ntwo\vthree\ffour\x85five\u2028six",
    "tabs and bells": "a\tb\x07c\bd\x7f",
    "text turned round": "rtl\u202eevil\u2066x\u200fy",
    "nothing to see": "zero\u200bwidth\ufeff\u00ad\u2060",
    "markup": "[bold red]x[/] [@click=app.quit]y[/] bad[/z]",
    "a shell": "$(touch /tmp/x); `id` 'q' \"d\" && rm -rf ~ | x > y",
    "an option": "--all",
    "a number": "3",
    "a formula": "=cmd|' /C calc'!A1",
    "wide": "한" * 100 + "日本",
    "joined": "👨\u200d👩\u200d👧 🇩🇪",
    "combined": "e" + "\u0301" * 60,
    "a path": "../../etc/passwd",
    "long": "w" * 5000,
    "format": "%s%n{0}{name}\\x1b[2J\\u202e",
    "marked up like XML": "<a b='c'>&amp;]]></a>",
    "blank": " ",
    "other digits": "\u0663\uff15",
    "tags": "x\U000e0041\U000e007f",
}


def in_xml(text: str) -> str:
    """The text as an XML document can hold it: without the characters that none may have."""
    allowed = (one for one in text if one in "\t\n\r" or ord(one) >= 0x20)
    return "".join(one for one in allowed if one not in "\ufffe\uffff")


def raw_in(text: str) -> set[str]:
    """The characters of a text that do something to a terminal; line ends are its own."""
    return {
        one
        for one in text
        if one != "\n" and (unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp", "Cs"))
        if one not in ("\u200d",)  # it joins emoji, and moves nothing
    }
