"""One log file of a host that is reached by ssh: its end and what is added, by ``tail`` there.

The program runs as long as the logs are looked at, with the login that libvirt's own ssh uses, and
asks nobody anything. ``tail -F`` goes on in the new file after a renaming.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from typing import IO

from virttui.hypervisor.connection.uris import authority, host_of, parameter
from virttui.hypervisor.logs.log_lines import LineSplitter, text, timed
from virttui.local.subprocesses import begin, end
from virttui.model.domains.logs import LineTime, LogLine, LogSource, LogState

FIRST = 1 << 17
"""Bytes of the end of a file that are asked for."""
_AT_ONCE = 1 << 16
_TURNS = 16
_HEADER = re.compile(rb"size (\d+|-) written (\d+|-)\n")


def ssh_arguments(uri: str, command: str) -> list[str]:
    """The arguments that run ``command`` on the host of ``uri``, as libvirt would log in there."""
    user, _, _ = authority(uri).rpartition("@")
    port = re.search(r":(\d+)$", authority(uri).rpartition("]")[2])
    arguments = [parameter(uri, "command") or "ssh", "-T", "-e", "none", "-o", "BatchMode=yes"]
    if port is not None:
        arguments += ["-p", port[1]]
    if user:
        arguments += ["-l", user]
    if keyfile := parameter(uri, "keyfile"):
        arguments += ["-i", keyfile]
    if parameter(uri, "no_verify") == "1":
        arguments += ["-o", "StrictHostKeyChecking=no"]
    return [*arguments, "--", host_of(uri), command]


def remote_command(path: str) -> str:
    """What the login shell of the host runs: ssh joins its words, so the path is quoted for it."""
    quoted = shlex.quote(path)
    return (
        f"stat -L -c 'size %s written %Y' -- {quoted} || echo 'size - written -'; "
        f"exec tail -c {FIRST} -F -- {quoted}"
    )


class SshTail:
    """The end of a file of another host. ``wall`` gives the epoch."""

    def __init__(self, source: LogSource, uri: str, wall: Callable[[], float]) -> None:
        self._source = source
        self._uri = uri
        self._wall = wall
        self._child: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._header: bytes | None = b""
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
            self._reason, self._advice, device=said.device,
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
        """Nothing: what comes before is read on the host itself."""
        return []

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
        arguments = ssh_arguments(self._uri, remote_command(self._source.where))
        environment = dict(os.environ, LC_ALL="C")
        try:
            self._child = begin(arguments, subprocess.PIPE, self._said, environment)
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
            found = _HEADER.search(self._header)
            if found is None:
                return []
            data = self._header[found.end() :]
            self._header = None
            if found[1] != b"-":
                self._size, self._last = int(found[1]), float(found[2])
                self._written, self._of_before = self._last, min(self._size, FIRST)
                self._state = LogState.READ if self._size else LogState.EMPTY
                if self._size > FIRST:
                    self._reason = f"the last {FIRST >> 10}K of it; what is before, on its host"
                    self._is_in_half_line = True
        before, added = data[: self._of_before], data[self._of_before :]
        self._of_before -= len(before)
        if self._is_in_half_line:
            _, end, before = before.partition(b"\n")
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
        if self._said is None:
            return ""
        self._said.seek(0)
        said = self._said.read(1 << 16).decode(errors="replace").strip().splitlines()
        return said[-1].strip() if said else ""

    def _read_errors(self) -> None:
        """Say why tail, which waits for the file, gives nothing."""
        said = self._errors()
        if "Permission denied" in said:
            self._state, self._reason = LogState.SHUT, "the login may not read it"
            self._advice = "libvirt keeps it for root"
        elif "No such file" in said:
            self._state, self._reason = LogState.ABSENT, "there is no such file"

    def _ended(self) -> None:
        """The program ended: the login was refused or broke."""
        said = self._errors()
        self.close()
        self._state = LogState.UNREADABLE
        self._reason = f"ssh: {said or 'its login ended'}"
        self._advice = f"on its host: tail -F {shlex.quote(self._source.where)}"
