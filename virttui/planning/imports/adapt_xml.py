"""A libvirt definition from another host, adapted to this one."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from virttui.libvirtxml.build import element
from virttui.libvirtxml.host_access.safe_paths import NVRAM, is_nvram_folder
from virttui.libvirtxml.text.span_edit import (
    SpanEdit,
    apply_edits,
    drop_attribute,
    insert,
    remove,
    set_attribute,
    set_text,
)
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.planning.clone.xml import NewDisk, tree, with_disks

_NONE = "none"


class ImportIdentity(Struct, frozen=True):
    """The values of a machine on its new host. ``macs`` go to its NICs in order.

    ``disks`` are pool, volume and format by target; with ``drops_other_disks`` other disks are
    removed and other drives emptied. ``networks`` maps the old host's networks to this host's.
    ``nvram`` is the path of its NVRAM on the old host, where the definition does not contain it.
    """

    name: str
    uuid: str
    macs: tuple[str, ...] = ()
    disks: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    networks: Mapping[str, str] = field(default_factory=dict)
    drops_other_disks: bool = False
    nvram: str = ""


def adapt(
    xml: str, identity: ImportIdentity, capabilities: HostCapabilities
) -> tuple[str, str, list[str]]:
    """Return the definition, the path of its NVRAM ("" for none), and a line for each change.

    Raises InvalidInput for a text that is not a domain's.
    """
    new_disks = {
        target: NewDisk("volume", volume, format, pool)
        for target, (pool, volume, format) in identity.disks.items()
    }
    parsed = tree(with_disks(xml, new_disks))
    root = parsed.root
    if root is None or root.name != "domain" or (name := root.child("name")) is None:
        raise InvalidInput("its definition makes no sense")
    lines: list[str] = []
    changes = [set_text(parsed, name, identity.name)]
    changes += _uuid(parsed, root, name, identity.uuid)
    changes += _without_attributes(parsed, root, "id")
    nvram, more = _nvram(parsed, root, identity)
    changes += more
    changes += _host(parsed, root, capabilities, lines)
    changes += _console(parsed, root, lines)
    changes += _nics(parsed, root, identity, lines)
    changes += _media(parsed, root, identity, lines)
    return apply_edits(parsed.text, changes), nvram, lines


def _uuid(parsed: Tree, root: Element, name: Element, uuid: str) -> Iterator[SpanEdit]:
    """Yield the edits of its UUID. The firmware may show it to the guest as well: libvirt
    requires both to be equal."""
    found = root.child("uuid")
    old = parsed.text_of(found) if found is not None else ""
    if found is None:
        yield insert(parsed, root, element("uuid", text=uuid), name)
    else:
        yield set_text(parsed, found, uuid)
    for entry in root.all("sysinfo/system/entry"):
        if old and parsed.text_of(entry) == old:
            yield set_text(parsed, entry, uuid)


def _without_attributes(parsed: Tree, element: Element, *names: str) -> Iterator[SpanEdit]:
    for name in names:
        if (edit := drop_attribute(parsed, element, name)) is not None:
            yield edit


def _nvram(parsed: Tree, root: Element, identity: ImportIdentity) -> tuple[str, list[SpanEdit]]:
    """Return the path of its NVRAM with its new name in it, and the edits."""
    found, os = root.child("os/nvram"), root.child("os")
    source = found.child("source") if found is not None else None
    path = source.get("file") if source is not None else ""
    path = path or (parsed.text_of(found) if found is not None else "") or identity.nvram
    if not path or os is None:
        return "", []
    # What came with a file goes nowhere else, whatever the file says.
    folder = posixpath.dirname(posixpath.normpath(path))
    safe_folder = folder if is_nvram_folder(folder) else f"/var/lib{NVRAM}"
    new = f"{safe_folder}/{identity.name}_VARS.fd"
    if found is None:
        return new, [insert(parsed, os, element("nvram", text=new))]
    if source is not None:
        return new, [set_attribute(parsed, source, "file", new)]
    return new, [set_text(parsed, found, new)]


# -- what a host is --------------------------------------------------------------------------------


def _host(
    parsed: Tree, root: Element, capabilities: HostCapabilities, lines: list[str]
) -> Iterator[SpanEdit]:
    """Yield the edits of emulator, accelerator and firmware."""
    emulator = root.child("devices/emulator")
    if (
        emulator is not None
        and capabilities.emulator
        and parsed.text_of(emulator) != capabilities.emulator
    ):
        if _is_host_arch(parsed, root, capabilities):
            lines.append(f"its emulator becomes {capabilities.emulator}")
            yield set_text(parsed, emulator, capabilities.emulator)
        else:
            lines.append("its emulator is left to libvirt to find")
            yield remove(parsed, emulator)
    kind = root.get("type")
    if kind == "kvm" and capabilities.virt == "qemu":
        lines.append("it runs without KVM, which this host does not have")
        yield set_attribute(parsed, root, "type", "qemu")
        for cpu in root.all("cpu"):
            if cpu.get("mode") in ("host-passthrough", "host-model"):
                yield set_attribute(parsed, cpu, "mode", "maximum")
                yield from _without_attributes(parsed, cpu, "check", "migratable", "match")
                yield from (remove(parsed, child) for child in cpu.all("model"))
    yield from _firmware(parsed, root, capabilities, lines)


def _is_host_arch(parsed: Tree, root: Element, capabilities: HostCapabilities) -> bool:
    """True if it is for the architecture of the host's emulator."""
    os = root.child("os/type")
    return os is not None and os.get("arch", capabilities.arch) == capabilities.arch


def _firmware(
    parsed: Tree, root: Element, capabilities: HostCapabilities, lines: list[str]
) -> Iterator[SpanEdit]:
    """Yield the edits that let libvirt choose a firmware, where the host does not have the old
    one."""
    os, loader = root.child("os"), root.child("os/loader")
    known = capabilities.of("loader/value")
    if os is None or loader is None or os.get("firmware") != "efi":
        return
    path = parsed.text_of(loader)
    if known is None or path in known:
        return
    lines.append(f"its firmware {path} is not here: libvirt chooses one of its kind")
    yield remove(parsed, loader)
    nvram = root.child("os/nvram")
    if nvram is not None:
        yield from _without_attributes(parsed, nvram, "template")


def _console(parsed: Tree, root: Element, lines: list[str]) -> Iterator[SpanEdit]:
    """Yield a console: libvirt does not start a container without one, and LXC's own files give
    none (9.0)."""
    devices = root.child("devices")
    if root.get("type") == "lxc" and devices is not None and devices.child("console") is None:
        lines.append("it gets a console, without which it does not start")
        yield insert(parsed, devices, element("console", type="pty"))


# -- cards and drives ------------------------------------------------------------------------------


def _nics(
    parsed: Tree, root: Element, identity: ImportIdentity, lines: list[str]
) -> Iterator[SpanEdit]:
    """Yield the edits of addresses and networks; names of switch ports are left to libvirt."""
    for card, mac in zip(root.all("devices/interface"), identity.macs, strict=True):
        source = card.child("source")
        on_network = card.get("type") == "network" and source is not None
        network = source.get("network") if on_network and source is not None else ""
        new_network = identity.networks.get(network, network)
        if on_network and new_network == _NONE:
            lines.append(f"its card on {network} is left out")
            yield remove(parsed, card)
            continue
        if on_network and source is not None and new_network != network:
            lines.append(f"its card on {network} is on {new_network}")
            yield from _change_network(parsed, card, source, new_network)
        elif source is not None:
            yield from _without_attributes(parsed, source, "portid")
        found = card.child("mac")
        if found is not None:
            yield set_attribute(parsed, found, "address", mac)
        else:
            yield insert(parsed, card, element("mac", address=mac))
        target = card.child("target")
        if target is not None and target.get("dev"):
            yield remove(parsed, target)


def _change_network(parsed: Tree, card: Element, source: Element, to: str) -> Iterator[SpanEdit]:
    yield from _without_attributes(parsed, source, "portid", "portgroup", "bridge")
    if not to.startswith("bridge "):
        yield set_attribute(parsed, source, "network", to)
        return
    yield set_attribute(parsed, card, "type", "bridge")
    found = source.attribute("network")
    if found is not None:
        name = to.removeprefix("bridge ")
        yield SpanEdit(found.start, found.end, f"bridge='{name}'")


def _media(
    parsed: Tree, root: Element, identity: ImportIdentity, lines: list[str]
) -> Iterator[SpanEdit]:
    """Yield the edits that empty drives, and remove disks that are not part of the appliance."""
    if not identity.drops_other_disks:
        return
    for disk in root.all("devices/disk"):
        target = disk.child("target")
        name = target.get("dev") if target is not None else ""
        if name in identity.disks or disk.child("source") is None:
            continue
        if disk.get("device") in ("cdrom", "floppy"):
            lines.append(f"drive {name} is empty here")
            yield from (remove(parsed, one) for one in disk.all("source"))
        else:
            lines.append(f"disk {name} is not part of the appliance, and is left out")
            yield remove(parsed, disk)
