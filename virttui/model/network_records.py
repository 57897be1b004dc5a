"""What a virtual network hands out beyond its range: reservations, DNS records, forwarders."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class RecordKind(StrEnum):
    """A part of a network, by libvirt's own name; but for FORWARDER it changes while it is active.

    libvirt has no way to change forwarders of what runs: they count from the next start on.
    """

    RESERVATION = "ip-dhcp-host"
    DNS_HOST = "dns-host"
    DNS_SRV = "dns-srv-record"
    DNS_TXT = "dns-txt-record"
    FORWARDER = "dns-forwarder"

    @property
    def live(self) -> bool:
        """Whether it changes while the network is active."""
        return self is not RecordKind.FORWARDER


@dataclass(frozen=True, slots=True)
class NetworkRecord:
    """One reservation, DNS record or forwarder.

    ``name`` is what it is known by (a MAC address, an address, a name), ``value`` what it gives;
    ``xml`` is its element, ``parent`` the number of the ``<ip>`` it is in, -1 where there is none.
    """

    section: RecordKind
    name: str
    value: str
    xml: str = field(compare=False)
    parent: int = -1
