"""What can be done while a console is not open, the harmless ways first."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from virttui import formatting
from virttui.model.domains.consoles import ConsoleDevice, ConsolePhase
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, cut_end

_WORD = 17


class Choice(Struct, frozen=True):
    """One way on: its key, what it does and what that means."""

    key: str
    word: str
    meaning: str


def choices(
    phase: ConsolePhase | None, device: ConsoleDevice | None, host: str, kept: int
) -> list[Choice]:
    """The ways on from a phase; ``kept`` counts the guest's lines that can be searched."""
    lines = formatting.counted(kept, "line")
    match phase:
        case ConsolePhase.IN_USE:
            found = [
                Choice("enter", "wait", "opens by itself; asked each second, later every 5 s"),
                Choice("T", "take it over", "they are cut off in the middle of a line; asks"),
            ]
            if device is not None and device.log_file:
                found.insert(1, Choice("l", "read along", f"{host} keeps its log; no typing"))
            return found
        case ConsolePhase.TAKEN_OVER:
            return [
                Choice("enter", "ask again", "waits until they let go of it"),
                Choice("T", "take it back", "they are cut off in the middle of a line; asks"),
            ]
        case ConsolePhase.OFF:
            return [
                Choice("s", "start it", "attached before its first instruction: no line is missed"),
                Choice("l", "its logs", "why it went off, and what QEMU said"),
                *((Choice("/", "search", f"in the {lines} that are kept"),) if kept else ()),
            ]
        case ConsolePhase.REFUSED:
            return [Choice("enter", "try again", "opens it anew")]
    return []


def choice_lines(offered: Sequence[Choice], look: RenderContext, width: int) -> list[Line]:
    """The choices as lines; the first one, which enter or its key takes, has the cursor."""
    keys = max((len(one.key) for one in offered), default=0) + 2
    return [
        (
            Run(look.glyphs.cursor if number == 0 else " ", Role.ACCENT),
            Run(f" {one.key:<{keys}}", Role.ACCENT_STRONG),
            Run(f"{one.word:<{_WORD}}", Role.STRONG),
            Run(cut_end(one.meaning, max(1, width - 2 - keys - _WORD)), Role.MUTED),
        )
        for number, one in enumerate(offered)
    ]
