"""A new file that grows as bytes come, on a thread of its own: no disk delays who writes."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

MOST_WAITING = 16 << 20
"""Bytes that may wait for the disk; with more the file ends."""


class StreamFile:
    """Writes ``head`` and then all that ``write`` is given, until ``close`` or until it fails.

    The file is for its owner alone, and no other is overwritten. ``on_failure`` is called on the
    thread of the file, once, with the reason in words. Making one waits for the disk.
    Raises OSError.
    """

    def __init__(
        self, path: Path, head: Iterator[bytes], on_failure: Callable[[str], None]
    ) -> None:
        self.path = path
        self.written = 0
        self._head = head
        self._on_failure = on_failure
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._waiting = 0
        self._changing = threading.Lock()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        self._fd = os.open(path, flags, 0o600)
        self._thread = threading.Thread(target=self._run, name=f"file {path.name}", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Add bytes. Never waits; what comes after the end is dropped."""
        with self._changing:
            self._waiting += len(data)
        self._queue.put(data)

    def close(self) -> None:
        """Write what waits, and end. Only the exit of Python waits for it, for a moment."""
        atexit.register(self.wait_closed, 1.0)
        self._queue.put(None)

    def wait_closed(self, patience: float) -> None:
        """Wait until all is written, for ``patience`` seconds at most."""
        self._thread.join(patience)

    def _run(self) -> None:
        try:
            for data in self._head:
                self._put(data)
            while (data_or_end := self._queue.get()) is not None:
                with self._changing:
                    too_slow = self._waiting > MOST_WAITING
                    self._waiting -= len(data_or_end)
                if too_slow:
                    self._on_failure("its disk is slower than what comes")
                    return
                self._put(data_or_end)
        except OSError as error:
            self._on_failure(error.strerror or str(error))
        finally:
            os.close(self._fd)
            atexit.unregister(self.wait_closed)

    def _put(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            count = os.write(self._fd, rest)
            self.written += count
            rest = rest[count:]
