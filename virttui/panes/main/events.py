"""The list of events, newest first. Red only while the problem lasts; then the line is plain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from virttui import formatting
from virttui.export.fields import EVENT_LEVELS
from virttui.model.identity import ObjectId
from virttui.model.messages import HostEvent
from virttui.model.severity import Severity
from virttui.render.columns import Cell, Column, HideRule
from virttui.render.filter import FilterLanguage
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut_end
from virttui.render.list_pane import Pane
from virttui.store.fleet_state import FleetState


class EventRow(NamedTuple):
    """One event. The key's uuid is its number; ``lasts`` while its trouble is not over."""

    key: ObjectId
    event: HostEvent
    host: str
    lasts: bool


def rows(fleet_state: FleetState) -> Sequence[EventRow]:
    """All events, newest first; the newest alarm of an object that still needs attention
    lasts."""
    found: list[EventRow] = []
    seen: set[ObjectId] = set()
    for serial, event in ((one.serial, one.event) for one in fleet_state.events):
        lasts = False
        if event.level is Severity.ERROR and event.key is not None:
            lasts = event.key not in seen and event.key in fleet_state.concerns
            seen.add(event.key)
        found.append(
            EventRow(
                ObjectId(event.host, f"event {serial}"),
                event,
                fleet_state.host_name(event.host),
                lasts,
            )
        )
    return found


def _what(row: EventRow, look: RenderContext) -> Cell:
    event = row.event
    words = clean(event.text)
    if row.lasts:
        return (Run(f"{look.glyphs.warning} {words}", Role.ALARM),)
    if event.level is not Severity.OK and event.topic == "task":
        return (Run(f"{look.glyphs.failed} {words}", Role.BAD_STRONG),)
    return (Run(f"  {words}"),)


COLUMNS: tuple[Column[EventRow], ...] = (
    Column("time", "TIME", 8, lambda row, look: Run(formatting.clock(row.event.epoch), Role.MUTED)),
    Column("host", "HOST", 6, lambda row, look: row.host),
    Column("kind", "KIND", 7, lambda row, look: row.event.topic),
    Column("who", "WHO", 16, lambda row, look: row.event.subject),
    Column("what", "WHAT", 12, _what, flex=True, prose=True),
    Column("by", "BY", 6, lambda row, look: Run(row.event.actor, Role.MUTED)),
)

DROPS = (HideRule(("by",)), HideRule(("kind",)), HideRule(("host",)))


LANGUAGE: FilterLanguage[EventRow] = FilterLanguage(
    {
        "who": lambda row: row.event.subject,
        "host": lambda row: row.host,
        "kind": lambda row: row.event.topic,
        "what": lambda row: row.event.text,
        "level": lambda row: EVENT_LEVELS[row.event.level],
        "by": lambda row: row.event.actor,
    }
)
"""What a filter may ask of an event."""


def status_text(row: EventRow, fleet_state: FleetState, look: RenderContext) -> Line:
    """The event in words, with what it concerns."""
    event = row.event
    ago = formatting.span(max(0.0, look.epoch - event.epoch))
    text = f"  {clean(event.text)}, {ago} ago on {clean(row.host)}"
    return Run(clean(event.subject), Role.STRONG), Run(cut_end(text, 400))


def _about(rows: Sequence[EventRow]) -> str:
    if not rows:
        return "none yet"
    return f"{len(rows)} since {formatting.clock(rows[-1].event.epoch)[:5]}"


EVENTS: Pane[EventRow] = Pane(
    id="events",
    kind=None,
    columns=COLUMNS,
    drops=DROPS,
    rows=rows,
    row_role=lambda row: Role.TEXT,
    language=LANGUAGE,
    status_text=status_text,
    needs_attention=lambda row: row.event.level is not Severity.OK,
    order="newest first",
    pins=False,
    about=_about,
)
