"""What comes from the terminal may be any bytes; none of them ends the program.

textual reads UTF-8 strictly and takes every number of a key for a character. A Latin-1 terminal, a
paste, a broken line or a program that types then ends the app in the middle of an edit.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable
from functools import partial

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver


class TerminalInputParser(XTermParser):
    """Takes keys that are no characters for one that does nothing.

    Those are numbers beyond Unicode and halves of surrogates. Without any key textual would take
    the parts of the sequence for letters that were typed, and they would act.
    """

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        try:
            keys = list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):
            keys = [_nothing()]
        for key in keys:
            half = any("\ud800" <= char <= "\udfff" for char in key.character or "")
            yield _nothing() if half else key


def _nothing() -> events.Key:
    return events.Key("no-key", None)


def _decoder(name: str) -> Callable[[], codecs.IncrementalDecoder]:
    """Of bytes into text, with U+FFFD for what is none."""
    return partial(codecs.getincrementaldecoder(name), errors="replace")


def take_any_bytes() -> None:
    """Have the terminal's driver read as above."""
    vars(linux_driver).update(XTermParser=TerminalInputParser, getincrementaldecoder=_decoder)
