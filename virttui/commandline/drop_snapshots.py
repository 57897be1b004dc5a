"""``drop snapshots older than 30d``, ``drop snapshots but 3``, ``drop snapshots NAME …``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from virttui.commandline.parsed import DropSnapshotsCommand, ParseResult
from virttui.commandline.tokenizer import Token, split
from virttui.model.commands import Target
from virttui.render.search import PickerItem

_SPAN = re.compile(r"(\d{1,6})([mhdw])")
_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_NOTE = "older than 30d, but 3 (all but the newest three), or names"
_FIRST = (
    PickerItem("older than ", "older than", "m, h, d or w: older than 30d"),
    PickerItem("but ", "but", "all but so many of the newest: but 3"),
)


def read_drop(line: str, start: int, targets: Sequence[Target]) -> ParseResult:
    """Which snapshots of the selected domain are meant; its question shows what goes."""
    words = split(line, start)
    last, typed = words[-1], [word for word in words if word.text]
    if not typed:
        return ParseResult(_FIRST, last.start, error="name snapshots", partial=True, note=_NOTE)
    if len(targets) != 1:
        error = "the snapshots of one domain at a time" if targets else "no domain is selected"
        return ParseResult(start=last.start, error=error)
    return _read(typed, last, tuple(targets))


def _read(typed: Sequence[Token], last: Token, targets: tuple[Target, ...]) -> ParseResult:
    texts = [word.text for word in typed]
    match [text.casefold() for text in texts]:
        case ["older"] | ["older", "than"] if not typed[0].quoted:
            return ParseResult(
                start=last.start, error="older than what", partial=True, note="30d, 12h, 4w"
            )
        case ["older", "than", span] | ["older", span]:
            found = _SPAN.fullmatch(span)
            if found is None:
                return ParseResult(
                    start=last.start, error="a span is 90m, 12h, 30d or 4w", word=span
                )
            seconds = int(found[1]) * _SECONDS[found[2]]
            return _result(DropSnapshotsCommand(targets, older=float(seconds)), last)
        case ["but"] if not typed[0].quoted:
            return ParseResult(start=last.start, error="but how many", partial=True, note="but 3")
        case ["but", count]:
            if not count.isdecimal() or len(count) > 6:
                return ParseResult(start=last.start, error="but how many", word=count)
            return _result(DropSnapshotsCommand(targets, keep=int(count)), last)
    return _result(DropSnapshotsCommand(targets, tuple(texts)), last)


def _result(intent: DropSnapshotsCommand, last: Token) -> ParseResult:
    return ParseResult(start=last.start, intent=intent, note="its question shows what goes")
