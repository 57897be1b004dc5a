"""Queries to a host, and their results: what a screen needs beyond the inventory.

Each kind of query is a class with its arguments, and has a class of results. A result carries its
query, so that a screen can tell whether it still needs the result.
"""

from __future__ import annotations

from msgspec import Struct

from virttui.model.backup.arguments import BackupArguments, BackupPlan
from virttui.model.backup.last import LastBackup
from virttui.model.backup.manifest import StoredBackup
from virttui.model.documents import Document, DocumentText, HostValues
from virttui.model.domains.consoles import ConsoleDevice
from virttui.model.domains.delete_plan import DeletePlan
from virttui.model.domains.devices import HostDevice
from virttui.model.domains.diagnosis import Diagnosis
from virttui.model.domains.disk_jobs import BackingChain
from virttui.model.domains.guest_agent import GuestAgentReport, GuestProgram
from virttui.model.domains.guest_screen import GuestDisplays, Screenshot
from virttui.model.domains.snapshot_deletion import SnapshotFiles
from virttui.model.domains.snapshots import Snapshot
from virttui.model.errors import OperationError
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Volume
from virttui.model.provision.appliance import NativeConfig
from virttui.model.provision.clone import CloneSource
from virttui.model.provision.domain_spec import HostCapabilities, IsoDescriptor
from virttui.model.provision.network_pool import HostEnvironment, PoolSource, PoolSourceSearch
from virttui.model.provision.plan import IncompleteDomain
from virttui.model.secret_value import hides
from virttui.model.snapshots.changes import SnapshotComparison, SnapshotContext
from virttui.model.snapshots.summary import SnapshotSummary


class _Numbered(Struct, frozen=True, kw_only=True):
    """The field of every query that is given by name."""

    serial: int = 0


class Query(_Numbered, frozen=True):
    """A query about one object: ``key`` is the object's, or has no UUID where it is the host.

    ``serial`` tells apart two queries that are otherwise equal; later ones have higher numbers.
    """

    key: ObjectId


class _Partial(Struct, frozen=True, kw_only=True):
    """The field of every result that is given by name."""

    more_follows: bool = False


class QueryResult(_Partial, frozen=True):
    """The result of a query: an error, or the fields that the class of results adds.

    With ``more_follows`` another result of the same query follows, which replaces this one.
    """

    query: Query
    error: OperationError | None = None

    @property
    def why_not(self) -> str:
        """The message of the error; "" without one."""
        return self.error.message if self.error is not None else ""


class VolumesQuery(Query, frozen=True):
    """The volumes of a pool."""


class VolumesResult(QueryResult, frozen=True):
    """The volumes read so far; all of them in the last result."""

    query: VolumesQuery
    volumes: tuple[Volume, ...] = ()


class DeletePlanQuery(Query, frozen=True):
    """The parts of a domain that are lost when it is deleted."""


class DeletePlanResult(QueryResult, frozen=True):
    """The storage of a domain, and what else is deleted with it."""

    query: DeletePlanQuery
    plan: DeletePlan | None = None


class ConsolesQuery(Query, frozen=True):
    """The consoles of a domain."""


class ConsolesResult(QueryResult, frozen=True):
    """The consoles, serial ones first."""

    query: ConsolesQuery
    consoles: tuple[ConsoleDevice, ...] = ()


class GuestAgentQuery(Query, frozen=True):
    """What the agent of a running guest tells."""


class GuestAgentResult(QueryResult, frozen=True):
    """What the agent told, or that it does not answer."""

    query: GuestAgentQuery
    report: GuestAgentReport | None = None


class SshKeysQuery(Query, frozen=True):
    """The ssh keys that a user of a guest is let in with."""

    user: str


class SshKeysResult(QueryResult, frozen=True):
    """The lines of the user's authorized_keys."""

    query: SshKeysQuery
    keys: tuple[str, ...] = ()


@hides("line")
class RunProgramQuery(Query, frozen=True):
    """Start a program in a guest: ``line`` is its path and its arguments; no shell reads it.

    ``run`` tells apart two that are otherwise equal: each is started.
    """

    line: tuple[str, ...]
    run: str


class RunProgramResult(QueryResult, frozen=True):
    """The program that was started."""

    query: RunProgramQuery
    program: GuestProgram | None = None


class ProgramQuery(Query, frozen=True):
    """What became of a program that was started in a guest."""

    pid: int


class ProgramResult(QueryResult, frozen=True):
    """The program, with its output once it has ended."""

    query: ProgramQuery
    program: GuestProgram | None = None


class DisplaysQuery(Query, frozen=True):
    """The displays and video devices of a domain."""


class DisplaysResult(QueryResult, frozen=True):
    """How the domain can be looked at."""

    query: DisplaysQuery
    displays: GuestDisplays | None = None


class ScreenshotQuery(Query, frozen=True):
    """A picture of one screen of a running domain; ``screen`` counts from 0."""

    screen: int = 0


class ScreenshotResult(QueryResult, frozen=True):
    """The picture."""

    query: ScreenshotQuery
    screenshot: Screenshot | None = None


class SnapshotsQuery(Query, frozen=True):
    """The snapshots of a domain."""


class SnapshotsResult(QueryResult, frozen=True):
    """The snapshots, in libvirt's order."""

    query: SnapshotsQuery
    snapshots: tuple[Snapshot, ...] = ()


class SnapshotFilesQuery(Query, frozen=True):
    """The snapshots of a domain with all that their deletion has to know of its files."""


class SnapshotFilesResult(QueryResult, frozen=True):
    """Both, read one right after the other."""

    query: SnapshotFilesQuery
    snapshots: tuple[Snapshot, ...] = ()
    files: SnapshotFiles | None = None


class BackupsQuery(Query, frozen=True):
    """The backups of a domain in the pools of its host; without a UUID those of all domains."""


class BackupsResult(QueryResult, frozen=True):
    """The backups, in no order. ``unreadable`` says of each manifest that cannot be read why."""

    query: BackupsQuery
    backups: tuple[StoredBackup, ...] = ()
    unreadable: tuple[str, ...] = ()


class LastBackupsQuery(Query, frozen=True):
    """The last good backup of each domain of a host."""


class LastBackupsResult(QueryResult, frozen=True):
    """The last backups by the UUIDs of their domains; a domain that is not among them has none."""

    query: LastBackupsQuery
    backups: tuple[tuple[str, LastBackup], ...] = ()


class BackupPlanQuery(Query, frozen=True):
    """What a backup of a domain would do now. Nothing is changed."""

    arguments: BackupArguments


class BackupPlanResult(QueryResult, frozen=True):
    """What it would do."""

    query: BackupPlanQuery
    plan: BackupPlan | None = None


class SnapshotSummariesQuery(Query, frozen=True):
    """The snapshots of each domain of a host, in figures."""


class SnapshotSummariesResult(QueryResult, frozen=True):
    """The figures by the UUIDs of their domains; a domain that is not among them has none."""

    query: SnapshotSummariesQuery
    summaries: tuple[tuple[str, SnapshotSummary], ...] = ()


class SnapshotContextQuery(Query, frozen=True):
    """What decides which snapshots a domain can have."""


class SnapshotContextResult(QueryResult, frozen=True):
    """What decides it, as it is now."""

    query: SnapshotContextQuery
    context: SnapshotContext | None = None


class SnapshotComparisonQuery(Query, frozen=True):
    """How the definition of a domain differs from that of one of its snapshots."""

    name: str


class SnapshotComparisonResult(QueryResult, frozen=True):
    """The two definitions, and what differs."""

    query: SnapshotComparisonQuery
    comparison: SnapshotComparison | None = None


class DiagnosisQuery(Query, frozen=True):
    """Why a domain failed."""


class DiagnosisResult(QueryResult, frozen=True):
    """The log of a domain, and its probable cause of failure."""

    query: DiagnosisQuery
    diagnosis: Diagnosis | None = None


class DefinitionQuery(Query, frozen=True):
    """The definition of a document."""

    document: Document


class DefinitionResult(QueryResult, frozen=True):
    """The stored and the live definition."""

    query: DefinitionQuery
    definition: DocumentText | None = None


class DocumentsQuery(Query, frozen=True):
    """The documents that belong to an object of ``kind`` and are in no list of the main screen.

    HOST: its network filters and their bindings, secrets, interfaces, node devices, capabilities.
    NETWORK: its ports, then those of its host. DOMAIN: its snapshots, its saved image and its
    capabilities.
    """

    kind: Kind


class DocumentsResult(QueryResult, frozen=True):
    """The documents, in the order in which they are offered."""

    query: DocumentsQuery
    documents: tuple[Document, ...] = ()


class HostValuesQuery(Query, frozen=True):
    """The values that the host of a document offers for its elements and attributes."""

    document: Document | None = None


class HostValuesResult(QueryResult, frozen=True):
    """The values, by name of what they are for."""

    query: HostValuesQuery
    host_values: HostValues | None = None


class HostDevicesQuery(Query, frozen=True):
    """The devices of a host that can be passed through to a domain."""


class HostDevicesResult(QueryResult, frozen=True):
    """The devices, of USB and PCI."""

    query: HostDevicesQuery
    devices: tuple[HostDevice, ...] = ()


class HostEnvironmentQuery(Query, frozen=True):
    """The surroundings on a host that a new network, pool or domain has to fit to."""


class HostEnvironmentResult(QueryResult, frozen=True):
    """The routes, bridges, cards, disks and adapters of a host."""

    query: HostEnvironmentQuery
    environment: HostEnvironment | None = None


class BackingChainsQuery(Query, frozen=True):
    """The disks of a running domain that can be worked on while it runs."""


class BackingChainsResult(QueryResult, frozen=True):
    """The backing chain of each disk."""

    query: BackingChainsQuery
    chains: tuple[BackingChain, ...] = ()


class FileUsersQuery(Query, frozen=True):
    """The users of all files on a host: domains, snapshots, and the images that lie on others."""


class FileUsersResult(QueryResult, frozen=True):
    """The files that are in use.

    ``users_by_path`` pairs each path with one user, in words; a path may occur more than once.
    ``unknown`` pairs a path that may have further users ("" for any path) with what could not be
    looked at, in words.
    """

    query: FileUsersQuery
    users_by_path: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()


class PoolSourcesQuery(Query, frozen=True):
    """The sources that a pool could be made of."""

    search: PoolSourceSearch


class PoolSourcesResult(QueryResult, frozen=True):
    """The sources that libvirt found."""

    query: PoolSourcesQuery
    sources: tuple[PoolSource, ...] = ()


class CloneSourceQuery(Query, frozen=True):
    """The definition and disks of a domain that is to be cloned, now or as of a ``snapshot``."""

    snapshot: str = ""


class CloneSourceResult(QueryResult, frozen=True):
    """The definition, the disks and the identity of the domain that is cloned."""

    query: CloneSourceQuery
    source: CloneSource | None = None


class CapabilitiesQuery(Query, frozen=True):
    """The capabilities of a host for a new domain."""


class CapabilitiesResult(QueryResult, frozen=True):
    """The capabilities of the host."""

    query: CapabilitiesQuery
    capabilities: HostCapabilities | None = None


class ImageQuery(Query, frozen=True):
    """The ISO 9660 descriptor of a volume of a pool."""

    volume: str


class ImageResult(QueryResult, frozen=True):
    """The descriptor of the image."""

    query: ImageQuery
    image: IsoDescriptor | None = None


@hides("xml")
class DryRunQuery(Query, frozen=True):
    """A dry run: true if a host would start this definition. Nothing is created."""

    xml: str


class DryRunResult(QueryResult, frozen=True):
    """The outcome in words; an error says why the host would not start it."""

    query: DryRunQuery
    outcome: str = ""


class IncompleteDomainsQuery(Query, frozen=True):
    """The domains on a host whose creation was interrupted."""


class IncompleteDomainsResult(QueryResult, frozen=True):
    """The domains, each with the resources that are left of it."""

    query: IncompleteDomainsQuery
    incomplete: tuple[IncompleteDomain, ...] = ()


class NativeConfigQuery(Query, frozen=True):
    """The definition that libvirt makes of a configuration of another hypervisor."""

    config: NativeConfig


@hides("xml")
class NativeConfigResult(QueryResult, frozen=True):
    """The definition."""

    query: NativeConfigQuery
    xml: str = ""
