"""The XML editor for a definition that is not defined yet: it returns the text."""

from __future__ import annotations

from virttui.model.documents import Document, DocumentText
from virttui.screens.xml_editor.screen import XmlEditorScreen
from virttui.screens.xml_editor.text_input import OpenOther


class NewDomainEditor(XmlEditorScreen):
    """Returns the edited text, None where it stayed as it was; it keeps no draft and asks no host.

    The review and the command are those of the screen that opened it.
    """

    KEEPS_DRAFTS = False

    def __init__(self, document: Document, xml: str, open_other: OpenOther) -> None:
        super().__init__(document, open_other)
        self._definition = DocumentText(document, xml)

    def on_mount(self) -> None:
        """Begin with the given definition."""
        super().on_mount()
        self._on_definition(self._definition)
        self.paint()

    def read_again(self, *, discard_earlier: bool = False) -> None:
        """Do nothing: no host has this definition."""

    def review(self) -> None:
        """Return the text; nothing is written from here."""
        self.close()

    def close(self) -> None:
        """Leave with what was typed."""
        buffer = self.state.buffer
        buffer.text = self.state.stored.editor.text
        if self.is_current:
            self.dismiss(buffer.whole() if buffer.edited else None)
