"""The guest's CPU: its mode or model changes, and everything compatible with it stays."""

from __future__ import annotations

from virttui.libvirtxml.edits.operands import edited_text, root
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

_HOST_MODES = ("host-passthrough", "maximum")
_MODES = (*_HOST_MODES, "host-model")
_ATTRIBUTES = {
    "migratable": _HOST_MODES,
    "match": ("custom",),
    "deprecated_features": ("host-model",),
}
"""Attributes that libvirt accepts only in some modes."""


def cpu(parsed: Tree, words: str) -> str:
    """Set one of libvirt's modes, or a model by its name.

    NUMA cells, topology, features and caches stay. Parts that libvirt does not accept with the new
    mode are removed: the old model and vendor, how it was matched, what is passed through.
    """
    if not words or not all(char.isalnum() or char in "-_." for char in words):
        raise InvalidInput("name a mode, as host-passthrough, or a model, as EPYC")
    domain = root(parsed)
    old_cpu = domain.child("cpu")
    mode = words if words in _MODES else "custom"
    model = words if mode == "custom" else ""
    if old_cpu is None:
        inner = f"<cpu mode='custom'>\n  <model>{escaped(model)}</model>\n</cpu>"
        xml = inner if model else f"<cpu mode='{mode}'/>"
        after = domain.child("features") or domain.child("os")
        return edited_text(parsed.text, insert(parsed, domain, xml, after))
    if mode == _mode_of(old_cpu) and model == _model_of(parsed, old_cpu):
        return parsed.text
    changes = [
        set_attribute(parsed, old_cpu, "mode", mode),
        *_remove_incompatible(parsed, old_cpu, mode),
    ]
    old_model = old_cpu.child("model")
    if model and old_model is not None:
        changes.append(set_text(parsed, old_model, model))
    text = edited_text(parsed.text, *changes)
    return text if not model or old_model is not None else _with_model(text, model)


def _mode_of(found: Element) -> str:
    return found.get("mode") or ("custom" if found.child("model") is not None else "")


def _model_of(parsed: Tree, found: Element) -> str:
    model = found.child("model")
    return parsed.text_of(model) if model is not None and _mode_of(found) == "custom" else ""


def _remove_incompatible(parsed: Tree, found: Element, mode: str) -> list[SpanEdit | None]:
    """Return the edits that remove parts libvirt refuses in the new mode, or that describe the
    old CPU."""
    changes = [drop_attribute(parsed, found, "check")]
    changes += [
        drop_attribute(parsed, found, name)
        for name, modes in _ATTRIBUTES.items()
        if mode not in modes
    ]
    for child in found.children:
        passthrough = child.get("mode") == "passthrough" and child.name in ("cache", "maxphysaddr")
        if (
            (passthrough and mode not in _HOST_MODES)
            or child.name == "vendor"
            or (child.name == "model" and mode != "custom")
        ):
            changes.append(remove(parsed, child))
    return changes


def _with_model(text: str, model: str) -> str:
    """Return the text with the model before all else, where libvirt writes it."""
    parsed = tree(text)
    found = root(parsed).child("cpu")
    assert found is not None
    xml = f"<model>{escaped(model)}</model>"
    if not found.children:
        return edited_text(text, insert(parsed, found, xml))
    first = found.children[0]
    begin = text.rfind("\n", 0, first.start) + 1
    margin = text[begin : first.start]
    separator = f"\n{margin}" if not margin.strip(" \t") else ""
    return edited_text(text, SpanEdit(first.start, first.start, f"{xml}{separator}"))
