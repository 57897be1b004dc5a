"""Elements of a network that can occur several times, as text for people."""

from __future__ import annotations

from msgspec import Struct


class Portgroup(Struct, frozen=True):
    """A port group of a network; NICs that name none are in the ``default`` one.

    ``vlan`` is as in ``NetworkParts``; ``virtualport`` is the type of its ports ("openvswitch").
    """

    name: str
    default: bool = False
    vlan: str = ""
    virtualport: str = ""

    @property
    def words(self) -> str:
        """A short description."""
        words = ["default"] if self.default else []
        words += [self.vlan] if self.vlan else []
        words += [self.virtualport] if self.virtualport else []
        return ", ".join(words)


class NetworkParts(Struct, frozen=True):
    """The elements of one network.

    ``ranges`` are its DHCP ranges, from and to, ``routes`` as "10.99.0.0/16 by 10.71.0.2".
    ``devices`` are the devices it forwards by: cards of the host, PCI addresses. ``nat`` are the
    addresses and ports that guests appear with. ``vlan`` is "vlan 100", or "trunk of vlans 100
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
