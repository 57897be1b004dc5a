"""A small HTTP server for scrapes: one thread, so many connections, so much time for each.

Who sends a request byte by byte is cut when its time is up, or before when others want its place;
no scrape waits for one of those.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus

log = logging.getLogger(__name__)

MOST = 256
"""Connections at once; beyond that the one that has been sending its request the longest is cut."""
BACKLOG = 256
SECONDS = 5.0
"""For a whole request, and again for its answer."""
_LONGEST = 16 * 1024
_LOOK_AGAIN = 0.05

Page = Callable[[], tuple[str, bytes]]
"""Gives the type and the content of a page, without waiting for anything."""


class MetricsServer:
    """Serves one page on its path. Raises OSError when the address cannot be had."""

    def __init__(self, address: tuple[str, int], path: str, page: Page) -> None:
        self._path, self._page = path, page
        # Each in the order of their beginning.
        self._reading: dict[asyncio.StreamWriter, None] = {}
        self._writing: dict[asyncio.StreamWriter, None] = {}
        six = ":" in address[0]
        self._socket = socket.create_server(
            address, family=socket.AF_INET6 if six else socket.AF_INET, backlog=BACKLOG,
            dualstack_ipv6=six and socket.has_dualstack_ipv6(),
        )  # fmt: skip
        self._loop = asyncio.new_event_loop()
        # A connection that breaks is no news.
        self._loop.set_exception_handler(lambda loop, context: log.debug("%s", context))
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """The address of the server."""
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    def start(self) -> None:
        """Serve from now on, on a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no more, and leave no connection open."""
        with contextlib.suppress(RuntimeError):  # it has stopped already
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(SECONDS)

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(
            self._connected, sock=self._socket, limit=_LONGEST, backlog=BACKLOG
        )
        await self._stopping.wait()
        server.close()
        # What was accepted in this turn of the loop becomes a connection in later ones.
        await _turns()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for writer in (*self._reading, *self._writing):
                writer.transport.abort()
            await asyncio.wait(others, timeout=_LOOK_AGAIN)
        await _turns()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._reading) + len(self._writing) >= MOST:
            some = self._reading or self._writing
            oldest = next(iter(some))
            del some[oldest]
            oldest.transport.abort()
        self._reading[writer] = None
        try:
            async with asyncio.timeout(SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            self._reading.pop(writer, None)
            self._writing[writer] = None
            writer.write(self._answer(head))
            async with asyncio.timeout(SECONDS):
                await writer.drain()
                writer.write_eof()
                # The other side hangs up when it has all of it.
                while await reader.read(_LONGEST):
                    pass
        except asyncio.LimitOverrunError:
            writer.write(_page(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "text/plain", b""))
        except (asyncio.IncompleteReadError, TimeoutError, OSError):
            writer.transport.abort()
        finally:
            self._reading.pop(writer, None)
            self._writing.pop(writer, None)
            writer.close()

    def _answer(self, head: bytes) -> bytes:
        words = head.split(b"\r\n", 1)[0].split()
        if len(words) != 3 or not words[2].startswith(b"HTTP/"):
            return _page(HTTPStatus.BAD_REQUEST, "text/plain", b"this is no HTTP request\n")
        method, target = words[0], words[1].partition(b"?")[0].decode("latin-1")
        if method not in (b"GET", b"HEAD"):
            return _page(HTTPStatus.NOT_IMPLEMENTED, "text/plain", b"only GET and HEAD\n")
        if target != self._path:
            words_there = f"the metrics are on {self._path}\n".encode()
            return _page(HTTPStatus.NOT_FOUND, "text/plain", words_there, head=method == b"HEAD")
        kind, content = self._page()
        return _page(HTTPStatus.OK, kind, content, head=method == b"HEAD")


async def _turns() -> None:
    """Let the loop do what it has put off: connections begin and close in turns of their own."""
    for _ in range(3):
        await asyncio.sleep(0)


def _page(status: HTTPStatus, kind: str, body: bytes, *, head: bool = False) -> bytes:
    kind = f"{kind}; charset=utf-8" if kind == "text/plain" else kind
    lines = (
        f"HTTP/1.0 {status.value} {status.phrase}", f"Date: {formatdate(usegmt=True)}",
        f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode() + (b"" if head else body)
