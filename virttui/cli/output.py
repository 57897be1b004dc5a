"""The one way from here to a terminal: what it would obey, hide or combine is made visible.

Raises InvalidInput where standard output takes no more, BrokenPipeError where nobody reads it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from virttui.export.write import encoded
from virttui.model.errors import InvalidInput
from virttui.render.line import clean


def show_message(words: str, *, at_once: bool = False) -> None:
    """Print one line; ``at_once`` where somebody follows what is done."""
    with _output_errors():
        print(clean(words), flush=at_once)


def print_json(value: Any) -> None:
    """Print JSON, in ASCII alone: every other character is escaped in it."""
    with _output_errors():
        print(json.dumps(value, indent=2))


def print_bytes(data: bytes) -> None:
    """Print what was made for a program, as it is."""
    with _output_errors():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)


def flush() -> None:
    """Have all that was printed go out, or say that it does not."""
    with _output_errors():
        sys.stdout.flush()


def warn(words: str) -> None:
    """One line on stderr, after the program's name; where that takes none, nobody is told."""
    with contextlib.suppress(OSError):
        print(f"virttui: {clean(words)}", file=sys.stderr, flush=True)


def discard_output() -> None:
    """Discard all further output: standard output was given up."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


@contextlib.contextmanager
def _output_errors() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InvalidInput(f"standard output cannot be written: {error.strerror}") from None


def exact(text: str, number: int) -> bytes:
    """A format for programs as UTF-8, as it is; a terminal gets it made visible, line by line.

    ``number`` is the descriptor that it is written to.
    """
    if os.isatty(number):
        text = "\n".join(clean(line) for line in text.replace("\r\n", "\n").split("\n"))
    return encoded(text)
