"""The routes of a machine, as its kernel tells them: which subnets it reaches, and by what."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from virttui.model.provision.network_pool import Route

PROC = Path("/proc")


def routes(process: int) -> tuple[Route, ...]:
    """The routes that a process sees; without those that cannot be read. Default, link-local,
    loopback and multicast routes are left out."""
    folder = PROC / str(process) / "net"
    found = [*ipv4(_text(folder / "route")), *ipv6(_text(folder / "ipv6_route"))]
    return tuple(dict.fromkeys(found))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""


def ipv4(text: str) -> Iterator[Route]:
    """``eth0 000AA8C0 … 00FFFFFF …``: addresses in hexadecimal, the last byte first."""
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) < 8:
            continue
        address, mask = (bytes.fromhex(words[place])[::-1] for place in (1, 7))
        prefix = int.from_bytes(mask, "big").bit_count()
        yield from _route(IPv4Network((address, prefix), strict=False), words[0])


def ipv6(text: str) -> Iterator[Route]:
    """``fd00…0 40 …  eth0``: address and length of its prefix in hexadecimal, the device last."""
    for line in text.splitlines():
        words = line.split()
        if len(words) < 10:
            continue
        network = ip_network((bytes.fromhex(words[0]), int(words[1], 16)), strict=False)
        yield from _route(network, words[-1])


def _route(network: IPv4Network | IPv6Network, device: str) -> Iterator[Route]:
    ordinary = not (network.is_link_local or network.is_loopback or network.is_multicast)
    if network.prefixlen and ordinary and device != "lo":
        yield Route(str(network), device)
