"""Records of a network: reading them from its XML, making them from typed words, writing
forwarders."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from lxml import etree

from virttui.libvirtxml.parse import root_of
from virttui.libvirtxml.text.span_edit import apply_edits, insert, remove
from virttui.libvirtxml.text.tree import Element, tree
from virttui.model.errors import InvalidInput
from virttui.model.network_records import NetworkRecord, RecordKind

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")


def records(xml: str) -> tuple[NetworkRecord, ...]:
    """Return every record of one ``<network>``, reservations first. Raises InvalidInput."""
    root = root_of(xml)
    found = [
        _reservation(host, number)
        for number, ip in enumerate(root.iterfind("ip"))
        for host in ip.iterfind("dhcp/host")
    ]
    for path, kind in (
        ("dns/host", RecordKind.DNS_HOST),
        ("dns/srv", RecordKind.DNS_SRV),
        ("dns/txt", RecordKind.DNS_TXT),
        ("dns/forwarder", RecordKind.FORWARDER),
    ):
        found += [_record(kind, element) for element in root.iterfind(path)]
    return tuple(found)


def record_of(kind: RecordKind, words: Sequence[str], subnets: Sequence[str]) -> NetworkRecord:
    """Return a record made from typed words. Raises InvalidInput that names the words it needs.

    A reservation is ``MAC ADDRESS [NAME]``, a host ``ADDRESS NAME...``, a service ``SERVICE
    PROTOCOL TARGET PORT``, a text ``NAME TEXT``, a forwarder ``ADDRESS [DOMAIN]`` or ``DOMAIN``.
    ``subnets`` are the network's, in their order.
    """
    if not all(word.isprintable() for word in words):
        raise InvalidInput("it has a character that no record may have")
    if kind is RecordKind.RESERVATION:
        return _reservation_of(words, subnets)
    if kind is RecordKind.DNS_HOST:
        return _host_of(words)
    if kind is RecordKind.DNS_SRV:
        return _service_of(words)
    if kind is RecordKind.FORWARDER:
        return _forwarder_of(words)
    if len(words) < 2:
        raise InvalidInput("a text needs NAME TEXT")
    element = etree.Element("txt", name=_name(words[0]), value=" ".join(words[1:]))
    return _record(kind, element)


def _reservation_of(words: Sequence[str], subnets: Sequence[str]) -> NetworkRecord:
    if not 2 <= len(words) <= 3:
        raise InvalidInput("a reservation needs MAC ADDRESS, and a NAME if it is to have one")
    mac, address = words[0].lower(), _address(words[1])
    if not _MAC.fullmatch(mac):
        raise InvalidInput(f"{words[0]} is not a MAC address")
    places = [n for n, subnet in enumerate(subnets) if address in ipaddress.ip_network(subnet)]
    if not places:
        raise InvalidInput(f"{address} is in none of this network's subnets: {', '.join(subnets)}")
    element = etree.Element("host", mac=mac)
    if len(words) == 3:
        element.set("name", _name(words[2]))
    element.set("ip", str(address))
    return _reservation(element, places[0])


def _host_of(words: Sequence[str]) -> NetworkRecord:
    if len(words) < 2:
        raise InvalidInput("a host needs ADDRESS NAME, and more names if it has them")
    element = etree.Element("host", ip=str(_address(words[0])))
    for name in words[1:]:
        etree.SubElement(element, "hostname").text = _name(name)
    return _record(RecordKind.DNS_HOST, element)


def _service_of(words: Sequence[str]) -> NetworkRecord:
    if not 4 <= len(words) <= 5:
        raise InvalidInput(
            "a service needs SERVICE PROTOCOL TARGET PORT, and a DOMAIN if not its own"
        )
    service, protocol, target, port = words[:4]
    if protocol not in ("tcp", "udp"):
        raise InvalidInput(f"{protocol} is neither tcp nor udp")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise InvalidInput(f"{port} is not a port: 1 to 65535")
    element = etree.Element("srv", service=_name(service.removeprefix("_")), protocol=protocol)
    if len(words) == 5:
        element.set("domain", _name(words[4]))
    element.set("target", _name(target))
    element.set("port", port)
    return _record(RecordKind.DNS_SRV, element)


def _forwarder_of(words: Sequence[str]) -> NetworkRecord:
    if not 1 <= len(words) <= 2:
        raise InvalidInput(
            "a forwarder needs ADDRESS, and the DOMAIN it is asked for if not for all"
        )
    element = etree.Element("forwarder")
    domain = words[-1]
    if len(words) == 2 or not re.search(r"[^\d.]", words[0]) or ":" in words[0]:
        element.set("addr", str(_address(words[0])))
        domain = words[1] if len(words) == 2 else ""
    if domain:
        element.set("domain", _name(domain))
    return _record(RecordKind.FORWARDER, element)


def with_forwarder(xml: str, record: NetworkRecord, *, adds: bool) -> str:
    """Return the definition of a network with a forwarder added or removed, all else byte for byte.

    Raises InvalidInput when it exists already, or does not exist.
    """
    forwarder = root_of(record.xml)
    parsed = tree(xml)
    network = next((one for one in parsed.top.children if one.name == "network"), None)
    if network is None:
        raise InvalidInput("this is not a network")
    existing = [
        one
        for one in network.all("dns/forwarder")
        if all(_value(one, name) == forwarder.get(name, "") for name in ("addr", "domain"))
    ]
    if not adds:
        if not existing:
            raise InvalidInput(f"{record.name} is not a forwarder of it any more")
        return apply_edits(xml, [remove(parsed, existing[0])])
    if existing:
        raise InvalidInput(f"{record.name} is a forwarder of it already")
    element = _text(forwarder)
    dns = network.child("dns")
    if dns is None:
        edit = insert(parsed, network, f"<dns>\n  {element}\n</dns>")
    else:
        edit = insert(parsed, dns, element)
    return apply_edits(xml, [edit])


def _value(element: Element, name: str) -> str:
    found = element.attribute(name)
    return "" if found is None else found.value


def _address(words: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(words)
    except ValueError as error:
        raise InvalidInput(f"{words} is not an address") from error


def _name(words: str) -> str:
    if len(words) > 253 or not _NAME.fullmatch(words):
        raise InvalidInput(f"{words} is not a name that DNS knows")
    return words


def _reservation(element: etree._Element, parent: int) -> NetworkRecord:
    identifier = element.get("mac") or element.get("id") or element.get("name") or ""
    value = " ".join(part for part in (element.get("ip", ""), element.get("name", "")) if part)
    return NetworkRecord(RecordKind.RESERVATION, identifier, value, _text(element), parent)


def _record(kind: RecordKind, element: etree._Element) -> NetworkRecord:
    if kind is RecordKind.DNS_HOST:
        names = " ".join((found.text or "").strip() for found in element.iterfind("hostname"))
        return NetworkRecord(kind, element.get("ip", ""), names, _text(element))
    if kind is RecordKind.DNS_SRV:
        name = f"_{element.get('service')}._{element.get('protocol')}"
        name += f".{element.get('domain')}" if element.get("domain") else ""
        value = f"{element.get('target', '.')}:{element.get('port', '')}".rstrip(":")
        return NetworkRecord(kind, name, value, _text(element))
    if kind is RecordKind.FORWARDER:
        domain = element.get("domain", "")
        value = f"for {domain}" if domain else "for all names"
        return NetworkRecord(kind, element.get("addr", "the host's own"), value, _text(element))
    return NetworkRecord(kind, element.get("name", ""), element.get("value", ""), _text(element))


def _text(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)
