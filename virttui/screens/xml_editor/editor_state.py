"""What the parts of the XML editor share: its state, and what they may have the screen do."""

from __future__ import annotations

from typing import Protocol

from textual.geometry import Size

from virttui.model.documents import Document, HostValues
from virttui.panes.xml_editor.buffer import EditBuffer
from virttui.panes.xml_editor.frame import EditorTab
from virttui.render.glyphs import RenderContext
from virttui.screens.base.screen_protocol import FlowScreen
from virttui.screens.xml_editor.text_pane import TextPane
from virttui.store.fleet_state import FleetState
from virttui.widgets.app_protocol import AppServices


class EditorState:
    """One open document: its texts, the tab in view, and what is known of its host.

    ``error`` is why the definition could not be read the last time, "" when it could;
    ``draft_saved_epoch`` is when the draft was saved, None without one; ``version_count`` says how
    many replaced definitions the history holds.
    """

    def __init__(self, document: Document) -> None:
        self.buffer = EditBuffer(document)
        self.tab = EditorTab.STORED
        self.stored = TextPane(read_only=False)
        self.running = TextPane(read_only=True)
        self.host_values: HostValues | None = None
        self.fleet_state = FleetState()
        self.error = ""
        self.draft_saved_epoch: float | None = None
        self.version_count = 0

    @property
    def host_name(self) -> str:
        """The name of the document's host, for people."""
        return self.fleet_state.host_name(self.buffer.document.key.host)

    @property
    def pane(self) -> TextPane:
        """The text in view; behind a page, the one that comes back."""
        return self.running if self.tab is EditorTab.LIVE else self.stored

    @property
    def shows_text(self) -> bool:
        """Whether the tab in view is a text, no page."""
        return self.tab in (EditorTab.LIVE, EditorTab.STORED)


class EditorActions(FlowScreen, Protocol):
    """What a part of the XML editor may have its screen do."""

    @property
    def console(self) -> AppServices:
        """The app, as screens see it."""

    @property
    def look(self) -> RenderContext:
        """How things are drawn now."""

    @property
    def size(self) -> Size:
        """Columns and lines of the screen."""

    @property
    def is_mounted(self) -> bool:
        """Whether the screen's widgets exist."""

    def show_message(self, words: str, *, bad: bool = False) -> None:
        """Show a message in the answer line for a few seconds."""

    def clear_message(self) -> None:
        """Take the message away."""

    def show_answer_line(self, shown: bool) -> None:
        """Hide the answer line while the search prompt has its place, and show it again."""

    def show_tab(self, tab: EditorTab) -> None:
        """Switch to a tab."""

    def paint(self) -> None:
        """Draw everything that changed."""

    def close(self) -> None:
        """Leave the editor."""

    def help(self) -> None:
        """Show all keys of the editor."""

    def read_again(self, *, discard_earlier: bool = False) -> None:
        """Have the definition read; with ``discard_earlier`` answers that are due count no more."""

    def text_changed(self) -> None:
        """Have the text in view checked: it, or what it is held against, changed."""

    def review(self) -> None:
        """Review the text, to apply it."""
