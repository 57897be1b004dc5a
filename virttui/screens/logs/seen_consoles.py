"""Gives the logs of a domain what the consoles of this app printed."""

from __future__ import annotations

from typing import Protocol

from virttui.model.domains.logs import LogLine, LogSource
from virttui.model.identity import ObjectId
from virttui.panes.logs.seen_lines import seen_line, seen_name, seen_source
from virttui.screens.console.printed_by import PrintedBy
from virttui.terminal.printed import BEGIN, Place


class TakesLines(Protocol):
    """Logs that take lines beside those that were told."""

    told_sources: tuple[LogSource, ...]

    def take_seen(self, source: LogSource, lines: list[LogLine]) -> None:
        """Take lines of a source, and how it is now."""


class SeenConsoles:
    """Gives each line once."""

    def __init__(self, key: ObjectId) -> None:
        self._key = key
        self._places: dict[str, Place] = {}

    def feed(self, printed_by: PrintedBy, log: TakesLines) -> None:
        """Give what came since the last call."""
        for alias, printed in printed_by.of_domain(self._key).items():
            if name := seen_name(log.told_sources, alias):
                lines, place = printed.lines(self._places.get(alias, BEGIN))
                if place == self._places.get(alias):
                    continue
                self._places[alias] = place
                source = seen_source(name, alias, printed.written[1])
                log.take_seen(
                    source, [seen_line(name, one.text, one.at, ours=one.ours) for one in lines]
                )
