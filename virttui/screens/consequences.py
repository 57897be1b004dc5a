"""What stopping or deleting a network or pool does to the domains on it, for the confirmation."""

from __future__ import annotations

from virttui.actions import Action, Subject
from virttui.model.inventory import Inventory, Network, Pool
from virttui.panes import attached, places
from virttui.panes.glyphs import Look
from virttui.panes.line import Line


def loses(action: Action, subject: Subject, inventory: Inventory) -> str:
    """What is lost, with what it does to those on it."""
    thing = subject.thing
    if isinstance(thing, Network):
        if action.id == "stop":
            return attached.before_stop(thing, inventory)
        return f"{action.loses} {attached.if_deleted(thing, inventory)}".rstrip()
    if isinstance(thing, Pool):
        if action.id == "stop":
            return places.if_stopped(thing, inventory)
        return f"{action.loses} {places.if_deleted(thing, inventory)}".rstrip()
    return action.loses


def touched(action: Action, subject: Subject, inventory: Inventory, look: Look) -> tuple[Line, ...]:
    """Who is on a network or pool that is stopped or deleted."""
    if action.id not in ("stop", "delete"):
        return ()
    if isinstance(subject.thing, Network):
        return tuple(attached.who(subject.thing, inventory, look))
    if isinstance(subject.thing, Pool):
        return tuple(places.who(subject.thing, inventory, look))
    return ()
