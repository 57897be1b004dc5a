"""Tabs that compare: pending changes, changes of other clients, what libvirt stored."""

from __future__ import annotations

import asyncio

from virttui.panes.xml_editor.diff_page import DiffPage
from virttui.panes.xml_editor.diff_rows import Difference, difference
from virttui.panes.xml_editor.frame import EditorTab
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run
from virttui.screens.xml_editor.editor_state import EditorActions, EditorState
from virttui.screens.xml_editor.page_base import TabController

_NONE = Difference((), (), 0, 0)


class CompareTab(TabController):
    """The read-only differences of the XML editor."""

    def __init__(self, state: EditorState, actions: EditorActions) -> None:
        self._state = state
        self._actions = actions
        self._pages: dict[EditorTab, DiffPage] = {}
        self._pending: Difference | None = None
        self._of: tuple[str, str] = ("", "")
        self._busy = False

    def open(self, tab: EditorTab) -> None:
        """Compute the page of a tab."""
        buffer = self._state.buffer
        if tab is EditorTab.ELSEWHERE:
            made = difference(buffer.base, buffer.current)
            self._pages[tab] = DiffPage(made, "nobody else changed it")
        elif tab is EditorTab.PENDING:
            made = self._pending or _NONE
            self._pages[tab] = DiffPage(made, "the next boot changes nothing")

    def outcome(self, made: Difference) -> None:
        """Show what libvirt made of what was written."""
        self._pages[EditorTab.OUTCOME] = DiffPage(made, "libvirt kept it as it was written")
        self._actions.show_tab(EditorTab.OUTCOME)

    def refresh(self) -> None:
        """Compare what runs with what is stored, beside the keys, when either changed."""
        buffer = self._state.buffer
        now = (buffer.live, buffer.current)
        if now == self._of or self._busy:
            return
        self._of = now
        self._busy = True
        self._actions.run_flow(self._compare(*now))

    async def _compare(self, live: str, stored: str) -> None:
        try:
            self._pending = await asyncio.to_thread(pending, live, stored) if live else None
        finally:
            self._busy = False
        if EditorTab.PENDING in self._pages:
            scroll = self._pages[EditorTab.PENDING].scroll
            self.open(EditorTab.PENDING)
            self._pages[EditorTab.PENDING].scroll = scroll
        self._actions.paint()
        self.refresh()

    def pending_words(self) -> str:
        """``pending 2``."""
        return f"pending {self._pending.changes}" if self._pending is not None else "pending"

    # -- the page --------------------------------------------------------------------------

    @property
    def _page(self) -> DiffPage:
        return self._pages.get(self._state.tab) or DiffPage(_NONE)

    def lines(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """The page in view."""
        return self._page.lines(look, width, height)

    def titles(self) -> tuple[str, str, str]:
        """Title, counts and the words at the end of the rule."""
        words = {
            EditorTab.PENDING: ("what the next boot changes", "what runs now against next boot"),
            EditorTab.ELSEWHERE: ("changed elsewhere", "since you began against what is stored"),
            EditorTab.OUTCOME: ("what libvirt made of it", "written against read back"),
        }
        title, end = words.get(self._state.tab, ("", ""))
        return title, self._page.counts, end

    def sentence(self, width: int) -> Line:
        """What the page means."""
        said = {
            EditorTab.PENDING: "what libvirt chose for this run only (names, ports, labels) "
            "is left out",
            EditorTab.ELSEWHERE: "a review brings both together; where both changed, you choose",
            EditorTab.OUTCOME: "lines in red were dropped or rewritten, "
            "lines in green libvirt added",
        }
        return (Run(said.get(self._state.tab, ""), Role.MUTED),)

    def hints(self) -> list[KeyHint]:
        """The keys of these pages."""
        return [
            KeyHint("n N", "next, before", bool(self._page.difference.changes)),
            KeyHint("s", "side by side"),
            KeyHint("f3", "next tab"),
            KeyHint("esc", "the text"),
        ]

    def press(self, key: str) -> bool:
        """A key on one of these pages."""
        return self._page.press(key)


def pending(live: str, stored: str) -> Difference:
    """What the next boot of a running domain changes."""
    from virttui.libvirtxml.canonical import canonical
    from virttui.libvirtxml.pending_changes import stored_form

    return difference(canonical(stored_form(live, stored)), canonical(stored))
