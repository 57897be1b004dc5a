"""The one way from here to a terminal: what it would obey, hide or combine is made visible."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from virttui.panes.line import clean
from virttui.records.write import encoded


def say(words: str, *, at_once: bool = False) -> None:
    """Print one line; ``at_once`` where somebody follows what is done."""
    print(clean(words), flush=at_once)


def say_json(told: Any) -> None:
    """Print JSON, in ASCII alone: every other character is escaped in it."""
    print(json.dumps(told, indent=2))


def warn(words: str) -> None:
    """One line on stderr, after the program's name."""
    print(f"virttui: {clean(words)}", file=sys.stderr, flush=True)


def exact(text: str, number: int) -> bytes:
    """A format for programs as UTF-8, as it is; a terminal gets it made visible, line by line.

    ``number`` is the descriptor that it is written to.
    """
    if os.isatty(number):
        text = "\n".join(clean(line) for line in text.replace("\r\n", "\n").split("\n"))
    return encoded(text)
