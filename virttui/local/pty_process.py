"""A program of this computer on a terminal of its own: no shell, ended with all that it began."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

MOST_PENDING = 1 << 20
"""Bytes of input that may wait until the program reads them; more is refused."""
_CHUNK = 1 << 16
_LOOKS = 0.25
_PATIENCE = 2.0
_LAST = 0.2
"""Seconds for which output of what it left behind is still read."""

# In the child: a session needs to take the terminal, which no argument of Popen does, and a
# function in the forked process could meet a lock that another thread holds. Signals that are
# ignored here (SIGINT is, of what a shell starts in the background) would be in the program too.
_TAKE_TERMINAL = (
    "import fcntl, os, signal, sys, termios\n"
    "for one in ('HUP', 'INT', 'QUIT', 'PIPE', 'TERM', 'TSTP', 'TTIN', 'TTOU'):\n"
    "    signal.signal(getattr(signal, f'SIG{one}'), signal.SIG_DFL)\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "try:\n"
    "    os.execvp(sys.argv[1], sys.argv[1:])\n"
    "except OSError as error:\n"
    "    print(f'{sys.argv[1]} does not start: {error.strerror}')\n"
    "    sys.exit(127)\n"
)


class PtyProcess:
    """A program that runs. ``on_output`` and ``on_end`` are called on its thread.

    ``on_end`` gets the exit status, less than 0 for a signal, after the last output. ``size`` is
    in columns and rows.
    """

    def __init__(
        self,
        line: Sequence[str],
        size: tuple[int, int],
        on_output: Callable[[bytes], None],
        on_end: Callable[[int], None],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it. Raises OSError where there is no terminal for it."""
        self._on_output, self._on_end = on_output, on_end
        self._pending = bytearray()
        self._access = threading.Lock()
        self._is_ending = False
        self._master, slave = os.openpty()
        self._woken, self._wake = os.pipe()
        try:
            self._set_size(*size)
            os.set_blocking(self._master, False)
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _TAKE_TERMINAL, *line],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                env=environment,
                start_new_session=True,
            )
        except OSError:
            for descriptor in (self._master, self._woken, self._wake):
                os.close(descriptor)
            raise
        finally:
            os.close(slave)
        threading.Thread(target=self._run, name=f"terminal of {line[0]}", daemon=True).start()

    def write(self, data: bytes) -> bool:
        """Type something; false, and nothing is typed, where too much waits to be read."""
        with self._access:
            if self._is_ending or len(self._pending) + len(data) > MOST_PENDING:
                return False
            self._pending += data
            os.write(self._wake, b".")
            return True

    def resize(self, columns: int, rows: int) -> None:
        """Give its terminal another size; it is told by SIGWINCH."""
        with self._access:
            if not self._is_ending:
                self._set_size(columns, rows)

    def end(self) -> None:
        """End it with what it began: hang up, then kill after two seconds. Returns at once."""
        with self._access:
            if not self._is_ending:
                self._is_ending = True
                os.write(self._wake, b".")

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # -- on its thread ---------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._carry()
            status = self._wait()
        finally:
            with self._access:
                self._is_ending = True
                for descriptor in (self._master, self._woken, self._wake):
                    os.close(descriptor)
        self._on_end(status)

    def _carry(self) -> None:
        """Carry bytes both ways until the program has ended, or is to end."""
        while not self._is_ending:
            with self._access:
                writes = [self._master] if self._pending else []
            ready, able, _ = select.select([self._master, self._woken], writes, [], _LOOKS)
            if self._woken in ready:
                os.read(self._woken, _CHUNK)
            if able:
                self._send()
            if self._master in ready and not self._receive():
                return
            if self._process.poll() is not None:
                self._drain()
                return

    def _drain(self) -> None:
        """Read what it wrote last; what it left behind may write for ever."""
        until = time.monotonic() + _LAST
        while time.monotonic() < until and select.select([self._master], [], [], 0)[0]:
            if not self._receive():
                return

    def _send(self) -> None:
        with self._access, suppress(BlockingIOError, OSError):
            sent = os.write(self._master, self._pending[:_CHUNK])
            del self._pending[:sent]

    def _receive(self) -> bool:
        """Pass on what it wrote; false once nobody has the other end."""
        try:
            data = os.read(self._master, _CHUNK)
        except BlockingIOError:
            return True
        except OSError:  # EIO: all who had the terminal are gone
            return False
        if data:
            self._on_output(data)
        return bool(data)

    def _wait(self) -> int:
        """End what is left of its session; returns the exit status."""
        if self._is_ending:
            self._signal(signal.SIGHUP)
        try:
            return self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            return self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        """Signal its process group, and the one that has its terminal."""
        groups = {self._process.pid}
        with suppress(OSError):
            groups.add(os.tcgetpgrp(self._master))
        for group in groups:
            with suppress(ProcessLookupError, PermissionError):
                if group > 0:
                    os.killpg(group, number)
