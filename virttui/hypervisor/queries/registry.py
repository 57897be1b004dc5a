"""Every kind of query once: the function that answers it, and the worker it is put to.

A new kind is registered here and in ``model.queries.QueryKind``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from virttui.hypervisor.commands.block_jobs import chains_of
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.provision.clone_source import source_of
from virttui.hypervisor.provision.image_probe import host_can, image
from virttui.hypervisor.provision.leftovers import leftovers
from virttui.hypervisor.queries.delete_plan import delete_plan
from virttui.hypervisor.queries.diagnosis import diagnose
from virttui.hypervisor.queries.documents import of_domain, of_host, of_network, read
from virttui.hypervisor.queries.dry_run import trial
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.hypervisor.queries.host_environment import sources, surroundings
from virttui.hypervisor.queries.host_knowledge import host_devices, known
from virttui.hypervisor.queries.native_config import translated
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind
from virttui.model.queries import Query, QueryKind, QueryResult


class QueryContext(NamedTuple):
    """The host that a query is put to.

    ``source`` names its hypervisor for people; ``here`` says that it is this computer.
    """

    read_only: bool
    source: str
    uri: str
    here: bool


class Reader(NamedTuple):
    """How one kind of query is answered.

    ``timeout`` is in seconds: after so long the call is left behind and its worker gets a fresh
    connection. None is for a worker shared with the pollers: it is asked only while the host
    answers, and takes as long as it takes. ``function`` is None for VOLUMES, which
    ``hypervisor.volume_listing`` reads in slices.
    """

    worker: str
    timeout: float | None
    function: Callable[[Query, QueryContext, Connection], QueryResult] | None


def reader_of(query: Query) -> Reader:
    """The reader of a query: a definition that QEMU has to be asked for is no quick reading."""
    document = query.document
    if query.ask is QueryKind.DEFINITION and document is not None and document.kind in _FROM_QEMU:
        return QUERIES[query.ask]._replace(worker="knowledge", timeout=60.0)
    return QUERIES[query.ask]


_FROM_QEMU = (Kind.CAPABILITIES, Kind.DOMAIN_CAPABILITIES)


def _storage_of(query: Query, _host: QueryContext, connection: Connection) -> QueryResult:
    domain = connection.lookupByUUIDString(query.key.uuid)
    return QueryResult(query, plan=delete_plan(connection, domain))


def _diagnosis(query: Query, host: QueryContext, connection: Connection) -> QueryResult:
    domain = connection.lookupByUUIDString(query.key.uuid)
    return QueryResult(query, diagnosis=diagnose(connection, host.uri, domain))


def _definition(query: Query, host: QueryContext, connection: Connection) -> QueryResult:
    if query.document is None:
        raise InvalidInput("no document was named")
    definition = read(connection, query.document, read_only=host.read_only)
    return QueryResult(query, definition=definition)


def _documents(query: Query, _host: QueryContext, connection: Connection) -> QueryResult:
    if query.kind is Kind.DOMAIN:
        return QueryResult(query, documents=of_domain(connection, query.key))
    if query.kind is Kind.NETWORK:
        return QueryResult(query, documents=of_network(connection, query.key))
    return QueryResult(query, documents=of_host(connection, query.key.host))


def _knowledge(query: Query, host: QueryContext, connection: Connection) -> QueryResult:
    return QueryResult(query, knowledge=known(connection, query.document, host.source))


def _host_devices(query: Query, _host: QueryContext, connection: Connection) -> QueryResult:
    return QueryResult(query, host_devices=host_devices(connection))


def _surroundings(query: Query, host: QueryContext, connection: Connection) -> QueryResult:
    local_uri = host.uri if host.here else ""
    return QueryResult(query, surroundings=surroundings(connection, local_uri))


def _disks(query: Query, _host: QueryContext, connection: Connection) -> QueryResult:
    return QueryResult(query, chains=chains_of(connection, query.key.uuid))


def _file_users(query: Query, _host: QueryContext, connection: Connection) -> QueryResult:
    users = FileUsers(connection)
    return QueryResult(query, held=users.told(), unknown=users.unknown)


def _sources(query: Query, _host: QueryContext, connection: Connection) -> QueryResult:
    return QueryResult(query, sources=sources(connection, query.seek))


def _clone(query: Query, host: QueryContext, connection: Connection) -> QueryResult:
    return QueryResult(query, clone=source_of(connection, query.key, here=host.here))


def _capabilities(query: Query, _host: QueryContext, connection: Connection) -> QueryResult:
    return QueryResult(query, can=host_can(connection))


def _image(query: Query, _host: QueryContext, connection: Connection) -> QueryResult:
    return QueryResult(query, image=image(connection, *query.key.uuid.split("/", 1)))


def _dry_run(query: Query, _host: QueryContext, connection: Connection) -> QueryResult:
    return QueryResult(query, tried=trial(connection, query.xml))


def _incomplete(query: Query, host: QueryContext, connection: Connection) -> QueryResult:
    left = () if host.read_only else leftovers(connection, query.key.host)
    return QueryResult(query, left=left)


def _native(query: Query, _host: QueryContext, connection: Connection) -> QueryResult:
    return QueryResult(query, translated=translated(connection, query.native))


# What a host can do libvirt may have to find out from its QEMU first; a server that is gone is
# asked for its shares until the host's own tools give up. What goes with a domain are volumes, and
# they may hang with a file system.
QUERIES: dict[QueryKind, Reader] = {
    QueryKind.VOLUMES: Reader("storage", None, None),
    QueryKind.STORAGE_OF: Reader("storage", None, _storage_of),
    QueryKind.DIAGNOSIS: Reader("detail", None, _diagnosis),
    QueryKind.DEFINITION: Reader("documents", 5.0, _definition),
    QueryKind.DOCUMENTS: Reader("knowledge", 60.0, _documents),
    QueryKind.KNOWLEDGE: Reader("knowledge", 60.0, _knowledge),
    QueryKind.HOST_DEVICES: Reader("knowledge", 60.0, _host_devices),
    QueryKind.SURROUNDINGS: Reader("documents", 5.0, _surroundings),
    QueryKind.DISKS: Reader("documents", 5.0, _disks),
    QueryKind.SNAPSHOT_FILES: Reader("knowledge", 60.0, _file_users),
    QueryKind.SOURCES: Reader("sources", 20.0, _sources),
    QueryKind.CLONE: Reader("knowledge", 60.0, _clone),
    QueryKind.CAPABILITIES: Reader("knowledge", 60.0, _capabilities),
    QueryKind.IMAGE: Reader("knowledge", 60.0, _image),
    QueryKind.DRY_RUN: Reader("knowledge", 60.0, _dry_run),
    QueryKind.INCOMPLETE: Reader("knowledge", 60.0, _incomplete),
    QueryKind.NATIVE: Reader("knowledge", 60.0, _native),
}
