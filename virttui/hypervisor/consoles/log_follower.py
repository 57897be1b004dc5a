"""Follows the log file of a console as it grows, on a thread of its own.

libvirt's log daemon renames a file at 2 MiB and begins another; ``append='off'`` empties it at each
start of its domain. A file that was emptied and has grown past the old place between two looks
cannot be told from one that grew.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

from virttui.hypervisor.queries.host_files import HostFiles
from virttui.model.domains.consoles import Sink

HISTORY = 1 << 20
"""Bytes of what was logged before that are given to the sink first."""
EVERY = 0.2
"""Seconds between two looks at a file that does not grow."""

SEEK_AGAIN = 5.0
"""Seconds between two looks for the daemon through whose root the file is seen."""

_AT_ONCE = 1 << 16

FindFiles = Callable[[], HostFiles | None]


class LogFollower:
    """Reads one file until it is stopped. ``failed`` is called once, where it cannot be read.

    ``find_files`` gives the files of the host as its daemon sees them, None while it is down.
    ``seen`` are the last bytes that the sink was given before, b"" for none: it goes on behind
    them, in the file or in the one that was renamed last; where they are in neither, the sink is
    given what was logged before as if nothing had been.
    """

    def __init__(
        self,
        path: str,
        find_files: FindFiles,
        sink: Sink,
        failed: Callable[[OSError], None],
        seen: bytes = b"",
    ) -> None:
        self._path = path
        self._find_files = find_files
        self._sink = sink
        self._failed = failed
        self._seen = seen
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name=f"log {path}", daemon=True).start()

    def stop(self) -> None:
        """Have no more bytes read; what is being given to the sink is still given."""
        self._stopped.set()

    def _run(self) -> None:
        try:
            self._follow()
        except OSError as error:
            self._failed(error)

    def _follow(self) -> None:
        files, found_at = self._find_files(), time.monotonic()
        if files is None:
            raise OSError(0, "the daemon of its host does not answer")
        file = files.open(self._path)
        place = self._place(files, file)
        try:
            while not self._stopped.is_set():
                file.seek(place)
                if data := file.read(_AT_ONCE):
                    place += len(data)
                    self._sink(data)
                    continue
                try:
                    now = files.stat(self._path)
                except FileNotFoundError:
                    # Between two files; or its domain was deleted, or the daemon is another one.
                    if time.monotonic() - found_at > SEEK_AGAIN:
                        files, found_at = self._find_files() or files, time.monotonic()
                    self._stopped.wait(EVERY)
                    continue
                ours = os.fstat(file.fileno())
                if not os.path.samestat(now, ours):
                    # Its end was read above; but more may have come before it was renamed.
                    if rest := file.read():
                        self._sink(rest)
                    file.close()
                    file, place = files.open(self._path), 0
                elif now.st_size < place:
                    place = 0
                else:
                    self._stopped.wait(EVERY)
        finally:
            file.close()

    def _place(self, files: HostFiles, file: BinaryIO) -> int:
        """Where to begin; what is left of a file that was renamed is given to the sink."""
        usual = max(0, os.fstat(file.fileno()).st_size - HISTORY)
        if not self._seen:
            return usual
        # The first place that fits: too many lines are better than a gap.
        if (behind := _behind(self._seen, file)) is not None:
            return behind
        try:
            renamed = files.open(f"{self._path}.0")
        except OSError:  # there is none, or none that may be read
            return usual
        with renamed:
            if (behind := _behind(self._seen, renamed)) is None:
                return usual
            renamed.seek(behind)
            self._sink(renamed.read())
        return 0


def _behind(seen: bytes, file: BinaryIO) -> int | None:
    """The place behind bytes in the end of a file; None where they are not in it."""
    begin = max(0, os.fstat(file.fileno()).st_size - HISTORY - len(seen))
    file.seek(begin)
    found = file.read(HISTORY + len(seen)).find(seen)
    return None if found < 0 else begin + found + len(seen)
