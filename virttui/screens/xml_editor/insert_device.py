"""A new device, by its form, in the text of a workbench; nothing is written by that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from virttui.libvirtxml.edits.apply import apply
from virttui.model.commands import SettingChange, Target
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind
from virttui.screens.domains.add_device import ask_for_device

if TYPE_CHECKING:
    from virttui.screens.xml_editor.screen import XmlEditorScreen


def add_to_text(screen: XmlEditorScreen) -> None:
    """Ask for a device and put it into the text, or say why that cannot be."""
    document = screen.bench.document
    if screen.sheet.editor.read_only:
        screen.show_message(f"this is a view: {screen.bench.why_not or 'it is what runs now'}")
        return
    if document.kind is not Kind.DOMAIN:
        screen.show_message(f"a {document.kind} has no devices")
        return
    target = Target(document.kind, document.key, document.name)
    screen.run_flow(_insert(screen, target))


async def _insert(screen: XmlEditorScreen, target: Target) -> None:
    from virttui.modals.domains.device_facts import DeviceFacts

    facts = DeviceFacts([target], screen.stored.editor.text, screen.bench.live)
    added = await ask_for_device(screen, facts)
    if added is not None:
        _put(screen, added.edits[target.key])


def _put(screen: XmlEditorScreen, edit: SettingChange) -> None:
    editor = screen.stored.editor
    before = editor.text
    try:
        text = apply(before, "", edit).text
    except InvalidInput as error:
        screen.show_message(error.sentence, bad=True)
        return
    screen.stored.replace(text)
    lines = zip(before.split("\n"), text.split("\n"), strict=False)
    editor.go_to(next((row for row, (old, new) in enumerate(lines) if old != new), 0))
    warns = edit.value("warns")
    said = f"{edit.value('words')} is in the text; f2 reviews it"
    screen.show_message(f"{said}; {warns}" if warns else said, bad=bool(warns))
