"""The source of a pool's storage, from its ``<source>``, as labelled parts."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from virttui.libvirtxml.parse import attribute, text

_NAMES = {
    "logical": "volume group",
    "zfs": "zpool",
    "rbd": "Ceph pool",
    "gluster": "volume",
    "sheepdog": "cluster",
    "vstorage": "cluster",
}
"""The meaning of ``<source><name>``, by the type of the pool."""
_HOSTS = {"rbd": "monitors"}


def origin(root: etree._Element) -> tuple[tuple[str, str], ...]:
    """Return the parts in order: the server, the share or volume, the login; empty for a folder."""
    kind, source = root.get("type", ""), root.find("source")
    if source is None:
        return ()
    return tuple((name, value) for name, value in _parts(kind, source) if value)


def _parts(kind: str, source: etree._Element) -> Iterator[tuple[str, str]]:
    hosts = [_host(one) for one in source.iterfind("host")]
    label = _HOSTS.get(kind, "server" if len(hosts) < 2 else "servers")
    yield label, ", ".join(one for one in hosts if one)
    yield "export" if kind == "netfs" else "folder", attribute(source, "dir", "path")
    yield _NAMES.get(kind, "name"), text(source, "name")
    devices = [one.get("path", "") for one in source.iterfind("device")]
    yield "target" if kind.startswith("iscsi") else "device", ", ".join(filter(None, devices))
    yield "initiator", attribute(source, "initiator/iqn", "name")
    yield "adapter", _adapter(source)
    yield "format", attribute(source, "format", "type")
    yield "protocol", f"version {ver}" if (ver := attribute(source, "protocol", "ver")) else ""
    yield (
        "vendor",
        " ".join(filter(None, (attribute(source, one, "name") for one in ("vendor", "product")))),
    )
    yield "login", _login(source)


def _host(host: etree._Element) -> str:
    name, port = host.get("name", ""), host.get("port", "")
    if not port:
        return name
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _adapter(source: etree._Element) -> str:
    adapter = source.find("adapter")
    if adapter is None:
        return ""
    names = ("name", "parent", "wwnn", "wwpn")
    return " ".join(value for name in names if (value := adapter.get(name, "")))


def _login(source: etree._Element) -> str:
    """Return the user and the name of the secret; never a password."""
    auth = source.find("auth")
    if auth is None:
        return ""
    secret = auth.find("secret")
    secret_name = (secret.get("usage") or secret.get("uuid") or "") if secret is not None else ""
    user = f"{auth.get('username', '')} ({auth.get('type', '')})"
    return f"{user}, secret {secret_name}" if secret_name else user
