"""Keys as the bytes that xterm sends for them."""

from __future__ import annotations

import string

import pytest
from textual.keys import Keys, _character_to_key

from virttui.terminal.keys import ESCAPE_KEY, key_bytes

SENT = {
    "a": b"a",
    "A": b"A",
    "é": "é".encode(),
    "enter": b"\r",
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "space": b" ",
    "backspace": b"\x7f",
    "ctrl+backspace": b"\x08",
    "escape": b"\x1b",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "insert": b"\x1b[2~",
    "delete": b"\x1b[3~",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
    "f1": b"\x1bOP",
    "f4": b"\x1bOS",
    "f5": b"\x1b[15~",
    "f10": b"\x1b[21~",
    "f12": b"\x1b[24~",
    "f20": b"\x1b[34~",
    "shift+up": b"\x1b[1;2A",
    "alt+up": b"\x1b[1;3A",
    "ctrl+right": b"\x1b[1;5C",
    "ctrl+shift+left": b"\x1b[1;6D",
    "ctrl+delete": b"\x1b[3;5~",
    "shift+f1": b"\x1b[1;2P",
    "ctrl+f5": b"\x1b[15;5~",
    "ctrl+c": b"\x03",
    "ctrl+z": b"\x1a",
    "ctrl+q": b"\x11",
    "ctrl+@": b"\x00",
    "ctrl+space": b"\x00",
    "ctrl+backslash": b"\x1c",
    "ctrl+circumflex_accent": b"\x1e",
    "ctrl+underscore": b"\x1f",
    "ctrl+slash": b"\x1f",
    "ctrl+4": b"\x1c",
    "alt+x": b"\x1bx",
    "alt+X": b"\x1bX",
    "alt+shift+x": b"\x1bX",
    "alt+enter": b"\x1b\r",
    "alt+backspace": b"\x1b\x7f",
    "ctrl+alt+c": b"\x1b\x03",
    "alt+full_stop": b"\x1b.",
    "ctrl+alt+delete": b"\x1b[3;7~",
    "super+a": b"",
    "<scroll-up>": b"",
    "f35": b"",
    "ctrl+1": b"",
    "ctrl++": b"",
    "+": b"+",
    "alt++": b"\x1b+",
}


@pytest.mark.parametrize("key", SENT)
def test_a_key_is_sent_as_xterm_does(key: str) -> None:
    assert key_bytes(key) == SENT[key]


@pytest.mark.parametrize("character", string.printable.strip() + "äÄ€§中")
def test_every_character_is_sent_by_textuals_name_for_it(character: str) -> None:
    key = _character_to_key(character)
    assert key_bytes(key) == character.encode()
    assert key_bytes(key, character) == character.encode()


@pytest.mark.parametrize("key", ["up", "down", "right", "left", "home", "end"])
def test_application_cursor_keys(key: str) -> None:
    ordinary = key_bytes(key)
    assert key_bytes(key, application_cursor=True) == ordinary.replace(b"[", b"O")
    assert key_bytes(f"ctrl+{key}", application_cursor=True) == key_bytes(f"ctrl+{key}")


@pytest.mark.parametrize("key", ["f1", "delete", "enter", "a"])
def test_the_mode_is_of_cursor_keys_alone(key: str) -> None:
    assert key_bytes(key, application_cursor=True) == key_bytes(key)


@pytest.mark.parametrize(
    "key",
    ["ctrl+right_square_bracket", "ctrl+]", "ctrl+5", "ctrl+alt+]", "ctrl+shift+]"],
)
def test_the_key_that_stops_typing_is_never_sent(key: str) -> None:
    assert key_bytes(key, "\x1d") == b""


def test_no_key_that_textual_knows_is_sent_as_that_one() -> None:
    assert not [key for key in Keys if ESCAPE_KEY in key_bytes(key.value)]
