"""A machine that is being thought up: what its host has for it, what was chosen, what it comes to.

``virttui.planning.create`` knows the steps and plans the machine; this is what it and the
wizard say to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from virttui.model.documents import Option
from virttui.model.domains.disk_jobs import TargetPool
from virttui.model.provision.checks import Check, WizardStep
from virttui.model.provision.domain_spec import DomainSpec, HostCapabilities, IsoDescriptor
from virttui.model.provision.lookups import Lookup, LookupResult
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.severity import Severity

XML, XML_OVER = "xml", "xml-of"
"""What is chosen beside the fields: a definition edited by hand, and a mark of the choices then."""


@dataclass(frozen=True, slots=True)
class CreateContext:
    """What a new machine has to fit into, on its host.

    ``names`` are the domains of this host, ``elsewhere`` those of the others with their host.
    ``used`` are volumes (``pool/name`` and paths) that somebody has, with who: a domain that has it
    as a disk, else an image or a snapshot that needs it. ``written`` are those that a domain can
    write to, with its name; ``running`` are the names in it that run.
    ``cards`` are those of the host, ``portgroups`` those of each network that has any.
    ``macs`` are addresses that nobody has, ``taken`` those of every domain of every host. ``told``
    is what the medium that is chosen tells of itself, None while that is not known; ``untold`` says
    why it cannot be known. ``not_told`` are the parts of the host that are not known, in words, and
    ``unheard`` the hosts whose machines are not. ``networks_told`` says that its networks are
    known: without it, none is no statement. ``memory`` is bytes; promised figures are sums over the
    domains that run. ``found`` is what was found at the places that were looked at, outside of the
    host.
    """

    host: str
    name: str
    uri: str
    uuid: str
    pools: tuple[TargetPool, ...] = ()
    networks: tuple[Option, ...] = ()
    bridges: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    portgroups: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    elsewhere: tuple[tuple[str, str], ...] = ()
    used: tuple[tuple[str, str], ...] = ()
    written: tuple[tuple[str, str], ...] = ()
    running: frozenset[str] = frozenset()
    macs: tuple[str, ...] = ()
    taken: frozenset[str] = frozenset()
    can: HostCapabilities | None = None
    told: IsoDescriptor | None = None
    untold: str = ""
    cpus: int = 0
    memory: int = 0
    memory_promised: int = 0
    vcpus_promised: int = 0
    container: bool = False
    found: Mapping[Lookup, LookupResult] = field(default_factory=dict)
    not_told: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()
    networks_told: bool = True


@dataclass(frozen=True, slots=True)
class DeviceSummary:
    """A disk or card of a new machine, as its step shows it.

    ``group`` is that of its fields, "" for what came by itself (its medium, its seed). ``target``
    is the disk's name in the guest, or the card's model; ``source`` says in words what it is made
    of or plugged into, ``place`` in which pool. ``size`` is bytes, 0 where it is not known.
    ``line`` is its option of virt-install.
    """

    step: WizardStep
    group: str
    target: str
    source: str
    place: str = ""
    size: int = 0
    format: str = ""
    bus: str = ""
    xml: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class CreatePlan:
    """What the choices come to. ``blocked`` says that it cannot be made as it is.

    ``system`` is what people call its system, "" where it is not known.
    """

    machine: DomainSpec
    plan: ProvisionPlan
    checks: tuple[Check, ...]
    parts: tuple[DeviceSummary, ...] = ()
    system: str = ""

    @property
    def blocked(self) -> bool:
        """Whether something stands in the way."""
        return any(check.level is Severity.ERROR for check in self.checks)
