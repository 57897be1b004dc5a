"""What the consoles that this app had open printed, by console: it is a source of their logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App

from virttui.model.identity import ObjectId
from virttui.screens.console.left_terminals import Console
from virttui.terminal.printed import Printed

MOST = 16
"""Consoles; each takes up to 1.5 MiB. Beyond, the one that was opened longest ago is forgotten."""


class PrintedBy:
    """The output of each console, those opened last at the end."""

    def __init__(self) -> None:
        self._printed: dict[Console, Printed] = {}

    def of(self, console: Console) -> Printed:
        """That of one console, which is opened now."""
        printed = self._printed.pop(console, None) or Printed()
        self._printed[console] = printed
        while len(self._printed) > MOST:
            del self._printed[next(iter(self._printed))]
        return printed

    def of_domain(self, key: ObjectId) -> Mapping[str, Printed]:
        """Those of a domain that printed anything, by alias."""
        return {
            alias: printed
            for (domain, alias), printed in self._printed.items()
            if domain == key and printed.written[0]
        }


_OF_APPS: WeakKeyDictionary[App[Any], PrintedBy] = WeakKeyDictionary()


def printed_by(app: App[Any]) -> PrintedBy:
    """What the consoles of an app printed."""
    return _OF_APPS.setdefault(app, PrintedBy())
