"""``logs HOST``: the logs of a host, where no domain is called so."""

from __future__ import annotations

from collections.abc import Sequence

from virttui.commandline.parsed import HostLogsCommand, ParseResult
from virttui.commandline.targets import UnknownName, find
from virttui.commandline.tokenizer import Token, quoted
from virttui.model.identity import Kind
from virttui.render.search import PickerItem
from virttui.store.fleet_state import FleetState


def read_host_logs(words: Sequence[Token], fleet_state: FleetState) -> ParseResult | None:
    """The logs of the host that is the only word; None where it is not one."""
    given = [word for word in words if word.text]
    if len(given) != 1:
        return None
    named = given[0].text
    hosts = [one.host for one in fleet_state.inventories.values()]
    found = [host for host in hosts if named in (host.name, host.id)]
    if len(found) != 1:
        return None
    try:
        find(given[0], fleet_state, frozenset({Kind.DOMAIN}))
    except UnknownName:
        intent = HostLogsCommand(found[0].id, found[0].name)
        return ParseResult((_item(found[0].name),), given[0].start, intent=intent)
    return None


def host_names(typed: str, fleet_state: FleetState) -> list[PickerItem[str]]:
    """The hosts that a word could become."""
    folded = typed.casefold()
    names = [one.host.name for one in fleet_state.inventories.values()]
    return [_item(name) for name in names if name.isprintable() and folded in name.casefold()]


def _item(name: str) -> PickerItem[str]:
    return PickerItem(quoted(name), name, "the host itself")
