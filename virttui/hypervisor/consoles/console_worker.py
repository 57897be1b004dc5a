"""The calls for the consoles of one host, on the one connection that they all share.

``ConsoleWorker`` belongs to one worker of a ``CallRouter``; all methods but ``streams`` run on the
thread of that worker.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import libvirt
from msgspec import Struct

from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import xml_of
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.consoles.stream import ConsoleStream
from virttui.libvirtxml.guest_access.consoles import consoles
from virttui.model.domains.consoles import ConsolePhase, ConsoleRequest
from virttui.model.errors import OperationError, Refused, Unsupported

_OFF = {
    "shutdown": "it was shut down",
    "destroyed": "it was forced off",
    "crashed": "it crashed",
    "migrated": "it was migrated to another host",
    "saved": "it was saved",
    "failed": "it failed to start",
}
"""libvirt's reason why a domain is off -> the words for it."""


class Outcome(Struct, frozen=True):
    """The phase of a console after a call, and in words why."""

    phase: ConsolePhase
    reason: str = ""


class ConsoleWorker:
    """The connection of the consoles and its open streams.

    ``on_close`` is called on the thread of libvirt's event loop when the connection was closed by
    the other side or by keepalive.
    """

    def __init__(self, on_close: Callable[[], None]) -> None:
        self._on_close = on_close
        self._connection: Connection | None = None
        self._streams: set[ConsoleStream] = set()

    def attach(
        self, request: ConsoleRequest, stream: ConsoleStream, force: bool, connection: Connection
    ) -> Outcome:
        """Open ``stream`` on the console. Raises OperationError, or libvirtError when it broke."""
        self._watch(connection)
        uuid, device = request.domain.uuid, request.device
        try:
            stream.open(connection, uuid, device, force=force)
        except libvirt.libvirtError as error:
            if not connection.isAlive():
                raise
            return self._not_attached(connection, uuid, error, force)
        self._streams.add(stream)
        return Outcome(ConsolePhase.ATTACHED)

    def _not_attached(
        self, connection: Connection, uuid: str, error: libvirt.libvirtError, force: bool
    ) -> Outcome:
        code = error.get_error_code()
        if code == libvirt.VIR_ERR_OPERATION_FAILED and not force:
            return Outcome(ConsolePhase.IN_USE, holder(error.get_error_message()))
        if code in (libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_NO_DOMAIN):
            why = self._why_off(connection, uuid)
            # It was off a moment ago, and is on now.
            return Outcome(ConsolePhase.OFF, why) if why else Outcome(ConsolePhase.ATTACHING)
        if code == libvirt.VIR_ERR_INVALID_ARG and force:
            raise Unsupported(
                "this hypervisor lets several open a console: there is nobody to take it from",
                advice="open it as it is",
            )
        raise translate.operation_error(error)

    def ended(
        self,
        request: ConsoleRequest,
        stream: ConsoleStream,
        error: libvirt.libvirtError | None,
        connection: Connection,
    ) -> Outcome:
        """Close a stream that ended, and find out why. ATTACHING: it can be attached again."""
        self.close(stream)
        if why := self._why_off(connection, request.domain.uuid):
            return Outcome(ConsolePhase.OFF, why)
        if error is None:
            return Outcome(ConsolePhase.ATTACHING)
        # libvirt says no more than that the stream failed; a daemon and a guest that are well
        # leave one cause.
        return Outcome(ConsolePhase.TAKEN_OVER, "somebody else took it over")

    def look(
        self, request: ConsoleRequest, stream: ConsoleStream | None, connection: Connection
    ) -> Outcome | None:
        """Close ``stream`` where its domain is off (OFF) or was started anew (ATTACHING)."""
        if why := self._why_off(connection, request.domain.uuid):
            outcome = Outcome(ConsolePhase.OFF, why)
        elif stream is not None and stream.domain_id not in (None, _id(connection, request)):
            outcome = Outcome(ConsolePhase.ATTACHING)
        else:
            return None
        if stream is not None:
            self.close(stream)
        return outcome

    def close(self, stream: ConsoleStream) -> None:
        """Let go of a console."""
        self._streams.discard(stream)
        stream.close()

    def end(self) -> None:
        """Let go of all consoles: a connection that is closed before would keep them."""
        for stream in tuple(self._streams):
            self.close(stream)
        if self._connection is not None:
            with suppress(libvirt.libvirtError):  # it was closed by the other side
                self._connection.unregisterCloseCallback()
        self._connection = None

    def _watch(self, connection: Connection) -> None:
        """Have a connection tell when it is closed: a stream on it does not."""
        if connection is self._connection:
            return
        self.end()
        self._connection = connection
        try:
            connection.registerCloseCallback(lambda *_: self._on_close(), None)
        except libvirt.libvirtError as error:
            if not connection.isAlive():
                raise
            del error  # an in-process driver never closes by itself

    def _why_off(self, connection: Connection, uuid: str) -> str:
        """Words for why a domain is off; "" where it is on. Raises libvirtError."""
        try:
            domain = connection.lookupByUUIDString(uuid)
            number, reason = domain.state(0)
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                raise
            return "its definition is gone"
        state = translate.state(number)
        if state.active:
            return ""
        word = translate.reason(state, reason)
        return _OFF.get(word, word.replace("_", " "))


def holder(message: str) -> str:
    """Words for who has a console: libvirt knows only who left a lock file on its device."""
    found = re.search(r"held by process (\d+)", message)
    if found is not None:
        return f"process {found[1]} on its host has it, or left its lock file behind"
    return "it is open elsewhere; libvirt does not say who has it"


def _id(connection: Connection, request: ConsoleRequest) -> int:
    """libvirt's number of the present process of a domain."""
    return connection.lookupByUUIDString(request.domain.uuid).ID()


def log_of(connection: Connection, request: ConsoleRequest, here: bool, host: str) -> str:
    """The log file of a console. Raises OperationError where there is none to read here."""
    domain: DomainHandle = connection.lookupByUUIDString(request.domain.uuid)
    found = {one.alias: one for one in consoles(xml_of(domain))}
    device = found.get(request.device)
    if device is None:
        raise Refused(f"it has no console {request.device}")
    if not device.log_file:
        raise Refused(
            f"{device.alias} has no log file in its definition",
            advice="add <log file='…'/> to it; libvirt keeps one from the next start on",
        )
    if not here:
        raise Refused(f"its log can be read on {host} alone: {device.log_file}")
    return device.log_file


def unreadable(path: str, error: OSError) -> OperationError:
    """The error of a log file that cannot be read."""
    advice = "libvirt keeps it for root" if isinstance(error, PermissionError) else ""
    return Refused(f"{path} cannot be read: {error.strerror}", advice=advice)
