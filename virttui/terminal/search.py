"""Find text in all lines that a terminal keeps."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec
from rich.cells import cell_len

from virttui.terminal.cells import is_dropped
from virttui.terminal.screen import TerminalScreen

MOST_MATCHES = 100_000


class Match(msgspec.Struct, frozen=True):
    """Where a match begins, in lines and cells, and its cells; it may go on in the next lines."""

    line: int
    column: int
    width: int


class SearchResult(msgspec.Struct, frozen=True):
    """The matches, the oldest first; ``complete`` is False where there are more than are kept."""

    matches: tuple[Match, ...] = ()
    complete: bool = True


def find(screen: TerminalScreen, searched: str) -> SearchResult:
    """Every place of a text; a capital letter in it makes case matter. 10,000 lines take 0.1 s.

    A row that is full is taken to go on in the next one, as where a long line was wrapped. To be
    called beside the user interface: it lets output and readers in between its parts.
    """
    if not searched:
        return SearchResult()
    flags = re.IGNORECASE if searched == searched.lower() else re.NOFLAG
    pattern = re.compile(re.escape(searched), flags)
    matches: list[Match] = []
    expected = 0
    begun: list[str] = []  # rows at the end of a part that may go on in the next one
    for first, lines in screen.text():
        if first < expected:  # lines were dropped meanwhile
            matches = [_moved(one, first - expected) for one in matches]
        columns = screen.size[0]
        rows = begun + lines
        ended = next((n for n in range(len(rows), 0, -1) if not _is_full(rows[n - 1], columns)), 0)
        matches += _matches(pattern, first - len(begun), rows[:ended], columns)
        begun, expected = rows[ended:], first + len(lines)
        if len(matches) > MOST_MATCHES:
            return SearchResult(tuple(matches[:MOST_MATCHES]), complete=False)
    matches += _matches(pattern, expected - len(begun), begun, screen.size[0])
    kept = [one for one in matches if one.line >= 0]
    return SearchResult(tuple(kept[:MOST_MATCHES]), complete=len(kept) <= MOST_MATCHES)


def _matches(
    pattern: re.Pattern[str], first: int, rows: Sequence[str], columns: int
) -> Iterator[Match]:
    """The matches in rows of which ``first`` is the number of the first."""
    starts, parts, position = [], [], 0
    for row in rows:
        starts.append(position)
        parts.append(row if _is_full(row, columns) else f"{row}\n")
        position += len(parts[-1])
    for found in pattern.finditer("".join(parts)):
        index = bisect_right(starts, found.start()) - 1
        before = rows[index][: found.start() - starts[index]]
        yield Match(first + index, _cells(before), _cells(found[0]))


def _is_full(row: str, columns: int) -> bool:
    return len(row) * 2 >= columns and _cells(row) >= columns


def _cells(text: str) -> int:
    """The number of cells that text takes once it is cleaned."""
    if text.isascii():
        return len(text)
    return cell_len("".join(char for char in text if not is_dropped(char)))


def _moved(match: Match, by: int) -> Match:
    return Match(match.line + by, match.column, match.width)
