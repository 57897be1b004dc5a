"""The characters we draw with, in two sets whose cells fall in the same places."""

from __future__ import annotations

from msgspec import Struct

from virttui.model.thresholds import USUAL_LIMITS, Thresholds
from virttui.render.line import Line


class Glyphs(Struct, frozen=True):
    """One set. Each glyph takes one cell; ``graph`` is braille, blocks or ascii."""

    running: str = "●"
    off: str = "○"
    saved: str = "◊"
    paused: str = "║"
    working: str = "»"
    warning: str = "!"
    failed: str = "×"
    silent: str = "?"
    cancelled: str = "■"
    cursor: str = "▌"
    marked: str = "*"
    down: str = "▼"
    up: str = "▲"
    full: str = "━"
    half: str = "╾"
    rest: str = "─"
    rule: str = "─"
    strong_rule: str = "━"
    unknown: str = "–"
    cut: str = "…"
    path: str = "›"
    times: str = "×"
    tree: str = "├"
    last: str = "└"
    arrows: str = "↑↓"
    plus_minus: str = "±"
    open: str = "▼"
    shut: str = "►"
    corners: str = "┌┐└┘"
    wall: str = "│"
    wall_strong: str = "┃"
    graph: str = "braille"


UNICODE = Glyphs()

ASCII = Glyphs(
    running="+",
    off="-",
    saved="~",
    paused="=",
    working=">",
    failed="x",
    cancelled="#",
    cursor=">",
    down="-",
    up="+",
    full="=",
    half="-",
    rest="-",
    rule="-",
    strong_rule="=",
    unknown="-",
    cut="~",
    path=">",
    times="x",
    tree="|",
    last="`",
    arrows="^v",
    plus_minus="+",
    open="-",
    shut="+",
    corners="++++",
    wall="|",
    wall_strong="|",
    graph="ascii",
)

_PLAIN = str.maketrans(
    {
        "–": "-",
        "×": "x",
        "…": "~",
        "±": "+",
        "›": ">",
        "»": ">",
        "●": "+",
        "↑": "^",
        "↓": "v",
        "←": "<",
        "→": ">",
        "─": "-",
        "━": "=",
    }
)


class RenderContext(Struct, frozen=True):
    """The settings of rendering at this moment.

    ``now`` is monotonic seconds, ``epoch`` wall-clock seconds; ``bars`` is false on slow
    links; ``limits`` say what is a warning.
    """

    glyphs: Glyphs = UNICODE
    unavailable: bool = True
    now: float = 0.0
    epoch: float = 0.0
    limits: Thresholds = USUAL_LIMITS

    def with_glyphs(self, line: Line) -> Line:
        """The line in this set: the few signs beyond ASCII in our own words have plain twins."""
        if self.glyphs is not ASCII or all(run.text.isascii() for run in line):
            return line
        return tuple(run._replace(text=run.text.translate(_PLAIN)) for run in line)

    def bar(self, share: float | None, width: int) -> str:
        """A bar of ``cells`` for a share of 0 to 1, in halves; blank where nothing is known."""
        if share is None or not self.unavailable:
            return " " * width
        halves = min(2 * width, max(0, round(share * 2 * width)))
        evaluate = self.glyphs.full * (halves // 2) + self.glyphs.half * (halves % 2)
        return evaluate + self.glyphs.rest * (width - len(evaluate))
