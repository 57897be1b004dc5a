"""The checksum of a file that is being moved, made on a thread beside the transfer.

SHA-256 takes as long for a hole as for data, 1 GiB/s at best, where a transfer skips the hole at
once. So no transfer waits for it: the thread reads the file behind the transfer, and the checksum
is told when it is there. Nothing waits in memory but places of the file.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue

_PIECE = 1024**2
_ZEROS = bytes(_PIECE)
# Parts of a file are handed over when they are so long.
_PART = 8 * 1024**2
MOST_HOLES = 128 * 1024**3
"""Bytes of holes beyond which no checksum is told: it would take minutes of a core."""


class Checksum:
    """A SHA-256 in the making, of a file that can be read by ``fd``; it goes on when that closes.

    Fed from the file's start to its end by the thread of the transfer, which may ``drop`` it. A
    file that is ``fixed`` has none when it was written to meanwhile: it is not what was sent.
    """

    def __init__(self, fd: int, *, fixed: bool) -> None:
        self._fd = os.dup(fd)
        self._was = _state(fd) if fixed else None
        self._digest = hashlib.sha256()
        self._queue: SimpleQueue[tuple[int, int] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._start = self._end = self._holes = 0
        self._dropped = False
        self._found = ""
        self._then: Callable[[str], None] | None = None
        threading.Thread(target=self._work, name="checksum", daemon=True).start()

    def data(self, length: int) -> None:
        """The next bytes of the file are there."""
        self._end += length
        if self._end - self._start >= _PART:
            self._flush()

    def hole(self, length: int) -> None:
        """The next bytes of the file are so many zeros."""
        self._flush()
        self._holes += length
        self._start = self._end = self._end + length
        self._queue.put((-1, length))

    def _flush(self) -> None:
        if self._end > self._start:
            self._queue.put((self._start, self._end - self._start))
        self._start = self._end

    def drop(self) -> None:
        """Nobody wants it any more."""
        self._dropped = True
        self._queue.put(None)

    def end(self, then: Callable[[str], None]) -> str:
        """All is there: the checksum where it is made already, else "" and ``then`` gets it.

        ``then`` is called on another thread; never where the holes are too many, or where the file
        was changed meanwhile.
        """
        if self._holes > MOST_HOLES:
            self.drop()
            return ""
        self._flush()
        self._queue.put(None)
        with self._lock:
            self._then = then
            return self._found

    # -- its own thread --------------------------------------------------------------------

    def _work(self) -> None:
        if sys.platform == "linux":
            # There the thread alone: what is moved goes first.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        try:
            found = self._compute()
            if self._was is not None and self._was != _state(self._fd):
                found = ""
        except OSError:
            found = ""  # a disk that cannot be read has no checksum; the transfer told of it
        finally:
            os.close(self._fd)
        with self._lock:
            self._found, then = found, self._then
        if then is not None and found and not self._dropped:
            then(found)

    def _compute(self) -> str:
        buffer = memoryview(bytearray(_PIECE))
        while (part := self._queue.get()) is not None:
            start, length = part
            while length > 0 and not self._dropped:
                piece = min(length, _PIECE)
                if start < 0:
                    self._digest.update(_ZEROS[:piece] if piece < _PIECE else _ZEROS)
                else:
                    piece = os.preadv(self._fd, [buffer[:piece]], start)
                    if not piece:
                        return ""
                    self._digest.update(buffer[:piece])
                    start += piece
                length -= piece
        return self._digest.hexdigest()


def _state(fd: int) -> tuple[int, int]:
    """The attributes that change when a file is written: its time and its length."""
    now = os.fstat(fd)
    return now.st_mtime_ns, now.st_size
