"""Dispatches the queries of one host to their workers.

Lives on the fleet thread. A reader without a timeout is called at once, each time. Of the others
each worker answers one query at a time. An equal query that comes while the first still waits gets
the result of the same call; one that comes while the first is at work gets a call of its own
afterwards, since what is read now may be older than the reason to ask. A call that hangs is left
where it is, and the same query is not put again until it has returned.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.queries.reader import QueryContext, Reader
from virttui.hypervisor.queries.registry import reader_of
from virttui.model.documents import Document
from virttui.model.errors import HostLost, OperationError, TimedOut
from virttui.model.queries import (
    DefinitionQuery,
    GuestAgentQuery,
    HostValuesQuery,
    PoolSourcesQuery,
    ProgramQuery,
    Query,
    QueryResult,
    RunProgramQuery,
    ScreenshotQuery,
    SshKeysQuery,
)


class QueryDispatcher:
    """The queries of one host, except those for the volumes of a pool.

    Equal queries differ only in their serial numbers: the key of all tables is serial 0.
    """

    def __init__(self, context: HostContext) -> None:
        self._context = context
        self._waiting: dict[Query, list[Query]] = {}
        self._at_work: dict[str, tuple[Query, list[Query]]] = {}
        self._hanging: set[Query] = set()

    def ask(self, query: Query) -> None:
        """Queue a query; its result is published later."""
        reader = reader_of(query)
        if reader.timeout is None:
            self._call(query, reader)
            return
        subject = replace(query, serial=0)
        if subject in self._hanging:
            self._publish([query], _hangs(query, self._context.name()))
            return
        self._waiting.setdefault(subject, []).append(query)
        self._begin()

    @property
    def idle(self) -> bool:
        """Return true if no query is queued or at work."""
        return not self._waiting and not self._at_work

    def tick(self, now: float) -> None:
        """Leave what hangs, and begin what waits for it."""
        for worker, (subject, queries) in list(self._at_work.items()):
            timeout = reader_of(queries[0]).timeout
            if timeout is not None and self._context.calls.waited(worker, now) > timeout:
                self._context.calls.detach_stuck(worker)
                self._context.suspect_hung((queries[0].key.uuid,))
                del self._at_work[worker]
                self._hanging.add(subject)
                queries += self._waiting.pop(subject, [])
                self._publish(queries, _hangs(queries[0], self._context.name()))
        self._begin()

    def connection_lost(self) -> None:
        """The connection broke: nothing is answered any more."""
        lost = HostLost(f"{self._context.name()} does not answer now")
        for _, queries in self._at_work.values():
            self._publish(queries, lost)
        for queries in self._waiting.values():
            self._publish(queries, lost)
        for kept in (self._at_work, self._waiting, self._hanging):
            kept.clear()

    def _begin(self) -> None:
        for subject in list(self._waiting):
            worker = reader_of(self._waiting[subject][0]).worker
            if worker not in self._at_work:
                queries = self._waiting.pop(subject)
                self._at_work[worker] = (subject, queries)
                self._put(worker, subject, queries)

    def _put(self, worker: str, subject: Query, queries: list[Query]) -> None:
        query = queries[0]
        reader = reader_of(query)
        done = partial(self._done, worker, subject, queries)
        self._context.calls.call_untracked(worker, _name(query), self._job(query, reader), done)

    def _call(self, query: Query, reader: Reader) -> None:
        """Make one call for one query; its worker is the pollers' and is never left for it."""

        def done(outcome: QueryResult | OperationError) -> None:
            self._publish([query], outcome)

        job = self._job(query, reader)
        self._context.calls.worker(reader.worker).call(_name(query), job, done)

    def _job(self, query: Query, reader: Reader) -> Callable[[Connection], QueryResult]:
        """The function that a worker calls. It raises libvirtError or OperationError."""
        if reader.function is None:
            raise LookupError(reader.name)
        context, info = self._context, self._context.connection_info()
        source = f"{info.hypervisor if info else 'libvirt'} on {context.name()}"
        here = info is not None and info.here
        read_only = context.fleet.settings.read_only
        return partial(reader.function, query, QueryContext(read_only, source, context.uri, here))

    def _done(
        self,
        worker: str,
        subject: Query,
        queries: list[Query],
        outcome: QueryResult | OperationError,
    ) -> None:
        """A reading returned; one that was left before is only no longer in the way."""
        if self._at_work.get(worker, (subject, []))[1] is not queries:
            self._hanging.discard(subject)
            return
        del self._at_work[worker]
        self._publish(queries, outcome)
        self._begin()

    def _publish(self, queries: list[Query], outcome: QueryResult | OperationError) -> None:
        for query in queries:
            if isinstance(outcome, OperationError):
                self._context.fleet.publish(reader_of(query).result(query, error=outcome))
            else:
                self._context.fleet.publish(replace(outcome, query=query))


def _document(query: Query) -> Document | None:
    """The document that a query is about, if any."""
    if isinstance(query, DefinitionQuery | HostValuesQuery):
        return query.document
    return None


def _name(query: Query) -> str:
    """The name of a query in the message about a call that hangs."""
    document = _document(query)
    about = document.name if document is not None else query.key.uuid
    return f"{reader_of(query).name} {about}".rstrip()


def _hangs(query: Query, host: str) -> TimedOut:
    if isinstance(query, ScreenshotQuery):
        seconds = reader_of(query).timeout
        return TimedOut(f"{host} took no picture within {seconds:g} s: its QEMU is busy")
    if isinstance(query, PoolSourcesQuery) and query.search.host:
        return TimedOut(f"{query.search.host} does not answer libvirt")
    if isinstance(query, GuestAgentQuery | SshKeysQuery | RunProgramQuery | ProgramQuery):
        return TimedOut(
            f"its agent has not answered for {reader_of(query).timeout:.0f} s",
            advice="the guest may be too busy, or stand still",
        )
    document = _document(query)
    who = document.name if document is not None else "the host"
    return TimedOut(
        f"libvirt does not answer about {who}",
        advice="another call may block it; it is asked again when that has ended",
    )
