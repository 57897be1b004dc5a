"""One open console: bytes between a stream of libvirt's and a sink.

``open`` and ``close`` are calls to the daemon and are made on the worker of the consoles. What
comes is received on the thread of libvirt's event loop, and what is written is sent there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import libvirt

from virttui.hypervisor.connection.streams import abort
from virttui.hypervisor.connection.types import Connection, StreamHandle
from virttui.model.domains.consoles import Sink

Ended = Callable[[libvirt.libvirtError | None], None]

STEP = 256
"""Bytes sent at once: libvirt's client takes any number, and what it took cannot be taken back."""
REPORT = 0.05
"""Seconds between two reports of how much of a long write was taken."""
TYPED_SECONDS = 1.0
"""How long a console that is closed waits until what was typed right before is sent."""

# A serial port gives some 20 bytes at a time, a container's console up to 64 KiB.
_AT_ONCE = 1 << 16
# After so many the other streams of the event loop get their turn.
_TURNS = 16

_RECEIVING = (
    libvirt.VIR_STREAM_EVENT_READABLE
    | libvirt.VIR_STREAM_EVENT_ERROR
    | libvirt.VIR_STREAM_EVENT_HANGUP
)
_WOULD_BLOCK = -2


class ConsoleStream:
    """The stream of one console, for one time that it is attached.

    ``sink``, ``taken`` and ``ended`` are called on the thread of libvirt's event loop: ``taken``
    with the number of bytes of a long write that libvirt took since the last call, ``ended`` once,
    with the error or None where the other end was closed. A daemon that dies ends no stream: only
    the callback of the connection tells of it. ``domain_id`` is libvirt's number of the process
    that it is of.
    """

    def __init__(self, sink: Sink, taken: Callable[[int], None], ended: Ended) -> None:
        self._sink = sink
        self._taken = taken
        self._ended = ended
        self.domain_id: int | None = None
        self._lock = threading.Condition()
        self._stream: StreamHandle | None = None
        self._unsent = bytearray()
        self._counted = False
        self._broken = False
        self._unreported = 0
        self._reported_at = 0.0

    def open(self, connection: Connection, uuid: str, device: str, *, force: bool) -> None:
        """Attach to ``device``; ``force`` takes it from whoever has it. Raises libvirtError."""
        flags = libvirt.VIR_DOMAIN_CONSOLE_FORCE if force else 0
        stream = connection.newStream(libvirt.VIR_STREAM_NONBLOCK)
        domain = connection.lookupByUUIDString(uuid)
        domain.openConsole(device, stream, flags)
        self.domain_id = domain.ID()
        with self._lock:
            self._stream = stream
        try:
            stream.eventAddCallback(_RECEIVING, self._on_event, None)
        except libvirt.libvirtError:
            self.close()
            raise

    def write(self, data: bytes) -> None:
        """Send ``data`` in steps after what was written before. Called from any thread."""
        with self._lock:
            if self._stream is None:
                return
            idle = not self._unsent
            self._unsent += data
            self._counted |= len(data) >= STEP
            if idle and data:
                self._listen(_RECEIVING | libvirt.VIR_STREAM_EVENT_WRITABLE)

    def close(self) -> None:
        """Let go of the console, so that others can open it.

        What was typed right before is sent first, as an ``exit`` and its return key; of a long
        write the rest is dropped. The callback is removed before the stream is ended: with it the
        stream would stay, and the console be held.
        """
        with self._lock:
            self._lock.wait_for(self._has_sent_typed_keys, TYPED_SECONDS)
            stream, self._stream = self._stream, None
            self._unsent.clear()
        if stream is not None:
            with suppress(libvirt.libvirtError):  # it was removed when the stream ended
                stream.eventRemoveCallback()
            abort(stream)

    def _has_sent_typed_keys(self) -> bool:
        return self._stream is None or self._broken or self._counted or not self._unsent

    def _listen(self, events: int) -> None:
        # A stream that has ended has no callback any more.
        with suppress(libvirt.libvirtError):
            assert self._stream is not None
            self._stream.eventUpdateCallback(events)

    def _on_event(self, stream: StreamHandle, events: int, _opaque: object) -> None:
        error: libvirt.libvirtError | None = None
        ended = False
        try:
            if events & _RECEIVING:
                ended = self._receive(stream)
            if events & libvirt.VIR_STREAM_EVENT_WRITABLE and not ended:
                self._send(stream)
        except libvirt.libvirtError as broken:
            error, ended = broken, True
        if ended:
            with self._lock:
                self._broken = True
                self._lock.notify_all()
            with suppress(libvirt.libvirtError):
                stream.eventRemoveCallback()
            self._ended(error)

    def _receive(self, stream: StreamHandle) -> bool:
        """Give what came to the sink; true at the end of the stream. Raises libvirtError."""
        parts: list[bytes] = []
        try:
            for _ in range(_TURNS):
                part: Any = stream.recv(_AT_ONCE)
                if part == _WOULD_BLOCK:
                    return False
                if not part:
                    return True
                parts.append(part)
            return False
        finally:
            if parts:
                self._sink(b"".join(parts))

    def _send(self, stream: StreamHandle) -> None:
        """Send one step. Raises libvirtError."""
        with self._lock:
            if self._stream is not stream:
                return
            count = stream.send(bytes(self._unsent[:STEP])) if self._unsent else 0
            if count > 0:
                del self._unsent[:count]
                self._unreported += count if self._counted else 0
            if not self._unsent:
                self._counted = False
                self._lock.notify_all()
                self._listen(_RECEIVING)
            now = time.monotonic()
            if self._unsent and now - self._reported_at < REPORT:
                return
            report, self._unreported, self._reported_at = self._unreported, 0, now
        if report:
            self._taken(report)
