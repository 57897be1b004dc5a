"""The logs of one host and its domains that somebody looks at. Lives on the fleet thread.

Which files there are libvirt is asked once when they are opened, and again when the domain starts;
the files themselves are read by a ``LogReader`` each, also while libvirt's daemon is down.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct

from virttui.hypervisor.connection.calls import or_none_unless_gone, xml_of
from virttui.hypervisor.connection.connect import in_process, is_here
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.connection.uris import driver, transport
from virttui.hypervisor.logs.file_tail import FileTail
from virttui.hypervisor.logs.log_reader import LogReader, StaticLog, Tail
from virttui.hypervisor.logs.ssh_tail import SshTail
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.queries.diagnosis import daemon_log, qemu_log
from virttui.hypervisor.queries.host_files import HostFiles
from virttui.libvirtxml.guest_access.consoles import consoles
from virttui.model.domains.consoles import ConsoleDevice
from virttui.model.domains.logs import (
    CONSOLE,
    LIBVIRT,
    QEMU,
    HostLogRequest,
    LineTime,
    LogKind,
    LogLine,
    LogRequest,
    LogSource,
    LogState,
)
from virttui.model.errors import OperationError

WORKER = "detail"
_TOLD = "events and messages seen since you started"


class DomainLogs(Struct, frozen=True):
    """What libvirt says of a domain's logs; ``messages`` is None where it has none to give."""

    consoles: tuple[ConsoleDevice, ...]
    messages: tuple[str, ...] | None


class HostLogs:
    """The open logs of one host. ``answers`` tells whether the host can be called now."""

    def __init__(self, context: HostContext, answers: Callable[[], bool]) -> None:
        self._context = context
        self._answers = answers
        self._readers: dict[int, tuple[LogRequest | HostLogRequest, LogReader]] = {}

    def open(self, number: int, request: LogRequest | HostLogRequest) -> None:
        """Read the logs of a domain, or of the host itself, under a number of its own."""
        told = StaticLog(LogSource(LIBVIRT, LogKind.LIBVIRT, LogState.READ, _TOLD))
        if isinstance(request, HostLogRequest):
            tails = [*map(self._daemon_tail, self._daemons()), told]
            self._readers[number] = (request, self._reader(number, request, tails))
            return
        tails = []
        if (path := self._qemu_log(request.name)) is not None:
            tails.append(self._tail(LogSource(QEMU, LogKind.QEMU, LogState.ASKED, path)))
        asked = f"{self._context.name()} is asked"
        tails += [
            StaticLog(LogSource(CONSOLE, LogKind.CONSOLE, LogState.ASKED, reason=asked)),
            told,
        ]
        reader = self._reader(number, request, tails)
        self._readers[number] = (request, reader)
        self._ask(request, reader)

    def _reader(
        self, number: int, request: LogRequest | HostLogRequest, tails: Sequence[Tail]
    ) -> LogReader:
        return LogReader(number, request, tails, self._context.fleet.publish)

    def read_older(self, number: int, source: str) -> None:
        """Read what comes before the lines of one source that were told."""
        if number in self._readers:
            self._readers[number][1].read_older(source)

    def close(self, number: int) -> None:
        """Follow these logs no longer."""
        _, reader = self._readers.pop(number, (None, None))
        if reader is not None:
            reader.stop()

    def connected(self) -> None:
        """The host answers again: ask what could not be asked."""
        for request, reader in self._readers.values():
            if isinstance(request, LogRequest):
                self._ask(request, reader)

    def domain_started(self, uuid: str) -> None:
        """A domain started: its consoles may be kept in files now."""
        for request, reader in self._readers.values():
            if isinstance(request, LogRequest) and request.domain.uuid == uuid:
                self._ask(request, reader)

    def end(self) -> None:
        """The backend stops."""
        for _, reader in self._readers.values():
            reader.stop()
        self._readers.clear()

    # -- what libvirt knows of them --------------------------------------------------------------

    def _ask(self, request: LogRequest, reader: LogReader) -> None:
        if not self._answers():
            lost = f"{self._context.name()} does not answer now"
            reader.put(
                [StaticLog(LogSource(CONSOLE, LogKind.CONSOLE, LogState.ASKED, reason=lost))]
            )
            return

        qemu = self._qemu_log(request.name)

        def found(outcome: DomainLogs | OperationError) -> None:
            reader.put(self._tails_of(outcome, qemu))

        job = partial(_logs_of, uuid=request.domain.uuid)
        self._context.calls.worker(WORKER).call("find logs", job, found)

    def _tails_of(self, found: DomainLogs | OperationError, qemu: str | None) -> list[Tail]:
        """The sources that libvirt told, beside QEMU's log. Called on the worker."""
        if isinstance(found, OperationError):
            source = LogSource(
                CONSOLE, LogKind.CONSOLE, LogState.UNREADABLE, "", reason=found.message
            )
            return [StaticLog(source)]
        kept = [one for one in found.consoles if one.log_file]
        tails: list[Tail] = []
        for one in kept:
            name = CONSOLE if len(kept) == 1 else one.alias
            source = LogSource(
                name, LogKind.CONSOLE, LogState.ASKED, one.log_file, device=one.alias
            )
            tails.append(self._tail(source))
        if not kept:
            tails.append(StaticLog(self._not_logged(found.consoles, qemu)))
        return [*tails, self._libvirt_log(found.messages)]

    def _not_logged(self, devices: Sequence[ConsoleDevice], qemu: str | None) -> LogSource:
        """The source of a domain whose consoles are in no file, with the file that could be."""
        serial = next((one.alias for one in devices if _can_be_logged(one)), "")
        reason = "no console of it has a log file" if devices else "it has no console"
        if devices and not serial:
            reason = "libvirt logs no console of this kind"
        if not serial or qemu is None:
            return LogSource(CONSOLE, LogKind.CONSOLE, LogState.NOT_KEPT, reason=reason)
        place = f"{qemu.removesuffix('.log')}-{serial}.log"
        advice = f"a has {serial} logged, from its next start"
        return LogSource(
            CONSOLE, LogKind.CONSOLE, LogState.NOT_KEPT, place, None, None, reason, advice,
            device=serial,
        )  # fmt: skip

    def _libvirt_log(self, messages: tuple[str, ...] | None) -> Tail:
        source = LogSource(LIBVIRT, LogKind.LIBVIRT, LogState.READ, _TOLD)
        now = self._context.fleet.wall()
        lines = [LogLine(LIBVIRT, one, now, LineTime.READ) for one in messages or ()]
        return StaticLog(source, lines)

    # -- how they are reached --------------------------------------------------------------------

    def _qemu_log(self, name: str) -> str | None:
        """The path of the log of a domain on its host, in the folder called after the driver."""
        return qemu_log(self._context.uri, self._driver(), name)

    def _daemons(self) -> Sequence[str]:
        """The daemons that may serve the host: the one for all drivers, the one of its driver."""
        return "libvirtd", f"virt{self._driver().lower()}d"

    def _daemon_tail(self, name: str) -> Tail:
        """The messages of a daemon, where it has a file of them."""
        advice = f"if it runs, its messages are in the journal of its host: journalctl -u {name}"
        path = daemon_log(self._context.uri, name)
        return self._tail(LogSource(name, LogKind.DAEMON, LogState.ASKED, path, advice=advice))

    def _driver(self) -> str:
        info, uri = self._context.connection_info(), self._context.uri
        return (info.driver if info is not None else driver(uri)) or "qemu"

    def _tail(self, source: LogSource) -> Tail:
        uri = self._context.uri
        if in_process(uri):
            reason = "a driver within this process writes none"
            return StaticLog(_not_read(source, LogState.ABSENT, reason, ""))
        if is_here(uri):
            return FileTail(source, partial(HostFiles.usual, uri), self._context.fleet.wall)
        if transport(uri) == "ssh":
            return SshTail(source, uri, self._context.fleet.wall)
        way = transport(uri) or "tls"
        reason = f"{self._context.name()} is reached by {way}, which carries no files"
        return StaticLog(
            _not_read(source, LogState.AWAY, reason, f"on its host: tail -F {source.where}")
        )


def _can_be_logged(device: ConsoleDevice) -> bool:
    """Whether it is a console of QEMU's, and one that ``:set`` finds by its number."""
    return device.type != "lxc" and re.fullmatch(r"(?:serial|console)\d+", device.alias) is not None


def _not_read(source: LogSource, state: LogState, reason: str, advice: str) -> LogSource:
    return LogSource(
        source.name, source.kind, state, source.where, None, None, reason, advice,
        device=source.device,
    )  # fmt: skip


def _logs_of(connection: Connection, uuid: str) -> DomainLogs:
    """What libvirt says of a domain's logs. Raises libvirtError."""
    domain = connection.lookupByUUIDString(uuid)
    messages = or_none_unless_gone(partial(domain.messages, 0))
    return DomainLogs(consoles(xml_of(domain)), None if messages is None else tuple(messages))
