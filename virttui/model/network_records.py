"""Records of a virtual network: DHCP reservations, DNS records and DNS forwarders."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class RecordKind(StrEnum):
    """A section of a network, by libvirt's name. All but FORWARDER change while the network is
    active.

    libvirt cannot change the forwarders of an active network: they count from the next start on.
    """

    RESERVATION = "ip-dhcp-host"
    DNS_HOST = "dns-host"
    DNS_SRV = "dns-srv-record"
    DNS_TXT = "dns-txt-record"
    FORWARDER = "dns-forwarder"

    @property
    def live(self) -> bool:
        """True if it changes while the network is active."""
        return self is not RecordKind.FORWARDER


class NetworkRecord(Struct, frozen=True, eq=False):
    """A reservation, DNS record or forwarder.

    ``name`` identifies it (a MAC address, an address, a name), ``value`` is the address, name or
    text it leads to; ``xml`` is its element, ``parent`` the number of the ``<ip>`` it is in, -1
    where there is none. Records are equal whose elements are spelled differently.
    """

    kind: RecordKind
    name: str
    value: str
    xml: str
    parent: int = -1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NetworkRecord) and self._values == other._values

    def __ne__(self, other: object) -> bool:
        # That of a struct would compare all fields.
        return not self == other

    def __hash__(self) -> int:
        return hash(self._values)

    @property
    def _values(self) -> tuple[object, ...]:
        return (self.kind, self.name, self.value, self.parent)
