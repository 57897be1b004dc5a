"""The shell command that makes the same edit exactly, or the editor in which it can be made.

It is virsh where that has a command, else virt-xml, which comes with virt-install. Both are worked
out from the present definition, since the same edit may need one step or two.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from virttui.libvirtxml.edits.apply import apply
from virttui.libvirtxml.edits.domain import BOOTS
from virttui.libvirtxml.edits.operands import (
    device_of,
    devices,
    parsed_domain,
    root,
    size_of,
    spelled_size,
)
from virttui.libvirtxml.edits.removal import find_device
from virttui.libvirtxml.parse import whole
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.model.commands import ApplyWhen, SettingChange
from virttui.model.domains.settings import ADD, BY_NAME, REMOVE


@dataclass(frozen=True, slots=True)
class EquivalentCommand:
    """A command, quoted for a shell. ``opens_editor``: it opens the definition, and the user edits
    it there.

    ``file`` is the name of a file that must hold the new device, "" for none.
    """

    line: str
    opens_editor: bool = False
    file: str = ""


@dataclass(frozen=True, slots=True)
class _Case:
    """An edit, the definition before and after it, and the common beginning of both programs."""

    edit: SettingChange
    before: Tree
    after: Tree
    when: ApplyWhen
    is_live: bool
    uri: str
    name: str

    def virsh(self, word: str, *words: str) -> list[str]:
        return ["virsh", "-c", self.uri, word, self.name, *words]

    def virt_xml(self, action: str, *words: str) -> list[str]:
        how = ["--update"] if self.is_live else []
        how += [] if self.when.stores else ["--no-define"]
        return ["virt-xml", "-c", self.uri, self.name, action, *words, *how]

    @property
    def flags(self) -> list[str]:
        return [*(["--live"] if self.is_live else []), *(["--config"] if self.when.stores else [])]

    @property
    def device(self) -> Element:
        return device_of(self.before, self.edit.device, BY_NAME[self.edit.what].device_kind)

    @property
    def changed(self) -> Element:
        """The device after the edit: it has the same place among its kind."""
        old = self.device
        place = [one for one in devices(self.before) if one.name == old.name].index(old)
        return [one for one in devices(self.after) if one.name == old.name][place]


_Commands = list[list[str]] | None


def equivalent_command(
    edit: SettingChange, when: ApplyWhen, before: str, name: str, uri: str, *, live: bool
) -> EquivalentCommand:
    """Return the command for one domain. ``before`` is the stored definition, or the live one where
    only that changes.

    ``live``: the running domain takes it at once. Raises InvalidInput where the edit is not
    possible.
    """
    if edit.what == ADD:
        return _add_command(edit, when, name, uri, live=live)
    after = apply(before, "", edit).text
    now = when.now and live
    case = _Case(edit, parsed_domain(before), parsed_domain(after), when, now, uri, name)
    lines = _remove_commands(case) if edit.what == REMOVE else _COMMANDS[edit.what](case)
    if lines is None:
        return EquivalentCommand(shlex.join(case.virsh("edit")), opens_editor=True)
    return EquivalentCommand(" && ".join(map(shlex.join, lines)))


def _options(*parts: str) -> str:
    return ",".join(parts)


def _add_command(
    edit: SettingChange, when: ApplyWhen, name: str, uri: str, *, live: bool
) -> EquivalentCommand:
    words = edit.value("words") or "device"
    file = f"{words.replace(' ', '-').replace('/', '_')}.xml"
    flags = [*(["--live"] if when.now and live else []), *(["--config"] if when.stores else [])]
    return EquivalentCommand(
        shlex.join(["virsh", "-c", uri, "attach-device", name, file, *flags]), file=file
    )


# -- the domain itself -----------------------------------------------------------------------------


def _memory(case: _Case) -> _Commands:
    old, new = (_sizes(one) for one in (case.before, case.after))
    lines: list[list[str]] = []
    cells = _cells(case)
    if cells:
        lines.append(case.virt_xml("--edit", "--cpu", _options(*cells)))
    elif old[0] != new[0]:
        lines.append(case.virsh("setmaxmem", spelled_size(new[0]), "--config"))
    if case.edit.what == "memory" or (cells and old[1] != new[1]):
        lines.append(case.virsh("setmem", spelled_size(new[1]), *case.flags))
    return lines


def _sizes(parsed: Tree) -> tuple[int, int]:
    domain = root(parsed)
    maximum = size_of(parsed, domain.child("memory")) or 0
    return maximum, size_of(parsed, domain.child("currentMemory")) or maximum


def _cells(case: _Case) -> list[str]:
    old, new = (list(root(one).all("cpu/numa/cell")) for one in (case.before, case.after))
    parts: list[str] = []
    for number, (old_cell, cell) in enumerate(zip(old, new, strict=True)):
        for name in ("memory", "unit"):
            if old_cell.get(name) != cell.get(name):
                parts.append(f"numa.cell{number}.{name}={cell.get(name)}")
    return parts


def _vcpus(case: _Case) -> _Commands:
    domain, number = root(case.before), case.edit.value()
    vcpu = domain.child("vcpu")
    limit = (whole(case.before.text_of(vcpu)) or 0) if vcpu is not None else 0
    above = (whole(number) or 0) > limit
    if domain.child("vcpus") is not None:
        return None if above else _one_by_one(case)
    if not above:
        return [case.virsh("setvcpus", number, *case.flags)]
    topology = root(case.after).child("cpu/topology")
    if topology is None:
        maximum = case.virsh("setvcpus", number, "--config", "--maximum")
        return [maximum, case.virsh("setvcpus", number, "--config")]
    parts = [f"{one.name}={one.value}" for one in topology.attributes]
    cleared = ["vcpu.current="] if vcpu is not None and vcpu.get("current") else []
    return [case.virt_xml("--edit", "--vcpus", _options(f"vcpus={number}", *cleared, *parts))]


def _one_by_one(case: _Case) -> _Commands:
    """Return the commands that switch single vCPUs."""
    both = [list(root(one).all("vcpus/vcpu")) for one in (case.before, case.after)]
    lines = []
    for word, state in (("--enable", "yes"), ("--disable", "no")):
        ids = [
            new.get("id")
            for old, new in zip(*both, strict=True)
            if new.get("enabled") == state != old.get("enabled")
        ]
        if ids:
            lines.append(case.virsh("setvcpu", ",".join(ids), word, *case.flags))
    return lines


def _words(case: _Case) -> _Commands:
    value = case.edit.value()
    title = ["--title"] if case.edit.what == "title" else []
    text = "" if value == "none" else value
    return [case.virsh("desc", *case.flags, *title, "--new-desc", text)]


def _boot(case: _Case) -> _Commands:
    ordered = [(one, one.child("boot")) for one in devices(case.after)]
    new = sorted(
        (whole(boot.get("order")) or 0, place)
        for place, (_, boot) in enumerate(ordered)
        if boot is not None
    )
    lines = []
    for one in devices(case.before):
        # An order that another device is to have is free first.
        if one.child("boot") is not None:
            if (where := _selection(case.before, one)) is None:
                return None
            lines.append(case.virt_xml("--edit", *where, _options("xpath1.delete=./boot")))
    if not new:
        names = case.edit.value().replace(",", " ").lower().split()
        kinds = list(dict.fromkeys(BOOTS[name] for name in names))
        return [*lines, case.virt_xml("--edit", "--boot", _options(*kinds))]
    for order, place in new:
        if (where := _selection(case.before, devices(case.before)[place])) is None:
            return None
        lines.append(case.virt_xml("--edit", *where, _options(f"boot.order={order}")))
    return lines


def _cpu(case: _Case) -> _Commands:
    old, new = root(case.before).child("cpu"), root(case.after).child("cpu")
    assert new is not None
    model = new.child("model")
    parts = [f"mode={new.get('mode')}"]
    if old is not None:
        removed = [a.name for a in old.attributes if new.attribute(a.name) is None]
        if not {*removed} <= {"check", "match", "migratable"}:
            return None
        parts += [f"{name}=" for name in removed]
        parts += _delete_options(old, new)
    if model is not None:
        parts.append(f"model={case.after.text_of(model)}")
    return [case.virt_xml("--edit", "--cpu", _options(*parts))]


def _delete_options(old: Element, new: Element) -> list[str]:
    """Return the options that remove the elements which are gone after the edit."""
    remaining = {child.name for child in new.children}
    removed = dict.fromkeys(child.name for child in old.children if child.name not in remaining)
    return [f"xpath{number}.delete=./{name}" for number, name in enumerate(removed, 1)]


# -- devices -----------------------------------------------------------------------------------


_VIRT_XML = {"interface": "network", "memory": "memdev"} | {
    name: name
    for name in (
        "disk", "hostdev", "rng", "channel", "serial", "parallel", "console", "graphics", "video",
        "sound", "audio", "watchdog", "filesystem", "tpm", "redirdev", "input", "smartcard",
        "vsock", "panic", "iommu", "shmem", "controller", "memballoon",
    )
}  # fmt: skip
"""virt-xml's options for kinds of devices."""


def _selection(parsed: Tree, element: Element) -> list[str] | None:
    """Return the arguments that select a device for virt-xml: its target or MAC address, else
    its number."""
    option = _VIRT_XML.get(element.name)
    if option is None:
        return None
    return [_selector(parsed, element), f"--{option}"]


def _selector(parsed: Tree, element: Element) -> str:
    for kind, path, attribute, word in (
        ("disk", "target", "dev", "target"),
        ("interface", "mac", "address", "mac"),
    ):
        found = element.child(path) if element.name == kind else None
        if found is not None and found.get(attribute):
            return f"{word}={found.get(attribute)}"
    return str([one for one in devices(parsed) if one.name == element.name].index(element) + 1)


def _edit_commands(case: _Case, *parts: str) -> _Commands:
    where = _selection(case.before, case.device)
    if where is None:
        return None
    return [case.virt_xml("--edit", *where, _options(*parts))]


def _media(case: _Case) -> _Commands:
    value, drive = case.edit.value(), case.device
    dev = (target.get("dev") if (target := drive.child("target")) is not None else "") or ""
    lines: list[list[str]] = []
    if value in ("none", ""):
        lines.append(case.virsh("change-media", dev, "--eject", *case.flags))
    elif value.startswith("/"):
        block = ["--block"] if value.startswith("/dev/") else []
        lines.append(case.virsh("change-media", dev, value, *block, *case.flags))
    else:
        pool, _, volume = value.partition("/")
        source = drive.child("source")
        old = [a.name for a in source.attributes] if source is not None else []
        # virt-xml takes a comma for the end of a value.
        if "," in value or not {*old} <= {"file", "dev", "pool", "volume", "startupPolicy"}:
            return None
        cleared = [f"source.{name}=" for name in ("file", "dev") if name in old]
        parts = ["type=volume", *cleared, f"source.pool={pool}", f"source.volume={volume}"]
        return _edit_commands(case, *parts, *_format(case))
    format = _edit_commands(case, *parts) if (parts := _format(case)) else []
    return None if format is None else [*lines, *format]


def _format(case: _Case) -> list[str]:
    old, new = case.device.child("driver"), case.changed.child("driver")
    if old is None or new is None or old.get("type") == new.get("type"):
        return []
    return [f"driver.type={new.get('type')}"]


_DRIVER_OPTIONS = {"iothread", "queues", "packed", "iommu", "ats", "page_per_vq"}
"""Options of a disk's driver that virt-xml can remove."""


def _bus(case: _Case) -> _Commands:
    old, new = case.device, case.changed
    parts: list[str] = []
    for path, removable in (
        ("driver", _DRIVER_OPTIONS),
        ("target", {"rotation_rate", "removable"}),
    ):
        old_element, new_element = old.child(path), new.child(path)
        if old_element is None or new_element is None:
            continue
        removed = {a.name for a in old_element.attributes if new_element.attribute(a.name) is None}
        if not removed <= removable:
            return None
        parts += [f"{path}.{name}=" for name in sorted(removed)]
    if old.get("model") != new.get("model"):
        return None
    target = new.child("target")
    assert target is not None
    names = [f"target.bus={target.get('bus')}", f"target.dev={target.get('dev')}"]
    return _edit_commands(case, *names, *parts, *_delete_options(old, new))


def _driver(case: _Case) -> _Commands:
    value = case.edit.value()
    return _edit_commands(case, f"driver.{case.edit.what}={'' if value == 'default' else value}")


def _link(case: _Case) -> _Commands:
    mac = case.device.child("mac")
    if mac is None:
        return None
    begin = case.virsh("domif-setlink", mac.get("address"), case.edit.value())
    # virsh takes one of both at a time.
    return [
        *([begin] if case.is_live else []),
        *([[*begin, "--config"]] if case.when.stores else []),
    ]


def _source(case: _Case) -> _Commands:
    old, new, kind = case.device, case.changed, case.edit.what
    if old.get("managed") or "," in case.edit.value():
        return None
    parts = [f"type={kind}"]
    parts += ["trustGuestRxFilters="] if old.get("trustGuestRxFilters") else []
    deleted = _delete_options(old, new)
    number = len(deleted) + 1
    if old.child("source") is not None:
        deleted.append(f"xpath{number}.delete=./source")
        number += 1
    value = case.edit.value()
    set_source = [f"xpath{number}.set=./source/@{kind}", f"xpath{number}.value={value}"]
    return _edit_commands(case, *parts, *deleted, *set_source)


def _model(case: _Case) -> _Commands:
    return _edit_commands(case, f"model.type={case.edit.value()}")


def _listen(case: _Case) -> _Commands:
    listens = list(case.device.all("listen"))
    plain = len(listens) < 2 and all(one.get("type") in ("address", "none") for one in listens)
    if case.device.get("socket") or not plain:
        return None
    return _edit_commands(case, f"listen={case.edit.value()}")


def _remove_commands(case: _Case) -> _Commands:
    element = find_device(case.before, case.edit.device)
    remaining = [one for one in devices(case.after) if one.name == element.name]
    before = [one for one in devices(case.before) if one.name == element.name]
    where = _selection(case.before, element)
    if where is None:
        return None
    if len(remaining) == len(before):
        # It stays, and says that there is none.
        model = "model.type=none" if element.name == "video" else "model=none"
        return [case.virt_xml("--edit", where[1], _options("clearxml=yes", model))]
    serials, after = (
        sum(one.name == "serial" for one in devices(parsed)) for parsed in (case.before, case.after)
    )
    if element.name == "console" and after < serials:
        where = ["1", "--serial"]
    return [case.virt_xml("--remove-device", where[1], where[0])]


_COMMANDS: dict[str, Callable[[_Case], _Commands]] = {
    "memory": _memory,
    "max-memory": _memory,
    "vcpus": _vcpus,
    "title": _words,
    "description": _words,
    "boot": _boot,
    "cpu": _cpu,
    "media": _media,
    "bus": _bus,
    "cache": _driver,
    "discard": _driver,
    "link": _link,
    "network": _source,
    "bridge": _source,
    "model": _model,
    "listen": _listen,
}
