"""NICs of running domains that a network has lost, and how they are plugged in again.

A network that stops takes its bridge with it; when it starts again, nothing puts the devices of the
guests back, and libvirt's ports of them are gone. Measured on libvirt 9.0: the same element once
more, or the link down and up, changes nothing; only another bridge makes libvirt move the device.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import libvirt

from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.types import Connection, DomainHandle, NetworkHandle
from virttui.hypervisor.queries.local_networks import LocalNetworks
from virttui.libvirtxml import interfaces, read
from virttui.model.commands import Command
from virttui.model.errors import InvalidInput, PartiallyDone, Refused
from virttui.model.inventory import Network, Nic

_Mark = tuple[str, str, str]
"""A NIC as it was judged: its domain's UUID, the host's device, its port."""


class DetachedNicFinder:
    """Finds NICs that are not on the bridge of their network, on one worker and connection."""

    def __init__(self, local_networks: LocalNetworks) -> None:
        self._nearby = local_networks
        self._sure: dict[str, tuple[frozenset[str] | None, set[_Mark]]] = {}

    def lost(
        self,
        connection: Connection,
        thing: NetworkHandle,
        network: Network,
        nics: Sequence[tuple[str, Nic]],
    ) -> frozenset[str]:
        """The host's devices among ``nics`` (with the UUID of their domain) that it has lost.

        What was read of them may be of a moment ago: who seems to be lost is looked at anew, and
        again when the network has other ports. Raises libvirtError when the connection is gone.
        """
        if not network.active or not network.own_bridge:
            return frozenset()
        on_it = [(uuid, nic) for uuid, nic in nics if network.holds(nic)]
        if not on_it:
            return frozenset()
        ports = _ports(connection, thing)
        before, sure = self._sure.get(network.key.uuid, (None, set()))
        known = sure if before == ports else set()
        off = [(uuid, nic) for uuid, nic in on_it if self._off(nic, network, ports)]
        lost = {
            (uuid, nic.target, nic.port)
            for uuid, nic in off
            if (uuid, nic.target, nic.port) in known
            or self._still(connection, thing, network, uuid, nic)
        }
        self._sure[network.key.uuid] = ports, lost
        return frozenset(target for _, target, _ in lost)

    def _off(self, nic: Nic, network: Network, ports: frozenset[str] | None) -> bool:
        bridge = self._nearby.bridge_of(nic.target)
        if bridge is not None:
            return bridge != network.bridge
        return bool(nic.port) and ports is not None and nic.port not in ports

    def _still(
        self, connection: Connection, thing: NetworkHandle, network: Network, uuid: str, nic: Nic
    ) -> bool:
        """Return true if a NIC is still without its port, by a definition and ports read now."""
        xml = or_none(connection, lambda: connection.lookupByUUIDString(uuid).XMLDesc(0))
        try:
            found = [one.nic for one in interfaces.live_interfaces(network, xml)] if xml else []
        except InvalidInput:
            return False
        same = [one for one in found if one.target == nic.target and one.mac == nic.mac]
        ports = _ports(connection, thing)
        return any(self._off(one, network, ports) for one in same)


def _ports(connection: Connection, thing: NetworkHandle) -> frozenset[str] | None:
    """The UUIDs of a network's ports; None where the driver or the library knows none."""
    listed = or_none(connection, partial(thing.listAllPorts, 0))
    return None if listed is None else frozenset(port.UUIDString() for port in listed)


def reattach(connection: Connection, command: Command) -> str:
    """Put every running NIC of a network that has lost it back; returns words for what was done.

    Raises libvirtError, Refused, or PartiallyDone that names those that could not be.
    """
    key = command.target.key
    thing = connection.networkLookupByUUIDString(key.uuid)
    facts = read.network(thing.XMLDesc(0))
    network = Network(key, thing.name(), bool(thing.isActive()), mode=facts.mode,
                      bridge=facts.bridge)  # fmt: skip
    if not network.active:
        raise Refused("it is off", advice="start it first")
    if not network.own_bridge:
        raise Refused("it has no bridge of its own: its domains keep their link")
    unplugged = list(_unplugged(connection, thing, network))
    if not unplugged:
        return "all running domains on it have their link"
    failed: list[str] = []
    libvirt_message = ""
    with _Parking(connection, network) as parking:
        for domain, one in unplugged:
            try:
                parking.through(domain, one)
            except libvirt.libvirtError as error:
                if not connection.isAlive():
                    raise
                why = translate.operation_error(error)
                failed.append(f"{domain.name()} ({one.nic.target}): {why.message}")
                libvirt_message = libvirt_message or why.libvirt_message
    done = len(unplugged) - len(failed)
    words = f"{done} NIC{'' if done == 1 else 's'} reattached"
    if failed:
        raise PartiallyDone(
            f"{words}, but not {'; '.join(failed)}", libvirt_message=libvirt_message
        )
    return words


def _unplugged(
    connection: Connection, thing: NetworkHandle, network: Network
) -> Iterator[tuple[DomainHandle, interfaces.LiveInterface]]:
    """The running NICs without a port. One that names the bridge has none: it is included."""
    ports = _ports(connection, thing)
    for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
        xml = or_none(connection, partial(domain.XMLDesc, 0))
        for one in interfaces.live_interfaces(network, xml) if xml else ():
            if not one.nic.port or ports is None or one.nic.port not in ports:
                yield domain, one


class _Parking:
    """A network without addresses that nobody else is on, for as long as NICs go through it."""

    def __init__(self, connection: Connection, network: Network) -> None:
        self._connection = connection
        self._name = f"virttui-parking-{network.key.uuid[:8]}"

    def __enter__(self) -> _Parking:
        # One that was left by a run that broke off is taken as it is.
        self._network = or_none(
            self._connection, lambda: self._connection.networkLookupByName(self._name)
        ) or self._connection.networkCreateXML(interfaces.parking_network_xml(self._name))
        return self

    def __exit__(self, *_: object) -> None:
        or_none(self._connection, self._network.destroy)

    def through(self, domain: DomainHandle, one: interfaces.LiveInterface) -> None:
        """Move one NIC here and back: its guest sees neither."""
        live = libvirt.VIR_DOMAIN_AFFECT_LIVE
        domain.updateDeviceFlags(one.parked_xml(self._name, self._network.bridgeName()), live)
        domain.updateDeviceFlags(one.restored_xml(), live)
