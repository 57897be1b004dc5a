"""What one console printed, as bytes, with the times at which they came: the newest are kept.

Times are kept for what came together and not for each byte: a serial port gives some 20 bytes at a
time, a container's console up to 64 KiB.
"""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable

from msgspec import Struct

MOST = 1 << 20
"""Bytes that are kept; up to a quarter more are there until the oldest are dropped."""
MOST_TIMES = 1 << 14
MOST_NOTES = 200
APART = 0.25
"""Seconds between two times that are kept."""
LONGEST = 8192
"""Bytes of a line; of a longer one the rest is a line of its own."""

Place = tuple[int, int]
"""How many bytes and notes there were before it."""
BEGIN: Place = (0, 0)


class PrintedLine(Struct, frozen=True):
    """One line without its end, and the epoch at which it came.

    ``ours`` says that the guest did not print it: it says what happened to its console.
    """

    text: str
    at: float
    ours: bool = False


class Printed:
    """Takes bytes from any thread, and gives them as lines. ``wall`` gives the epoch."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._access = threading.Lock()
        self._data = bytearray()
        self._first = 0
        self._places = array("Q")
        self._times = array("d")
        self._notes: list[tuple[int, PrintedLine]] = []
        self._noted = 0

    def add(self, data: bytes) -> None:
        """Keep what came."""
        now = self._wall()
        with self._access:
            if not self._times or not 0 <= now - self._times[-1] < APART:
                self._places.append(self._first + len(self._data))
                self._times.append(now)
            self._data += data
            if len(self._data) > MOST * 5 // 4 or len(self._times) > MOST_TIMES * 5 // 4:
                self._drop_oldest()

    def note(self, text: str) -> None:
        """Say what happened at this place."""
        with self._access:
            note = PrintedLine(text, self._wall(), ours=True)
            self._notes.append((self._first + len(self._data), note))
            self._noted += 1
            del self._notes[:-MOST_NOTES]

    def last_bytes(self, count: int) -> bytes:
        """The newest bytes, ``count`` at most."""
        with self._access:
            return bytes(self._data[-count:])

    @property
    def written(self) -> tuple[int, float | None]:
        """How many bytes are kept, and when the last of them came; None before the first."""
        with self._access:
            return len(self._data), self._times[-1] if self._times else None

    def lines(self, place: Place = BEGIN) -> tuple[list[PrintedLine], Place]:
        """The whole lines from a place on, with notes between them, and the place behind them."""
        with self._access:
            begin = max(place[0], self._first)
            data = bytes(self._data[begin - self._first :])
            new = self._noted - place[1]
            if not new and begin == self._first + len(self._data):
                return [], place
            notes = self._notes[-new:] if new else []
            noted, places, times = self._noted, self._places[:], self._times[:]
        found: list[tuple[int, PrintedLine]] = []
        at = begin
        for line in data.split(b"\n")[:-1]:
            for start in range(0, len(line) or 1, LONGEST):
                text = line[start : start + LONGEST].decode(errors="replace").rstrip("\r")
                when = times[max(0, bisect_right(places, at + start) - 1)]
                found.append((at + start, PrintedLine(text, when)))
            at += len(line) + 1
        found = sorted([*found, *notes], key=lambda one: (one[0], not one[1].ours))
        return [line for _, line in found], (at, noted)

    def _drop_oldest(self) -> None:
        """Let the oldest bytes go, whole lines where there are any."""
        gone = max(0, len(self._data) - MOST)
        if len(self._times) > MOST_TIMES:
            gone = max(gone, self._places[-MOST_TIMES] - self._first)
        gone = self._data.find(b"\n", gone, gone + LONGEST) + 1 or gone
        del self._data[:gone]
        self._first += gone
        kept = max(0, bisect_right(self._places, self._first) - 1)
        del self._places[:kept]
        del self._times[:kept]
