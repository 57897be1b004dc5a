"""Parts that rows of networks and pools share: a running task, and a state that is old."""

from __future__ import annotations

from virttui import formatting
from virttui.model.identity import ObjectId
from virttui.model.inventory import Inventory
from virttui.render.columns import StateCell
from virttui.render.glyphs import RenderContext
from virttui.render.line import Role
from virttui.store.fleet_state import FleetState


def working(fleet_state: FleetState, key: ObjectId) -> str:
    """The task at work on an object and its age, "" without one."""
    task = fleet_state.at_work.get(key)
    if task is None:
        return ""
    return f"{task.command.verb.label} {formatting.age(task.duration(fleet_state.now))}"


def stale_or_working(
    inventory: Inventory, active: bool, word: str, task: str, look: RenderContext
) -> StateCell | None:
    """The STATE cell of an object whose host does not answer, or that a task is at work on."""
    glyphs = look.glyphs
    if not inventory.current:
        answered = inventory.host.answered_at
        since = inventory.at if answered is None else answered
        glyph = glyphs.running if active else glyphs.off
        return StateCell(glyph, word, age=formatting.age(look.now - since))
    return StateCell(glyphs.working, task, Role.ACCENT, Role.ACCENT) if task else None
