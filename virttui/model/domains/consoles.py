"""Serial, virtio and container consoles of domains: which there are, and the open ones.

An open console is a stream and no query: its bytes go to a sink, and each change of its phase is
published as a ``ConsoleState``. libvirt has no call that sends a break. QEMU has one, the command
``chardev-send-break`` of its monitor with "char" and the alias as id; it taints the domain.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from virttui.model.errors import OperationError
from virttui.model.identity import ObjectId

Sink = Callable[[bytes], None]
"""Takes what a console prints, in order. Called on a thread of the backend; it must not block."""


class ConsoleDevice(Struct, frozen=True):
    """One console of a domain.

    ``alias`` is libvirt's name of it, ``name`` the device in the guest ("" where it is not known)
    and ``type`` the kind of device, as in the definition. ``log_file`` is the path on its host to
    which it is logged, "" for none. ``why_not`` says why it cannot be opened, "" where it can.
    """

    alias: str
    name: str
    type: str
    log_file: str = ""
    why_not: str = ""


class ConsolePhase(StrEnum):
    """The states of an open console.

    ATTACHING, IN_USE, OFF and HOST_LOST become ATTACHED by themselves: IN_USE is asked again until
    whoever has the console lets go of it. TAKEN_OVER and REFUSED stay until it is attached anew.
    """

    ATTACHING = "attaching"
    ATTACHED = "attached"
    IN_USE = "in use"
    TAKEN_OVER = "taken over"
    OFF = "guest off"
    HOST_LOST = "host lost"
    READING = "read along"
    REFUSED = "refused"
    CLOSED = "closed"


SEEN = 1024
"""Bytes that came last before, by which the place in a log file is found."""


class ConsoleRequest(Struct, frozen=True):
    """A console to open: ``device`` is an alias. With ``read_along`` its log file is followed.

    ``seen`` are the last bytes that came of it before: reading along goes on behind them, where
    they are found, so that nothing comes twice.
    """

    domain: ObjectId
    device: str
    read_along: bool = False
    seen: bytes = b""


class ConsoleFileArguments(Struct, frozen=True):
    """KEEP_CONSOLE: the console, by its alias, and the path on this computer it is kept in."""

    device: str
    file: str


class ConsoleState(Struct, frozen=True):
    """The state of an open console.

    ``since`` is the epoch at which the phase began, ``reason`` says in words why, "" where the
    phase says it. ``taken`` counts the bytes that libvirt took of writes of 256 bytes and more,
    as they go on; they are then on their way to the guest, which may not have read them.
    """

    id: int
    request: ConsoleRequest
    phase: ConsolePhase
    since: float
    reason: str = ""
    error: OperationError | None = None
    taken: int = 0
