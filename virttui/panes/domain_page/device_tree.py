"""Every device of a domain as a tree that folds, with what the guest's agent adds."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator

from msgspec import Struct

from virttui import formatting
from virttui.model.domains.details import Device
from virttui.panes.domain_page import device_lines
from virttui.panes.domain_page.device_lines import INDENT, fitting, placed
from virttui.panes.domain_page.snapshot import DetailsInput
from virttui.render.line import Line, Role, Run, clean, cut, cut_end, within, wrapped

# Title of a group, and libvirt's names of what is in it; what is in none is "other".
_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("disks", ("disk",)),
    ("nics", ("interface",)),
    ("guest filesystems", ()),
    ("guest users", ()),
    ("guest interfaces", ()),
    ("memory", ("memballoon", "memory", "shmem")),
    ("serial", ("serial", "parallel", "console")),
    ("channels", ("channel",)),
    ("display", ("graphics",)),
    ("video", ("video",)),
    ("host devices", ("hostdev",)),
    ("rng, tpm, watchdog", ("rng", "tpm", "watchdog", "panic", "vsock", "crypto")),
    ("controllers", ("controller", "iommu")),
    ("filesystems", ("filesystem",)),
    ("sound", ("sound", "audio")),
    ("input", ("input", "hub", "smartcard", "redirdev", "redirfilter")),
)
_KNOWN = frozenset(element for _, elements in _GROUPS for element in elements)
_ALWAYS = frozenset({"disks", "nics", "guest filesystems", "host devices"})
_OPEN_AT_FIRST = frozenset({"disks", "nics", "guest filesystems"})
_SUMMARY = 24
"""The cell where the words of a group that is shut begin."""


class DeviceTreeNode(Struct, frozen=True):
    """One row of the tree and the lines that hang below it.

    ``id`` tells the rows apart; ``device`` is that of the row, None where it is not one of the
    definition. ``trail`` names its graph.
    """

    id: str
    line: Line
    below: tuple[Line, ...] = ()
    group: bool = False
    folds: bool = True
    open: bool = False
    trail: str = ""
    device: Device | None = None


def nodes(shown: DetailsInput, folded: Collection[str], width: int) -> list[DeviceTreeNode]:
    """All rows, top first. ``folded`` holds the ids that are not as they are at first."""
    if shown.details.definition is None:
        words = shown.details.fault or "asking for its definition"
        return [
            DeviceTreeNode("", within((Run(f"   {clean(words)}", Role.MUTED),), width), folds=False)
        ]
    found: list[DeviceTreeNode] = []
    for title, elements in _GROUPS:
        found += _group(title, [d for d in shown.definition.devices if d.element in elements],
                        shown, folded, width)  # fmt: skip
    rest = [device for device in shown.definition.devices if device.element not in _KNOWN]
    found += _group("other", rest, shown, folded, width)
    return found + list(_about(shown, folded, width))


def _group(
    title: str, devices: list[Device], shown: DetailsInput, folded: Collection[str], width: int
) -> Iterator[DeviceTreeNode]:
    """A group's own row, and its members when it is open."""
    if title.startswith("guest "):
        members, summary = _from_guest(title, shown, width)
    else:
        members = [_device(device, shown, folded, width) for device in devices]
        summary = _summary(title, devices)
    if not members and title not in _ALWAYS:
        return
    is_open = bool(members) and ((title in _OPEN_AT_FIRST) != (title in folded))
    titles = _column_titles(title, width) if is_open else []
    head = _head(title, "" if is_open else summary, titles, shown, width, is_open=is_open)
    yield DeviceTreeNode(title, head, group=True, folds=bool(members), open=is_open)
    if is_open:
        yield from members


def _head(
    title: str, summary: str, titles: list[Run], shown: DetailsInput, width: int, *, is_open: bool
) -> Line:
    glyphs = shown.look.glyphs
    begin = f" {glyphs.open if is_open else glyphs.shut} "
    gap = " " * max(1, _SUMMARY - len(begin) - len(title))
    room = max(0, width - 1 - len(begin) - len(title) - len(gap))
    words = cut_end(clean(summary), room, glyphs.cut)
    left = (Run(begin, Role.MUTED), Run(title, Role.STRONG), Run(gap + words, Role.MUTED))
    return placed(left, titles, width)


def _column_titles(title: str, width: int) -> list[Run]:
    if title == "disks":
        return device_lines.titles(fitting(device_lines.DISK_COLUMNS, width))
    if title == "nics":
        return device_lines.titles(fitting(device_lines.NIC_COLUMNS, width))
    return device_lines.guest_disk_titles() if title == "guest filesystems" else []


def _summary(title: str, devices: list[Device]) -> str:
    """A group that is shut, in words."""
    if not devices:
        return "none"
    if title in ("disks", "nics", "controllers", "input", "other"):
        return ", ".join(dict.fromkeys(device.name for device in devices))
    if title == "rng, tpm, watchdog":
        return ", ".join(dict.fromkeys(device.element for device in devices))
    return ", ".join(dict.fromkeys(device.words or device.name for device in devices))


def _device(
    device: Device, shown: DetailsInput, folded: Collection[str], width: int
) -> DeviceTreeNode:
    id = f"{device.element} {device.name}"
    if device.disk is not None:
        lines = _disk_words(device, shown)
        is_open = id in folded
        line = device_lines.disk_line(device, device.disk, shown, width)
        below = _below(lines, shown, width) if is_open else ()
        trail = f"disk {device.disk.target}"
        return DeviceTreeNode(id, line, below, open=is_open, trail=trail, device=device)
    if device.nic is not None:
        nic = device.nic
        addresses = "  ".join((nic.mac, *shown.addresses(nic)))
        is_open = id not in folded
        line = device_lines.nic_line(device, nic, shown, width)
        below = _below((addresses, *device.more), shown, width) if is_open else ()
        trail = f"nic {nic.target}"
        return DeviceTreeNode(id, line, below, open=is_open, trail=trail, device=device)
    is_open = id in folded and bool(device.more)
    below = _below(device.more, shown, width) if is_open else ()
    return DeviceTreeNode(
        id, _plain(device.name, device.words, shown, width), below,
        folds=bool(device.more), open=is_open, device=device,
    )  # fmt: skip


def _disk_words(device: Device, shown: DetailsInput) -> tuple[str, ...]:
    """The kind of a disk, the free space of its pool, and its location."""
    assert device.disk is not None
    use, pool = shown.disk_use(device.disk), shown.pool_of(device.disk)
    capacity = "" if use.capacity is None else f"  {formatting.whole_size(use.capacity)}"
    left = ""
    if pool is not None and pool.active:
        left = f"{',' if capacity else ' '} its pool has {formatting.size(pool.available)} left"
    return (f"{device.words}{capacity}{left}".strip(), *device.more)


def _plain(name: str, words: str, shown: DetailsInput, width: int) -> Line:
    """A device without figures: its name, and what it is."""
    mark = shown.look.glyphs.cut
    begin = " " * INDENT + cut(clean(name), 18, mark)
    begin += " " * max(1, 16 - len(begin))
    text = cut_end(clean(words), max(0, width - 1 - len(begin)), mark)
    return within((Run(begin), Run(text, Role.MUTED)), width)


def _below(lines: Collection[str], shown: DetailsInput, width: int) -> tuple[Line, ...]:
    room, mark = max(0, width - 9), shown.look.glyphs.cut
    return tuple(
        within((Run(f"{' ' * 8}{cut(clean(line), room, mark)}", Role.MUTED),), width)
        for line in lines
        if line
    )


# -- what the guest's agent tells ----------------------------------------------------------------


def _from_guest(title: str, shown: DetailsInput, width: int) -> tuple[list[DeviceTreeNode], str]:
    """The members of a group that only the agent knows, and why there are none."""
    guest = shown.details.guest if shown.on else None
    if guest is None:
        why = shown.details.guest_why or ("waiting for the agent" if shown.on else "off")
        at_rest = why in ("off", "paused", "suspended")
        return [], f"the guest is {why}" if at_rest else f"agent: {why}"
    if title == "guest filesystems":
        disks = guest.disks or ()
        return [
            DeviceTreeNode(
                f"fs {disk.mount}", device_lines.guest_disk_line(disk, shown, width), folds=False
            )
            for disk in disks
        ], "none on a disk" if guest.disks is not None else "the guest agent does not report them"
    if title == "guest users":
        return [
            DeviceTreeNode(
                f"user {place}",
                _plain(name, f"since {_when(login)}" if login else "", shown, width),
                folds=False,
            )
            for place, (name, login) in enumerate(guest.users or ())
        ], _names([name for name, _ in guest.users or ()])
    return [
        DeviceTreeNode(f"if {nic.name}", _plain(nic.name, "  ".join((nic.mac, *nic.addresses)),
        shown, width),
             folds=False)
        for nic in guest.nics or ()
    ], _names([nic.name for nic in guest.nics or ()])  # fmt: skip


def _names(names: list[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _when(epoch: float) -> str:
    return time.strftime("%-d %b %H:%M", time.localtime(epoch))


def _about(shown: DetailsInput, folded: Collection[str], width: int) -> Iterator[DeviceTreeNode]:
    """The facts of the definition that are no device and need more room than the overview has."""
    definition = shown.definition
    guest = shown.details.guest
    facts = [
        ("architecture", definition.arch),
        ("topology", definition.topology),
        ("emulator", definition.emulator),
        ("os", definition.os),
        ("load", "" if guest is None or guest.load is None else f"{guest.load:.2f}"),
        ("time zone", guest.timezone if guest is not None else ""),
        *(("description" if not place else "", line)
          for place, line in enumerate(wrapped(definition.description.replace("\n", " "),
                                               max(10, width - 18)))),
    ]  # fmt: skip
    known = [(label, words) for label, words in facts if words]
    if not known:
        return
    is_open = "about" in folded
    summary = "" if is_open else ", ".join(label for label, _ in known if label)
    yield DeviceTreeNode("about", _head("about", summary, [], shown, width, is_open=is_open),
               group=True, open=is_open)  # fmt: skip
    if is_open:
        for place, (label, words) in enumerate(known):
            line = _plain(label, words, shown, width)
            yield DeviceTreeNode(f"about {place}", line, folds=False)
