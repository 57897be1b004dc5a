"""The outcome of an edit: libvirt may accept a definition and store another value."""

from __future__ import annotations

from collections import Counter

from virttui.libvirtxml.edits.current_values import current_settings
from virttui.libvirtxml.edits.operands import devices, parsed_domain, size_text
from virttui.libvirtxml.edits.removal import find_device
from virttui.libvirtxml.live_changes import normal
from virttui.libvirtxml.parse import whole
from virttui.libvirtxml.text.tree import tree
from virttui.model.commands import SettingChange
from virttui.model.domains.settings import ADD, BY_NAME, REMOVE

_SIZES = ("memory", "max-memory")
_ASSIGNED = ("alias", "address")


def rejected_change(edit: SettingChange, before: str, written: str, found: str) -> str:
    """Return a sentence about the part of an edit that libvirt did not store, else "".

    ``before`` is the definition that was edited, ``written`` the text sent to libvirt, ``found``
    the definition afterwards. Raises InvalidInput for a text that is no definition.
    """
    if edit.what == REMOVE:
        kind = find_device(parsed_domain(before), edit.device).name
        return f"libvirt put {edit.device} back" if _has_more(kind, written, found) else ""
    if edit.what == ADD:
        added = tree(edit.value("xml")).root
        missing = added is not None and _count(added.name, found) < _count(added.name, written)
        return "libvirt left it out" if missing else ""
    written_values, found_values = (_values(edit.what, text) for text in (written, found))
    # Whatever is asked of one device, the values of all others are as they were.
    for device, value in found_values.items():
        if value != written_values.get(device, value):
            what = f"{device} {edit.what}".strip()
            return f"libvirt keeps {what} at {_value_text(edit.what, value)}"
    return ""


def _values(what: str, text: str) -> dict[str, str]:
    return {now.device: now.value for now in current_settings(text) if now.setting is BY_NAME[what]}


def _value_text(what: str, value: str) -> str:
    size = whole(value) if what in _SIZES else None
    return size_text(size) if size is not None else value or "nothing"


def _count(kind: str, text: str) -> int:
    return sum(element.name == kind for element in devices(parsed_domain(text)))


def _has_more(kind: str, written: str, found: str) -> bool:
    """True if there are devices of a kind that were not in the written definition."""
    return bool(_counts(kind, found) - _counts(kind, written))


def _counts(kind: str, text: str) -> Counter[str]:
    parsed = parsed_domain(text)
    return Counter(
        normal(parsed, element, without=_ASSIGNED)
        for element in devices(parsed)
        if element.name == kind
    )
