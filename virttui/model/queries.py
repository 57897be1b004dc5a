"""Queries to a host, and their results: what a screen needs beyond the inventory.

Each kind of query is a class with its arguments, and has a class of results. A result carries its
query, so that a screen can tell whether it still needs the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from virttui.model.documents import Document, DocumentText, HostValues
from virttui.model.domains.delete_plan import DeletePlan
from virttui.model.domains.devices import HostDevice
from virttui.model.domains.diagnosis import Diagnosis
from virttui.model.domains.disk_jobs import BackingChain
from virttui.model.errors import OperationError
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Volume
from virttui.model.provision.appliance import NativeConfig
from virttui.model.provision.clone import CloneSource
from virttui.model.provision.domain_spec import HostCapabilities, IsoDescriptor
from virttui.model.provision.network_pool import HostEnvironment, PoolSource, PoolSourceSearch
from virttui.model.provision.plan import IncompleteDomain


@dataclass(frozen=True, slots=True)
class Query:
    """A query about one object: ``key`` is the object's, or has no UUID where it is the host.

    ``serial`` tells apart two queries that are otherwise equal; later ones have higher numbers.
    """

    key: ObjectId
    serial: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The result of a query: an error, or the fields that the class of results adds.

    With ``more_follows`` another result of the same query follows, which replaces this one.
    """

    query: Query
    error: OperationError | None = None
    more_follows: bool = field(default=False, kw_only=True)

    @property
    def why_not(self) -> str:
        """The message of the error; "" without one."""
        return self.error.message if self.error is not None else ""


@dataclass(frozen=True, slots=True)
class VolumesQuery(Query):
    """The volumes of a pool."""


@dataclass(frozen=True, slots=True)
class VolumesResult(QueryResult):
    """The volumes read so far; all of them in the last result."""

    query: VolumesQuery
    volumes: tuple[Volume, ...] = ()


@dataclass(frozen=True, slots=True)
class DeletePlanQuery(Query):
    """What is lost when a domain is deleted."""


@dataclass(frozen=True, slots=True)
class DeletePlanResult(QueryResult):
    """The storage of a domain, and what else is deleted with it."""

    query: DeletePlanQuery
    plan: DeletePlan | None = None


@dataclass(frozen=True, slots=True)
class DiagnosisQuery(Query):
    """Why a domain failed."""


@dataclass(frozen=True, slots=True)
class DiagnosisResult(QueryResult):
    """The log of a domain, and its probable cause of failure."""

    query: DiagnosisQuery
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True, slots=True)
class DefinitionQuery(Query):
    """The definition of a document."""

    document: Document


@dataclass(frozen=True, slots=True)
class DefinitionResult(QueryResult):
    """The stored and the live definition."""

    query: DefinitionQuery
    definition: DocumentText | None = None


@dataclass(frozen=True, slots=True)
class DocumentsQuery(Query):
    """The documents that belong to an object of ``kind`` and are in no list of the main screen.

    HOST: its network filters and their bindings, secrets, interfaces, node devices, capabilities.
    NETWORK: its ports, then those of its host. DOMAIN: its snapshots, its saved image and its
    capabilities.
    """

    kind: Kind


@dataclass(frozen=True, slots=True)
class DocumentsResult(QueryResult):
    """The documents, in the order in which they are offered."""

    query: DocumentsQuery
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class HostValuesQuery(Query):
    """The values that the host of a document offers for its elements and attributes."""

    document: Document | None = None


@dataclass(frozen=True, slots=True)
class HostValuesResult(QueryResult):
    """The values, by name of what they are for."""

    query: HostValuesQuery
    host_values: HostValues | None = None


@dataclass(frozen=True, slots=True)
class HostDevicesQuery(Query):
    """The devices of a host that can be passed through to a domain."""


@dataclass(frozen=True, slots=True)
class HostDevicesResult(QueryResult):
    """The devices, of USB and PCI."""

    query: HostDevicesQuery
    devices: tuple[HostDevice, ...] = ()


@dataclass(frozen=True, slots=True)
class HostEnvironmentQuery(Query):
    """The surroundings on a host that a new network, pool or domain has to fit to."""


@dataclass(frozen=True, slots=True)
class HostEnvironmentResult(QueryResult):
    """The routes, bridges, cards, disks and adapters of a host."""

    query: HostEnvironmentQuery
    environment: HostEnvironment | None = None


@dataclass(frozen=True, slots=True)
class BackingChainsQuery(Query):
    """The disks of a running domain that can be worked on while it runs."""


@dataclass(frozen=True, slots=True)
class BackingChainsResult(QueryResult):
    """The backing chain of each disk."""

    query: BackingChainsQuery
    chains: tuple[BackingChain, ...] = ()


@dataclass(frozen=True, slots=True)
class FileUsersQuery(Query):
    """The users of all files on a host: domains, snapshots, and the images that lie on others."""


@dataclass(frozen=True, slots=True)
class FileUsersResult(QueryResult):
    """The files that are in use.

    ``users_by_path`` pairs each path with one user, in words; a path may occur more than once.
    ``unknown`` pairs a path that may have further users ("" for any path) with what could not be
    looked at, in words.
    """

    query: FileUsersQuery
    users_by_path: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PoolSourcesQuery(Query):
    """The sources that a pool could be made of."""

    search: PoolSourceSearch


@dataclass(frozen=True, slots=True)
class PoolSourcesResult(QueryResult):
    """The sources that libvirt found."""

    query: PoolSourcesQuery
    sources: tuple[PoolSource, ...] = ()


@dataclass(frozen=True, slots=True)
class CloneSourceQuery(Query):
    """What clones of a domain are made of."""


@dataclass(frozen=True, slots=True)
class CloneSourceResult(QueryResult):
    """The definition, the disks and the identity of the domain that is cloned."""

    query: CloneSourceQuery
    source: CloneSource | None = None


@dataclass(frozen=True, slots=True)
class CapabilitiesQuery(Query):
    """What a host can give a new domain."""


@dataclass(frozen=True, slots=True)
class CapabilitiesResult(QueryResult):
    """The capabilities of the host."""

    query: CapabilitiesQuery
    capabilities: HostCapabilities | None = None


@dataclass(frozen=True, slots=True)
class ImageQuery(Query):
    """What a volume of a pool says of itself, as an ISO image."""

    volume: str


@dataclass(frozen=True, slots=True)
class ImageResult(QueryResult):
    """The descriptor of the image."""

    query: ImageQuery
    image: IsoDescriptor | None = None


@dataclass(frozen=True, slots=True)
class DryRunQuery(Query):
    """Whether a host would start a domain that is defined so. Nothing is created."""

    xml: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DryRunResult(QueryResult):
    """The outcome in words; an error says why the host would not start it."""

    query: DryRunQuery
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class IncompleteDomainsQuery(Query):
    """The domains on a host whose creation was interrupted."""


@dataclass(frozen=True, slots=True)
class IncompleteDomainsResult(QueryResult):
    """The domains, each with the resources that are left of it."""

    query: IncompleteDomainsQuery
    incomplete: tuple[IncompleteDomain, ...] = ()


@dataclass(frozen=True, slots=True)
class NativeConfigQuery(Query):
    """The definition that libvirt makes of a configuration of another hypervisor."""

    config: NativeConfig


@dataclass(frozen=True, slots=True)
class NativeConfigResult(QueryResult):
    """The definition."""

    query: NativeConfigQuery
    xml: str = field(default="", repr=False)
