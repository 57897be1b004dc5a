"""The history tab: earlier versions, how each differs from the stored one, restoring one."""

from __future__ import annotations

import asyncio

from virttui.model.errors import InvalidInput, Refused
from virttui.panes.xml_editor.diff_page import DiffPage
from virttui.panes.xml_editor.diff_rows import difference
from virttui.panes.xml_editor.frame import EditorTab
from virttui.panes.xml_editor.history_page import HistoryPage, HistoryRow
from virttui.persistence import definition_history
from virttui.persistence.definition_history import DefinitionVersion
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run
from virttui.screens.xml_editor.draft import DraftKeeper
from virttui.screens.xml_editor.editor_state import EditorActions, EditorState
from virttui.screens.xml_editor.page_base import TabController


class HistoryTab(TabController):
    """The saved versions of one document."""

    def __init__(
        self, state: EditorState, actions: EditorActions, draft_keeper: DraftKeeper
    ) -> None:
        self._state = state
        self._actions = actions
        self._draft_keeper = draft_keeper
        self._entries: tuple[DefinitionVersion, ...] = ()
        self._text = ""
        self._busy = False
        self._again = False
        self.past = HistoryPage()

    def open(self) -> None:
        """Read the list, and the entry under the cursor."""
        self.refresh()

    def refresh(self) -> None:
        """Read the list again: something may have been kept meanwhile."""
        if self._busy:
            self._again = True
            return
        self._busy = True
        self._actions.run_flow(self._load())

    async def _load(self) -> None:
        past, buffer = self.past, self._state.buffer
        try:
            self._entries = await asyncio.to_thread(definition_history.versions_of, buffer.document)
            past.trouble = ""
        except OSError as error:
            past.trouble = f"the history cannot be read: {error}"
        self._state.version_count = len(self._entries)
        past.take([HistoryRow(e.epoch, e.action, e.document.name) for e in self._entries])
        await self._read()
        self._busy = False
        if self._again:
            self._again = False
            self.refresh()

    async def _read(self) -> None:
        """Read the entry under the cursor and compare it with what is stored."""
        past, buffer = self.past, self._state.buffer
        past.page, self._text = None, ""
        if self._entries:
            entry = self._entries[past.cursor]
            try:
                text = await asyncio.to_thread(definition_history.text, entry)
                made = await asyncio.to_thread(difference, buffer.hidden(text), buffer.current)
            except InvalidInput as error:
                past.trouble = error.message
            else:
                # The cursor may have gone on; only what is lit may be put back.
                if entry is self._entries[past.cursor]:
                    self._text = text
                    past.page = DiffPage(made, "the same as what is stored now")
        self._actions.paint()

    def keep(self, before: str) -> None:
        """Keep what somebody else replaced: it was seen here, and nobody else may have it."""
        self._actions.run_flow(self._keep(before))

    async def _keep(self, before: str) -> None:
        try:
            document = self._state.buffer.document
            await asyncio.to_thread(definition_history.save_version, document, "elsewhere", before)
        except Refused as error:
            self._actions.show_message(error.message, bad=True)
        self.refresh()

    def begin_with_newest(self) -> None:
        """The newest kept definition of what is gone becomes the text."""
        self._busy = True
        self._actions.run_flow(self._begin())

    async def _begin(self) -> None:
        await self._load()
        state, actions = self._state, self._actions
        if not self._text:
            actions.show_message(self.past.trouble or "no version was kept", bad=True)
            return
        if state.buffer.definition is not None:
            return  # It is there after all.
        state.buffer.begin_missing(self._text)
        state.stored.load(state.buffer.text)
        self._draft_keeper.offer()
        actions.text_changed()
        actions.show_message("this is the version that was kept; f2 reviews and restores it")

    @property
    def any(self) -> bool:
        """Whether anything was kept."""
        return bool(self._entries)

    def words(self) -> str:
        """``history 7``."""
        return f"history {len(self._entries)}" if self._entries else "history"

    def titles(self) -> tuple[str, str, str]:
        """What the difference is between."""
        return "history", "", "as it was then against now" if self._entries else ""

    def lines(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """Draw the list of versions and the difference of the selected one."""
        return self.past.lines(look, width, height)

    def sentence(self, width: int) -> Line:
        """What the entry under the cursor is."""
        if not self._entries:
            return (Run("each definition that is replaced or deleted is kept here", Role.MUTED),)
        entry = self._entries[self.past.cursor]
        return (
            Run(f"before {entry.action}", Role.STRONG),
            Run(
                "   r puts it into the editor and reviews it; nothing is written before", Role.TEXT
            ),
        )

    def hints(self) -> list[KeyHint]:
        """List the keys of the tab."""
        there = bool(self._entries)
        changes = self.past.page is not None and bool(self.past.page.difference.changes)
        return [
            KeyHint("↑↓", "older, newer", there),
            KeyHint("r", "restore", there and not self._state.buffer.why_not),
            KeyHint("n N", "next, before", changes),
            KeyHint("s", "side by side", changes),
            KeyHint("f3", "next tab"),
            KeyHint("esc", "the text"),
        ]

    def press(self, key: str) -> bool:
        """Handle a key of the tab."""
        moves = {"up": -1, "k": -1, "down": 1, "j": 1, "home": -(10**6), "end": 10**6}
        if key in moves:
            if self.past.move(moves[key]):
                self._actions.run_flow(self._read())
        elif key == "r":
            self._restore()
        elif self.past.page is not None:
            return self.past.page.press(key)
        else:
            return False
        return True

    def _restore(self) -> None:
        state, actions = self._state, self._actions
        if not self._text:
            actions.show_message("it is being read" if self._entries else "no earlier versions yet")
        elif state.buffer.why_not:
            actions.show_message(f"restore: {state.buffer.why_not}")
        else:
            state.tab = EditorTab.STORED
            state.stored.replace(state.buffer.use(self._text))
            actions.text_changed()
            actions.review()
