"""A definition of libvirt's from elsewhere, changed where this host is another one."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from virttui.libvirtxml.build import element
from virttui.libvirtxml.host_access.safe_paths import NVRAM, is_nvram_folder
from virttui.libvirtxml.text.span_edit import (
    SpanEdit,
    drop_attribute,
    insert,
    remove,
    set_attribute,
    set_text,
    spliced,
)
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.planning.clone.xml import NewDisk, tree, with_disks

_NONE = "none"


@dataclass(frozen=True, slots=True)
class ImportIdentity:
    """Who a machine is here. ``macs`` go to its cards in their order.

    ``disks`` are pool, volume and format by target; with ``alone`` the other disks and drives are
    elsewhere, and empty here. ``networks`` are those of this host by those it was on. ``nvram`` is
    where its firmware kept its variables, where the definition does not say it.
    """

    name: str
    uuid: str
    macs: tuple[str, ...] = ()
    disks: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    networks: Mapping[str, str] = field(default_factory=dict)
    alone: bool = False
    nvram: str = ""


def adapt(xml: str, who: ImportIdentity, can: HostCapabilities) -> tuple[str, str, list[str]]:
    """The definition, where its NVRAM will be ("" for nowhere), and what was changed, in words.

    Raises InvalidInput where it makes no sense.
    """
    entered = {
        target: NewDisk("volume", volume, format, pool)
        for target, (pool, volume, format) in who.disks.items()
    }
    parsed = tree(with_disks(xml, entered))
    root = parsed.root
    if root is None or root.name != "domain" or (name := root.child("name")) is None:
        raise InvalidInput("its definition makes no sense")
    lines: list[str] = []
    changes = [set_text(parsed, name, who.name)]
    changes += _uuid(parsed, root, name, who.uuid)
    changes += _without_attributes(parsed, root, "id")
    nvram, more = _nvram(parsed, root, who)
    changes += more
    changes += _host(parsed, root, can, lines)
    changes += _console(parsed, root, lines)
    changes += _cards(parsed, root, who, lines)
    changes += _media(parsed, root, who, lines)
    return spliced(parsed.text, changes), nvram, lines


def _uuid(parsed: Tree, root: Element, name: Element, uuid: str) -> Iterator[SpanEdit]:
    """Its UUID, also where the firmware tells the guest: libvirt wants both alike."""
    found = root.child("uuid")
    was = parsed.text_of(found) if found is not None else ""
    if found is None:
        yield insert(parsed, root, element("uuid", text=uuid), name)
    else:
        yield set_text(parsed, found, uuid)
    for entry in root.all("sysinfo/system/entry"):
        if was and parsed.text_of(entry) == was:
            yield set_text(parsed, entry, uuid)


def _without_attributes(parsed: Tree, element: Element, *names: str) -> Iterator[SpanEdit]:
    for name in names:
        if (gone := drop_attribute(parsed, element, name)) is not None:
            yield gone


def _nvram(parsed: Tree, root: Element, who: ImportIdentity) -> tuple[str, list[SpanEdit]]:
    """Where the variables of its firmware go, with its new name in it."""
    found, os = root.child("os/nvram"), root.child("os")
    source = found.child("source") if found is not None else None
    path = source.get("file") if source is not None else ""
    path = path or (parsed.text_of(found) if found is not None else "") or who.nvram
    if not path or os is None:
        return "", []
    # What came with a file goes nowhere else, whatever the file says.
    folder = posixpath.dirname(posixpath.normpath(path))
    kept = folder if is_nvram_folder(folder) else f"/var/lib{NVRAM}"
    new = f"{kept}/{who.name}_VARS.fd"
    if found is None:
        return new, [insert(parsed, os, element("nvram", text=new))]
    if source is not None:
        return new, [set_attribute(parsed, source, "file", new)]
    return new, [set_text(parsed, found, new)]


# -- what a host is --------------------------------------------------------------------------------


def _host(
    parsed: Tree, root: Element, can: HostCapabilities, lines: list[str]
) -> Iterator[SpanEdit]:
    """Emulator, accelerator and firmware: those of this host."""
    emulator = root.child("devices/emulator")
    if emulator is not None and can.emulator and parsed.text_of(emulator) != can.emulator:
        if _own(parsed, root, can):
            lines.append(f"its emulator becomes {can.emulator}")
            yield set_text(parsed, emulator, can.emulator)
        else:
            lines.append("its emulator is left to libvirt to find")
            yield remove(parsed, emulator)
    kind = root.get("type")
    if kind == "kvm" and can.virt == "qemu":
        lines.append("it runs without KVM, which this host has not")
        yield set_attribute(parsed, root, "type", "qemu")
        for cpu in root.all("cpu"):
            if cpu.get("mode") in ("host-passthrough", "host-model"):
                yield set_attribute(parsed, cpu, "mode", "maximum")
                yield from _without_attributes(parsed, cpu, "check", "migratable", "match")
                yield from (remove(parsed, child) for child in cpu.all("model"))
    yield from _firmware(parsed, root, can, lines)


def _own(parsed: Tree, root: Element, can: HostCapabilities) -> bool:
    """True if it is for the architecture that the host's emulator is of."""
    os = root.child("os/type")
    return os is not None and os.get("arch", can.arch) == can.arch


def _firmware(
    parsed: Tree, root: Element, can: HostCapabilities, lines: list[str]
) -> Iterator[SpanEdit]:
    """Let libvirt choose the file of a firmware anew, where the host has not the one it had."""
    os, loader = root.child("os"), root.child("os/loader")
    there = can.of("loader/value")
    if os is None or loader is None or os.get("firmware") != "efi":
        return
    path = parsed.text_of(loader)
    if there is None or path in there:
        return
    lines.append(f"its firmware {path} is not here: libvirt chooses one of its kind")
    yield remove(parsed, loader)
    nvram = root.child("os/nvram")
    if nvram is not None:
        yield from _without_attributes(parsed, nvram, "template")


def _console(parsed: Tree, root: Element, lines: list[str]) -> Iterator[SpanEdit]:
    """libvirt starts no container without a console, and makes none of LXC's own files (9.0)."""
    devices = root.child("devices")
    if root.get("type") == "lxc" and devices is not None and devices.child("console") is None:
        lines.append("it gets a console, without which it does not start")
        yield insert(parsed, devices, element("console", type="pty"))


# -- cards and drives ------------------------------------------------------------------------------


def _cards(
    parsed: Tree, root: Element, who: ImportIdentity, lines: list[str]
) -> Iterator[SpanEdit]:
    """Their addresses and networks; what names one port of a switch is found anew."""
    for card, mac in zip(root.all("devices/interface"), who.macs, strict=True):
        source = card.child("source")
        named = card.get("type") == "network" and source is not None
        network = source.get("network") if named and source is not None else ""
        wanted = who.networks.get(network, network)
        if named and wanted == _NONE:
            lines.append(f"its card on {network} is left out")
            yield remove(parsed, card)
            continue
        if named and source is not None and wanted != network:
            lines.append(f"its card on {network} is on {wanted}")
            yield from _switched(parsed, card, source, wanted)
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


def _switched(parsed: Tree, card: Element, source: Element, to: str) -> Iterator[SpanEdit]:
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
    parsed: Tree, root: Element, who: ImportIdentity, lines: list[str]
) -> Iterator[SpanEdit]:
    """Drives without the media they had; disks that did not come along go."""
    if not who.alone:
        return
    for disk in root.all("devices/disk"):
        target = disk.child("target")
        name = target.get("dev") if target is not None else ""
        if name in who.disks or disk.child("source") is None:
            continue
        if disk.get("device") in ("cdrom", "floppy"):
            lines.append(f"drive {name} is empty here")
            yield from (remove(parsed, one) for one in disk.all("source"))
        else:
            lines.append(f"disk {name} did not come along, and is left out")
            yield remove(parsed, disk)
