"""Keys that are sent to a guest: their names, and what would be lost by some.

Codes are those of Linux's input events (``linux/input-event-codes.h``), which libvirt calls the
codeset "linux".
"""

from __future__ import annotations

from virttui.model.domains.guest_screen import Chord
from virttui.model.domains.keyboard_layouts import ALTGR, SHIFT, KeyboardLayout
from virttui.model.errors import InvalidInput

CTRL, ALT, WIN, SYSRQ, DELETE, ENTER, TAB = 29, 56, 125, 99, 111, 28, 15

MODIFIERS = {
    "ctrl": CTRL, "control": CTRL, "shift": SHIFT, "alt": ALT, "altgr": ALTGR, "win": WIN,
    "super": WIN, "meta": WIN,
}  # fmt: skip

KEYS = {
    "enter": ENTER, "return": ENTER, "esc": 1, "escape": 1, "tab": TAB, "space": 57,
    "backspace": 14, "del": DELETE, "delete": DELETE, "ins": 110, "insert": 110, "home": 102,
    "end": 107, "pgup": 104, "pgdn": 109, "pageup": 104, "pagedown": 109, "up": 103, "down": 108,
    "left": 105, "right": 106, "print": SYSRQ, "pause": 119, "menu": 127, "capslock": 58,
    "numlock": 69, "scrolllock": 70, "plus": 13,
    **{f"f{number}": 58 + number for number in range(1, 11)}, "f11": 87, "f12": 88, "win": WIN,
}  # fmt: skip
"""Keys that type nothing by themselves, by the names that people call them."""

SYSRQ_MEANINGS = {
    "h": "lists its keys", "r": "keyboard back", "s": "writes disks out", "t": "tasks to its log",
    "w": "blocked tasks", "m": "memory to its log", "l": "CPUs to its log", "u": "read only",
    "e": "ends all", "i": "kills all", "f": "kills one", "k": "kills on console",
    "c": "crashes it", "o": "powers off", "b": "reboots",
}  # fmt: skip
"""What each letter does, in at most 17 cells."""

_SYSRQ_LOSES = {
    "u": "All its file systems become read only: whatever writes to them fails until a reboot.",
    "e": "Every process but init is told to end: services stop, and unsaved work is lost.",
    "i": "Every process but init is killed: services stop, and unsaved work is lost.",
    "f": "The process that takes most memory is killed.",
    "k": "Every program on its present console is killed.",
    "c": "Its kernel crashes: it dumps where kdump is set up, else it stops or reboots.",
    "o": "It is powered off at once: what was not written to its disks is lost.",
    "b": "It reboots at once: what was not written to its disks is lost.",
}


def chord(name: str, layout: KeyboardLayout) -> Chord:
    """The keys of a name: ``ctrl+alt+del``, ``alt+f2``, ``sysrq b``, ``é``. Raises InvalidInput.

    A single character stands for the key that types it in ``layout``.
    """
    words = name.strip()
    if words.casefold().startswith("sysrq "):
        words = f"sysrq+{words[6:].strip()}"
    held, _, last = words.rpartition("+")
    if words == "+" or words.endswith("++"):
        held, last = words[:-1].removesuffix("+"), "plus"
    codes: list[int] = []
    for word in held.casefold().split("+") if held else ():
        if word == "sysrq":
            codes += [ALT, SYSRQ]
        elif word in MODIFIERS:
            codes.append(MODIFIERS[word])
        else:
            raise InvalidInput(f"{word or name} is not held with others: ctrl shift alt altgr win")
    if last.casefold() in KEYS:
        codes.append(KEYS[last.casefold()])
    elif len(last) == 1 and (strokes := layout.strokes(last)):
        codes += strokes[0]
    else:
        raise InvalidInput(f"no key is called {last or name}")
    return tuple(dict.fromkeys(codes))


def loses(keys: Chord, *, windows: bool) -> str:
    """What may be lost by keys, as sentences; "" where they are harmless.

    ``windows``: there ctrl+alt+del opens the way to log in.
    """
    held, key = set(keys[:-1]), keys[-1]
    if {ALT, SYSRQ} <= held:
        letter = next((one for one in _SYSRQ_LOSES if key == _LETTERS[one]), "")
        return _SYSRQ_LOSES.get(letter, "")
    if {CTRL, ALT} <= held and key == DELETE and not windows:
        return "A Linux reboots at once, and so may other systems; a Windows shows its login."
    return ""


def sysrq_of(keys: Chord) -> str:
    """The letter of a sysrq chord, "" for other keys."""
    if not {ALT, SYSRQ} <= set(keys[:-1]):
        return ""
    return next((one for one, code in _LETTERS.items() if code == keys[-1]), "")


# Positions of an American keyboard, by which the kernel's sysrq goes whatever the layout.
_LETTERS = {
    letter: first + place
    for first, row in ((16, "qwertyuiop"), (30, "asdfghjkl"), (44, "zxcvbnm"))
    for place, letter in enumerate(row)
}
