"""The workbench on a definition that nobody has defined yet: it gives the text back."""

from __future__ import annotations

from virttui.model.documents import Document, DocumentText
from virttui.screens.xml_editor.apply import ApplyTab
from virttui.screens.xml_editor.draft import DraftKeeper
from virttui.screens.xml_editor.screen import XmlEditorScreen


class _GivingBack(ApplyTab):
    """Nothing is written from here: the review is that of whoever opened it."""

    def begin(self) -> None:
        """Give back the text as it is."""
        self._screen.close()


class _Undrafted(DraftKeeper):
    """What is typed goes back in any case, so that there is nothing to be kept."""

    def begin(self) -> None:
        """Nothing is looked for."""

    def offer(self) -> None:
        """Nothing is offered."""

    def tick(self) -> None:
        """Nothing is kept."""

    def end(self) -> None:
        """Nothing was kept."""


class NewDomainEditor(XmlEditorScreen):
    """Gives back what the text became, None where it stayed as it was."""

    def __init__(self, document: Document, xml: str) -> None:
        super().__init__(document)
        self.applying = _GivingBack(self)
        self.drafting = _Undrafted(self)
        self._definition = DocumentText(document, xml)

    def on_mount(self) -> None:
        """Begin with the definition as it was made."""
        super().on_mount()
        self._read(self._definition)
        self.paint()

    def ask_again(self, *, anew: bool = False) -> None:
        """No host has it."""

    def close(self) -> None:
        """Leave with what was typed."""
        bench = self.bench
        bench.text = self.stored.editor.text
        if self.is_current:
            self.dismiss(bench.whole() if bench.edited else None)
