"""The menu of keys for a guest: what can be sent, what it means, and what asks."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from virttui.model.domains.guest_keys import SYSRQ_MEANINGS, chord, loses
from virttui.model.domains.guest_screen import Chord
from virttui.model.domains.keyboard_layouts import DEFAULT, LAYOUTS


class KeyMenuAction(StrEnum):
    """What choosing an item does, where it does not send keys."""

    SEND = "send"
    TEXT = "type a text…"
    PASSWORD = "type a password…"
    OTHER = "another key…"
    LAYOUT = "layout"


class KeyMenuItem(Struct, frozen=True):
    """One item: ``words`` name it, and are the keys of one that is sent."""

    words: str
    meaning: str = ""
    action: KeyMenuAction = KeyMenuAction.SEND

    @property
    def keys(self) -> Chord:
        """The keys that it sends."""
        return chord(self.words, LAYOUTS[DEFAULT])


_TYPED = (
    KeyMenuItem(KeyMenuAction.TEXT.value, "", KeyMenuAction.TEXT),
    KeyMenuItem(KeyMenuAction.PASSWORD.value, "not shown", KeyMenuAction.PASSWORD),
)
_PLAIN = (("enter", ""), ("esc", ""), ("tab", ""), ("up", ""), ("down", ""))
_LINUX = (
    ("ctrl+c", "breaks off"),
    ("ctrl+d", "ends input"),
    ("ctrl+alt+f1", "first login"),
    ("ctrl+alt+f2", "second login"),
)
_WINDOWS = (
    ("alt+f4", "shuts a window"),
    ("win", ""),
    ("win+r", "the Run line"),
    ("ctrl+shift+esc", "task manager"),
)
_FIRMWARE = (("del", "setup, on many"), ("f2", "setup of OVMF"), ("f12", "boot menu, on many"))
_SYSRQ = "hrstwlueicob"
"""The letters that are offered, from harmless to dangerous; others can be typed."""


def key_menu(layout: str, *, windows: bool) -> list[KeyMenuItem]:
    """The items for a guest, with the layout by which text is typed."""
    login = KeyMenuItem("ctrl+alt+del", "log in" if windows else "reboots")
    ordinary = [KeyMenuItem(*one) for one in (*_PLAIN, *(_WINDOWS if windows else _LINUX))]
    special = [] if windows else [
        KeyMenuItem(f"sysrq {letter}", SYSRQ_MEANINGS[letter]) for letter in _SYSRQ
    ]  # fmt: skip
    return [
        *([login] if windows else []),
        *_TYPED,
        *ordinary,
        *([] if windows else [login]),
        KeyMenuItem("print", ""),
        *(KeyMenuItem(*one) for one in _FIRMWARE),
        *special,
        KeyMenuItem(KeyMenuAction.OTHER.value, "ctrl+alt+f7", KeyMenuAction.OTHER),
        KeyMenuItem(KeyMenuAction.LAYOUT.value, layout, KeyMenuAction.LAYOUT),
    ]


def meaning_of(item: KeyMenuItem, *, windows: bool) -> str:
    """What an item means, with whether it asks."""
    asks = item.action is KeyMenuAction.SEND and loses(item.keys, windows=windows)
    return f"asks: {item.meaning}" if asks else item.meaning
