"""Names of domains, networks and pools as they are typed: plain, ``host/name``, or a glob."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from virttui import formatting
from virttui.commandline.tokenizer import Token, quoted
from virttui.model.commands import Target
from virttui.model.identity import Kind
from virttui.model.inventory import Domain, DomainState, Inventory, Network, Pool
from virttui.render.search import PickerItem
from virttui.store.fleet_state import FleetState

ALL_KINDS = frozenset({Kind.DOMAIN, Kind.NETWORK, Kind.POOL})

KIND_WORDS = {
    "domain": Kind.DOMAIN,
    "net": Kind.NETWORK,
    "network": Kind.NETWORK,
    "pool": Kind.POOL,
}
_WORD_OF = {Kind.DOMAIN: "domain", Kind.NETWORK: "net", Kind.POOL: "pool"}
_SHOWN = 200


class NamedObject(Struct, frozen=True):
    """One object that can be named, with its host's name."""

    target: Target
    host: str
    state: str


class UnknownName(Exception):
    """A word that names nothing, or too much, told in one sentence."""

    def __init__(self, sentence: str, word: str) -> None:
        super().__init__(sentence)
        self.sentence, self.word = sentence, word


Thing = Domain | Network | Pool
Found = tuple[Kind, Thing, Inventory]


def everything(fleet_state: FleetState, kinds: Iterable[Kind]) -> Iterator[Found]:
    """All objects of the kinds: domains by name, then networks and pools host by host."""
    if Kind.DOMAIN in kinds:
        for key in fleet_state.domains:
            inventory = fleet_state.inventories[key.host]
            yield Kind.DOMAIN, inventory.domains[key.uuid], inventory
    for inventory in fleet_state.inventories.values():
        if Kind.NETWORK in kinds:
            for network in inventory.networks.values():
                yield Kind.NETWORK, network, inventory
        if Kind.POOL in kinds:
            for pool in inventory.pools.values():
                yield Kind.POOL, pool, inventory


def _named(found: Found) -> NamedObject:
    kind, thing, inventory = found
    if isinstance(thing, Domain):
        off = thing.state is DomainState.SHUTOFF
        state = "saved" if off and thing.saved else "off" if off else thing.state.value
    else:
        state = "active" if thing.active else "off"
    return NamedObject(Target(kind, thing.key, thing.name), inventory.host.name, state)


def find(word: Token, fleet_state: FleetState, kinds: frozenset[Kind]) -> list[Target]:
    """The objects that a word names; never none. Raises Unknown."""
    typed = word.text
    if not word.quoted and re.search(r"[*?\[]", typed):
        # A star is for domains where there can be any; pools go by their own names.
        among = kinds & {Kind.DOMAIN} or kinds
        found = [_named(one) for one in everything(fleet_state, among) if _matches(one, typed)]
        if not found:
            raise UnknownName(f"no {_kinds(among)} is like {typed}", typed)
        return [one.target for one in found]
    exact = [_named(one) for one in everything(fleet_state, kinds) if _is(one, typed)]
    if not exact:
        raise UnknownName(f"no {_kinds(kinds)} is called {typed}", typed)
    if len(exact) > 1:
        raise UnknownName(_clash(exact, typed), typed)
    return [exact[0].target]


def _is(found: Found, typed: str) -> bool:
    _, thing, inventory = found
    return typed in (thing.name, thing.key.uuid) or (
        "/" in typed and typed == f"{inventory.host.name}/{thing.name}"
    )


def _matches(found: Found, pattern: str) -> bool:
    _, thing, inventory = found
    return fnmatchcase(thing.name, pattern) or (
        "/" in pattern and fnmatchcase(f"{inventory.host.name}/{thing.name}", pattern)
    )


def _clash(exact: Sequence[NamedObject], typed: str) -> str:
    hosts = list(dict.fromkeys(one.host for one in exact))
    if len(hosts) > 1:
        return f"{typed} is on {formatting.listed(hosts)}: say {hosts[0]}/{typed}"
    kinds = list(dict.fromkeys(one.target.kind.value for one in exact))
    if len(kinds) > 1:
        return f"there is a {formatting.listed(kinds)} called {typed}: say {kinds[-1]} {typed}"
    return f"{typed} names {len(exact)} of {hosts[0]}: mark the right one"


def _kinds(kinds: Iterable[Kind]) -> str:
    words = [kind.value for kind in Kind if kind in kinds]
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def names(
    typed: str, fleet_state: FleetState, kinds: frozenset[Kind], taken: Iterable[str] = ()
) -> list[PickerItem[str]]:
    """How a name could go on; with its host before it where the name alone is not enough."""
    folded, without = typed.casefold(), frozenset(taken)
    begins: list[Found] = []
    holds: list[Found] = []
    for one in everything(fleet_state, kinds):
        name = one[1].name.casefold()
        # What cannot be typed is not offered; only a slash asks for hosts.
        held = folded in name or (
            "/" in typed and f"{one[2].host.name}/{name}".casefold().startswith(folded)
        )
        if held and name.isprintable():
            (begins if name.startswith(folded) else holds).append(one)
    found = begins + holds
    shown = found[: _SHOWN + len(without)]
    # Ten thousand names are gone through at each key: only what is shown is made into entries.
    same: dict[str, list[NamedObject]] = {one[1].name: [] for one in shown}
    for one in found:
        if one[1].name in same:
            same[one[1].name].append(_named(one))
    entries = [_entry(_named(one), typed, same[one[1].name], kinds) for one in shown]
    return [entry for entry in entries if entry.value not in without][:_SHOWN]


def _entry(
    one: NamedObject, typed: str, same: Sequence[NamedObject], kinds: frozenset[Kind]
) -> PickerItem[str]:
    """A completion that names one object alone: by its host, its kind, or both if need be."""
    target = one.target
    hosts = len({other.host for other in same}) > 1
    whole = f"{one.host}/{target.name}" if hosts or "/" in typed else target.name
    word = _WORD_OF[target.kind] if len({other.target.kind for other in same}) > 1 else ""
    kind = f"{target.kind.value}, " if len(kinds) > 1 else ""
    return PickerItem(
        f"{word} {quoted(whole)}".strip(),
        f"{word} {whole}".strip(),
        f"{kind}{one.state} on {one.host}",
    )
