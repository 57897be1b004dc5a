"""The commands that edit, or remove, a device of a domain."""

from __future__ import annotations

from virttui.libvirtxml.edits.edit_case import Commands, EditCase, delete_options, options
from virttui.libvirtxml.edits.operands import devices
from virttui.libvirtxml.edits.removal import find_device
from virttui.libvirtxml.text.tree import Element, Tree

_VIRT_XML = {"interface": "network", "memory": "memdev"} | {
    name: name
    for name in (
        "disk", "hostdev", "rng", "channel", "serial", "parallel", "console", "graphics", "video",
        "sound", "audio", "watchdog", "filesystem", "tpm", "redirdev", "input", "smartcard",
        "vsock", "panic", "iommu", "shmem", "controller", "memballoon",
    )
}  # fmt: skip
"""virt-xml's options for kinds of devices."""


def selection(parsed: Tree, element: Element) -> list[str] | None:
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


def _edit_commands(case: EditCase, *parts: str) -> Commands:
    where = selection(case.before, case.device)
    if where is None:
        return None
    return [case.virt_xml("--edit", *where, options(*parts))]


def media(case: EditCase) -> Commands:
    """Insert or eject a medium."""
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


def _format(case: EditCase) -> list[str]:
    old, new = case.device.child("driver"), case.changed.child("driver")
    if old is None or new is None or old.get("type") == new.get("type"):
        return []
    return [f"driver.type={new.get('type')}"]


_DRIVER_OPTIONS = {"iothread", "queues", "packed", "iommu", "ats", "page_per_vq"}
"""Options of a disk's driver that virt-xml can remove."""


def bus(case: EditCase) -> Commands:
    """Change the bus of a disk."""
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
    return _edit_commands(case, *names, *parts, *delete_options(old, new))


def driver(case: EditCase) -> Commands:
    """Change an option of the driver of a disk."""
    value = case.edit.value()
    return _edit_commands(case, f"driver.{case.edit.what}={'' if value == 'default' else value}")


def link(case: EditCase) -> Commands:
    """Set the link of a NIC up or down."""
    mac = case.device.child("mac")
    if mac is None:
        return None
    begin = case.virsh("domif-setlink", mac.get("address"), case.edit.value())
    # virsh takes one of both at a time.
    return [
        *([begin] if case.is_live else []),
        *([[*begin, "--config"]] if case.when.stores else []),
    ]


def source(case: EditCase) -> Commands:
    """Connect a NIC to another network or bridge."""
    old, new, kind = case.device, case.changed, case.edit.what
    if old.get("managed") or "," in case.edit.value():
        return None
    parts = [f"type={kind}"]
    parts += ["trustGuestRxFilters="] if old.get("trustGuestRxFilters") else []
    deleted = delete_options(old, new)
    number = len(deleted) + 1
    if old.child("source") is not None:
        deleted.append(f"xpath{number}.delete=./source")
        number += 1
    value = case.edit.value()
    set_source = [f"xpath{number}.set=./source/@{kind}", f"xpath{number}.value={value}"]
    return _edit_commands(case, *parts, *deleted, *set_source)


def model(case: EditCase) -> Commands:
    """Change the model of a device."""
    return _edit_commands(case, f"model.type={case.edit.value()}")


def listen(case: EditCase) -> Commands:
    """Change the address that a graphics device listens on."""
    listens = list(case.device.all("listen"))
    plain = len(listens) < 2 and all(one.get("type") in ("address", "none") for one in listens)
    if case.device.get("socket") or not plain:
        return None
    return _edit_commands(case, f"listen={case.edit.value()}")


def log(case: EditCase) -> Commands:
    """Log what a serial port prints to a file, or to none."""
    path = case.edit.value()
    if set(path) & set("'\"\\,"):
        return None  # virt-xml reads them as its own
    if path == "none":
        return _edit_commands(case, "log.file=", "log.append=")
    more = () if case.device.child("log") is not None else ("log.append=on",)
    return _edit_commands(case, f"log.file={path}", *more)


def remove_commands(case: EditCase) -> Commands:
    """Remove a device."""
    element = find_device(case.before, case.edit.device)
    remaining = [one for one in devices(case.after) if one.name == element.name]
    before = [one for one in devices(case.before) if one.name == element.name]
    where = selection(case.before, element)
    if where is None:
        return None
    if len(remaining) == len(before):
        # It stays, and says that there is none.
        model = "model.type=none" if element.name == "video" else "model=none"
        return [case.virt_xml("--edit", where[1], options("clearxml=yes", model))]
    serials, after = (
        sum(one.name == "serial" for one in devices(parsed)) for parsed in (case.before, case.after)
    )
    if element.name == "console" and after < serials:
        where = ["1", "--serial"]
    return [case.virt_xml("--remove-device", where[1], where[0])]
