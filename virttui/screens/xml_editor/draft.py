"""Keeps what is typed in a draft, and offers it again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from virttui.libvirtxml.text.redaction import LOST_SECRET
from virttui.panes.xml_editor.frame import EditorTab
from virttui.persistence import xml_drafts
from virttui.persistence.xml_drafts import Draft
from virttui.render.search import PickerItem
from virttui.screens.xml_editor.editor_state import EditorActions, EditorState

SAVE_INTERVAL = 1.0
"""Seconds between two savings, while somebody types."""
LAST_SAVE_TIMEOUT = 1.0


class DraftKeeper:
    """The draft of one document. Files are read and written on threads only."""

    def __init__(self, state: EditorState, actions: EditorActions) -> None:
        self._state = state
        self._actions = actions
        self._found: Draft | None = None
        self._loaded = False
        self._offered = False
        self._writing = threading.Lock()
        self._saved = ""
        self._saved_at = 0.0
        self._busy = False

    def begin(self) -> None:
        """Look for a draft of this document."""
        self._busy = True
        self._actions.run_flow(self._load())

    async def _load(self) -> None:
        self._found = await asyncio.to_thread(xml_drafts.load, self._state.buffer.document)
        self._loaded, self._busy = True, False
        self.offer()

    def offer(self) -> None:
        """Offer what was found, once the document is there to be compared with."""
        state, found = self._state, self._found
        ready = state.buffer.definition is not None or state.buffer.missing
        if not self._loaded or not ready or self._offered:
            return
        self._offered = True
        buffer = state.buffer
        if found is None or buffer.why_not:
            return
        if found.text in (buffer.current, buffer.text) or self._says_the_same(found):
            self._drop()
        else:
            self._actions.run_flow(self._ask(found))

    async def _ask(self, found: Draft) -> None:
        """Let the user go on with the draft or drop it; without a choice the editor closes."""
        from virttui import formatting
        from virttui.modals.base.chooser import PickerDialog

        ago = formatting.span(max(0.0, self._actions.look.epoch - found.saved_epoch))
        entries = [
            PickerItem(
                "go", "Continue with the draft", note=f"typed {ago} ago, never applied", key="g"
            ),
            PickerItem("drop", "Discard it", note="start from what is stored", key="d"),
        ]

        title = f"a draft of {found.document.name}"
        choice = await self._actions.show_dialog(PickerDialog(title, entries, typed=False))
        if choice == "go":
            self._resume(found)
        elif choice == "drop":
            self._drop()
        else:
            self._actions.close()

    def _says_the_same(self, draft: Draft) -> bool:
        """Whether it was applied after all: left in the middle of it, it is still there."""
        from virttui.libvirtxml.canonical import canonical

        return canonical(draft.text) == canonical(self._state.buffer.current)

    def _resume(self, draft: Draft) -> None:
        state, actions = self._state, self._actions
        state.buffer.resume(draft.base or "", draft.text, actions.look.now)
        state.stored.replace(state.buffer.text)
        state.stored.editor.go_to(draft.line, draft.column)
        self._saved, state.draft_saved_epoch = state.buffer.text, draft.saved_epoch
        if state.buffer.unfinished()[1] != draft.text:
            # It holds what a draft must not, or counts otherwise: it is written anew.
            self._saved = ""
        words = []
        if LOST_SECRET in state.buffer.unknown():
            words.append("drafts hold no passwords: type it again here")
            editor = state.stored.editor
            editor.go_to(*editor.at(editor.text.index(LOST_SECRET)))
        if state.buffer.parted:
            words.append(
                f"meanwhile changed elsewhere: {', '.join(state.buffer.elsewhere)}. f7 shows it"
            )
        if words:
            actions.show_message("; ".join(words))
        actions.text_changed()

    # -- keeping ---------------------------------------------------------------------------

    def tick(self) -> None:
        """Save what was typed since, or forget the draft of what was taken back."""
        buffer, now = self._state.buffer, self._actions.look.now
        if not self._offered or self._busy or buffer.why_not:
            return
        if self._state.tab is EditorTab.LIVE or now - self._saved_at < SAVE_INTERVAL:
            return
        if not buffer.edited:
            if self._state.draft_saved_epoch is not None:
                self._saved = ""
                self._drop()
        elif buffer.text != self._saved:
            self._saved_at, self._saved = now, buffer.text
            self._busy = True
            self._actions.run_flow(self._save(self._draft()))

    def _draft(self) -> Draft:
        buffer = self._state.buffer
        line, column = self._state.stored.editor.cursor_location
        base, text = buffer.unfinished()
        begun = None if buffer.missing and not base else base
        return Draft(buffer.document, begun, text, line, column, self._actions.look.epoch)

    def _write(self, draft: Draft) -> None:
        """Save on any thread, one after the other: the last one is what stays."""
        with self._writing:
            xml_drafts.save(draft)

    async def _save(self, draft: Draft) -> None:
        try:
            await asyncio.to_thread(self._write, draft)
        except OSError as error:
            self._actions.show_message(f"the draft cannot be saved: {error}", bad=True)
        else:
            self._state.draft_saved_epoch = draft.saved_epoch
            self._actions.paint()
        finally:
            self._busy = False

    def _drop(self) -> None:
        self._state.draft_saved_epoch = None
        self._busy = True
        self._actions.run_flow(self._forget())

    async def _forget(self) -> None:
        try:
            await asyncio.to_thread(xml_drafts.delete, self._state.buffer.document)
        except OSError as error:
            self._actions.show_message(f"the draft cannot be discarded: {error}", bad=True)
        finally:
            self._busy = False

    def end(self) -> None:
        """The page closes: save what was typed last, on a thread that outlives it."""
        buffer = self._state.buffer
        if not self._offered or buffer.why_not:
            return
        if not buffer.edited:
            if self._state.draft_saved_epoch is not None:
                _run_before_exit(lambda: xml_drafts.delete(buffer.document))
        elif buffer.text != self._saved:
            draft = self._draft()
            _run_before_exit(lambda: self._write(draft))


def _run_before_exit(work: Callable[[], None]) -> None:
    """Run the last write on a thread, and wait up to LAST_SAVE_TIMEOUT seconds for it."""

    def quietly() -> None:
        try:
            work()
        except OSError:
            return  # There is no screen left to say it on; it was said at the last saving.

    last = threading.Thread(target=quietly)
    last.start()
    last.join(LAST_SAVE_TIMEOUT)
