"""Lets a guest's writes go after a time, whatever becomes of the program that held them.

``python -m virttui.hypervisor.guest_agent.thaw_timer`` is a process of its own, in a session of its
own, so that neither a kill of the app nor the end of its terminal ends it. ``ThawTimer`` starts it.

It reads one line of JSON from its input, ``uri``, ``uuid`` and ``seconds``, opens a connection, and
says "ready": the time runs from then on. The line "end" ends it; that its input is closed does not.
When the time is over it thaws the guest, again and again until that is done or the guest is off,
and its last line is what came of it.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import libvirt

import virttui
from virttui.hypervisor.connection.connect import connect, in_process
from virttui.hypervisor.connection.types import Connection
from virttui.model.errors import OperationError, Refused

READY_SECONDS = 10.0
"""So long its start and its connection may take; before that nothing is held."""
END_SECONDS = 5.0
_AGAIN = 2.0
_GIVES_UP = 600.0
_READY, _END = "ready", "end"
THAWED, OFF, FAILED = "thawed", "off", "failed"
"""What its last line begins with; none where it was told to end."""


class ThawTimer:
    """The process for one guest, from when it is ready."""

    def __init__(self, uri: str, uuid: str, seconds: float) -> None:
        """Start it, and wait until it is ready. Raises Refused where it is not."""
        request = json.dumps({"uri": uri, "uuid": uuid, "seconds": seconds})
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(virttui.__file__).parent.parent,
                start_new_session=True,
            )
        except OSError as error:
            raise Refused(
                f"nothing was held: what lets go again does not start: {error.strerror}"
            ) from error
        self._write(request)
        said = self._line(READY_SECONDS)
        if said != _READY:
            self._process.kill()
            self._process.wait()
            self._close()
            why = said or f"it was not ready within {READY_SECONDS:.0f} s"
            raise Refused(f"nothing was held: what lets go again does not start: {why}")

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self._process.pid

    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    def end(self) -> None:
        """Have it end without thawing."""
        self._write(_END)

    def wait(self) -> str:
        """Wait a moment for its end; returns its last line, "" for none."""
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            return ""  # it goes on and thaws by itself
        said = self._line(0.0)
        self._close()
        return said

    def _write(self, line: str) -> None:
        with suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()

    def _line(self, seconds: float) -> str:
        """The next line that comes within so many seconds, else ""."""
        out, until = self._process.stdout, time.monotonic() + seconds
        assert out is not None
        data = b""
        while not data.endswith(b"\n"):
            left = max(0.0, until - time.monotonic())
            if not select.select([out], [], [], left)[0]:
                break
            if not (more := os.read(out.fileno(), 4096)):
                break
            data += more
        return data.decode("utf-8", "replace").strip()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


# -- the process -----------------------------------------------------------------------------


def main() -> int:
    """Wait, then thaw; the exit status is 0 unless the guest may still be held."""
    request = json.loads(_first_line())
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    try:
        connection = _opened(request["uri"])
        connection.lookupByUUIDString(request["uuid"])
    except OperationError as error:
        _say(error.message)
        return 1
    except libvirt.libvirtError as error:
        _say(str(error))
        return 1
    until = time.monotonic() + request["seconds"]
    _say(_READY)
    if _ends_early(until):
        return 0
    while True:
        try:
            if not connection.isAlive():
                connection = _opened(request["uri"])
            _say(_thawed(connection, request["uuid"]))
        except (OperationError, libvirt.libvirtError) as error:
            if time.monotonic() > until + _GIVES_UP:
                _say(f"{FAILED}: {error}")
                return 1
            time.sleep(_AGAIN)
        else:
            return 0


def _first_line() -> str:
    """The request, and nothing of what follows it, which ``select`` has to see."""
    data = b""
    while not data.endswith(b"\n") and (byte := os.read(0, 1)):
        data += byte
    return data.decode()


def _opened(uri: str) -> Connection:
    if in_process(uri):
        raise Refused("a simulated host has no guest that could be held")
    return connect(uri, read_only=False)


def _thawed(connection: Connection, uuid: str) -> str:
    """Thaw a guest, or find that it is off; a word for which. Raises libvirtError."""
    try:
        domain = connection.lookupByUUIDString(uuid)
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return OFF
        raise
    if not domain.isActive():
        return OFF
    domain.fsThaw(None, 0)
    return THAWED


def _ends_early(until: float) -> bool:
    """Wait until then, or until it is told to end; whether it was told."""
    listens, data = True, b""
    while (left := until - time.monotonic()) > 0:
        if not listens:
            time.sleep(left)
        elif select.select([0], [], [], left)[0]:
            more = os.read(0, 4096)
            listens, data = bool(more), data + more
            if _END.encode() in data:
                return True
    return False


def _say(line: str) -> None:
    with suppress(OSError):  # nobody may be there any more to hear it
        os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    sys.exit(main())
