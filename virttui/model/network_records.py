"""Records of a virtual network: DHCP reservations, DNS records and DNS forwarders."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class NetworkRecord:
    """A reservation, DNS record or forwarder.

    ``name`` identifies it (a MAC address, an address, a name), ``value`` is the address, name or
    text it leads to; ``xml`` is its element, ``parent`` the number of the ``<ip>`` it is in, -1
    where there is none.
    """

    kind: RecordKind
    name: str
    value: str
    xml: str = field(compare=False)
    parent: int = -1
