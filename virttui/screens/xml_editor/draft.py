"""Keeps what is typed in a draft, and offers it again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.worker import Worker

from virttui.libvirtxml.text.redaction import NOT_KEPT
from virttui.panes.xml_editor.frame import EditorTab
from virttui.persistence import xml_drafts
from virttui.persistence.xml_drafts import Draft
from virttui.render.search import PickerItem

if TYPE_CHECKING:
    from virttui.screens.xml_editor.screen import XmlEditorScreen

OFTEN = 1.0
"""Seconds between two savings, while somebody types."""
PATIENCE = 1.0


class DraftKeeper:
    """The draft of one workbench. Files are touched on threads alone."""

    def __init__(self, screen: XmlEditorScreen) -> None:
        self._screen = screen
        self._found: Draft | None = None
        self._loaded = False
        self._offered = False
        self._writing = threading.Lock()
        self._saved = ""
        self._saved_at = 0.0
        self._job: Worker[None] | None = None
        self.kept_epoch: float | None = None

    def begin(self) -> None:
        """Look for a draft of this document."""
        self._job = self._screen.run_worker(self._load())

    async def _load(self) -> None:
        self._found = await asyncio.to_thread(xml_drafts.load, self._screen.bench.document)
        self._loaded, self._job = True, None
        self.offer()

    def offer(self) -> None:
        """Offer what was found, once the document is there to be compared with."""
        screen, found = self._screen, self._found
        ready = screen.bench.definition is not None or screen.bench.missing
        if not self._loaded or not ready or self._offered:
            return
        self._offered = True
        bench = screen.bench
        if found is None or bench.why_not:
            return
        if found.text in (bench.current, bench.text) or self._says_the_same(found):
            self._drop()
            return
        from virttui import formatting
        from virttui.modals.base.chooser import PickerDialog

        ago = formatting.span(max(0.0, screen.look.epoch - found.saved_epoch))
        entries = [
            PickerItem(
                "go", "Go on with the draft", note=f"typed {ago} ago, never applied", key="g"
            ),
            PickerItem("drop", "Drop it", note="begin with what is stored", key="d"),
        ]

        def chosen(id: str | None) -> None:
            if id == "go":
                self._resume(found)
            elif id == "drop":
                self._drop()
            else:
                screen.close()

        title = f"a draft of {bench.document.name}"
        screen.app.push_screen(PickerDialog(title, entries, typed=False), chosen)

    def _says_the_same(self, draft: Draft) -> bool:
        """Whether it was applied after all: left in the middle of it, it is still there."""
        from virttui.libvirtxml.canonical import canonical

        return canonical(draft.text) == canonical(self._screen.bench.current)

    def _resume(self, draft: Draft) -> None:
        screen = self._screen
        screen.bench.resume(draft.base or "", draft.text, screen.look.now)
        screen.stored.replace(screen.bench.text)
        screen.stored.editor.go_to(draft.line, draft.column)
        self._saved, self.kept_epoch = screen.bench.text, draft.saved_epoch
        if screen.bench.unfinished()[1] != draft.text:
            # It holds what a draft must not, or counts otherwise: it is written anew.
            self._saved = ""
        words = []
        if NOT_KEPT in screen.bench.unknown():
            words.append("no draft keeps a password: type it again here")
            editor = screen.stored.editor
            editor.go_to(*editor.at(editor.text.index(NOT_KEPT)))
        if screen.bench.parted:
            words.append(
                f"meanwhile changed elsewhere: {', '.join(screen.bench.elsewhere)}. f7 shows it"
            )
        if words:
            screen.show_message("; ".join(words))
        screen.typing.changed()

    # -- keeping ---------------------------------------------------------------------------

    def tick(self) -> None:
        """Save what was typed since, or forget the draft of what was taken back."""
        screen = self._screen
        bench, now = screen.bench, screen.look.now
        if not self._offered or self._job is not None or bench.why_not:
            return
        if screen.leaf is EditorTab.LIVE or now - self._saved_at < OFTEN:
            return
        if not bench.edited:
            if self.kept_epoch is not None:
                self._saved = ""
                self._drop()
        elif bench.text != self._saved:
            self._saved_at, self._saved = now, bench.text
            self._job = self._screen.run_worker(self._save(self._draft()))

    def _draft(self) -> Draft:
        screen = self._screen
        bench = screen.bench
        line, column = screen.stored.editor.cursor_location
        base, text = bench.unfinished()
        begun = None if bench.missing and not base else base
        return Draft(bench.document, begun, text, line, column, screen.look.epoch)

    def _write(self, draft: Draft) -> None:
        """Save on any thread, one after the other: the last one is what stays."""
        with self._writing:
            xml_drafts.save(draft)

    async def _save(self, draft: Draft) -> None:
        try:
            await asyncio.to_thread(self._write, draft)
        except OSError as error:
            self._screen.show_message(f"the draft cannot be kept: {error}", bad=True)
        else:
            self.kept_epoch = draft.saved_epoch
            self._screen.paint()
        finally:
            self._job = None

    def _drop(self) -> None:
        self.kept_epoch = None
        self._job = self._screen.run_worker(self._forget())

    async def _forget(self) -> None:
        try:
            await asyncio.to_thread(xml_drafts.drop, self._screen.bench.document)
        except OSError as error:
            self._screen.show_message(f"the draft cannot be dropped: {error}", bad=True)
        finally:
            self._job = None

    def end(self) -> None:
        """The page closes: save what was typed last, on a thread that outlives it."""
        bench = self._screen.bench
        if not self._offered or bench.why_not:
            return
        if not bench.edited:
            if self.kept_epoch is not None:
                _at_last(lambda: xml_drafts.drop(bench.document))
        elif bench.text != self._saved:
            draft = self._draft()
            _at_last(lambda: self._write(draft))


def _at_last(work: Callable[[], None]) -> None:
    """Do a file's last work, waited for as long as nobody notices."""

    def quietly() -> None:
        try:
            work()
        except OSError:
            return  # There is no screen left to say it on; it was said at the last saving.

    last = threading.Thread(target=quietly)
    last.start()
    last.join(PATIENCE)
