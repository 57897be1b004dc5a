"""What happened, newest first. Red only while that trouble lasts; once over, the line is plain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from virttui import formatting
from virttui.export.fields import EVENT_LEVELS
from virttui.model.identity import ObjectId
from virttui.model.queries import HostEvent
from virttui.model.severity import Severity
from virttui.render.columns import Cell, Column, HideRule
from virttui.render.filter import FilterLanguage
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut_end
from virttui.render.list_pane import Pane
from virttui.store.fleet_state import FleetState


class EventRow(NamedTuple):
    """One happening. The key's uuid is its number; ``lasts`` while its trouble is not over."""

    key: ObjectId
    happening: HostEvent
    host: str
    lasts: bool


def rows(fleet_state: FleetState) -> Sequence[EventRow]:
    """All happenings, newest first; the newest alarm of an object that still needs attention
    lasts."""
    found: list[EventRow] = []
    told: set[ObjectId] = set()
    for event in fleet_state.events:
        happening = event.happening
        lasts = False
        if happening.level is Severity.ERROR and happening.key is not None:
            lasts = happening.key not in told and happening.key in fleet_state.concerns
            told.add(happening.key)
        found.append(
            EventRow(
                ObjectId(happening.host, f"event {event.serial}"),
                happening,
                fleet_state.host_name(happening.host),
                lasts,
            )
        )
    return found


def _what(row: EventRow, look: RenderContext) -> Cell:
    happening = row.happening
    words = clean(happening.what)
    if row.lasts:
        return (Run(f"{look.glyphs.warning} {words}", Role.ALARM),)
    if happening.level is not Severity.OK and happening.topic == "task":
        return (Run(f"{look.glyphs.failed} {words}", Role.BAD_STRONG),)
    return (Run(f"  {words}"),)


COLUMNS: tuple[Column[EventRow], ...] = (
    Column(
        "time", "TIME", 8, lambda row, look: Run(formatting.clock(row.happening.epoch), Role.MUTED)
    ),
    Column("host", "HOST", 6, lambda row, look: row.host),
    Column("kind", "KIND", 7, lambda row, look: row.happening.topic),
    Column("who", "WHO", 16, lambda row, look: row.happening.who),
    Column("what", "WHAT", 12, _what, flex=True, prose=True),
    Column("by", "BY", 6, lambda row, look: Run(row.happening.by, Role.MUTED)),
)

DROPS = (HideRule(("by",)), HideRule(("kind",)), HideRule(("host",)))


LANGUAGE: FilterLanguage[EventRow] = FilterLanguage(
    {
        "who": lambda row: row.happening.who,
        "host": lambda row: row.host,
        "kind": lambda row: row.happening.topic,
        "what": lambda row: row.happening.what,
        "level": lambda row: EVENT_LEVELS[row.happening.level],
        "by": lambda row: row.happening.by,
    }
)
"""What a filter may ask of a happening."""


def status_text(row: EventRow, fleet_state: FleetState, look: RenderContext) -> Line:
    """The happening in words, with what it concerns."""
    happening = row.happening
    ago = formatting.span(max(0.0, look.epoch - happening.epoch))
    said = f"  {clean(happening.what)}, {ago} ago on {clean(row.host)}"
    return Run(clean(happening.who), Role.STRONG), Run(cut_end(said, 400))


def _about(rows: Sequence[EventRow]) -> str:
    if not rows:
        return "none yet"
    return f"{len(rows)} since {formatting.clock(rows[-1].happening.epoch)[:5]}"


EVENTS: Pane[EventRow] = Pane(
    id="events",
    kind=None,
    columns=COLUMNS,
    drops=DROPS,
    rows=rows,
    row_role=lambda row: Role.TEXT,
    language=LANGUAGE,
    status_text=status_text,
    needs_attention=lambda row: row.happening.level is not Severity.OK,
    order="newest first",
    pins=False,
    about=_about,
)
