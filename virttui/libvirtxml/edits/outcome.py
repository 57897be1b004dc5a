"""What came of an edit: libvirt may take a definition and keep another value in it."""

from __future__ import annotations

from collections import Counter

from virttui.libvirtxml.edits.current_values import readings
from virttui.libvirtxml.edits.operands import devices, parsed_domain, spelled_size
from virttui.libvirtxml.edits.removal import meant
from virttui.libvirtxml.live_changes import normal
from virttui.libvirtxml.parse import whole
from virttui.libvirtxml.text.tree import tree
from virttui.model.commands import SettingChange
from virttui.model.domains.settings import ADD, BY_NAME, REMOVE

_SIZES = ("memory", "max-memory")
_GIVEN = ("alias", "address")


def not_kept(edit: SettingChange, before: str, asked: str, found: str) -> str:
    """What of an edit libvirt did not keep, in words; "" when it did.

    ``before`` is the definition that was edited, ``asked`` what was written, ``found`` what is
    there afterwards. Raises InvalidInput when that is no definition.
    """
    if edit.what == REMOVE:
        kind = meant(parsed_domain(before), edit.device).name
        return f"libvirt put {edit.device} back" if _more(kind, asked, found) else ""
    if edit.what == ADD:
        made = tree(edit.value("xml")).root
        left_out = made is not None and _count(made.name, found) < _count(made.name, asked)
        return "libvirt left it out" if left_out else ""
    wanted, now = (_values(edit.what, text) for text in (asked, found))
    # Whatever is asked of one device, the values of all others are as they were.
    for device, value in now.items():
        if value != wanted.get(device, value):
            what = f"{device} {edit.what}".strip()
            return f"libvirt keeps {what} at {_shown(edit.what, value)}"
    return ""


def _values(what: str, text: str) -> dict[str, str]:
    return {now.device: now.value for now in readings(text) if now.setting is BY_NAME[what]}


def _shown(what: str, value: str) -> str:
    size = whole(value) if what in _SIZES else None
    return spelled_size(size) if size is not None else value or "nothing"


def _count(kind: str, text: str) -> int:
    return sum(element.name == kind for element in devices(parsed_domain(text)))


def _more(kind: str, asked: str, found: str) -> bool:
    """True if there are devices of a kind that were not asked for."""
    return bool(_alike(kind, found) - _alike(kind, asked))


def _alike(kind: str, text: str) -> Counter[str]:
    parsed = parsed_domain(text)
    return Counter(
        normal(parsed, element, without=_GIVEN)
        for element in devices(parsed)
        if element.name == kind
    )
