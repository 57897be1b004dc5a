"""The first line of a tile: whose it is, how the domain is, what is said of it."""

from __future__ import annotations

from msgspec import Struct

from virttui import formatting
from virttui.model.inventory import Domain
from virttui.panes.domains.rows import DomainRow, state_of
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut, length, within


class TileOwner(Struct, frozen=True):
    """The domain of a tile as last seen, and its row while there is one.

    ``host`` is the name of its host, "" where all domains are of one.
    """

    domain: Domain
    row: DomainRow | None
    host: str = ""

    @property
    def name(self) -> str:
        """The name of the domain."""
        return clean(self.domain.name) or "(no name)"

    @property
    def is_on(self) -> bool:
        """Whether it runs, or is paused, as far as is known."""
        return self.row is not None and self.domain.state.active


def heading(
    owner: TileOwner, says: Line, end: Line, look: RenderContext, width: int, *, chosen: bool
) -> Line:
    """``─ web-03  ● running  login ─────── 5s ─``; with an accent where the cursor is.

    ``says`` stands behind the state, ``end`` at the right end.
    """
    glyphs = look.glyphs
    finish = (*end, Run(glyphs.rule, Role.LINE))
    state = _state(owner, look)
    gap = Run(" " if state[0].role is Role.ALARM else "  ")
    states: Line = (gap, *state, *says)
    room = width - length(finish) - 4
    states = within(states, room - 8) if length(states) > room - 8 else states
    name = cut(owner.name, max(8, room - length(states)), glyphs.cut)
    if owner.host and len(owner.host) + 3 <= room - length(states) - len(name):
        name = f"{owner.host} {glyphs.path} {name}"
    begin = (
        Run(f"{glyphs.strong_rule * 2} " if chosen else f"{glyphs.rule} ",
            Role.ACCENT if chosen else Role.LINE),
        Run(name, Role.ACCENT_STRONG if chosen else Role.STRONG),
        *states,
        Run(" "),
    )  # fmt: skip
    stroke = glyphs.rule * max(0, width - length(begin) - length(finish))
    return within((*begin, Run(stroke, Role.LINE), *finish), width)


def stepped_age(seconds: float) -> str:
    """``now``, ``5s``, ``10s`` … ``55s``, ``2m``: in steps, so that it is seldom painted anew."""
    if seconds < 5:
        return "now"
    return f"{int(seconds) // 5 * 5}s" if seconds < 60 else formatting.age(seconds)


def _state(owner: TileOwner, look: RenderContext) -> Line:
    if owner.row is None:
        return (Run(f"{look.glyphs.failed} gone", Role.WARN),)
    state = state_of(owner.row, look)
    if state.alarm:
        return (Run(f" {state.glyph} {clean(state.word)} ", Role.ALARM),)
    return Run(state.glyph, state.glyph_role), Run(f" {clean(state.word)}", Role.MUTED)
