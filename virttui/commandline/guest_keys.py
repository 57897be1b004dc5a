"""``keys ctrl+alt+del on web-01``, ``keys alt+f2 enter``, ``type --enter "uname -a" on web-01``."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from virttui.commandline.parsed import GuestKeysCommand, ParseResult
from virttui.commandline.set_add import targets_of
from virttui.commandline.tokenizer import Token, split
from virttui.model.domains.guest_keys import KEYS, SYSRQ_MEANINGS, chord
from virttui.model.domains.keyboard_layouts import DEFAULT, LAYOUTS
from virttui.model.errors import InvalidInput
from virttui.render.search import PickerItem, search
from virttui.store.fleet_state import FleetState

ENTER, LAYOUT = "--enter", "--layout"
_USUAL = ("ctrl+alt+del", "ctrl+alt+f1", "ctrl+alt+f2", "ctrl+c", "ctrl+d", "alt+f4", "win")


def read_keys(line: str, start: int, fleet_state: FleetState) -> ParseResult:
    """Read the names of keys, of which one is sent after the other."""
    words, last, found, trouble = _read(line, start, fleet_state)
    if trouble is not None:
        return trouble
    names = _joined(words)
    offers = [PickerItem(f"{name} ", name) for name in (*_USUAL, *KEYS)]
    offers += [
        PickerItem(f"'sysrq {letter}' ", f"sysrq {letter}", meaning)
        for letter, meaning in SYSRQ_MEANINGS.items()
    ]
    choices = tuple(search(offers, last.text)) if not last.quoted else ()
    reading = ParseResult(choices, last.start, note="keys, then on NAME")
    if not names:
        return replace(reading, error="name keys, as ctrl+alt+del", partial=True)
    for name in names:
        try:
            # What a layout has is known once the guest's is; names of keys are the same in all.
            if len(name.rpartition("+")[2]) != 1:
                chord(name, LAYOUTS[DEFAULT])
        except InvalidInput as error:
            partial = bool(choices) and words[-1] is last
            return replace(reading, error=error.message, word=name, partial=partial)
    return replace(reading, intent=replace(found, keys=tuple(names)))


def read_type(line: str, start: int, fleet_state: FleetState) -> ParseResult:
    """Read a text that is typed into a guest; ``--enter`` ends it with the enter key."""
    words, last, found, trouble = _read(line, start, fleet_state)
    if trouble is not None:
        return trouble
    offers = [PickerItem(f"{ENTER} ", ENTER, "with the enter key behind it")]
    choices = tuple(offers) if last.text.startswith("-") and not last.quoted else ()
    reading = ParseResult(choices, last.start, note='a "text", then on NAME')
    text = " ".join(word.text for word in words if word.text)
    if not text and not found.enter:
        return replace(reading, error='name a "text"', partial=True)
    return replace(reading, intent=replace(found, text=text))


def _read(
    line: str, start: int, fleet_state: FleetState
) -> tuple[Sequence[Token], Token, GuestKeysCommand, ParseResult | None]:
    """The words between the options and ``on``, the last word of the line, options and targets."""
    every = split(line, start)
    words, targets, trouble = targets_of(every, fleet_state, least=1)
    found = GuestKeysCommand(targets)
    kept: list[Token] = []
    options = iter(words)
    for word in options:
        if word.text == ENTER and not word.quoted:
            found = replace(found, enter=True)
        elif word.text == LAYOUT and not word.quoted:
            named = next(options, Token("", word.end, word.end)).text
            if named not in LAYOUTS and trouble is None:
                known = " ".join(LAYOUTS)
                trouble = ParseResult(
                    tuple(PickerItem(f"{one} ", one) for one in LAYOUTS if one.startswith(named)),
                    every[-1].start,
                    error=f"no layout is called {named}" if named else "name a layout",
                    word=named,
                    partial=any(one.startswith(named) for one in LAYOUTS),
                    note=known,
                )
            found = replace(found, layout=named)
        else:
            kept.append(word)
    return kept, every[-1], found, trouble


def _joined(words: Sequence[Token]) -> list[str]:
    """The names of keys: ``sysrq b`` is one, quoted or not."""
    names: list[str] = []
    for word in words:
        if names and names[-1] == "sysrq" and word.text:
            names[-1] = f"sysrq {word.text}"
        elif word.text:
            names.append(word.text)
    return names
