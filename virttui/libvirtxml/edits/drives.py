"""The medium of a drive, and options of a disk's driver."""

from __future__ import annotations

from collections.abc import Callable

from virttui.libvirtxml.edits.operands import child_or_new, edited_text, require_word, root
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
    """Insert a medium, by its path or as ``pool/volume``; ``none`` ejects."""
    words = edit.value()
    kind, attributes = _medium_source(words)
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
        rendered = "".join(f" {k}='{escaped(v, chr(39))}'" for k, v in attributes.items())
        xml = f"<source{rendered}/>"
        driver = drive.child("driver")
        changes.append(
            replace(parsed, source, xml)
            if source is not None
            else insert(parsed, drive, xml, driver)
        )
    return edited_text(parsed.text, *changes, *_old_medium(parsed, drive, words))


def _medium_source(words: str) -> tuple[str, dict[str, str]]:
    """Return the type of disk for a medium and the attributes of its source; none for no medium."""
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
    """Return the edits that remove facts of the old medium: its format and its backing chain."""
    changes: list[SpanEdit | None] = [remove(parsed, one) for one in drive.all("backingStore")]
    driver = drive.child("driver")
    if driver is not None and driver.get("type") not in ("", "raw"):
        format = "qcow2" if words.endswith(".qcow2") else "raw"
        changes.append(set_attribute(parsed, driver, "type", format))
    return changes


def driver_option(name: str, *values: str) -> Callable[[Tree, Element, SettingChange], str]:
    """Return a setter for an option of a disk's driver; ``default`` removes the option."""

    def setter(parsed: Tree, disk: Element, edit: SettingChange) -> str:
        words, found = require_word(edit, *values), disk.child("driver")
        if words != "default":
            qemu = root(parsed).get("type") in _QEMU
            xml = "<driver name='qemu'/>" if qemu else "<driver/>"
            edited, driver = child_or_new(parsed, disk, "driver", xml)
            return edited_text(edited.text, set_attribute(edited, driver, name, words))
        if found is None or found.attribute(name) is None:
            return parsed.text
        if len(found.attributes) == 1 and not found.children:
            return edited_text(parsed.text, remove(parsed, found))
        return edited_text(parsed.text, drop_attribute(parsed, found, name))

    return setter
