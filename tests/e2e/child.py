"""A process on a pseudo terminal of its own; everything it writes is kept with its time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

# Opening a terminal makes it the controlling one of a session that has none, and only then
# does a change of its size reach the process.
_ATTACH = 'exec "$@" <>"$0" >&0 2>&0'


class Child:
    """``with Child(["virttui"], 160, 50, env) as child: child.write("q")``.

    ``chunks`` grows while the process writes: ``(monotonic time, bytes)``, oldest first.
    Nothing the process asks of its terminal is answered.
    """

    def __init__(
        self, argv: Sequence[str], columns: int, lines: int, env: Mapping[str, str] | None = None
    ) -> None:
        self.chunks: list[tuple[float, bytes]] = []
        self.wrote = threading.Condition()
        self.closed = False
        self._terminal, theirs = os.openpty()
        self.resize(columns, lines)
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            ["sh", "-c", _ATTACH, os.ttyname(theirs), *argv],
            # Open from the first moment: a terminal nobody has open reads as one that ended.
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env=None if env is None else dict(env),
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self._reader.join(5)
        os.close(self._terminal)

    @property
    def pid(self) -> int:
        """The number of the process itself."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._process.poll()

    def write(self, text: str | bytes) -> float:
        """Type; returns the moment at which it was typed."""
        data = text.encode() if isinstance(text, str) else text
        at = time.monotonic()
        while data:
            data = data[os.write(self._terminal, data) :]
        return at

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size; the process is told."""
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def exit_status(self, seconds: float = 5.0) -> int:
        """Wait for the end of the process; AssertionError when it is late."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds:g} s") from None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the process and what it started in its session, at once."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def _drain(self) -> None:
        while True:
            try:
                data = os.read(self._terminal, 65536)
            except OSError:  # EIO: nobody has the other end open any more
                data = b""
            with self.wrote:
                if data:
                    self.chunks.append((time.monotonic(), data))
                self.closed = not data
                self.wrote.notify_all()
            if not data:
                return
