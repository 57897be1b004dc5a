"""The CPU a guest sees: its mode or model changes, and all else that it can keep stays."""

from __future__ import annotations

from virttui.libvirtxml.edits.operands import put, root
from virttui.libvirtxml.text.span_edit import (
    SpanEdit,
    drop_attribute,
    insert,
    remove,
    set_attribute,
    set_text,
)
from virttui.libvirtxml.text.tree import Element, Tree, escaped, tree
from virttui.model.errors import InvalidInput

_HOSTS = ("host-passthrough", "maximum")
_MODES = (*_HOSTS, "host-model")
_ATTRIBUTES = {"migratable": _HOSTS, "match": ("custom",), "deprecated_features": ("host-model",)}
"""Attributes that libvirt takes in some modes alone."""


def cpu(parsed: Tree, words: str) -> str:
    """Set a mode of libvirt's, or a model by its name.

    NUMA cells, topology, features and caches stay. What libvirt does not take with the new mode
    goes: the model and vendor of the old one, how it was matched, what is passed through.
    """
    if not words or not all(char.isalnum() or char in "-_." for char in words):
        raise InvalidInput("name a mode, as host-passthrough, or a model, as EPYC")
    domain = root(parsed)
    found = domain.child("cpu")
    mode = words if words in _MODES else "custom"
    model = words if mode == "custom" else ""
    if found is None:
        inner = f"<cpu mode='custom'>\n  <model>{escaped(model)}</model>\n</cpu>"
        xml = inner if model else f"<cpu mode='{mode}'/>"
        after = domain.child("features") or domain.child("os")
        return put(parsed.text, insert(parsed, domain, xml, after))
    if mode == _mode_of(found) and model == _model_of(parsed, found):
        return parsed.text
    changes = [set_attribute(parsed, found, "mode", mode), *_dropped(parsed, found, mode)]
    known = found.child("model")
    if model and known is not None:
        changes.append(set_text(parsed, known, model))
    text = put(parsed.text, *changes)
    return text if not model or known is not None else _with_model(text, model)


def _mode_of(found: Element) -> str:
    return found.get("mode") or ("custom" if found.child("model") is not None else "")


def _model_of(parsed: Tree, found: Element) -> str:
    known = found.child("model")
    return parsed.text_of(known) if known is not None and _mode_of(found) == "custom" else ""


def _dropped(parsed: Tree, found: Element, mode: str) -> list[SpanEdit | None]:
    """What cannot stay: libvirt refuses it in the new mode, or checks a CPU that is gone by it."""
    changes = [drop_attribute(parsed, found, "check")]
    changes += [
        drop_attribute(parsed, found, name)
        for name, modes in _ATTRIBUTES.items()
        if mode not in modes
    ]
    for child in found.children:
        passed = child.get("mode") == "passthrough" and child.name in ("cache", "maxphysaddr")
        if (
            (passed and mode not in _HOSTS)
            or child.name == "vendor"
            or (child.name == "model" and mode != "custom")
        ):
            changes.append(remove(parsed, child))
    return changes


def _with_model(text: str, model: str) -> str:
    """The model in front of all else, where libvirt writes it."""
    parsed = tree(text)
    found = root(parsed).child("cpu")
    assert found is not None
    xml = f"<model>{escaped(model)}</model>"
    if not found.children:
        return put(text, insert(parsed, found, xml))
    first = found.children[0]
    begin = text.rfind("\n", 0, first.start) + 1
    margin = text[begin : first.start]
    apart = f"\n{margin}" if not margin.strip(" \t") else ""
    return put(text, SpanEdit(first.start, first.start, f"{xml}{apart}"))
