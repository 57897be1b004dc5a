"""Facts of the XML of domains, networks, pools and volumes, for the lists.

Field meanings follow libvirt's format documentation ("Domain XML format" and its siblings).
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

from lxml import etree
from msgspec import Struct

from virttui.libvirtxml.disks.backing_files import backing_path
from virttui.libvirtxml.disks.sources import pci_text, source_text
from virttui.libvirtxml.network_parts import parts
from virttui.libvirtxml.network_records import records
from virttui.libvirtxml.parse import attribute, root_of, size, text, whole
from virttui.libvirtxml.pool_source import origin
from virttui.libvirtxml.tags import tags_of
from virttui.model.inventory import OWN_BRIDGE, Disk, Nic, Volume
from virttui.model.network_parts import NO_PARTS, NetworkParts
from virttui.model.network_records import NetworkRecord


class DomainFacts(Struct, frozen=True):
    """Facts of a domain's XML that the list shows. Sizes are bytes.

    ``agent`` is true when the guest agent's channel exists and is connected.
    """

    title: str = ""
    os_type: str = ""
    vcpus: int | None = None
    memory: int | None = None
    memory_max: int | None = None
    disks: tuple[Disk, ...] = ()
    nics: tuple[Nic, ...] = ()
    agent: bool = False
    nvram: str = ""
    tags: tuple[str, ...] = ()


def domain(xml: str) -> DomainFacts:
    """Return the facts of one ``<domain>``. Raises InvalidInput."""
    root = root_of(xml)
    vcpu = root.find("vcpu")
    current = (vcpu.get("current") or vcpu.text or "").strip() if vcpu is not None else ""
    return DomainFacts(
        title=text(root, "title"),
        os_type=text(root, "os/type"),
        vcpus=whole(current),
        memory=size(root, "currentMemory"),
        memory_max=size(root, "memory"),
        disks=tuple(disk_of(found) for found in root.iterfind("devices/disk")),
        nics=tuple(nic_of(found) for found in root.iterfind("devices/interface")),
        agent=any(
            found.get("name") == "org.qemu.guest_agent.0" and found.get("state") == "connected"
            for found in root.iterfind("devices/channel/target")
        ),
        nvram=nvram_of(root),
        tags=tags_of(root),
    )


def nvram_of(root: etree._Element) -> str:
    """Return the path of the NVRAM, "" where the definition does not contain it."""
    source = root.find("os/nvram/source")
    return source_text(source) or text(root, "os/nvram")


def disk_of(element: etree._Element) -> Disk:
    """Return one ``<disk>``."""
    source = element.find("source")
    return Disk(
        target=attribute(element, "target", "dev"),
        device=element.get("device", "disk"),
        source=source_text(source),
        kind=element.get("type", "file"),
        pool=source.get("pool", "") if source is not None else "",
        format=attribute(element, "driver", "type"),
        bus=attribute(element, "target", "bus"),
        shareable=element.find("shareable") is not None,
        read_only=element.find("readonly") is not None,
        block=element.get("type") == "block",
    )


def sources(xml: str) -> tuple[tuple[str, str], ...]:
    """Return every (pool, source) of a domain's disks, backing files and mirrors included.

    Raises InvalidInput.
    """
    found = root_of(xml).iterfind("devices/disk//source")
    return tuple((source.get("pool", ""), source_text(source)) for source in found)


def other_files(xml: str) -> tuple[str, ...]:
    """Return the paths in a domain that are no disks: files it boots from, and mounted images.

    Raises InvalidInput.
    """
    root = root_of(xml)
    names = ("kernel", "initrd", "dtb", "loader", "nvram", "acpi/table")
    found = [text(root, f"os/{name}") for name in names]
    found += [one.get("file", "") for one in root.iterfind("os/nvram/source")]
    for source in root.iterfind("devices/filesystem/source"):
        found += [source.get("file", ""), source.get("dev", "")]
    return tuple(dict.fromkeys(one for one in found if one.startswith("/")))


def snapshot_sources(xml: str) -> tuple[tuple[str, str], ...]:
    """Return every (pool, source) that reverting to a ``<domainsnapshot>`` needs.

    Raises InvalidInput.
    """
    root = root_of(xml)
    found = [
        source
        for disk in root.iterfind("domain/devices/disk")
        if (source := disk.find("source")) is not None
    ]
    memory = attribute(root, "memory", "file")
    places = [(source.get("pool", ""), source_text(source)) for source in found]
    return (*places, ("", memory)) if memory else tuple(places)


def nic_of(element: etree._Element) -> Nic:
    """Return one ``<interface>``."""
    kind = element.get("type", "network")
    source = element.find("source")
    return Nic(
        mac=attribute(element, "mac", "address"),
        kind=kind,
        source=_nic_source(source, kind),
        target=attribute(element, "target", "dev"),
        model=attribute(element, "model", "type"),
        port=source.get("portid", "") if source is not None else "",
        filter=attribute(element, "filterref", "filter"),
    )


def _nic_source(source: etree._Element | None, kind: str) -> str:
    """Return the network, bridge or device of a NIC; the PCI address of a passed-through one."""
    if source is None:
        return ""
    if kind == "hostdev":
        return pci_text(source.find("address"))
    if kind in ("server", "client", "mcast", "udp"):
        return f"{source.get('address', '')}:{source.get('port', '')}"
    names = ("network", "bridge", "dev", "path", "name")
    return next((source.get(name, "") for name in names if source.get(name)), "")


class NetworkFacts(Struct, frozen=True):
    """Facts of a network's XML. ``subnets`` as "192.168.122.0/24", ``dhcp`` as "2-254", or as "2-99
    +1" where there are further ranges.

    ``serves``: libvirt runs a dnsmasq for it while it is active.
    """

    mode: str = "isolated"
    bridge: str = ""
    subnets: tuple[str, ...] = ()
    dhcp: str = ""
    domain_name: str = ""
    records: tuple[NetworkRecord, ...] = ()
    serves: bool = False
    parts: NetworkParts = NO_PARTS


def network(xml: str) -> NetworkFacts:
    """Return the facts of one ``<network>``. Raises InvalidInput."""
    root = root_of(xml)
    return NetworkFacts(
        mode=_mode(root),
        bridge=attribute(root, "bridge", "name"),
        subnets=tuple(found for ip in root.iterfind("ip") if (found := _subnet(ip))),
        dhcp=_dhcp(root),
        domain_name=attribute(root, "domain", "name"),
        records=records(xml),
        serves=_has_dnsmasq(root),
        parts=parts(root),
    )


def _has_dnsmasq(root: etree._Element) -> bool:
    """True by libvirt's own rule: it has an address, and DNS is on or it has DHCP."""
    if _mode(root) not in OWN_BRIDGE or root.find("ip") is None:
        return False
    has_dhcp = any(root.find(f"ip/dhcp/{name}") is not None for name in ("range", "host"))
    return has_dhcp or attribute(root, "dns", "enable") != "no"


def _mode(root: etree._Element) -> str:
    forward = root.find("forward")
    if forward is None:
        return "isolated"
    mode = forward.get("mode", "nat")
    if mode == "bridge" and attribute(root, "virtualport", "type") == "openvswitch":
        return "ovs"
    if mode in ("vepa", "private", "passthrough"):
        return "macvtap"
    if mode == "bridge" and not attribute(root, "bridge", "name"):
        return "macvtap"
    return mode


def _subnet(ip: etree._Element) -> str:
    address, mask = ip.get("address", ""), ip.get("netmask") or ip.get("prefix")
    try:
        return str(ipaddress.ip_interface(f"{address}/{mask}" if mask else address).network)
    except ValueError:
        return address


def _dhcp(root: etree._Element) -> str:
    """Return the first DHCP range, short: the parts of start and end that differ from the
    subnet."""
    ranges = root.findall("ip/dhcp/range")
    more = f" +{len(ranges) - 1}" if len(ranges) > 1 else ""
    return _range_text(ranges[0]) + more if ranges else ""


def _range_text(found: etree._Element) -> str:
    start, end = found.get("start", ""), found.get("end", "")
    if ":" in start:
        return f"::{start.rpartition(':')[2]}-{end.rpartition(':')[2]}"
    shared = 0
    for one, other in zip(start.split("."), end.split("."), strict=False):
        if one != other:
            break
        shared += 1
    skipped = min(shared, 3)
    return "-".join(".".join(part.split(".")[skipped:]) for part in (start, end))


class PoolFacts(Struct, frozen=True):
    """Facts of a pool's XML except its state and sizes; ``origin`` as in ``Pool``."""

    type: str = ""
    path: str = ""
    devices: tuple[str, ...] = ()
    source: str = ""
    origin: tuple[tuple[str, str], ...] = ()


def pool(xml: str) -> PoolFacts:
    """Return the facts of one ``<pool>``. Raises InvalidInput."""
    root = root_of(xml)
    paths = (device.get("path", "") for device in root.iterfind("source/device"))
    devices = tuple(path for path in paths if path.startswith("/"))
    path = text(root, "target/path")
    return PoolFacts(root.get("type", ""), path, devices, _shared_source(root), origin(root))


_SHARED = frozenset({"netfs", "gluster", "rbd", "iscsi", "iscsi-direct", "sheepdog"})
"""The types of pools whose storage several hosts can see."""


def _shared_source(root: etree._Element) -> str:
    """Return a text that is equal on every host for shared storage; "" for other pools."""
    if root.get("type", "") not in _SHARED:
        return ""
    hosts = sorted(one.get("name", "") for one in root.iterfind("source/host"))
    place = [attribute(root, "source/dir", "path"), text(root, "source/name")]
    place += [one.get("path", "") for one in root.iterfind("source/device")]
    return " ".join([root.get("type", ""), *hosts, *(one.rstrip("/") for one in place if one)])


def volume(xml: str) -> Volume:
    """Return one ``<volume>`` as a row. Raises InvalidInput."""
    root = root_of(xml)
    path = text(root, "target/path")
    return Volume(
        name=text(root, "name"),
        path=path,
        format=attribute(root, "target/format", "type"),
        capacity=size(root, "capacity", "bytes") or 0,
        allocation=size(root, "allocation", "bytes") or 0,
        backing=backing_path(text(root, "backingStore/path"), path),
    )


class FileStamp(NamedTuple):
    """The times of a volume's last change, "" where libvirt does not say, and the bytes of its
    file. Two volumes with the same stamp are most likely one file, by a link."""

    times: str = ""
    physical: int = 0


def volume_stamp(xml: str) -> FileStamp:
    """Return the stamp of a ``<volume>``. Raises InvalidInput."""
    root = root_of(xml)
    times = [text(root, f"target/timestamps/{name}") for name in ("mtime", "ctime")]
    return FileStamp(" ".join(times) if all(times) else "", size(root, "physical", "bytes") or 0)


def backing_format(xml: str) -> str:
    """Return the format of the backing file in a ``<volume>``, "" where it is not given."""
    return attribute(root_of(xml), "backingStore/format", "type")
