"""``set memory 2G``, ``set nic1 link down``, ``set vda cache none on web-*``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from virttui.model.commands import Edit, Target
from virttui.model.edits import BY_NAME, REMOVE, SETTINGS, Setting
from virttui.model.identity import Kind
from virttui.panes.choosing import Entry, search
from virttui.panes.survey import Survey
from virttui.typed.targets import Unknown, find, names
from virttui.typed.words import Word, split

DOMAINS = frozenset({Kind.DOMAIN})


@dataclass(frozen=True, slots=True)
class Set:
    """An edit of domains by name. Without ``targets`` it is for the selection or the marks."""

    edit: Edit
    targets: tuple[Target, ...] = ()
    autostart: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a ``set`` line says so far: ``intent`` when it is whole, else what is missing."""

    choices: tuple[Entry, ...] = ()
    start: int = 0
    intent: Set | None = None
    wrong: str = ""
    word: str = ""
    partial: bool = False
    note: str = ""


def read_set(line: str, start: int, survey: Survey, devices: Sequence[str]) -> Told:
    """Read what stands behind ``set``. ``devices`` are those of the selected domain."""
    words = split(line, start)
    before, targets, trouble = _targets(words, survey)
    if trouble is not None:
        return trouble
    last = words[-1]
    typed = [word for word in before if word.text]
    if not typed or (len(typed) == 1 and typed[0] is last):
        return _first(last, devices)
    setting = BY_NAME.get(typed[0].text)
    device = ""
    rest = typed[1:]
    if typed[0].text == REMOVE:
        return _remove(last, rest, targets, devices)
    if setting is None:
        device, setting = typed[0].text, BY_NAME.get(typed[1].text) if len(typed) > 1 else None
        rest = typed[2:]
        if setting is None or not setting.of:
            return _second(last, typed)
    value = " ".join(word.text for word in rest)
    if not value:
        return Told(_values(setting, ""), last.start, wrong=f"it wants {setting.value}",
                    partial=True, note=setting.value)  # fmt: skip
    choices = _values(setting, last.text) if len(rest) == 1 and rest[0] is last else ()
    if setting.name == "autostart":
        if value not in setting.options:
            return Told(choices, last.start, wrong="autostart is on or off", word=value)
        return Told(choices, last.start, Set(Edit("autostart"), targets, value))
    edit = Edit(setting.name, device, (("", value),))
    return Told(choices, last.start, Set(edit, targets), note=setting.help)


def _targets(
    words: Sequence[Word], survey: Survey
) -> tuple[list[Word], tuple[Target, ...], Told | None]:
    """The words before ``on``, and the domains behind it."""
    places = [n for n, word in enumerate(words) if word.text == "on" and not word.quoted and n > 1]
    # ``autostart on`` is no list of names.
    places = [n for n in places if words[n - 1].text != "autostart"]
    if not places or places[-1] == len(words) - 1:
        return list(words), (), None
    behind = words[places[-1] + 1 :]
    found: dict[Target, None] = {}
    for word in behind:
        if not word.text:
            continue
        try:
            found |= dict.fromkeys(find(word, survey, DOMAINS))
        except Unknown as error:
            choices = tuple(names(behind[-1].text, survey, DOMAINS, []))
            partial = bool(choices) and word is behind[-1]
            told = Told(choices, behind[-1].start, wrong=error.sentence, word=error.word,
                        partial=partial)  # fmt: skip
            return [], (), told
    if not found:
        choices = tuple(names("", survey, DOMAINS, []))
        told = Told(choices, behind[-1].start, wrong="name the domains it is for", partial=True)
        return [], (), told
    return list(words[: places[-1]]), tuple(found), None


def _first(last: Word, devices: Sequence[str]) -> Told:
    entries = [Entry(f"{one.name} ", one.name, one.help) for one in SETTINGS if not one.of]
    entries += [Entry(f"{name} ", name, "a device of the selected domain") for name in devices]
    entries.append(Entry(f"{REMOVE} ", REMOVE, "take a device away"))
    found = tuple(search(entries, last.text))
    wrong = "say what to set" if found or not last.text else f"{last.text} cannot be set"
    return Told(found, last.start, wrong=wrong, word="" if found else last.text,
                partial=bool(found), note="a setting, or a device")  # fmt: skip


def _second(last: Word, typed: Sequence[Word]) -> Told:
    """A device was named: what can be set of it."""
    entries = [Entry(f"{one.name} ", one.name, one.help) for one in SETTINGS if one.of]
    wanted = typed[1].text if len(typed) > 1 else ""
    found = tuple(search(entries, wanted)) if len(typed) <= 2 else ()
    wrong = "say what to set of it" if found else f"{wanted} cannot be set of a device"
    return Told(found, last.start, wrong=wrong, word="" if found else wanted, partial=bool(found))


def _remove(
    last: Word, rest: Sequence[Word], targets: tuple[Target, ...], devices: Sequence[str]
) -> Told:
    choices = tuple(search([Entry(f"{name} ", name) for name in devices], last.text))
    if not rest:
        return Told(choices, last.start, wrong="name the device to take away", partial=True)
    edit = Edit(REMOVE, rest[0].text)
    return Told(choices if rest[0] is last else (), last.start, Set(edit, targets))


def _values(setting: Setting, typed: str) -> tuple[Entry, ...]:
    return tuple(search([Entry(option, option) for option in setting.options], typed))
