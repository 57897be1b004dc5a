"""What can be chosen by its words: the palette, and the completions of the ``:`` line.

Both are made from the actions and from what there is; an action that cannot be done now is listed
with the reason, so that looking for it teaches something.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from virttui.actions.action import Action, HelpSection
from virttui.actions.registry import ACTIONS
from virttui.actions.target import ActionContext
from virttui.model.identity import ObjectId
from virttui.panes.domains.pane import GROUPS
from virttui.render.search import PickerItem
from virttui.store.fleet_state import FleetState


class PaneRow(Struct, frozen=True):
    """A row of a pane, by the id of its object."""

    pane: str
    key: ObjectId


_NOT_LISTED = frozenset({"palette", "command", "up", "down", "back", "last-part"})


def actions(situation: ActionContext) -> list[PickerItem[str]]:
    """Every action that means something here."""
    found = []
    for action in ACTIONS:
        if action.id in _NOT_LISTED or not action.fits(situation):
            continue
        found.append(
            PickerItem(action.id, _words(action), _note(action, situation), action.key,
                  action.why_not(situation))
        )  # fmt: skip
    return found


def _older_names(situation: ActionContext) -> list[PickerItem[str]]:
    """The names that actions had before, which the ``:`` line still accepts."""
    return [
        PickerItem(action.id, alias, f"an older name of {_words(action)}",
                   why_not=action.why_not(situation))
        for action in ACTIONS
        if action.fits(situation)
        for alias in action.aliases
    ]  # fmt: skip


def _words(action: Action) -> str:
    if action.id.startswith("pane-"):
        return f"show {action.word}"
    return action.title.lower() if action.title[1:].islower() else action.title


def _note(action: Action, situation: ActionContext) -> str:
    """What an action would act on."""
    if action.place is not HelpSection.OBJECT or not situation.subjects:
        return ""
    if len(situation.subjects) > 1:
        return f"{len(situation.subjects)} marked"
    return situation.subjects[0].name


def everything(
    situation: ActionContext, fleet_state: FleetState
) -> list[PickerItem[str | PaneRow]]:
    """The actions by their ids, then every domain, network, pool and host by name."""
    found: list[PickerItem[str | PaneRow]] = [*actions(situation)]
    for key in fleet_state.domains:
        domain = fleet_state.domain(key)
        if domain is not None:
            host = fleet_state.host_name(key.host)
            found.append(PickerItem(PaneRow("domains", key), domain.name, f"domain, {host}"))
    for id, inventory in fleet_state.inventories.items():
        name = inventory.host.name
        for network in inventory.networks.values():
            row = PaneRow("networks", network.key)
            found.append(PickerItem(row, network.name, f"network, {name}"))
        for pool in inventory.pools.values():
            found.append(PickerItem(PaneRow("storage", pool.key), pool.name, f"pool, {name}"))
        found.append(PickerItem(PaneRow("hosts", ObjectId(id, "")), name, "host"))
    return found


def commands(situation: ActionContext, columns: Iterable[str]) -> list[PickerItem[str]]:
    """What the ``:`` line understands: actions by name, and a few commands of its own."""
    found = [*actions(situation), *_older_names(situation)]
    found += [PickerItem(f"sort {name}", f"sort {name}", "twice inverts it") for name in columns]
    if situation.pane == "domains":
        found += [
            PickerItem(f"group {name}", f"group {name}", "rows under headings") for name in GROUPS
        ]
        found.append(PickerItem("group off", "group off", "no groups"))
    found += [
        PickerItem("attention on", "attention on", "rows that need attention come first"),
        PickerItem("attention off", "attention off", "rows in sort order only"),
        PickerItem("attention on", "eyes on", "an older name of attention on"),
        PickerItem("attention off", "eyes off", "an older name of attention off"),
        PickerItem("demo", "demo", "simulated hosts, nothing real"),
        PickerItem("go", "go", "to a name: go web-01, go kvm01/web-01"),
        PickerItem("add", "add", "a device: add nic, add disk"),
        PickerItem("set", "set", "a setting: set memory 2G, set nic1 link down"),
        PickerItem("xml", "xml", "the XML of a host's documents: filters, secrets, capabilities")
        if situation.pane == "hosts"
        else PickerItem("documents", "documents", "snapshots, filters, secrets, what was deleted"),
        PickerItem("secrets", "secrets", "define one, set its value, delete it"),
        PickerItem("nwfilters", "nwfilters", "network filters, which NICs use each"),
        PickerItem("orphans", "orphans", "the pool's volumes that nobody uses"),
        PickerItem("drafts", "drafts", "edits that were not finished"),
        PickerItem("leftovers", "leftovers", "what interrupted creations left behind"),
        PickerItem("export", "export", "this list to a file: export FILE.csv"),
        PickerItem("virsh", "virsh", "any virsh command on this row's host"),
        PickerItem("view", "view", "a saved view: view NAME, view save NAME"),
        PickerItem("unhealthy", "unhealthy", "only what needs attention, with the reason"),
    ]
    if situation.pane != "networks":
        found.append(PickerItem("topology", "topology", "domains and NICs by network, as a tree"))
    return found
