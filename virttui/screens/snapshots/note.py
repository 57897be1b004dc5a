"""The flow of a snapshot's note: read its definition, type the note, define it."""

from __future__ import annotations

from virttui.libvirtxml.snapshots.note import with_note
from virttui.model.commands import Command, DefineArguments, Target, Verb
from virttui.model.documents import Document, DocumentText
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind


def note_command(document: Document, definition: DocumentText, note: str) -> Command:
    """The command that gives a snapshot another note. Raises InvalidInput."""
    if definition.why_not:
        raise InvalidInput(definition.why_not)
    text = definition.stored
    target = Target(Kind.SNAPSHOT, document.key, document.name)
    arguments = DefineArguments(document, with_note(text, note), text, validate=False)
    return Command(Verb.DEFINE, target, arguments)
