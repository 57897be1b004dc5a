"""What is in a drive, and how the host handles a disk's data."""

from __future__ import annotations

from collections.abc import Callable

from virttui.libvirtxml.edits.operands import child_or_new, put, root, word
from virttui.libvirtxml.text.span_edit import (
    SpanEdit,
    drop_attribute,
    insert,
    remove,
    replace,
    set_attribute,
)
from virttui.libvirtxml.text.tree import Element, Tree, escaped
from virttui.model.commands import SettingChange
from virttui.model.errors import InvalidInput

_QEMU = ("qemu", "kvm", "hvf")


def media(parsed: Tree, drive: Element, edit: SettingChange) -> str:
    """Put a medium in, by its path or as ``pool/volume``; ``none`` takes it out."""
    words = edit.value()
    kind, attributes = _place(words)
    source = drive.child("source")
    changes: list[SpanEdit | None] = []
    if drive.get("type", "file") != kind:
        changes.append(set_attribute(parsed, drive, "type", kind))
    if not attributes:
        changes.append(remove(parsed, source) if source is not None else None)
    else:
        policy = source.get("startupPolicy") if source is not None else ""
        if policy:
            attributes["startupPolicy"] = policy
        given = "".join(f" {k}='{escaped(v, chr(39))}'" for k, v in attributes.items())
        xml = f"<source{given}/>"
        driver = drive.child("driver")
        changes.append(
            replace(parsed, source, xml)
            if source is not None
            else insert(parsed, drive, xml, driver)
        )
    return put(parsed.text, *changes, *_old_medium(parsed, drive, words))


def _place(words: str) -> tuple[str, dict[str, str]]:
    """The type of disk a medium makes and what names it; nothing for none."""
    if words in ("none", ""):
        return "file", {}
    pool, slash, volume = words.partition("/")
    if words.startswith("/dev/"):
        return "block", {"dev": words}
    if words.startswith("/"):
        return "file", {"file": words}
    if slash and volume:
        return "volume", {"pool": pool, "volume": volume}
    raise InvalidInput(f"{words} is neither a path nor pool/volume")


def _old_medium(parsed: Tree, drive: Element, words: str) -> list[SpanEdit | None]:
    """What was true of the old medium alone: its format and what it lay on."""
    changes: list[SpanEdit | None] = [remove(parsed, one) for one in drive.all("backingStore")]
    driver = drive.child("driver")
    if driver is not None and driver.get("type") not in ("", "raw"):
        format = "qcow2" if words.endswith(".qcow2") else "raw"
        changes.append(set_attribute(parsed, driver, "type", format))
    return changes


def driver_option(name: str, *able: str) -> Callable[[Tree, Element, SettingChange], str]:
    """What sets an option of a disk's driver; ``default`` takes it away."""

    def setter(parsed: Tree, disk: Element, edit: SettingChange) -> str:
        words, found = word(edit, *able), disk.child("driver")
        if words != "default":
            qemu = root(parsed).get("type") in _QEMU
            xml = "<driver name='qemu'/>" if qemu else "<driver/>"
            now, driver = child_or_new(parsed, disk, "driver", xml)
            return put(now.text, set_attribute(now, driver, name, words))
        if found is None or found.attribute(name) is None:
            return parsed.text
        if len(found.attributes) == 1 and not found.children:
            return put(parsed.text, remove(parsed, found))
        return put(parsed.text, drop_attribute(parsed, found, name))

    return setter
