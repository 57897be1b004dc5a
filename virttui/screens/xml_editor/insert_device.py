"""A new device, by its form, in the text of the XML editor; nothing is written by that."""

from __future__ import annotations

from virttui.libvirtxml.edits.apply import apply
from virttui.model.commands import SettingChange, Target
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind
from virttui.screens.domains.add_device import ask_for_device
from virttui.screens.xml_editor.editor_state import EditorActions, EditorState


def add_to_text(state: EditorState, actions: EditorActions) -> None:
    """Ask for a device and put it into the text, or say why that cannot be."""
    document = state.buffer.document
    if state.pane.editor.read_only:
        actions.show_message(f"this is a view: {state.buffer.why_not or 'it is what runs now'}")
        return
    if document.kind is not Kind.DOMAIN:
        actions.show_message(f"a {document.kind} has no devices")
        return
    target = Target(document.kind, document.key, document.name)
    actions.run_flow(_insert(state, actions, target))


async def _insert(state: EditorState, actions: EditorActions, target: Target) -> None:
    from virttui.modals.domains.device_facts import DeviceFacts

    facts = DeviceFacts([target], state.stored.editor.text, state.buffer.live)
    added = await ask_for_device(actions, facts)
    if added is not None:
        _put(state, actions, added.edits[target.key])


def _put(state: EditorState, actions: EditorActions, edit: SettingChange) -> None:
    editor = state.stored.editor
    before = editor.text
    try:
        text = apply(before, "", edit).text
    except InvalidInput as error:
        actions.show_message(error.message, bad=True)
        return
    state.stored.replace(text)
    lines = zip(before.split("\n"), text.split("\n"), strict=False)
    editor.go_to(next((row for row, (old, new) in enumerate(lines) if old != new), 0))
    warns = edit.value("warns")
    said = f"{edit.value('words')} is in the text; f2 reviews it"
    actions.show_message(f"{said}; {warns}" if warns else said, bad=bool(warns))
