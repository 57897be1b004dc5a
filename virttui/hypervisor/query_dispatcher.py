"""Dispatches queries to their workers: who asked, what is being read, and what hangs.

Lives on the fleet thread. A reader without a timeout is called at once, each time. Of the others
one query of a worker is at work at a time. The same one asked again
while it waits is answered by the same reading; while it is at work, by one more after it, since
what is read now may be older than the reason to ask. A call that hangs is left where it is, and its
document is not asked for again until it has returned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.queries.registry import QueryContext, Reader, reader_of
from virttui.model.documents import Document
from virttui.model.errors import HostLost, OperationError, TimedOut
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.appliance import NativeConfig
from virttui.model.provision.network_pool import PoolSourceQuery
from virttui.model.queries import Query, QueryKind, QueryResult

Subject = tuple[
    QueryKind, Kind, ObjectId, Document | None, PoolSourceQuery | None, str, NativeConfig | None
]


class QueryDispatcher:
    """The queries of one host, but for those about volumes."""

    def __init__(self, context: HostContext) -> None:
        self._context = context
        self._waiting: dict[Subject, list[Query]] = {}
        self._at_work: dict[str, tuple[Subject, list[Query]]] = {}
        self._hanging: set[Subject] = set()

    def ask(self, question: Query) -> None:
        """Have a question answered, by and by."""
        reader = reader_of(question)
        if reader.timeout is None:
            self._call(question, reader)
            return
        q = question
        subject = (q.ask, q.kind, q.key, q.document, q.seek, q.xml, q.native)
        if subject in self._hanging:
            self._tell([question], _hangs(question))
            return
        self._waiting.setdefault(subject, []).append(question)
        self._begin()

    def tick(self, now: float) -> None:
        """Leave what hangs, and begin what waits for it."""
        for worker, (subject, questions) in list(self._at_work.items()):
            timeout = reader_of(questions[0]).timeout
            if timeout is not None and self._context.calls.waited(worker, now) > timeout:
                self._context.calls.detach_stuck(worker)
                del self._at_work[worker]
                self._hanging.add(subject)
                questions += self._waiting.pop(subject, [])
                self._tell(questions, _hangs(questions[0]))
        self._begin()

    def connection_lost(self) -> None:
        """The connection broke: nothing is answered any more."""
        lost = HostLost(f"{self._context.name()} does not answer now")
        for _, questions in self._at_work.values():
            self._tell(questions, lost)
        for questions in self._waiting.values():
            self._tell(questions, lost)
        for kept in (self._at_work, self._waiting, self._hanging):
            kept.clear()

    def _begin(self) -> None:
        for subject in list(self._waiting):
            worker = reader_of(self._waiting[subject][0]).worker
            if worker not in self._at_work:
                questions = self._waiting.pop(subject)
                self._at_work[worker] = (subject, questions)
                self._put(worker, subject, questions)

    def _put(self, worker: str, subject: Subject, questions: list[Query]) -> None:
        question = questions[0]
        what = f"{question.ask} {question.document.name if question.document else question.kind}"
        job = self._job(question, reader_of(question))
        done = partial(self._done, worker, subject, questions)
        self._context.calls.call_untracked(worker, what, job, done)

    def _call(self, question: Query, reader: Reader) -> None:
        """Make one call for one query; its worker is the pollers' and is never left for it."""

        def done(outcome: QueryResult | OperationError) -> None:
            self._tell([question], outcome)

        what = f"{question.ask} {question.key.uuid}"
        self._context.calls.worker(reader.worker).call(what, self._job(question, reader), done)

    def _job(self, question: Query, reader: Reader) -> Callable[[Connection], QueryResult]:
        """What a worker is to call. Its function raises libvirtError or OperationError."""
        if reader.function is None:
            raise LookupError(question.ask)
        context, info = self._context, self._context.connection_info()
        source = f"{info.hypervisor if info else 'libvirt'} on {context.name()}"
        here = info is not None and info.here
        read_only = context.fleet.settings.read_only
        return partial(
            reader.function, question, QueryContext(read_only, source, context.uri, here)
        )

    def _done(
        self,
        worker: str,
        subject: Subject,
        questions: list[Query],
        outcome: QueryResult | OperationError,
    ) -> None:
        """A reading returned; one that was left before is only no longer in the way."""
        if self._at_work.get(worker, (subject, []))[1] is not questions:
            self._hanging.discard(subject)
            return
        del self._at_work[worker]
        self._tell(questions, outcome)
        self._begin()

    def _tell(self, questions: list[Query], outcome: QueryResult | OperationError) -> None:
        for question in questions:
            if isinstance(outcome, OperationError):
                self._context.fleet.publish(QueryResult(question, trouble=outcome))
            else:
                self._context.fleet.publish(replace(outcome, question=question))


def _hangs(question: Query) -> TimedOut:
    if question.seek is not None and question.seek.host:
        return TimedOut(f"{question.seek.host} does not answer libvirt")
    who = question.document.name if question.document is not None else "the host"
    return TimedOut(
        f"libvirt does not answer about {who}",
        advice="another call may hold it; it is asked again when that has ended",
    )
