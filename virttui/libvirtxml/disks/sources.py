"""The source of a disk as one text, for every form of ``<source>`` in libvirt's schema.

Two sources with the same text are the same storage. A path of the host and the name of a pool's
volume are themselves; all others begin with their protocol or bus: ``rbd:vms/a``,
``iscsi:iqn.2013-07.com.example:x/2``, ``nbd://san:10809/export``, ``nvme:0000:01:00.0/1``,
``vhost-user:/run/spdk.0``. Monitors and portals are no part of it where the name alone identifies
the storage, so that one image reached by two lists of monitors is one.
"""

from __future__ import annotations

from lxml import etree

_NAME_PROTOCOLS = frozenset({"rbd", "gluster", "sheepdog", "iscsi", "vxhs"})
"""Protocols whose names are the same on every host."""
_PORTS = {"nbd": "10809", "nfs": "2049", "ssh": "22", "http": "80", "https": "443", "ftp": "21",
          "ftps": "990", "tftp": "69"}  # fmt: skip
_SOURCE_ATTRIBUTES = ("file", "dev", "dir", "volume", "name")


def source_text(source: etree._Element | None, kind: str = "") -> str:
    """Return the text of a ``<source>``; "" where it is empty or missing.

    ``kind`` is libvirt's type of the disk, by default that of the element around it.
    """
    if source is None:
        return ""
    parent = source.getparent()
    kind = kind or (parent.get("type", "") if parent is not None else "")
    if source.get("protocol"):
        return _network(source, source.get("protocol", ""))
    if kind == "nvme":
        return _nvme(source)
    if kind == "vhostuser":
        return f"vhost-user:{source.get('path', '')}"
    if kind == "vhostvdpa":
        return f"vdpa:{source.get('dev', '')}"
    return next((source.get(name, "") for name in _SOURCE_ATTRIBUTES if source.get(name)), "")


def source_hosts(source: etree._Element | None) -> tuple[str, ...]:
    """Return the hosts that serve a network disk, as ``name:port``."""
    if source is None or not source.get("protocol"):
        return ()
    found = source.iterfind("host")
    return tuple(f"{one.get('name', '')}:{one.get('port', '')}".rstrip(":") for one in found)


def is_path(text: str) -> bool:
    """True if the text of a source is a path of its host."""
    return text.startswith("/")


def lookup_path(text: str) -> str:
    """Return the name under which libvirt's pools find a source as a path: Ceph's images have
    bare names."""
    return text.removeprefix("rbd:").removeprefix("sheepdog:")


def _network(source: etree._Element, protocol: str) -> str:
    name = source.get("name", "")
    first = source.find("host")
    if first is not None and first.get("socket"):
        return f"{protocol}+unix:{first.get('socket', '')}" + (f"/{name}" if name else "")
    if protocol in _NAME_PROTOCOLS or first is None:
        return f"{protocol}:{name}"
    host, port = first.get("name", ""), first.get("port", "") or _PORTS.get(protocol, "")
    host = f"[{host}]" if ":" in host else host
    place = f"{host}:{port}" if port else host
    query = f"?{source.get('query', '')}" if source.get("query") else ""
    return f"{protocol}://{place}/{name.lstrip('/')}{query}".rstrip("/")


def _nvme(source: etree._Element) -> str:
    namespace = source.get("namespace", "")
    return f"nvme:{pci_text(source.find('address'))}" + (f"/{namespace}" if namespace else "")


def pci_text(address: etree._Element | None) -> str:
    """Return a PCI address as lspci writes it: ``0000:3b:10.6``."""
    if address is None:
        return ""
    widths = (("domain", 4), ("bus", 2), ("slot", 2), ("function", 1))
    parts = [address.get(name, "0").removeprefix("0x").rjust(width, "0") for name, width in widths]
    return f"{parts[0]}:{parts[1]}:{parts[2]}.{parts[3]}"
