"""Descriptions of all devices in a domain's XML; an unknown one is described by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from lxml import etree

from virttui.libvirtxml.disks.sources import pci_text, source_hosts, source_text
from virttui.libvirtxml.network_parts import pci_words, vlan_of
from virttui.libvirtxml.parse import attribute, size, text, whole
from virttui.libvirtxml.read import disk_of, nic_of
from virttui.model.domains.details import Device

Element = etree._Element


def devices(root: Element) -> tuple[Device, ...]:
    """Return every device of a ``<domain>``, in the order of its XML.

    Edits use the same names: disks by target, the rest by kind and number ("nic1", "serial2").
    Numbers count from 1, in the order of the definition.
    """
    result: list[Device] = []
    counts: Counter[str] = Counter()
    for element in root.iterfind("devices/*"):
        # Comments and processing instructions have no name of their own.
        if not isinstance(element.tag, str) or element.tag == "emulator":
            continue
        kind = etree.QName(element).localname
        number = counts[kind]
        counts[kind] += 1
        result.append(_READERS.get(kind, _plain)(element, kind, number))
    return tuple(result)


def _device_name(kind: str, number: int) -> str:
    return f"{SHORT.get(kind, kind)}{number + 1}"


SHORT = {"interface": "nic", "filesystem": "fs", "memballoon": "balloon", "graphics": "display"}


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _lines(*lines: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line)


def _disk(element: Element, kind: str, number: int) -> Device:
    disk = disk_of(element)
    driver = element.find("driver")
    tuned = [] if driver is None else [
        f"{name} {driver.get(name)}"
        for name in ("cache", "io", "discard", "error_policy", "queues") if driver.get(name)
    ]  # fmt: skip
    marks = [
        word
        for tag, word in (
            ("readonly", "read only"), ("shareable", "shared"), ("encryption", "encrypted"),
            ("transient", "changes are dropped"), ("mirror", "being mirrored"),
            ("iotune", "throttled"),
        )
        if element.find(tag) is not None
    ]  # fmt: skip
    serial = text(element, "serial")
    backing = source_text(element.find("backingStore/source"))
    hosts = source_hosts(element.find("source"))
    return Device(
        kind,
        disk.target or _device_name(kind, number),
        _joined(disk.format, disk.bus, "" if disk.device == "disk" else disk.device, *marks),
        _lines(
            disk.source,
            f"from {', '.join(hosts)}" if hosts else "",
            ", ".join(tuned),
            f"serial {serial}" if serial else "",
            f"on top of {backing}" if backing else "",
        ),
        disk=disk,
    )


def _nic(element: Element, kind: str, number: int) -> Device:
    nic = nic_of(element)
    source, group = element.find("source"), attribute(element, "source", "portgroup")
    address = source.find("address") if source is not None else None
    port = attribute(element, "virtualport", "type")
    mtu, filter_ = attribute(element, "mtu", "size"), attribute(element, "filterref", "filter")
    return Device(
        kind,
        _device_name(kind, number),
        _joined(nic.model, nic.kind),
        _lines(
            f"portgroup {group}" if group else "",
            vlan_of(element),
            f"virtualport {port}" if port else "",
            f"macvtap, {attribute(element, 'source', 'mode', 'vepa')}"
            if nic.kind == "direct"
            else "",
            f"device {pci_words(address)}" if address is not None else "",
            *(_forward(one) for one in element.iterfind("portForward")),
            f"mtu {mtu}" if mtu else "",
            f"filter {filter_}" if filter_ else "",
            "throttled" if element.find("bandwidth") is not None else "",
        ),
        nic=nic,
        linked=attribute(element, "link", "state", "up") != "down",
    )


def _forward(element: Element) -> str:
    """Return the ports of the host that are forwarded to the guest."""
    spans = []
    for one in element.iterfind("range"):
        last = f"-{one.get('end')}" if one.get("end") else ""
        to = f" to {one.get('to')}" if one.get("to") else ""
        spans.append(f"{one.get('start', '')}{last}{to}")
    return f"forwards {element.get('proto', 'tcp')} {', '.join(spans) or 'all ports'}"


def _character(element: Element, kind: str, number: int) -> Device:
    """Describe a serial port, console or channel by its target and its log."""
    place = next(
        (
            f"{source.get('host')}:{source.get('service')}"
            if source.get("host")
            else source.get("path") or source.get("channel") or ""
            for source in element.iterfind("source")
        ),
        "",
    )
    port = attribute(element, "target", "name") or attribute(element, "target", "type")
    state, log = attribute(element, "target", "state"), attribute(element, "log", "file")
    if kind == "channel":
        words = _joined(_CHANNELS.get(port, port), state)
    else:
        words = ", ".join(p for p in (element.get("type", ""), f"log {log}" if log else place) if p)
    return Device(
        kind, _device_name(kind, number), words, _lines(port, place, f"log {log}" if log else "")
    )


_CHANNELS = {
    "org.qemu.guest_agent.0": "guest agent",
    "com.redhat.spice.0": "spice agent",
}


def _graphics(element: Element, kind: str, number: int) -> Device:
    listen = element.get("listen") or attribute(element, "listen", "address")
    port = element.get("port", "")
    place = element.get("socket") or attribute(element, "listen", "socket")
    if port and port != "-1":
        place = f"{listen or 'localhost'}:{port}"
    password = "has a password" if element.get("passwd") else ""
    tls = element.get("tlsPort", "")
    return Device(
        kind, _device_name(kind, number), _joined(element.get("type", ""), place),
        _lines(password, f"TLS port {tls}" if tls not in ("", "-1") else ""),
    )  # fmt: skip


def _video(element: Element, kind: str, number: int) -> Device:
    model = element.find("model")
    if model is None:
        return Device(kind, _device_name(kind, number))
    heads, vram = model.get("heads", "1"), model.get("vram", "")
    memory = f"{(whole(vram) or 0) // 1024}M" if (whole(vram) or 0) >= 1024 else ""
    return Device(
        kind, _device_name(kind, number),
        _joined(model.get("type", ""), memory, f"{heads} heads" if heads != "1" else ""),
        _lines("3D" if attribute(model, "acceleration", "accel3d") == "yes" else ""),
    )  # fmt: skip


def _hostdev(element: Element, kind: str, number: int) -> Device:
    source = element.find("source")
    what, place = element.get("type", element.get("mode", "")), ""
    if source is not None:
        address = source.find("address")
        vendor, product = attribute(source, "vendor", "id"), attribute(source, "product", "id")
        if vendor:
            place = f"{_bare(vendor)}:{_bare(product)}"
        elif address is not None and address.get("uuid"):
            place = address.get("uuid", "")
        elif address is not None and what == "pci":
            place = pci_text(address)
        elif address is not None:
            place = ".".join(address.get(n, "") for n in ("bus", "device") if address.get(n))
        else:
            place = next((text(source, tag) for tag in ("block", "char", "interface")), "")
    driver = attribute(element, "driver", "name")
    return Device(kind, _device_name(kind, number), _joined(what, place),
                  _lines(f"driver {driver}" if driver else ""))  # fmt: skip


def _bare(number: str) -> str:
    return number.removeprefix("0x")


def _filesystem(element: Element, kind: str, number: int) -> Device:
    names = ("dir", "file", "dev", "name", "usage")
    found = element.find("source")
    source = (
        next((found.get(n, "") for n in names if found.get(n)), "") if found is not None else ""
    )
    target = attribute(element, "target", "dir")
    driver = attribute(element, "driver", "type") or element.get("type", "")
    read_only = "read only" if element.find("readonly") is not None else ""
    return Device(
        kind, _device_name(kind, number), _joined(target, driver, read_only), _lines(source)
    )


def _memory(element: Element, kind: str, number: int) -> Device:
    if kind == "memballoon":
        period = attribute(element, "stats", "period")
        period_text = f", figures every {period} s" if period not in ("", "0") else ""
        return Device(
            kind, _device_name(kind, 0), f"{element.get('model', '')} balloon{period_text}".strip()
        )
    if kind == "shmem":
        return Device(kind, element.get("name") or _device_name(kind, number),
                      attribute(element, "model", "type"))  # fmt: skip
    amount = size(element, "target/size")
    mib = "" if amount is None else f"{amount // 1024**2}M"
    node = text(element, "target/node")
    return Device(kind, _device_name(element.get("model", kind), number),
                  _joined(mib, f"node {node}" if node else ""))  # fmt: skip


def _controller(element: Element, kind: str, number: int) -> Device:
    index = element.get("index", str(number))
    model = element.get("model") or attribute(element, "model", "name")
    # The companions of a USB 2 controller have its number, and are told apart by their models.
    companion = model.partition("-")[2] if element.find("master") is not None else ""
    name = f"{element.get('type', kind)}{index}" + (f"-{companion}" if companion else "")
    return Device(kind, name, model)


def _plain(element: Element, kind: str, number: int) -> Device:
    """Describe any other device by its model, type and bus, and those of its backend."""
    words = [element.get(name, "") for name in ("model", "type", "bus", "mode", "action")]
    inner = element.find("backend")
    if inner is not None:
        words += [inner.get("model", ""), inner.get("type", ""), inner.get("version", "")]
        words.append((inner.text or "").strip())
    if kind == "vsock":
        words.append(f"cid {attribute(element, 'cid', 'address')}")
    return Device(kind, _device_name(kind, number), _joined(*dict.fromkeys(words)))


_READERS: dict[str, Callable[[Element, str, int], Device]] = {
    "disk": _disk,
    "interface": _nic,
    "serial": _character,
    "parallel": _character,
    "console": _character,
    "channel": _character,
    "redirdev": _character,
    "graphics": _graphics,
    "video": _video,
    "hostdev": _hostdev,
    "filesystem": _filesystem,
    "memory": _memory,
    "memballoon": _memory,
    "shmem": _memory,
    "controller": _controller,
}
