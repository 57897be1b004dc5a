"""What a fleet tells: inventories, tasks and details (own modules), events, and answers.

A question names what it wants to know; its answer carries the question, so that whoever asked
can tell whether the answer is still wanted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from virttui.model.documents import Document, DocumentText, HostValues
from virttui.model.domains.details import DomainDetails
from virttui.model.domains.devices import HostDevice
from virttui.model.domains.disk_jobs import BackingChain
from virttui.model.errors import OperationError
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory, Volume
from virttui.model.provision.appliance import NativeConfig
from virttui.model.provision.clone import CloneSource
from virttui.model.provision.domain_spec import HostCapabilities, IsoDescriptor
from virttui.model.provision.network_pool import HostEnvironment, PoolSource, PoolSourceQuery
from virttui.model.provision.plan import IncompleteDomain
from virttui.model.severity import Severity
from virttui.model.tasks import Task


@dataclass(frozen=True, slots=True)
class HostEvent:
    """An event on a host: one line of the events pane.

    ``topic`` is one short word (domain, network, pool, host, task), ``subject`` the name of the
    object, ``text`` what happened to it. ``actor`` is "you" when a task of this run caused it.
    """

    epoch: float
    host: str
    topic: str
    subject: str
    text: str
    actor: str = ""
    level: Severity = Severity.OK
    key: ObjectId | None = None
    kind: Kind | None = None


class QueryKind(StrEnum):
    """What can be asked of a host beyond what it tells by itself."""

    VOLUMES = "volumes"
    STORAGE_OF = "storage of"
    DIAGNOSIS = "why"
    DEFINITION = "definition"
    DOCUMENTS = "documents"
    KNOWLEDGE = "knowledge"
    HOST_DEVICES = "host devices"
    SURROUNDINGS = "surroundings"
    DISKS = "disks"
    SNAPSHOT_FILES = "held"
    SOURCES = "sources"
    CLONE = "clone"
    CAPABILITIES = "what it can"
    IMAGE = "image"
    DRY_RUN = "trial"
    INCOMPLETE = "left"
    NATIVE = "native configuration"


@dataclass(frozen=True, slots=True)
class Query:
    """One question about one object. ``serial`` tells apart two askings of the same.

    ``document`` goes with DEFINITION and KNOWLEDGE. DOCUMENTS of a host are those of no pane
    (filters and their bindings, secrets, interfaces, node devices, capabilities); of a network its
    ports, then those of its host; of a domain its snapshots, its saved image and its capabilities.
    HOST_DEVICES of a host are those that could be passed through. SURROUNDINGS of a host are what a
    new network or pool has to fit to, SOURCES what a pool could be made of where ``seek`` says.
    DISKS of a running domain are those that can be worked on while it runs. HELD of a host are the
    paths that somebody uses: domains, snapshots, images that lie on them. CLONE of a domain is what
    its clones are made of. CAN of a host is what it can give a new machine. IMAGE is what a volume
    tells of itself: its key is the pool's UUID, a slash and its name. TRIAL of a host is whether it
    would start what ``xml`` defines; nothing is made. LEFT of a host is what is left of machines
    whose making was cut off.
    NATIVE of a host is its definition of a ``native`` configuration.
    """

    ask: QueryKind
    kind: Kind
    key: ObjectId
    serial: int = 0
    document: Document | None = None
    seek: PoolSourceQuery | None = None
    xml: str = field(default="", repr=False)
    native: NativeConfig | None = None


class Role(StrEnum):
    """What a piece of storage is to a domain: the disk itself, or what that is made of."""

    DISK = "disk"
    DATA = "its data"
    UNDER = "under it"
    SNAPSHOT = "for a snapshot"


@dataclass(frozen=True, slots=True)
class DomainStorage:
    """One piece of storage a domain uses, as a delete dialog needs it.

    ``target`` is the disk, by itself or by what lies on this. ``also`` names who else uses the
    same file; ``volume`` is false for a path that no pool of the host holds (such storage is
    never deleted by us).
    """

    target: str
    path: str
    pool: str = ""
    allocation: int = 0
    volume: bool = True
    shared: bool = False
    also: tuple[str, ...] = ()
    role: Role = Role.DISK


@dataclass(frozen=True, slots=True)
class DeletePlan:
    """What goes when a domain goes (the answer to STORAGE_OF).

    ``unknown`` says in words what could not be looked at of who else may use its storage.
    """

    storage: tuple[DomainStorage, ...] = ()
    snapshots: int = 0
    saved: bool = False
    nvram: str = ""
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is known of a domain that failed (the answer to WHY).

    ``log`` is the end of its QEMU log, oldest line first; ``log_note`` says where it was read, or
    why it was not. ``messages`` are libvirt's own (taints, deprecated settings), None where this
    libvirt has none to give. ``cause`` and ``advice`` are what the log's lines most likely mean.
    """

    log: tuple[str, ...] = ()
    log_note: str = ""
    messages: tuple[str, ...] | None = None
    cause: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """What came of a question: exactly one of the fields, or ``trouble``.

    With ``more`` another answer to the same question follows, which knows more. ``held`` are paths,
    each with who uses it, in words; ``unknown`` is what could not be looked at of that, each with
    the path that it may matter to, "" for any. ``tried`` says in words how a trial came out.
    """

    question: Query
    volumes: tuple[Volume, ...] = ()
    more: bool = False
    plan: DeletePlan | None = None
    diagnosis: Diagnosis | None = None
    definition: DocumentText | None = None
    documents: tuple[Document, ...] = ()
    knowledge: HostValues | None = None
    host_devices: tuple[HostDevice, ...] = ()
    surroundings: HostEnvironment | None = None
    chains: tuple[BackingChain, ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    sources: tuple[PoolSource, ...] = ()
    clone: CloneSource | None = None
    can: HostCapabilities | None = None
    image: IsoDescriptor | None = None
    tried: str = ""
    left: tuple[IncompleteDomain, ...] = ()
    translated: str = field(default="", repr=False)
    trouble: OperationError | None = None

    @property
    def why_not(self) -> str:
        """Why there is no answer, in a sentence; "" where there is one."""
        return self.trouble.message if self.trouble is not None else ""


@dataclass(frozen=True, slots=True)
class Interest:
    """What the eyes are on: rows in view (asked first, each tick) and the selected one.

    ``pools`` says that the storage pools are on the screen, ``volumes`` are those in view of one;
    ``machine`` names the host whose
    machine is: what these need is asked only then.
    """

    visible: frozenset[ObjectId] = frozenset()
    selected: ObjectId | None = None
    pools: bool = False
    machine: str = ""
    volumes: frozenset[ObjectId] = frozenset()


FleetMessage = Inventory | Task | HostEvent | QueryResult | DomainDetails
"""Whatever a backend publishes; see ``model.backend.Publish``."""
