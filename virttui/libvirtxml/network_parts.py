"""Elements of a ``<network>`` that can occur several times: ranges, routes, devices, port
groups, VLANs."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from virttui.libvirtxml.parse import attribute
from virttui.model.network_parts import NetworkParts, Portgroup


def parts(root: etree._Element) -> NetworkParts:
    """Return all of them, in the order of the definition."""
    return NetworkParts(
        ranges=tuple(_span(one) for one in root.iterfind("ip/dhcp/range")),
        routes=tuple(_route(one) for one in root.iterfind("route")),
        devices=tuple(dict.fromkeys(_devices(root))),
        nat=tuple(_nat(root)),
        portgroups=tuple(
            Portgroup(
                one.get("name", ""),
                one.get("default") == "yes",
                vlan_of(one),
                attribute(one, "virtualport", "type"),
            )
            for one in root.iterfind("portgroup")
        ),
        vlan=vlan_of(root),
        virtualport=attribute(root, "virtualport", "type"),
    )


def vlan_of(element: etree._Element) -> str:
    """Return the ``<vlan>`` of a network, port group or NIC in words, "" for none."""
    vlan = element.find("vlan")
    tags = list(vlan.iterfind("tag")) if vlan is not None else []
    if vlan is None or not tags:
        return ""
    labels = [
        tag.get("id", "") + (f" ({mode})" if (mode := tag.get("nativeMode", "")) else "")
        for tag in tags
    ]
    if vlan.get("trunk") == "yes" or len(tags) > 1 or any(tag.get("nativeMode") for tag in tags):
        return f"trunk of vlans {', '.join(labels)}"
    return f"vlan {labels[0]}"


def _span(element: etree._Element) -> str:
    start, end = element.get("start", ""), element.get("end", "")
    lease = element.find("lease")
    if lease is None:
        return f"{start} to {end}"
    return f"{start} to {end}, lease {lease.get('expiry', '')} {lease.get('unit', 'minutes')}"


def _route(element: etree._Element) -> str:
    mask = element.get("prefix") or element.get("netmask") or ""
    to = element.get("address", "") + (f"/{mask}" if mask else "")
    metric = f", metric {element.get('metric')}" if element.get("metric") else ""
    return f"{to} by {element.get('gateway', '')}{metric}"


def _devices(root: etree._Element) -> Iterator[str]:
    """Yield the cards and PCI functions that it forwards by, or takes its guests' NICs from."""
    forward = root.find("forward")
    if forward is None:
        return
    if dev := forward.get("dev", ""):
        yield dev
    for one in forward:
        if one.tag in ("interface", "pf") and one.get("dev"):
            yield f"{one.get('dev')} and its VFs" if one.tag == "pf" else one.get("dev", "")
        elif one.tag == "address":
            yield pci_words(one)


def pci_words(address: etree._Element) -> str:
    """Return a PCI address as people write it: "0000:03:10.2"."""
    try:
        numbers = [
            int(address.get(name) or "0", 0) for name in ("domain", "bus", "slot", "function")
        ]
    except ValueError:
        return " ".join(address.get(name, "") for name in ("domain", "bus", "slot", "function"))
    return "{:04x}:{:02x}:{:02x}.{:x}".format(*numbers)


def _nat(root: etree._Element) -> Iterator[str]:
    nat = root.find("forward/nat")
    if nat is None:
        return
    for one in nat.iterfind("address"):
        yield _span(one)
    for one in nat.iterfind("port"):
        yield f"ports {one.get('start', '')} to {one.get('end', '')}"
    if nat.get("ipv6") == "yes":
        yield "IPv6 too"
