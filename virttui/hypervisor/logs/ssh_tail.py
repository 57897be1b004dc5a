"""One log file of a host that is reached by ssh: its end and what is added, by ``tail`` there.

The program runs as long as the logs are looked at, with the login that libvirt's own ssh uses, and
asks nobody anything. ``tail -F`` goes on in the new file after a renaming. Older blocks are fetched
by a login each, from the file that has the same inode still, whatever it is called by now.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from typing import IO

from virttui.hypervisor.logs.log_lines import LineSplitter, text, timed
from virttui.hypervisor.logs.ssh_commands import (
    FIRST,
    FOLLOWED,
    FOUND_BEFORE,
    NOTHING,
    before_command,
    follow_command,
    ssh_arguments,
)
from virttui.local.subprocesses import begin, end, running
from virttui.model.domains.logs import LineTime, LogLine, LogSource, LogState

_AT_ONCE = 1 << 16
_TURNS = 16
PATIENCE = 20.0
"""Seconds for which older lines are waited for: a login of its own fetches them."""


class SshTail:
    """The end of a file of another host. ``wall`` gives the epoch."""

    def __init__(self, source: LogSource, uri: str, wall: Callable[[], float]) -> None:
        self._source = source
        self._uri = uri
        self._wall = wall
        self._child: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._header: bytes | None = b""
        self._inode: int | None = None
        self._start = self._renamed = 0
        self._splitter = LineSplitter()
        self._state, self._reason, self._advice = LogState.ASKED, "", ""
        self._size: int | None = None
        self._last: float | None = None
        self._written = 0.0
        self._of_before = 0
        self._is_in_half_line = False

    @property
    def name(self) -> str:
        """The name of its source."""
        return self._source.name

    def source(self) -> LogSource:
        """What can be said of it now."""
        said = self._source
        return LogSource(
            said.name, said.kind, self._state, said.where, self._size, self._last,
            self._reason, self._advice, self._has_older(), 1 + self._renamed, said.device,
        )  # fmt: skip

    def unfinished(self) -> LogLine | None:
        """The line that has no end yet."""
        rest = self._splitter.rest
        return LogLine(self.name, text(rest), self._wall(), LineTime.READ) if rest else None

    def look(self) -> list[LogLine]:
        """What came since the last look; at the first one the login is made."""
        if self._child is None:
            if self._state is LogState.ASKED:
                self._begin()
            return []
        data = self._received()
        lines = self._taken(data) if data else []
        if not data and self._child.poll() is not None:
            self._ended()
        elif self._state is LogState.ABSENT or (self._header is None and self._size is None):
            self._read_errors()
        return lines

    def older(self) -> list[LogLine]:
        """The lines before those that were given, a block of them."""
        if self._inode is None or not self._has_older():
            return []
        data = self._fetched(before_command(self._source.where, self._inode, self._start))
        found = FOUND_BEFORE.match(data)
        if found is None:
            if data.strip() == NOTHING.encode():
                self._start = self._renamed = 0
            return []
        inode, begin, written = map(int, found.groups())
        if inode != self._inode:
            self._renamed = max(0, self._renamed - 1)
        data = data[found.end() :]
        cut = data.find(b"\n") + 1 if begin else 0
        self._inode, self._start = inode, begin + cut
        splitter = LineSplitter()
        lines = [*splitter.feed(data[cut:]), *splitter.end()]
        return timed(self.name, self._source.kind, lines, written, LineTime.BEFORE)

    def _has_older(self) -> bool:
        return self._inode is not None and (self._start > 0 or self._renamed > 0)

    def _fetched(self, command: str) -> bytes:
        """What a command says on the host; why not is the reason that is shown."""
        arguments = ssh_arguments(self._uri, command)
        with tempfile.TemporaryFile() as said:
            try:
                child = begin(arguments, subprocess.PIPE, said, self._environment())
            except OSError as error:
                self._reason = f"{arguments[0]} cannot be started: {error.strerror}"
                return b""
            with running(child):
                try:
                    data, _ = child.communicate(timeout=PATIENCE)
                except subprocess.TimeoutExpired:
                    self._reason = f"older lines did not come within {PATIENCE:.0f} s"
                    return b""
            if child.returncode:
                self._reason = f"older lines: {_last_sentence(said) or 'the login ended'}"
            return data

    def _environment(self) -> dict[str, str]:
        return dict(os.environ, LC_ALL="C")

    def close(self) -> None:
        """End the program."""
        child, self._child = self._child, None
        if child is not None:
            end(child, 0.5)
            if child.stdout is not None:
                child.stdout.close()
        if self._said is not None:
            self._said.close()

    def _begin(self) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the program runs
        arguments = ssh_arguments(self._uri, follow_command(self._source.where))
        try:
            self._child = begin(arguments, subprocess.PIPE, self._said, self._environment())
        except OSError as error:
            self._state = LogState.UNREADABLE
            self._reason = f"{arguments[0]} cannot be started: {error.strerror}"
            return
        assert self._child.stdout is not None
        os.set_blocking(self._child.stdout.fileno(), False)

    def _received(self) -> bytes:
        assert self._child is not None
        assert self._child.stdout is not None
        parts: list[bytes] = []
        for _ in range(_TURNS):
            try:
                part = os.read(self._child.stdout.fileno(), _AT_ONCE)
            except BlockingIOError:
                break
            if not part:
                break
            parts.append(part)
        return b"".join(parts)

    def _taken(self, data: bytes) -> list[LogLine]:
        if self._header is not None:
            self._header += data
            found = FOLLOWED.search(self._header)
            if found is None:
                return []
            data = self._header[found.end() :]
            self._header = None
            if found[1] != b"-":
                self._size, self._last = int(found[1]), float(found[2])
                self._written, self._of_before = self._last, min(self._size, FIRST)
                self._state = LogState.READ if self._size else LogState.EMPTY
                self._inode, self._renamed = int(found[3]), int(found[4])
                self._start = max(0, self._size - FIRST)
                self._is_in_half_line = self._start > 0
        before, added = data[: self._of_before], data[self._of_before :]
        self._of_before -= len(before)
        if self._is_in_half_line:
            half, end, before = before.partition(b"\n")
            self._start += len(half) + len(end)
            self._is_in_half_line = not end and bool(self._of_before)
        lines = self._timed(before, self._written, LineTime.BEFORE)
        if added:
            self._state = LogState.READ
            self._size = None if self._size is None else self._size + len(added)
            self._last = self._wall()
            lines += self._timed(added, self._last, LineTime.READ)
        return lines

    def _timed(self, data: bytes, at: float, how: LineTime) -> list[LogLine]:
        return timed(self.name, self._source.kind, self._splitter.feed(data), at, how)

    def _errors(self) -> str:
        """The last sentence that ssh or tail said."""
        return "" if self._said is None else _last_sentence(self._said)

    def _read_errors(self) -> None:
        """Say why tail, which waits for the file, gives nothing."""
        said = self._errors()
        if "Permission denied" in said:
            self._state, self._reason = LogState.SHUT, "the login may not read it"
            self._advice = "libvirt keeps it for root"
        elif "No such file" in said:
            self._state, self._reason = LogState.ABSENT, "there is no such file"
            self._advice = self._source.advice

    def _ended(self) -> None:
        """The program ended: the login was refused or broke."""
        said = self._errors()
        self.close()
        self._state = LogState.UNREADABLE
        self._reason = f"ssh: {said or 'its login ended'}"
        self._advice = f"on its host: tail -F {shlex.quote(self._source.where)}"


def _last_sentence(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read(1 << 16).decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""
