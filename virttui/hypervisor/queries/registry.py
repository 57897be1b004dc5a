"""Every kind of query once: the function that answers it, and the worker that calls the function.

A new kind is two classes of ``model.queries`` and a reader in ``QUERIES``.
"""

from __future__ import annotations

from virttui.hypervisor.backup import readers as backup_readers
from virttui.hypervisor.commands.block_jobs import chains_of
from virttui.hypervisor.connection.calls import xml_of
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.guest_agent import programs
from virttui.hypervisor.guest_agent.reader import keys_of, report
from virttui.hypervisor.guest_screen.screenshots import read_displays, take_screenshot
from virttui.hypervisor.provision.clone_source import source_of
from virttui.hypervisor.provision.image_probe import host_can, image
from virttui.hypervisor.provision.leftovers import leftovers
from virttui.hypervisor.queries.delete_plan import delete_plan
from virttui.hypervisor.queries.diagnosis import diagnose
from virttui.hypervisor.queries.documents import of_domain, of_host, of_network, read
from virttui.hypervisor.queries.dry_run import dry_run
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.hypervisor.queries.host_environment import sources, surroundings
from virttui.hypervisor.queries.host_knowledge import host_devices, known
from virttui.hypervisor.queries.native_config import translated
from virttui.hypervisor.queries.reader import QueryContext, Reader, reader
from virttui.hypervisor.snapshots import readers as snapshot_readers
from virttui.libvirtxml.guest_access.consoles import consoles
from virttui.model import queries
from virttui.model.identity import Kind
from virttui.model.queries import Query


def reader_of(query: Query) -> Reader:
    """The reader of a query: a definition that QEMU has to be asked for is not read quickly."""
    found = QUERIES[type(query)]
    if isinstance(query, queries.DefinitionQuery) and query.document.kind in _FROM_QEMU:
        return found._replace(worker="knowledge", timeout=60.0)
    return found


_FROM_QEMU = (Kind.CAPABILITIES, Kind.DOMAIN_CAPABILITIES)


def _delete_plan(
    query: queries.DeletePlanQuery, _host: QueryContext, connection: Connection
) -> queries.DeletePlanResult:
    domain = connection.lookupByUUIDString(query.key.uuid)
    return queries.DeletePlanResult(query, plan=delete_plan(connection, domain))


def _consoles(
    query: queries.ConsolesQuery, _host: QueryContext, connection: Connection
) -> queries.ConsolesResult:
    domain = connection.lookupByUUIDString(query.key.uuid)
    return queries.ConsolesResult(query, consoles=consoles(xml_of(domain)))


def _guest_agent(
    query: queries.GuestAgentQuery, _host: QueryContext, connection: Connection
) -> queries.GuestAgentResult:
    return queries.GuestAgentResult(query, report=report(connection, query.key.uuid))


def _ssh_keys(
    query: queries.SshKeysQuery, _host: QueryContext, connection: Connection
) -> queries.SshKeysResult:
    domain = connection.lookupByUUIDString(query.key.uuid)
    return queries.SshKeysResult(query, keys=keys_of(domain, query.user))


def _run_program(
    query: queries.RunProgramQuery, host: QueryContext, connection: Connection
) -> queries.RunProgramResult:
    programs.refuse_read_only(host.read_only)
    started = programs.start(connection, query.key.uuid, query.line)
    return queries.RunProgramResult(query, program=started)


def _program(
    query: queries.ProgramQuery, _host: QueryContext, connection: Connection
) -> queries.ProgramResult:
    return queries.ProgramResult(
        query, program=programs.look(connection, query.key.uuid, query.pid)
    )


def _displays(
    query: queries.DisplaysQuery, _host: QueryContext, connection: Connection
) -> queries.DisplaysResult:
    return queries.DisplaysResult(query, displays=read_displays(connection, query.key.uuid))


def _screenshot(
    query: queries.ScreenshotQuery, _host: QueryContext, connection: Connection
) -> queries.ScreenshotResult:
    found = take_screenshot(connection, query.key.uuid, query.screen)
    return queries.ScreenshotResult(query, screenshot=found)


def _diagnosis(
    query: queries.DiagnosisQuery, host: QueryContext, connection: Connection
) -> queries.DiagnosisResult:
    domain = connection.lookupByUUIDString(query.key.uuid)
    return queries.DiagnosisResult(query, diagnosis=diagnose(connection, host.uri, domain))


def _definition(
    query: queries.DefinitionQuery, host: QueryContext, connection: Connection
) -> queries.DefinitionResult:
    definition = read(connection, query.document, read_only=host.read_only)
    return queries.DefinitionResult(query, definition=definition)


def _documents(
    query: queries.DocumentsQuery, _host: QueryContext, connection: Connection
) -> queries.DocumentsResult:
    if query.kind is Kind.DOMAIN:
        return queries.DocumentsResult(query, documents=of_domain(connection, query.key))
    if query.kind is Kind.NETWORK:
        return queries.DocumentsResult(query, documents=of_network(connection, query.key))
    return queries.DocumentsResult(query, documents=of_host(connection, query.key.host))


def _host_values(
    query: queries.HostValuesQuery, host: QueryContext, connection: Connection
) -> queries.HostValuesResult:
    values = known(connection, query.document, host.source)
    return queries.HostValuesResult(query, host_values=values)


def _host_devices(
    query: queries.HostDevicesQuery, _host: QueryContext, connection: Connection
) -> queries.HostDevicesResult:
    return queries.HostDevicesResult(query, devices=host_devices(connection))


def _host_environment(
    query: queries.HostEnvironmentQuery, host: QueryContext, connection: Connection
) -> queries.HostEnvironmentResult:
    local_uri = host.uri if host.here else ""
    return queries.HostEnvironmentResult(query, environment=surroundings(connection, local_uri))


def _backing_chains(
    query: queries.BackingChainsQuery, _host: QueryContext, connection: Connection
) -> queries.BackingChainsResult:
    return queries.BackingChainsResult(query, chains=chains_of(connection, query.key.uuid))


def _file_users(
    query: queries.FileUsersQuery, _host: QueryContext, connection: Connection
) -> queries.FileUsersResult:
    users = FileUsers(connection)
    return queries.FileUsersResult(query, users_by_path=users.by_path(), unknown=users.unknown)


def _pool_sources(
    query: queries.PoolSourcesQuery, _host: QueryContext, connection: Connection
) -> queries.PoolSourcesResult:
    return queries.PoolSourcesResult(query, sources=sources(connection, query.search))


def _clone_source(
    query: queries.CloneSourceQuery, host: QueryContext, connection: Connection
) -> queries.CloneSourceResult:
    source = source_of(connection, query.key, query.snapshot, here=host.here)
    return queries.CloneSourceResult(query, source=source)


def _capabilities(
    query: queries.CapabilitiesQuery, _host: QueryContext, connection: Connection
) -> queries.CapabilitiesResult:
    return queries.CapabilitiesResult(query, capabilities=host_can(connection))


def _image(
    query: queries.ImageQuery, _host: QueryContext, connection: Connection
) -> queries.ImageResult:
    return queries.ImageResult(query, image=image(connection, query.key.uuid, query.volume))


def _dry_run(
    query: queries.DryRunQuery, _host: QueryContext, connection: Connection
) -> queries.DryRunResult:
    return queries.DryRunResult(query, outcome=dry_run(connection, query.xml))


def _incomplete_domains(
    query: queries.IncompleteDomainsQuery, host: QueryContext, connection: Connection
) -> queries.IncompleteDomainsResult:
    incomplete = () if host.read_only else leftovers(connection, query.key.host)
    return queries.IncompleteDomainsResult(query, incomplete=incomplete)


def _native_config(
    query: queries.NativeConfigQuery, _host: QueryContext, connection: Connection
) -> queries.NativeConfigResult:
    return queries.NativeConfigResult(query, xml=translated(connection, query.config))


# libvirt itself gives up an agent that is not there after five seconds, and waits for ever for one
# that took a call.
GUEST_SECONDS = 7.0

# What a host can do libvirt may have to find out from its QEMU first; a server that is gone is
# asked for its shares until the host's own tools give up. What goes with a domain are volumes, and
# they may hang with a file system.
QUERIES: dict[type[Query], Reader] = {
    queries.VolumesQuery: Reader("volumes", "storage", None, queries.VolumesResult, None),
    queries.DeletePlanQuery: reader(
        "storage of",
        "storage",
        None,
        queries.DeletePlanQuery,
        queries.DeletePlanResult,
        _delete_plan,
    ),
    queries.ConsolesQuery: reader(
        "consoles", "documents", 5.0, queries.ConsolesQuery, queries.ConsolesResult, _consoles
    ),
    queries.GuestAgentQuery: reader(
        "agent of",
        "guests",
        GUEST_SECONDS,
        queries.GuestAgentQuery,
        queries.GuestAgentResult,
        _guest_agent,
    ),
    queries.SshKeysQuery: reader(
        "ssh keys of",
        "guests",
        GUEST_SECONDS,
        queries.SshKeysQuery,
        queries.SshKeysResult,
        _ssh_keys,
    ),
    queries.RunProgramQuery: reader(
        "program in",
        "guests",
        GUEST_SECONDS,
        queries.RunProgramQuery,
        queries.RunProgramResult,
        _run_program,
    ),
    queries.ProgramQuery: reader(
        "program in",
        "guests",
        GUEST_SECONDS,
        queries.ProgramQuery,
        queries.ProgramResult,
        _program,
    ),
    queries.DisplaysQuery: reader(
        "displays", "documents", 5.0, queries.DisplaysQuery, queries.DisplaysResult, _displays
    ),
    queries.ScreenshotQuery: reader(
        "screenshot",
        "screens",
        5.0,
        queries.ScreenshotQuery,
        queries.ScreenshotResult,
        _screenshot,
    ),
    **backup_readers.READERS,
    **snapshot_readers.READERS,
    queries.DiagnosisQuery: reader(
        "why", "detail", None, queries.DiagnosisQuery, queries.DiagnosisResult, _diagnosis
    ),
    queries.DefinitionQuery: reader(
        "definition",
        "documents",
        5.0,
        queries.DefinitionQuery,
        queries.DefinitionResult,
        _definition,
    ),
    queries.DocumentsQuery: reader(
        "documents", "knowledge", 60.0, queries.DocumentsQuery, queries.DocumentsResult, _documents
    ),
    queries.HostValuesQuery: reader(
        "knowledge",
        "knowledge",
        60.0,
        queries.HostValuesQuery,
        queries.HostValuesResult,
        _host_values,
    ),
    queries.HostDevicesQuery: reader(
        "host devices",
        "knowledge",
        60.0,
        queries.HostDevicesQuery,
        queries.HostDevicesResult,
        _host_devices,
    ),
    queries.HostEnvironmentQuery: reader(
        "surroundings",
        "documents",
        5.0,
        queries.HostEnvironmentQuery,
        queries.HostEnvironmentResult,
        _host_environment,
    ),
    queries.BackingChainsQuery: reader(
        "disks",
        "documents",
        5.0,
        queries.BackingChainsQuery,
        queries.BackingChainsResult,
        _backing_chains,
    ),
    queries.FileUsersQuery: reader(
        "file users",
        "knowledge",
        60.0,
        queries.FileUsersQuery,
        queries.FileUsersResult,
        _file_users,
    ),
    queries.PoolSourcesQuery: reader(
        "sources",
        "sources",
        20.0,
        queries.PoolSourcesQuery,
        queries.PoolSourcesResult,
        _pool_sources,
    ),
    queries.CloneSourceQuery: reader(
        "clone",
        "knowledge",
        60.0,
        queries.CloneSourceQuery,
        queries.CloneSourceResult,
        _clone_source,
    ),
    queries.CapabilitiesQuery: reader(
        "capabilities",
        "knowledge",
        60.0,
        queries.CapabilitiesQuery,
        queries.CapabilitiesResult,
        _capabilities,
    ),
    queries.ImageQuery: reader(
        "image", "knowledge", 60.0, queries.ImageQuery, queries.ImageResult, _image
    ),
    queries.DryRunQuery: reader(
        "dry run", "knowledge", 60.0, queries.DryRunQuery, queries.DryRunResult, _dry_run
    ),
    queries.IncompleteDomainsQuery: reader(
        "incomplete domains",
        "knowledge",
        60.0,
        queries.IncompleteDomainsQuery,
        queries.IncompleteDomainsResult,
        _incomplete_domains,
    ),
    queries.NativeConfigQuery: reader(
        "native configuration",
        "knowledge",
        60.0,
        queries.NativeConfigQuery,
        queries.NativeConfigResult,
        _native_config,
    ),
}
