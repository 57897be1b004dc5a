"""The source of a NIC, and the parts that belong to the source's type."""

from __future__ import annotations

from collections.abc import Callable

from virttui.libvirtxml.edits.operands import edited_text
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

_TYPE_ELEMENTS = ("ip", "route", "portForward", "script", "backend", "virtualport")
"""Elements that only one type of NIC has, or that mean something else for each."""


def source_setter(kind: str) -> Callable[[Tree, Element, SettingChange], str]:
    """Return a setter that plugs a NIC into a ``network`` or a ``bridge``."""

    def setter(parsed: Tree, nic: Element, edit: SettingChange) -> str:
        words = edit.value()
        if not words:
            raise InvalidInput(f"name the {kind} it is plugged into")
        source = nic.child("source")
        if nic.get("type") == kind and source is not None and source.get(kind) == words:
            return parsed.text
        xml = f"<source {kind}='{escaped(words, chr(39))}'/>"
        changes: list[SpanEdit | None] = [set_attribute(parsed, nic, "type", kind)]
        if source is not None:
            changes.append(replace(parsed, source, xml))
        else:
            changes.append(insert(parsed, nic, xml, nic.child("mac")))
        changes += [remove(parsed, one) for one in list(nic.all("source"))[1:]]
        if nic.get("type") != kind:
            changes += _old_type(parsed, nic)
        elif kind == "network":
            # It named a profile or a port of the old network's; the new one has its own.
            changes += [remove(parsed, one) for one in nic.all("virtualport")]
        return edited_text(parsed.text, *changes)

    return setter


def _old_type(parsed: Tree, nic: Element) -> list[SpanEdit | None]:
    """Return the edits that remove the parts of a NIC's old type."""
    changes: list[SpanEdit | None] = [
        drop_attribute(parsed, nic, name) for name in ("managed", "trustGuestRxFilters")
    ]
    changes += [remove(parsed, one) for one in nic.children if one.name in _TYPE_ELEMENTS]
    driver, target = nic.child("driver"), nic.child("target")
    if driver is not None and driver.get("name") in ("vfio", "kvm", "xen"):
        changes.append(remove(parsed, driver))
    if target is not None and target.get("managed"):
        # A device that somebody else made, for this card.
        changes.append(remove(parsed, target))
    return changes
