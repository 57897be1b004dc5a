"""``set memory 2G``, ``set nic1 link down``, ``set vda cache none on web-*``, ``add nic``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from virttui.commandline.parsed import AddCommand, ParseResult, PasswordCommand, SetCommand
from virttui.commandline.targets import UnknownName, find, names
from virttui.commandline.tokenizer import Token, quoted, split
from virttui.model.commands import SettingChange, Target
from virttui.model.domains.devices import BY_DEVICE_KIND, DEVICE_KINDS
from virttui.model.domains.settings import ADD, BY_NAME, REMOVE, SETTINGS, Setting
from virttui.model.identity import Kind
from virttui.model.inventory import Inventory
from virttui.render.search import PickerItem, search
from virttui.store.fleet_state import FleetState

DOMAINS = frozenset({Kind.DOMAIN})


def read_set(
    line: str,
    start: int,
    fleet_state: FleetState,
    devices: Sequence[str],
    known: Mapping[str, Sequence[str]] = {},
) -> ParseResult:
    """Read what stands behind ``set``. ``devices`` are those of the selected domain, ``known`` the
    values that its host has for a setting."""
    words = split(line, start)
    before, targets, trouble = targets_of(words, fleet_state)
    if trouble is not None:
        return trouble
    last = words[-1]
    typed = [word for word in before if word.text]
    if not typed or (len(typed) == 1 and typed[0] is last):
        return _first(last, devices)
    setting = BY_NAME.get(typed[0].text)
    device = ""
    rest = typed[1:]
    if typed[0].text == ADD:
        return _device(last, rest, targets)
    if typed[0].text == REMOVE:
        return _remove(last, rest, targets, devices)
    if setting is None:
        device, setting = typed[0].text, BY_NAME.get(typed[1].text) if len(typed) > 1 else None
        rest = typed[2:]
        if setting is None or not setting.device_kind:
            return _second(last, typed)
    value = " ".join(word.text for word in rest)
    if not value:
        return ParseResult(_values(setting, "", known), last.start,
            error=f"it needs {setting.value}",
                    partial=True, note=setting.value)  # fmt: skip
    choices = _values(setting, last.text, known) if len(rest) == 1 and rest[0] is last else ()
    if setting.name == "autostart":
        if value not in setting.options:
            return ParseResult(choices, last.start, error="autostart is on or off", word=value)
        return ParseResult(
            choices, last.start, intent=SetCommand(SettingChange("autostart"), targets, value)
        )
    edit = SettingChange(setting.name, device, (("", value),))
    return ParseResult(choices, last.start, intent=SetCommand(edit, targets), note=setting.help)


def read_add(line: str, start: int, fleet_state: FleetState) -> ParseResult:
    """Read what stands behind ``add``."""
    words = split(line, start)
    before, targets, trouble = targets_of(words, fleet_state, least=1)
    if trouble is not None:
        return trouble
    return _device(words[-1], [word for word in before if word.text], targets)


def for_targets(
    intent: SetCommand | AddCommand | PasswordCommand, targets: tuple[Target, ...]
) -> tuple[SetCommand | AddCommand | PasswordCommand, str]:
    """The intent for domains that were chosen and not named, and why it cannot be."""
    if not targets:
        return intent, "no domain is selected"
    if isinstance(intent, AddCommand):
        return replace(intent, targets=targets), _too_many(intent.kind, targets)
    return replace(intent, targets=targets), ""


def _too_many(kind: str, targets: tuple[Target, ...]) -> str:
    if len(targets) < 2 or not kind or BY_DEVICE_KIND[kind].many:
        return ""
    return f"{BY_DEVICE_KIND[kind].words}: to one domain at a time"


def _device(last: Token, typed: Sequence[Token], targets: tuple[Target, ...]) -> ParseResult:
    """The kind of a new device; without one it is chosen from a list."""
    named = typed[0].text.casefold() if typed else ""
    entries = [PickerItem(f"{kind.name} ", kind.name, kind.help) for kind in DEVICE_KINDS]
    choices = tuple(search(entries, last.text)) if last.text in (named, "") else ()
    if named and named not in BY_DEVICE_KIND:
        partial = typed[0] is last and bool(choices)
        error = f"no device is called {named}"
        return ParseResult(choices, last.start, error=error, word=typed[0].text, partial=partial)
    if len(typed) > 1:
        return ParseResult((), last.start, error="one device at a time", word=typed[1].text)
    note = BY_DEVICE_KIND[named].help if named else "a device"
    if error := _too_many(named, targets):
        return ParseResult(choices, last.start, error=error, word=named)
    return ParseResult(choices, last.start, intent=AddCommand(named, targets), note=note)


def targets_of(
    words: Sequence[Token], fleet_state: FleetState, least: int = 2
) -> tuple[list[Token], tuple[Target, ...], ParseResult | None]:
    """The words before ``on``, at least so many, and the domains behind it."""
    positions = (n for n, word in enumerate(words) if word.text == "on" and not word.quoted)
    places = [n for n in positions if n >= least]
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
            found |= dict.fromkeys(find(word, fleet_state, DOMAINS))
        except UnknownName as error:
            choices = tuple(names(behind[-1].text, fleet_state, DOMAINS, []))
            partial = bool(choices) and word is behind[-1]
            result = ParseResult(choices, behind[-1].start, error=error.sentence, word=error.word,
                                 partial=partial)  # fmt: skip
            return [], (), result
    if not found:
        choices = tuple(names("", fleet_state, DOMAINS, []))
        error_text = "name the domains it is for"
        return [], (), ParseResult(choices, behind[-1].start, error=error_text, partial=True)
    return list(words[: places[-1]]), tuple(found), None


def _first(last: Token, devices: Sequence[str]) -> ParseResult:
    entries = [
        PickerItem(f"{one.name} ", one.name, one.help) for one in SETTINGS if not one.device_kind
    ]
    entries += [PickerItem(f"{name} ", name, "a device of the selected domain") for name in devices]
    entries.append(PickerItem(f"{ADD} ", ADD, "a new device, by a form"))
    entries.append(PickerItem(f"{REMOVE} ", REMOVE, "remove a device"))
    found = tuple(search(entries, last.text))
    error = "say what to set" if found or not last.text else f"{last.text} cannot be set"
    return ParseResult(found, last.start, error=error, word="" if found else last.text,
                partial=bool(found), note="a setting, or a device")  # fmt: skip


def _second(last: Token, typed: Sequence[Token]) -> ParseResult:
    """A device was named: what can be set of it."""
    entries = [
        PickerItem(f"{one.name} ", one.name, one.help) for one in SETTINGS if one.device_kind
    ]
    wanted = typed[1].text if len(typed) > 1 else ""
    found = tuple(search(entries, wanted)) if len(typed) <= 2 else ()
    error = "say which setting of it" if found else f"{wanted} cannot be set of a device"
    return ParseResult(
        found, last.start, error=error, word="" if found else wanted, partial=bool(found)
    )


def _remove(
    last: Token, rest: Sequence[Token], targets: tuple[Target, ...], devices: Sequence[str]
) -> ParseResult:
    choices = tuple(search([PickerItem(f"{name} ", name) for name in devices], last.text))
    if not rest:
        return ParseResult(choices, last.start, error="name the device to remove", partial=True)
    edit = SettingChange(REMOVE, rest[0].text)
    return ParseResult(
        choices if rest[0] is last else (), last.start, intent=SetCommand(edit, targets)
    )


def _values(
    setting: Setting, typed: str, known: Mapping[str, Sequence[str]]
) -> tuple[PickerItem[str], ...]:
    """What could stand there: what the host has first, then what is usual."""
    values = dict.fromkeys((*known.get(setting.name, ()), *setting.options))
    return tuple(
        search([PickerItem(quoted(one), one) for one in values if one.isprintable()], typed)
    )


def values_of(inventory: Inventory, fleet_state: FleetState) -> dict[str, list[str]]:
    """What a host has that settings name: networks, those that are on first, bridges, images."""
    networks = sorted(inventory.networks.values(), key=lambda one: (not one.active, one.name))
    nics = (nic for domain in inventory.domains.values() for nic in domain.nics)
    images = [
        f"{pool.name}/{volume.name}"
        for pool in inventory.pools.values()
        for volume in fleet_state.volumes.get(pool.key, ())
        if volume.format == "iso" or volume.name.casefold().endswith((".iso", ".img"))
    ]
    return {
        "network": [one.name for one in networks],
        "bridge": sorted({nic.source for nic in nics if nic.kind == "bridge"}),
        "media": sorted(images),
    }
