"""What a network is made of that can occur several times, in words as people read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Portgroup:
    """A group of ports of a network; NICs that name none are in the ``default`` one.

    ``vlan`` is as in ``NetworkParts``; ``virtualport`` is the type of its ports ("openvswitch").
    """

    name: str
    default: bool = False
    vlan: str = ""
    virtualport: str = ""

    @property
    def words(self) -> str:
        """What it does to a NIC."""
        told = ["default"] if self.default else []
        told += [self.vlan] if self.vlan else []
        told += [self.virtualport] if self.virtualport else []
        return ", ".join(told)


@dataclass(frozen=True, slots=True)
class NetworkParts:
    """The parts of one network.

    ``ranges`` are its DHCP ranges, from and to, ``routes`` as "10.99.0.0/16 by 10.71.0.2".
    ``devices`` are what it forwards by: cards of the host, PCI addresses. ``nat`` says which
    addresses and ports a guest is seen by. ``vlan`` is "vlan 100", or "trunk of vlans 100
    (untagged), 101"; ``virtualport`` the type of its ports.
    """

    ranges: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    nat: tuple[str, ...] = ()
    portgroups: tuple[Portgroup, ...] = ()
    vlan: str = ""
    virtualport: str = ""


NO_PARTS = NetworkParts()
