"""The keys line, the order words of a rule, and what an empty list says."""

from __future__ import annotations

from typing import Any

from virttui import formatting
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionContext
from virttui.model.inventory import ConnectionState, Inventory, Network, Part
from virttui.panes.main.tasks import TaskRow
from virttui.panes.virsh_equivalent import virsh, virsh_job
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean
from virttui.render.list_pane import ListOptions, Pane, VisibleRows
from virttui.store.fleet_state import FleetState

_KEYS = {
    "domains": ("start", "shutdown", "force-off", "pause", "console", "open", "filter"),
    "networks": (
        "plug",
        "start",
        "stop",
        "autostart",
        "create",
        "fix-lease",
        "hands-out",
        "xml",
        "topology",
        "restart-network",
        "delete",
        "filter",
    ),
    "storage": ("start", "stop", "autostart", "create", "refresh-pool", "delete", "open", "filter"),
    "hosts": ("open", "refresh", "copy", "filter"),
    "tasks": ("retry", "cancel", "open", "task-logs", "copy", "filter"),
    "events": ("open", "export-events", "filter", "freeze", "attention"),
}
# On narrow screens the first one gives way, so that ``esc`` can be seen.
_MARKED = ("start", "shutdown", "force-off", "pause", "save", "autostart", "screen")
_MARKED_THINGS = ("start", "stop", "plug", "autostart")
_OPENS = {
    "domains": "details",
    "storage": "volumes",
    "hosts": "its domains",
    "tasks": "go to target",
    "events": "go to it",
}


def hints(situation: ActionContext, width: int, *, stale: bool) -> tuple[list[KeyHint], str]:
    """The keys of this pane and row in their fixed order, and the words before them."""
    wide = width >= 120
    before, ids = "", _KEYS[situation.pane]
    volumes = situation.pool is not None
    if situation.marked:
        before = f"on {len(situation.subjects)} marked:"
        ids = _MARKED[0 if wide else 1 :] if situation.pane == "domains" else _MARKED_THINGS
    elif volumes:
        ids = ("next-part", "new-volume", "resize", "clone-volume", "upload", "download", "delete",
               "xml", "filter")  # fmt: skip
    shown = []
    for id in ids:
        action = BY_ID[id]
        if (not action.fits(situation) and action.kinds) or (id == "plug" and not _lost(situation)):
            continue
        word = _OPENS.get(situation.pane, action.word) if id == "open" else action.word
        if volumes and id == "next-part":
            word = "pools"
        if id == "copy" and situation.pane == "tasks":
            word = "copy virsh line"
        shown.append(KeyHint(action.key, word, not action.why_not(situation), id))
    if stale and situation.pane in ("domains", "networks", "storage"):
        shown.insert(-1, KeyHint("ctrl+r", "try now", id="refresh"))
    if situation.marked:
        shown.append(KeyHint("esc", "clear marks" if wide else "clear", id="back", keep=True))
    elif volumes:
        shown.append(KeyHint("esc", "close", id="back"))
    shown.append(KeyHint("?", "all keys" if wide else "keys", id="help", keep=True))
    return shown, before


def _lost(situation: ActionContext) -> bool:
    """Return true if a selected network has NICs without a link."""
    things = [subject.thing for subject in situation.subjects]
    return any(isinstance(thing, Network) and thing.unplugged for thing in things)


def order_words(pane: Pane[Any], choice: ListOptions, look: RenderContext) -> str:
    """``attention first  sort cpu▼``, or the order a list always has."""
    column = pane.column(choice.sort)
    if column is None:
        return pane.order
    mark = look.glyphs.down if choice.descending else look.glyphs.up
    first = "attention first  " if choice.attention_first and pane.pins else ""
    return f"{first}sort {column.name}{mark}"


def equivalent_commands(row: TaskRow, fleet_state: FleetState) -> str:
    """The virsh lines of a task or a batch; for a job of others, the one that shows it."""
    lines = [
        virsh(task.command, host.uri)
        for task in row.tasks
        if (host := fleet_state.host(task.command.target.key.host)) is not None
    ]
    host = fleet_state.host(row.target.key.host)
    if row.task is None and row.job is not None and host is not None:
        lines.append(virsh_job(row.job, host.uri))
    return "\n".join(lines)


# -- the states of a list ----------------------------------------------------------------------


def list_words(
    listing: VisibleRows, choice: ListOptions, fleet_state: FleetState, look: RenderContext
) -> Line:
    """The text for a list without rows: loading, empty, filtered out, deleted or denied."""
    if listing.rows:
        return ()
    role = Role.MUTED
    if listing.total and choice.filter:
        text = f"no match for /{choice.filter.text} among {listing.total}. esc clears the filter"
    elif listing.total:
        text = f"none of {listing.total} needs attention. esc shows them all"
    elif listing.pane.id in ("tasks", "events"):
        text = {"tasks": "no tasks yet", "events": "no events yet"}[listing.pane.id]
    elif listing.pane.id == "volumes":
        text = (
            "no volumes in this pool"
            if listing.pane.ready(fleet_state)
            else "asking for its volumes"
        )
    else:
        text = _nothing(listing.pane.id, fleet_state, look)
    return Run("  "), Run(clean(text), role)


def _nothing(what: str, fleet_state: FleetState, look: RenderContext) -> str:
    """The reason why a pane over all hosts has no row."""
    inventories = list(fleet_state.inventories.values())
    things = "pools" if what == "storage" else what
    waiting = [
        i for i in inventories if i.host.phase is ConnectionState.CONNECTING or _unread(i, what)
    ]
    if waiting:
        names = formatting.listed([i.host.name for i in waiting[:3]])
        since = max(look.now - i.host.since_at for i in waiting)
        their = "its" if len(waiting) == 1 else "their"
        return f"asking {names} for {their} {things}, {formatting.span(since)}"
    denied = [i for i in inventories if i.host.phase is ConnectionState.DENIED]
    if denied:
        host = denied[0].host
        why = host.trouble.message if host.trouble else f"{host.name} denies you access"
        return f"{host.name}: {why}. virttui doctor says what is missing"
    stale = [i for i in inventories if not i.current]
    if stale:
        return f"{stale[0].host.name}: {_no_answer(stale[0], look)}"
    for one in inventories:
        if what in _PARTS and (reason := one.missing_parts.get(_PARTS[what])):
            return f"{one.host.name} does not report its {things}: {reason}"
    where = inventories[0].host.name if len(inventories) == 1 else "any host"
    return f"no {things} on {where}"


_PARTS = {"networks": Part.NETWORKS, "storage": Part.POOLS}


def _unread(inventory: Inventory, what: str) -> bool:
    if inventory.host.phase is not ConnectionState.LIVE:
        return False
    return inventory.awaits(_PARTS[what]) if what in _PARTS else not inventory.listed


def _no_answer(inventory: Inventory, look: RenderContext) -> str:
    host = inventory.host
    if host.answered_at is not None:
        text = f"has not answered for {formatting.span(look.now - host.answered_at)}"
    else:
        text = host.trouble.message if host.trouble else "has not answered yet"
    if host.next_try_at is not None and host.next_try_at > look.now:
        text += f". Next try in {formatting.span(host.next_try_at - look.now)}, ctrl+r tries now"
    return text
