"""What the terminal sends can be any bytes, in any pieces."""

from __future__ import annotations

import random
import time

from textual import events
from textual.message import Message

from virttui.widgets.terminal_input import TerminalInputParser, _decoder

RUNS = 10_000
SECONDS = 60.0
"""Ten times what the runs take on a slow machine: a sequence that costs its square is felt."""
PIECES = (
    b"\x1b", b"\x1b[", b"\x1bO", b"\x1b]", b"\x1bP", b"\x1b[<", b"\x1b[200~", b"\x1b[201~",
    b"\x1b[?", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x9b", b"\x00",
    b"\x7f", b"u", b"~", b"M", b";", b":", b"9" * 40, b"1114112", b"55296", b"\xe2\x80\xae",
    "한".encode(), b"a", b"R", b"y", b"$y",
)  # fmt: skip


def some(chance: random.Random) -> bytes:
    """Random bytes, or pieces of what terminals send in any order, or one piece very long."""
    kind = chance.randrange(3)
    if kind == 0:
        return chance.randbytes(chance.randrange(1, 80))
    if kind == 1:
        return b"".join(chance.choices(PIECES, k=chance.randrange(1, 20)))
    return chance.choice(PIECES[:9]) + chance.choice(PIECES) * chance.randrange(1, 60)


def test_any_bytes_are_keys_or_nothing() -> None:
    chance = random.Random(20261129)
    began = time.process_time()
    keys = 0
    for _ in range(RUNS):
        parser, decode = TerminalInputParser(), _decoder("utf-8")()
        data = some(chance)
        cut = chance.randrange(len(data) + 1)
        messages: list[Message] = []
        for part, last in ((data[:cut], False), (data[cut:], True)):
            if text := decode.decode(part, last):
                messages += parser.feed(text)
            messages += parser.tick()
        for message in messages:
            if isinstance(message, events.Key):
                keys += 1
                assert message.character is None or not "\ud800" <= message.character <= "\udfff"
    assert keys > RUNS, "they are heard, not swallowed"
    assert time.process_time() - began < SECONDS
