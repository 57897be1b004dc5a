"""Follows the log file of a console as it grows, on a thread of its own.

libvirt's log daemon renames a file at 2 MiB and begins another; ``append='off'`` empties it at each
start of its domain. A file that was emptied and has grown past the old place between two looks
cannot be told from one that grew.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from virttui.model.domains.consoles import Sink

HISTORY = 1 << 20
"""Bytes of what was logged before that are given to the sink first."""
EVERY = 0.2
"""Seconds between two looks at a file that does not grow."""

_AT_ONCE = 1 << 16


class LogFollower:
    """Reads one file until it is stopped. ``failed`` is called once, where it cannot be read."""

    def __init__(self, path: Path, sink: Sink, failed: Callable[[OSError], None]) -> None:
        self._path = path
        self._sink = sink
        self._failed = failed
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name=f"log {path.name}", daemon=True).start()

    def stop(self) -> None:
        """Have no more bytes read; what is being given to the sink is still given."""
        self._stopped.set()

    def _run(self) -> None:
        try:
            self._follow()
        except OSError as error:
            self._failed(error)

    def _follow(self) -> None:
        file = _open(self._path)
        place = max(0, os.fstat(file.fileno()).st_size - HISTORY)
        try:
            while not self._stopped.is_set():
                file.seek(place)
                if data := file.read(_AT_ONCE):
                    place += len(data)
                    self._sink(data)
                    continue
                try:
                    now = self._path.stat()
                except FileNotFoundError:  # between two files, or its domain was deleted
                    self._stopped.wait(EVERY)
                    continue
                ours = os.fstat(file.fileno())
                if (now.st_dev, now.st_ino) != (ours.st_dev, ours.st_ino):
                    # Its end was read above; but more may have come before it was renamed.
                    if rest := file.read():
                        self._sink(rest)
                    file.close()
                    file, place = _open(self._path), 0
                elif now.st_size < place:
                    place = 0
                else:
                    self._stopped.wait(EVERY)
        finally:
            file.close()


def _open(path: Path) -> BinaryIO:
    """Open a regular file; anything else might make the reader wait for ever. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, "it is no regular file")
    return os.fdopen(handle, "rb")
