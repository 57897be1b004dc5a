"""New networks and pools: facts of the host that the forms need, and the plans they lead to.

``virttui.planning.network_pool`` makes the fields and the XML.
"""

from __future__ import annotations

from msgspec import Struct

from virttui.model.documents import Option


class Route(Struct, frozen=True):
    """A subnet that a host reaches ("192.168.1.0/24"), and its device for that."""

    subnet: str
    device: str


class HostEnvironment(Struct, frozen=True):
    """Facts of a host that the inventory does not hold. ``routes`` are known of the local host
    only.

    ``bridges`` and ``cards`` are names of devices of the host; ``pools`` the pool types that its
    libvirt supports, None where it does not say. ``disks`` are paths of block devices, each with a
    note; ``adapters`` are SCSI adapters ("scsi_host2"). ``error`` is the reason why none of this is
    known, else "".
    """

    routes: tuple[Route, ...] = ()
    bridges: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    pools: tuple[str, ...] | None = None
    disks: tuple[Option, ...] = ()
    adapters: tuple[str, ...] = ()
    error: str = ""


class PoolSourceSearch(Struct, frozen=True):
    """A search for sources of a pool type.

    ``host`` is the server as typed ("nas01:2049"), "" to search the host itself; ``initiator`` is
    this host's IQN, for "iscsi-direct".
    """

    type: str
    host: str = ""
    initiator: str = ""


class PoolSource(Struct, frozen=True):
    """A possible source of a pool, in the terms of libvirt's ``<source>``; "" where one does not
    apply."""

    name: str = ""
    dir: str = ""
    format: str = ""
    devices: tuple[str, ...] = ()


class FoundPoolSources(Struct, frozen=True):
    """The result of a search for sources; ``error`` is the sentence to show when it failed.

    ``done`` is false until an answer has come.
    """

    sources: tuple[PoolSource, ...] = ()
    error: str = ""
    done: bool = False


class NetworkPoolContext(Struct, frozen=True):
    """Facts that a form for a new network or pool needs. ``names`` are in use already.

    ``uuid`` is the new object's. ``used_subnets`` pairs subnets of the host's networks with the
    network's name, ``used_folders`` the folders of its pools with the pool's name. ``libvirt`` is
    the version ("9.0.0"). ``source_result`` is the result of the search for sources, None as long
    as the form does not say where to search.
    """

    uuid: str
    names: frozenset[str] = frozenset()
    used_subnets: tuple[tuple[str, str], ...] = ()
    used_folders: tuple[tuple[str, str], ...] = ()
    host_environment: HostEnvironment = HostEnvironment()
    libvirt: str = ""
    source_result: FoundPoolSources | None = None


class NetworkPoolPlan(Struct, frozen=True):
    """The definition that a form leads to. ``meaning`` is a sentence about it.

    ``build`` prepares the target of a pool before it is started; with ``no_overwrite`` only where
    it holds no data.
    """

    name: str
    xml: str
    meaning: str
    build: bool = False
    no_overwrite: bool = False
    start: bool = False
    autostart: bool = False
