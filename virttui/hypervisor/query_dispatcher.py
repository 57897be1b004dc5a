"""Questions about documents: who asked, what is being read, and what hangs.

Lives on the fleet thread. One question of a lane is at work at a time. The same one asked again
while it waits is answered by the same reading; while it is at work, by one more after it, since
what is read now may be older than the reason to ask. A call that hangs is left where it is, and its
document is not asked for again until it has returned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from virttui.hypervisor.commands.block_jobs import chains_of
from virttui.hypervisor.polling.host_context import HostContext
from virttui.hypervisor.provision.clone_source import source_of
from virttui.hypervisor.provision.image_probe import host_can, image
from virttui.hypervisor.provision.leftovers import leftovers
from virttui.hypervisor.queries.documents import of_domain, of_host, of_network, read
from virttui.hypervisor.queries.dry_run import trial
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.hypervisor.queries.host_environment import sources, surroundings
from virttui.hypervisor.queries.host_knowledge import host_devices, known
from virttui.hypervisor.queries.native_config import translated
from virttui.model.documents import Document
from virttui.model.errors import HostLost, InvalidInput, OperationError, TimedOut
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.appliance import NativeConfig
from virttui.model.provision.network_pool import PoolSourceQuery
from virttui.model.queries import Query, QueryKind, QueryResult

# Seconds a reading may take. What a host can do libvirt may have to find out from its QEMU first;
# a server that is gone is asked for its shares until the host's own tools give up.
PATIENCE = {"documents": 5.0, "knowledge": 60.0, "sources": 20.0}

Subject = tuple[
    QueryKind, Kind, ObjectId, Document | None, PoolSourceQuery | None, str, NativeConfig | None
]


class QueryDispatcher:
    """The questions about documents of one host."""

    def __init__(self, context: HostContext) -> None:
        self._context = context
        self._waiting: dict[Subject, list[Query]] = {}
        self._at_work: dict[str, tuple[Subject, list[Query]]] = {}
        self._hanging: set[Subject] = set()

    def ask(self, question: Query) -> None:
        """Have a question answered, by and by."""
        q = question
        subject = (q.ask, q.kind, q.key, q.document, q.seek, q.xml, q.native)
        if subject in self._hanging:
            self._tell([question], _hangs(question))
            return
        self._waiting.setdefault(subject, []).append(question)
        self._begin()

    def tick(self, now: float) -> None:
        """Leave what hangs, and begin what waits for it."""
        for lane, (subject, questions) in list(self._at_work.items()):
            if self._context.calls.waited(lane, now) > PATIENCE[lane]:
                self._context.calls.detach_stuck(lane)
                del self._at_work[lane]
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
            lane = _lane(subject)
            if lane not in self._at_work:
                questions = self._waiting.pop(subject)
                self._at_work[lane] = (subject, questions)
                self._put(lane, subject, questions)

    def _put(self, lane: str, subject: Subject, questions: list[Query]) -> None:
        context, info = self._context, self._context.connection_info()
        read_only = context.fleet.settings.read_only
        source = f"{info.hypervisor if info else 'libvirt'} on {context.name()}"
        question = questions[0]
        here = context.uri if info is not None and info.here else ""
        what = f"{question.ask} {question.document.name if question.document else question.kind}"
        job = partial(_answer, question, _Where(read_only, source, here))
        done = partial(self._done, lane, subject, questions)
        context.calls.call_untracked(lane, what, job, done)

    def _done(self, lane: str, subject: Subject, questions: list[Query], outcome: Any) -> None:
        """A reading returned; one that was left before is only no longer in the way."""
        if self._at_work.get(lane, (subject, []))[1] is not questions:
            self._hanging.discard(subject)
            return
        del self._at_work[lane]
        self._tell(questions, outcome)
        self._begin()

    def _tell(self, questions: list[Query], outcome: QueryResult | OperationError) -> None:
        for question in questions:
            if isinstance(outcome, OperationError):
                self._context.fleet.tell(QueryResult(question, trouble=outcome))
            else:
                self._context.fleet.tell(replace(outcome, question=question))


def _lane(subject: Subject) -> str:
    """Definitions are quick to read; what is looked up in many places has a lane of its own."""
    ask, document = subject[0], subject[3]
    if ask is QueryKind.SOURCES:
        return "sources"
    told_by_qemu = (Kind.CAPABILITIES, Kind.DOMAIN_CAPABILITIES)
    quick = ask is QueryKind.DEFINITION and (document is None or document.kind not in told_by_qemu)
    return "documents" if quick or ask in (QueryKind.SURROUNDINGS, QueryKind.DISKS) else "knowledge"


class _Where(NamedTuple):
    """Whom a question is put to: what may be asked, what it calls itself, and its URI where it is
    this machine, else ""."""

    read_only: bool
    source: str
    here: str


def _answer(question: Query, where: _Where, connection: Any) -> QueryResult:
    """Answer one question, on its lane. Raises libvirtError or Trouble."""
    return _ANSWERS[question.ask](question, where, connection)


def _documents(question: Query, where: _Where, connection: Any) -> QueryResult:
    if question.kind is Kind.DOMAIN:
        return QueryResult(question, documents=of_domain(connection, question.key))
    if question.kind is Kind.NETWORK:
        return QueryResult(question, documents=of_network(connection, question.key))
    return QueryResult(question, documents=of_host(connection, question.key.host))


def _definition(question: Query, where: _Where, connection: Any) -> QueryResult:
    if question.document is None:
        raise InvalidInput("no document was named")
    told = read(connection, question.document, read_only=where.read_only)
    return QueryResult(question, definition=told)


def _held(question: Query, connection: Any) -> QueryResult:
    uses = FileUsers(connection)
    return QueryResult(question, held=uses.told(), unknown=uses.unknown)


_ANSWERS: dict[QueryKind, Callable[[Query, _Where, Any], QueryResult]] = {
    QueryKind.DEFINITION: _definition,
    QueryKind.DOCUMENTS: _documents,
    QueryKind.KNOWLEDGE: lambda q, where, c: QueryResult(
        q, knowledge=known(c, q.document, where.source)
    ),
    QueryKind.HOST_DEVICES: lambda q, where, c: QueryResult(q, host_devices=host_devices(c)),
    QueryKind.SURROUNDINGS: lambda q, where, c: QueryResult(
        q, surroundings=surroundings(c, where.here)
    ),
    QueryKind.SOURCES: lambda q, where, c: QueryResult(q, sources=sources(c, q.seek)),
    QueryKind.DISKS: lambda q, where, c: QueryResult(q, chains=chains_of(c, q.key.uuid)),
    QueryKind.CLONE: lambda q, where, c: QueryResult(
        q, clone=source_of(c, q.key, here=bool(where.here))
    ),
    QueryKind.SNAPSHOT_FILES: lambda q, where, c: _held(q, c),
    QueryKind.CAPABILITIES: lambda q, where, c: QueryResult(q, can=host_can(c)),
    QueryKind.DRY_RUN: lambda q, where, c: QueryResult(q, tried=trial(c, q.xml)),
    QueryKind.NATIVE: lambda q, where, c: QueryResult(q, translated=translated(c, q.native)),
    QueryKind.IMAGE: lambda q, where, c: QueryResult(q, image=image(c, *q.key.uuid.split("/", 1))),
    QueryKind.INCOMPLETE: lambda q, where, c: QueryResult(
        q, left=() if where.read_only else leftovers(c, q.key.host)
    ),
}
ABOUT_DOCUMENTS = frozenset(_ANSWERS)
"""What the library answers: all that may wait for a guest, and keeps nothing else waiting."""


def _hangs(question: Query) -> TimedOut:
    if question.seek is not None and question.seek.host:
        return TimedOut(f"{question.seek.host} does not answer libvirt")
    who = question.document.name if question.document is not None else "the host"
    return TimedOut(
        f"libvirt does not answer about {who}",
        advice="another call may hold it; it is asked again when that has ended",
    )
