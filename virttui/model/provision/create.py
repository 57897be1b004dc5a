"""A machine in the create wizard: facts of its host, and the plan that the choices lead to.

``virttui.planning.create`` makes the fields of each step and the plan.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from virttui.model.documents import Option
from virttui.model.domains.disk_jobs import TargetPool
from virttui.model.provision.checks import Check, WizardStep
from virttui.model.provision.domain_spec import DomainSpec, HostCapabilities, IsoDescriptor
from virttui.model.provision.lookups import Lookup, LookupResult
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.severity import Severity

XML, XML_OVER = "xml", "xml-of"
"""Keys beside the form's fields: a definition edited by the user, and a hash of the choices it
was made from."""


class CreateContext(Struct, frozen=True):
    """Facts of a host that the create wizard and imports need.

    ``names`` are the domains of this host, ``names_elsewhere`` (name, host) those of the others.
    ``volume_users`` pairs volumes (``pool/name``, or a path) with their user: a domain, or an image
    or snapshot that needs them. ``volume_writers`` pairs volumes with the domain that can write to
    them; ``running`` are those of these domains that run.

    ``cards`` are the host's network cards, ``portgroups`` those of each network that has any.
    ``free_macs`` are unused addresses, ``used_macs`` those of all domains of all hosts. ``medium``
    is the descriptor of the chosen ISO image, None while it is not known; ``medium_error`` is the
    reason why it cannot be read. ``unknown_parts`` are facts of the host that could not be read, in
    words; ``unknown_hosts`` are hosts whose machines are not known. ``networks_known``: the
    networks were read; without it an empty list means nothing.

    ``memory`` is bytes; the promised figures are sums over running domains. ``lookup_results``
    holds what was found in files of this computer and on the web.
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
    names_elsewhere: tuple[tuple[str, str], ...] = ()
    volume_users: tuple[tuple[str, str], ...] = ()
    volume_writers: tuple[tuple[str, str], ...] = ()
    running: frozenset[str] = frozenset()
    free_macs: tuple[str, ...] = ()
    used_macs: frozenset[str] = frozenset()
    capabilities: HostCapabilities | None = None
    medium: IsoDescriptor | None = None
    medium_error: str = ""
    cpus: int = 0
    memory: int = 0
    memory_promised: int = 0
    vcpus_promised: int = 0
    container: bool = False
    lookup_results: Mapping[Lookup, LookupResult] = field(default_factory=dict)
    unknown_parts: tuple[str, ...] = ()
    unknown_hosts: tuple[str, ...] = ()
    networks_known: bool = True


class DeviceSummary(Struct, frozen=True):
    """A disk or network card of the new machine, as the wizard's step lists it.

    ``group`` is the group of its form fields, "" for a device that comes with another choice (the
    medium, the seed). ``target`` is the disk's name in the guest, or the card's model; ``source``
    says what it holds or is plugged into, ``place`` names the pool or the MAC address. ``size`` is
    bytes, 0 where unknown. ``equivalent_command`` is its option of virt-install.
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
    equivalent_command: str = ""


class CreatePlan(Struct, frozen=True):
    """The machine that the choices lead to, its plan, and the checks of both.

    ``devices`` are its disks and cards for the lists of the wizard. ``os_name`` is the name of its
    operating system, "" where unknown.
    """

    machine: DomainSpec
    plan: ProvisionPlan
    checks: tuple[Check, ...]
    devices: tuple[DeviceSummary, ...] = ()
    os_name: str = ""

    @property
    def blocked(self) -> bool:
        """True if a check failed, so that it cannot be created."""
        return any(check.level is Severity.ERROR for check in self.checks)
