"""Networks and pools to be made: what a host has for them, and what is made of a form.

``virttui.planning.network_pool`` makes their XML; this is what it and a form say to each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from virttui.model.documents import Option


@dataclass(frozen=True, slots=True)
class Route:
    """A subnet that a host reaches ("192.168.1.0/24"), and its device for that."""

    subnet: str
    device: str


@dataclass(frozen=True, slots=True)
class HostEnvironment:
    """What of a host no inventory tells. ``routes`` are told of this machine alone.

    ``bridges`` and ``cards`` are names of devices of the host; ``pools`` the types of pools its
    libvirt can have, None where it does not say. ``disks`` are its block devices by their paths,
    each with a word about it; ``adapters`` its SCSI adapters ("scsi_host2"). ``untold`` says why
    none of this is known, "" where it is.
    """

    routes: tuple[Route, ...] = ()
    bridges: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    pools: tuple[str, ...] | None = None
    disks: tuple[Option, ...] = ()
    adapters: tuple[str, ...] = ()
    untold: str = ""


@dataclass(frozen=True, slots=True)
class PoolSourceQuery:
    """Where the sources of a type of pool are looked for.

    ``host`` is as typed ("nas01:2049"), "" where the host itself is looked through; ``initiator``
    is our own IQN, for "iscsi-direct".
    """

    type: str
    host: str = ""
    initiator: str = ""


@dataclass(frozen=True, slots=True)
class PoolSource:
    """What a pool could be made of, by libvirt's own names; "" for what it does not have."""

    name: str = ""
    dir: str = ""
    format: str = ""
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PoolSourceResult:
    """What was found where somebody looked; ``wrong`` says in a sentence why nothing can be told.

    ``done`` is false as long as no answer has come.
    """

    sources: tuple[PoolSource, ...] = ()
    error: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class NetworkPoolContext:
    """What something new has to fit into. ``names`` are taken.

    ``uuid`` is what it will be known by. ``held`` are the subnets of the host's networks with the
    name of the network, ``paths`` the folders of its pools with the name of the pool. ``libvirt``
    is the version, "9.0.0". ``sought`` is what was found of the sources that the form is about,
    None while it does not say where to look.
    """

    uuid: str
    names: frozenset[str] = frozenset()
    held: tuple[tuple[str, str], ...] = ()
    paths: tuple[tuple[str, str], ...] = ()
    surroundings: HostEnvironment = HostEnvironment()
    libvirt: str = ""
    sought: PoolSourceResult | None = None


@dataclass(frozen=True, slots=True)
class NetworkPoolPlan:
    """What a form comes to. ``meaning`` says in a sentence what will be so.

    ``build`` has the place of a pool prepared before it is started, with ``no_overwrite`` only
    where nothing is on it.
    """

    name: str
    xml: str
    meaning: str
    build: bool = False
    no_overwrite: bool = False
    start: bool = False
    autostart: bool = False
