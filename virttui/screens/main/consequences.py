"""What stopping or deleting something loses, and what it does to others, for the confirmation."""

from __future__ import annotations

from collections.abc import Sequence

from virttui import formatting
from virttui.actions.action import Action
from virttui.actions.target import ActionTarget
from virttui.model.inventory import Domain, Inventory, Network, Part, Pool
from virttui.panes.networks import users
from virttui.panes.storage import pool_users
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line


def consequence(action: Action, subject: ActionTarget, inventory: Inventory) -> str:
    """What is lost, with what it does to those on it, and whether all of those are known."""
    said = _consequence(action, subject, inventory)
    of_others = action.id in ("stop", "delete") and isinstance(subject.thing, Network | Pool)
    if not of_others or Part.DEFINITIONS not in inventory.missing_parts:
        return said
    why = inventory.missing_parts[Part.DEFINITIONS] or "they are being read"
    return f"{said} Not all definitions are known ({why}): more may use it.".lstrip()


def _consequence(action: Action, subject: ActionTarget, inventory: Inventory) -> str:
    thing = subject.thing
    if isinstance(thing, Network):
        if action.id == "stop":
            return users.stop_confirmation(thing, inventory)
        return f"{action.consequence} {users.delete_warning(thing, inventory)}".rstrip()
    if isinstance(thing, Pool):
        if action.id == "stop":
            return pool_users.stop_warning(thing, inventory)
        return f"{action.consequence} {pool_users.delete_warning(thing, inventory)}".rstrip()
    return f"{action.consequence} {transient(action, (subject,))}".rstrip()


def transient(action: Action, subjects: Sequence[ActionTarget]) -> str:
    """What is lost of domains that have no stored definition, "" when nothing is."""
    if action.id not in ("force-off", "shutdown"):
        return ""
    found = [
        one.name for one in subjects if isinstance(one.thing, Domain) and not one.thing.persistent
    ]
    if not found:
        return ""
    if len(subjects) == 1:
        said = "It is transient: its definition goes with it"
    else:
        rest = "is transient: its definition goes" if len(found) == 1 else ""
        said = f"{formatting.listed(found)} {rest or 'are transient: their definitions go'} too"
    return f"{said}. The history of this machine keeps it; libvirt does not."


def touched(
    action: Action, subject: ActionTarget, inventory: Inventory, look: RenderContext
) -> tuple[Line, ...]:
    """Who is on a network or pool that is stopped or deleted."""
    if action.id not in ("stop", "delete"):
        return ()
    if isinstance(subject.thing, Network):
        return tuple(users.user_lines(subject.thing, inventory, look))
    if isinstance(subject.thing, Pool):
        return tuple(pool_users.user_lines(subject.thing, inventory, look))
    return ()
