"""The rule over a list: how many rows it has, what hides the others, and their order."""

from __future__ import annotations

from virttui.model.identity import ObjectId
from virttui.panes.main import key_hints
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean
from virttui.render.list_view import ListView
from virttui.store.fleet_state import FleetState


def rule_of(
    view: ListView,
    fleet_state: FleetState,
    pool: ObjectId | None,
    look: RenderContext,
    width: int,
    focused: bool,
    frozen: bool,
) -> Line:
    """The rule of one list; ``pool`` is the one whose volumes are open."""
    pane, choice, listing = view.pane, view.choice, view.listing
    title, count = pane.id, str(listing.total)
    if listing.passed < listing.total:
        count = f"{listing.passed} of {listing.total}"
    elif pane.about is not None:
        count = pane.about(listing.members)
    if pane.id == "volumes" and pool is not None:
        known = fleet_state.pool(pool)
        title = f"volumes of {clean(known.name) if known else 'a pool that is gone'}"
        count = count if pool in fleet_state.volumes else ""
    order = key_hints.order_words(pane, choice, look)
    notes = [Run(words, Role.ACCENT) for words in _notes(view, fleet_state, frozen)]
    return chrome.pane_rule(
        title, count, notes, _marks(view), order, focused=focused, look=look, width=width
    )


def _notes(view: ListView, fleet_state: FleetState, frozen: bool) -> list[str]:
    """Notes about what hides, groups or freezes the rows."""
    pane, choice = view.pane, view.choice
    notes = []
    if choice.filter:
        notes.append(f"/{clean(choice.filter.text)}")
    if choice.attention_only:
        others = sum(concern.kind is not pane.kind for concern in fleet_state.concerns.values())
        notes.append("only what needs attention" + (f", {others} in other panes" if others else ""))
    if choice.group in pane.groups:
        notes.append(pane.groups[choice.group].title)
    if view.cursor.follow:
        notes.append("following")
    if frozen:
        notes.append("frozen, u resumes")
    return notes


def _marks(view: ListView) -> str:
    shown = len(view.rows_marked)
    hidden = len(view.cursor.marks) - shown
    text = f"{shown} marked" + (f", {hidden} hidden" if hidden else "")
    return text if shown or hidden else ""
