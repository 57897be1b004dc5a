"""Parse a command line: its intent, the completions of its last word, its error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from virttui import palette
from virttui.actions.action import Action
from virttui.actions.registry import ACTIONS, BY_ID
from virttui.actions.target import ActionContext
from virttui.commandline import virsh
from virttui.commandline.disk_jobs import VERBS, for_one, read_work
from virttui.commandline.drop_snapshots import read_drop
from virttui.commandline.foreign_words import elsewhere
from virttui.commandline.guest_agent import read_password
from virttui.commandline.guest_keys import read_keys, read_type
from virttui.commandline.host_logs import host_names, read_host_logs
from virttui.commandline.import_archive import read_archive, read_import
from virttui.commandline.list_commands import read_export, read_go, read_view
from virttui.commandline.parsed import (
    ActionCommand,
    AddCommand,
    ConsoleCommand,
    DiskJobCommand,
    GuestKeysCommand,
    LineCommand,
    ParseResult,
    PasswordCommand,
    RevertCommand,
    SetCommand,
    SnapshotCommand,
    VirshLine,
)
from virttui.commandline.set_add import for_targets, read_add, read_set, values_of
from virttui.commandline.snapshots import for_domains, read_revert, read_snapshot
from virttui.commandline.targets import ALL_KINDS, KIND_WORDS, UnknownName, find, names
from virttui.commandline.tokenizer import Token, quoted, split
from virttui.local.paths import is_path
from virttui.model.commands import Target, Verb
from virttui.model.identity import Kind
from virttui.model.inventory import Domain
from virttui.render.search import PickerItem, search
from virttui.store.fleet_state import FleetState


class _Place(Struct, frozen=True):
    """What a line is read against."""

    situation: ActionContext
    fleet_state: FleetState
    columns: Sequence[str]
    known: Sequence[virsh.VirshCommand]
    host: str | None
    views: Sequence[str]
    paths: Callable[[str], Sequence[str]]


_RESUME = ("resume", "pause", Verb.RESUME)


def _phrases() -> dict[str, tuple[Action, Verb | None]]:
    """What actions on objects may be called, longest first: ``force off``, ``force-off``."""
    found: dict[str, tuple[Action, Verb | None]] = {}
    for action in ACTIONS:
        if action.kinds & ALL_KINDS:
            wanted = Verb.PAUSE if action.id == "pause" else None
            spaced = action.id.replace("-", " ")
            title = action.title.casefold()
            for phrase in (action.id, spaced, action.word, title, *action.aliases):
                found[phrase] = (action, wanted)
    found[_RESUME[0]] = (BY_ID[_RESUME[1]], _RESUME[2])
    return dict(sorted(found.items(), key=lambda one: -len(one[0])))


_PHRASES = _phrases()


def read(
    line: str,
    situation: ActionContext,
    fleet_state: FleetState,
    columns: Sequence[str] = (),
    known: Sequence[virsh.VirshCommand] = (),
    host: str | None = None,
    views: Sequence[str] = (),
    paths: Callable[[str], Sequence[str]] = lambda typed: (),
) -> ParseResult:
    """Read a line.

    ``columns`` can be sorted by; ``known`` is what the installed virsh has; ``host`` is the
    selected row's, which is virsh's; ``views`` are the names of those saved; ``paths`` gives what
    a path of this machine could become, as far as that is known.
    """
    place = _Place(situation, fleet_state, columns, known, host, views, paths)
    begin = len(line) - len(line.lstrip())
    folded = line.casefold()
    if folded.startswith("!", begin):
        return _virsh(line, begin + 1, place)
    for word, reader in _OWN.items():
        if folded.startswith(f"{word} ", begin):
            return _with_path(reader(line, begin + len(word) + 1, place), word, line, place)
    for phrase, (action, verb) in _PHRASES.items():
        if folded.startswith(f"{phrase} ", begin):
            return _act(line, begin + len(phrase) + 1, replace(_BARE, action=action, verb=verb),
                        place)  # fmt: skip
    return _command(line.strip(), place)


def _with_path(reading: ParseResult, word: str, line: str, place: _Place) -> ParseResult:
    """With what the path could become that is typed last, where the command wants one."""
    last = split(line)[-1]
    if word not in _OF_FILES or not is_path(last.text):
        return reading
    found = tuple(PickerItem(quoted(one), _tail(one)) for one in place.paths(last.text))
    return replace(reading, choices=found or reading.choices, start=last.start, path=last.text)


def _tail(path: str) -> str:
    """What is new of a path: its last name, a folder's with the slash behind it."""
    return path[path.rstrip("/").rfind("/") + 1 :]


_OF_FILES = frozenset({"import", "archive", "export"})
_BARE = ActionCommand(BY_ID["start"], ())


def _command(text: str, place: _Place) -> ParseResult:
    """A command without targets, found by any of its words."""
    if not text:
        return ParseResult(whole=True)
    entries = palette.commands(place.situation, place.columns)
    found = tuple(search(entries, text))
    phrase = _PHRASES.get(text.casefold())
    if _RESUME[0].startswith(text.casefold()):
        found = (*found, PickerItem(_RESUME[0], _RESUME[0], "what is paused"))
    # What is typed in full is meant, whatever else begins with it.
    found = tuple(sorted(found, key=lambda entry: entry.words.casefold() != text.casefold()))
    if text in ("q", "q!", "quit"):
        return ParseResult(found, whole=True, intent=LineCommand("quit"))
    if said := elsewhere(text, entries, place.known, found=bool(found)):
        return ParseResult(found, whole=True, error=said)
    if not found:
        return ParseResult(whole=True, error=f"no command is called {text}")
    if phrase is not None and phrase[1] is not None:
        # Which way it goes was said, and must not be turned round by what is selected.
        return _act(f"{text} ", len(text) + 1, replace(_BARE, action=phrase[0], verb=phrase[1]),
                    place)  # fmt: skip
    return ParseResult(found, whole=True, intent=LineCommand(found[0].value))


# -- actions with targets ----------------------------------------------------------------------


class _ReadTargets(Struct, frozen=True):
    """What the words behind an action say; ``kinds`` is what the last of them may be."""

    targets: list[Target]
    kinds: frozenset[Kind]
    verb: Verb | None
    unknown: UnknownName | None


def _act(line: str, start: int, act: ActionCommand, place: _Place) -> ParseResult:
    """An action's options and targets; with none at all it is for the selection or the marks."""
    words = split(line, start)
    last = words[-1]
    if act.action.id in ("rename", "clone") and len(words) > 1:
        return _rename(words, act, place)
    if (own := _with_words_of_its_own(words, act, place)) is not None:
        return own
    heard = _read_targets(words, act, place)
    options = _OPTIONS.get(act.action.id, {})
    before = [word.text for word in words[:-1]]
    going_on = _going_on(last, before, heard.kinds, options, place)
    if act.action.id == "logs" and len(words) == 1:
        going_on += host_names(last.text, place.fleet_state)
    reading = ParseResult(tuple(going_on), last.start)
    if heard.unknown is not None:
        error = heard.unknown
        partial = bool(reading.choices) and error.word == last.text
        return replace(reading, error=error.sentence, word=error.word, partial=partial)
    targets = heard.targets
    if not targets and heard.verb is None:
        return replace(reading, intent=LineCommand(act.action.id))
    if not targets:
        subjects = place.situation.subjects
        targets = [Target(s.kind, s.key, s.name) for s in subjects if s.kind in heard.kinds]
    if not targets:
        return replace(reading, error=f"{act.action.word}: nothing is selected")
    if len({target.kind for target in targets}) > 1:
        return replace(reading, error="one kind at a time: domains, networks or pools")
    if act.action.single_target and len(targets) > 1:
        return replace(reading, error=f"{act.action.word}: one at a time")
    return replace(reading, intent=ActionCommand(act.action, tuple(targets), heard.verb))


def _with_words_of_its_own(
    words: Sequence[Token], act: ActionCommand, place: _Place
) -> ParseResult | None:
    """The consoles of domains and the logs of hosts; None for a line of domains' names alone."""
    if act.action.id == "console":
        return _console(words, place)
    return read_host_logs(words, place.fleet_state) if act.action.id == "logs" else None


def _read_targets(words: Sequence[Token], act: ActionCommand, place: _Place) -> _ReadTargets:
    """Kind words, options and names, in any order; of what is not known only the first."""
    possible = act.action.kinds & ALL_KINDS
    options = _OPTIONS.get(act.action.id, {})
    targets: dict[Target, None] = {}
    kinds, verb, unknown = possible, act.verb, None
    for word in words:
        kind = None if word.quoted or word is words[-1] else KIND_WORDS.get(word.text.casefold())
        if kind in possible:
            kinds = frozenset({kind})
        elif word.text in options:
            verb = options[word.text]
        elif word.text:
            try:
                targets |= dict.fromkeys(find(word, place.fleet_state, kinds))
            except UnknownName as error:
                unknown = unknown or error
    return _ReadTargets(list(targets), kinds, verb, unknown)


_OPTIONS = {"autostart": {"--on": Verb.AUTOSTART_ON, "--off": Verb.AUTOSTART_OFF}}


def _going_on(
    last: Token, before: Sequence[str], kinds: frozenset[Kind], options: dict[str, Verb],
    place: _Place,
) -> list[PickerItem[str]]:  # fmt: skip
    """How the last word of an action's line could go on."""
    if last.text.startswith("-"):
        return [PickerItem(word, word) for word in options if word.startswith(last.text)]
    found = names(last.text, place.fleet_state, kinds, before)
    if len(kinds) > 1 and last.text:
        found += [
            PickerItem(f"{word} ", word, "a name follows")
            for word in ("domain", "net", "pool")
            if KIND_WORDS[word] in kinds and word.startswith(last.text) and word != last.text
        ]
    return found


def _rename(words: Sequence[Token], act: ActionCommand, place: _Place) -> ParseResult:
    """``rename OLD NEW``, ``clone NAME NEW``."""
    old, new, *more = words
    try:
        targets = find(old, place.fleet_state, act.action.kinds)
    except UnknownName as error:
        return ParseResult(error=error.sentence, word=error.word)
    if len(targets) > 1 or any(word.text for word in more):
        return ParseResult(error=f"{act.action.id} needs a name and a new name")
    return ParseResult(
        intent=ActionCommand(act.action, tuple(targets), act.verb, new.text),
        note="" if new.text else "its new name",
    )


def _console(words: Sequence[Token], place: _Place) -> ParseResult | None:
    """``console NAME DEVICE``, ``console --take NAME``; None for a line with a name alone."""
    given = [word for word in words if word.text and word.text != _TAKE]
    takes = any(word.text == _TAKE for word in words)
    last = words[-1]
    if not takes and last.text.startswith("-"):
        return ParseResult((PickerItem(f"{_TAKE} ", _TAKE, "from whoever has it"),), last.start)
    if not given or (len(given) == 1 and not takes):
        return None if not takes else ParseResult(error="name a domain", partial=True)
    name, *more = given
    choices = names(name.text, place.fleet_state, frozenset({Kind.DOMAIN})) if name is last else []
    reading = ParseResult(tuple(choices), last.start)
    try:
        targets = find(name, place.fleet_state, frozenset({Kind.DOMAIN}))
    except UnknownName as error:
        return replace(reading, error=error.sentence, word=error.word, partial=bool(choices))
    device = more[0].text if more else ""
    others = names(device, place.fleet_state, frozenset({Kind.DOMAIN})) if device else []
    if len(targets) > 1 or any(one.value == device for one in others):
        return replace(reading, error="console: one at a time")
    if len(more) > 1:
        return replace(reading, error="one domain and one console of it", word=more[1].text)
    return replace(reading, intent=ConsoleCommand(targets[0], device, takes))


_TAKE = "--take"


# -- commands of the line's own ----------------------------------------------------------------


def _virsh(line: str, start: int, place: _Place) -> ParseResult:
    """What follows ``virsh``: its commands, then the names its command is about."""
    words = split(line, start)
    last = words[-1]
    checked = virsh.check(line[start:], place.known if len(words) > 1 else ())
    choices: list[PickerItem[str]] = []
    if len(words) == 1:
        found = [one for one in place.known if last.text in one.name]
        found.sort(key=lambda one: not one.name.startswith(last.text))
        choices = [PickerItem(one.name, one.name, one.help) for one in found]
    elif not last.text.startswith("-"):
        kind = next((one.kind for one in place.known if one.name == words[0].text), None)
        if kind is not None:
            taken = {word.text for word in words[:-1]}
            choices = names(last.text, _host_only(place), frozenset({kind}), taken)
    reading = ParseResult(tuple(choices), last.start)
    if checked.error:
        return replace(reading, error=checked.error, partial=not line[start:].strip())
    return replace(reading, intent=VirshLine(checked))


def _host_only(place: _Place) -> FleetState:
    """The fleet state of the selected row's host alone: virsh knows no other."""
    host, fleet_state = place.host, place.fleet_state
    if host is None or host not in fleet_state.inventories:
        return fleet_state
    return replace(
        fleet_state,
        inventories={host: fleet_state.inventories[host]},
        domains=[key for key in fleet_state.domains if key.host == host],
    )


def _set(line: str, start: int, place: _Place) -> ParseResult:
    """An edit of the selected domains, or of those named behind ``on``."""
    subjects = place.situation.subjects
    thing = subjects[0].thing if subjects else None
    devices: list[str] = []
    if isinstance(thing, Domain):
        devices = [disk.target for disk in thing.disks]
        devices += [f"nic{number}" for number in range(1, len(thing.nics) + 1)]
    here = place.fleet_state.inventories[thing.key.host] if isinstance(thing, Domain) else None
    known = values_of(here, place.fleet_state) if here is not None else {}
    return _for_selection(read_set(line, start, place.fleet_state, devices, known), place)


def _add(line: str, start: int, place: _Place) -> ParseResult:
    """A new device for the selected domains, or for those named behind ``on``."""
    return _for_selection(read_add(line, start, place.fleet_state), place)


def _work(word: str, line: str, start: int, place: _Place) -> ParseResult:
    """Work on a disk of the selected domain, or of the one named behind ``on``."""
    subjects = place.situation.subjects
    thing = subjects[0].thing if subjects else None
    disks: list[str] = []
    pools: list[str] = []
    if isinstance(thing, Domain):
        disks = [disk.target for disk in thing.disks if disk.device == "disk"]
        found = place.fleet_state.inventories[thing.key.host].pools.values()
        pools = sorted(pool.name for pool in found if pool.active)
    return _for_selection(read_work(word, line, start, place.fleet_state, disks, pools), place)


def _guest_keys(
    reader: Callable[[str, int, FleetState], ParseResult], line: str, start: int, place: _Place
) -> ParseResult:
    """Keys for the selected domain, or for the one named behind ``on``."""
    result = reader(line, start, place.fleet_state)
    intent = result.intent
    if not isinstance(intent, GuestKeysCommand):
        return result
    targets = intent.targets or _selected(place)
    if len(targets) != 1:
        error = "one domain at a time" if targets else "no domain is selected"
        return replace(result, intent=None, error=error)
    return replace(result, intent=replace(intent, targets=targets))


_ForDomains = (
    SetCommand | AddCommand | DiskJobCommand | PasswordCommand | SnapshotCommand | RevertCommand
)


def _selected(place: _Place) -> tuple[Target, ...]:
    """The domains that are selected or marked."""
    subjects = place.situation.subjects
    return tuple(Target(s.kind, s.key, s.name) for s in subjects if s.kind is Kind.DOMAIN)


def _for_selection(result: ParseResult, place: _Place) -> ParseResult:
    """An edit that names no domains, made one for the selected or marked domains."""
    intent = result.intent
    if not isinstance(intent, _ForDomains) or intent.targets:
        return result
    chosen = _selected(place)
    edit: _ForDomains
    if isinstance(intent, DiskJobCommand):
        edit, error = for_one(intent, chosen)
    elif isinstance(intent, SnapshotCommand | RevertCommand):
        edit, error = for_domains(intent, chosen)
    else:
        edit, error = for_targets(intent, chosen)
    return replace(result, intent=None if error else edit, error=error)


_OWN: dict[str, Callable[[str, int, _Place], ParseResult]] = {
    "virsh": _virsh,
    "export": lambda line, start, place: read_export(line, start),
    "import": lambda line, start, place: read_import(line, start),
    "archive": lambda line, start, place: read_archive(
        line, start, place.situation, place.fleet_state
    ),
    "go": lambda line, start, place: read_go(line, start, place.fleet_state),
    "view": lambda line, start, place: read_view(line, start, place.views),
    "password": lambda line, start, place: _for_selection(
        read_password(line, start, place.fleet_state), place
    ),
    "snapshot": lambda line, start, place: _for_selection(
        read_snapshot(line, start, place.fleet_state), place
    ),
    "revert": lambda line, start, place: _for_selection(
        read_revert(line, start, place.fleet_state), place
    ),
    "drop snapshots": lambda line, start, place: read_drop(line, start, _selected(place)),
    "set": _set,
    "add": _add,
    "keys": partial(_guest_keys, read_keys),
    "type": partial(_guest_keys, read_type),
    **{word: partial(_work, word) for word in VERBS},
}
