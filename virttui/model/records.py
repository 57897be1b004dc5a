"""What a virtual network hands out beyond its range: reservations and DNS records."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Section(StrEnum):
    """A part of a network that changes while it is active, by libvirt's own name."""

    RESERVATION = "ip-dhcp-host"
    DNS_HOST = "dns-host"
    DNS_SRV = "dns-srv-record"
    DNS_TXT = "dns-txt-record"


@dataclass(frozen=True, slots=True)
class NetworkRecord:
    """One reservation or DNS record.

    ``name`` is what it is known by (a MAC address, an address, a name), ``value`` what it gives;
    ``xml`` is its element, ``parent`` the number of the ``<ip>`` it is in, -1 where there is none.
    """

    section: Section
    name: str
    value: str
    xml: str = field(compare=False)
    parent: int = -1
