"""The XML editor: one definition, edited, checked, compared, and written after a review."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult

from virttui.model.documents import Document, DocumentText
from virttui.model.errors import NotFound, OperationError
from virttui.model.identity import Kind
from virttui.model.queries import (
    DefinitionQuery,
    DefinitionResult,
    HostValuesQuery,
    HostValuesResult,
    QueryResult,
)
from virttui.model.tasks import Task
from virttui.panes.xml_editor.buffer import ReloadResult
from virttui.panes.xml_editor.frame import EditorTab
from virttui.panes.xml_editor.text_view import TextAnalysis
from virttui.render.grid import fits
from virttui.screens.base.copy_menu import copy_selected
from virttui.screens.xml_editor.apply import ApplyTab
from virttui.screens.xml_editor.background_check import BackgroundChecker
from virttui.screens.xml_editor.compare import CompareTab
from virttui.screens.xml_editor.completion_popup import CompletionPopup
from virttui.screens.xml_editor.draft import DraftKeeper
from virttui.screens.xml_editor.editor_state import EditorState
from virttui.screens.xml_editor.history import HistoryTab
from virttui.screens.xml_editor.layout import Layout
from virttui.screens.xml_editor.page_base import TabController
from virttui.screens.xml_editor.resolve_conflicts import ConflictTab
from virttui.screens.xml_editor.text_input import OpenOther, TextTab
from virttui.store.fleet_state import FleetState
from virttui.widgets.base_screen import LineScreen
from virttui.widgets.prompt import Prompt

READ_INTERVAL = 2.0
"""Seconds between two reads of the stored definition."""
HOST_READ_INTERVAL = 30.0
"""The same for what a host reports about itself: nobody edits it, and it may be long."""
_OF_HOST = frozenset({Kind.CAPABILITIES, Kind.DOMAIN_CAPABILITIES, Kind.NODE_DEVICE})


class XmlEditorScreen(LineScreen[str | None], inherit_bindings=False):
    """Edits one document. ``restore`` begins with the newest saved version of a deleted one."""

    KEEPS_DRAFTS = True

    def __init__(self, document: Document, open_other: OpenOther, *, restore: bool = False) -> None:
        super().__init__(name="workbench")
        self.state = state = EditorState(document)
        self._prompt = Prompt()
        self._layout = Layout(state, self, self._prompt)
        self._checker = BackgroundChecker(document.kind, self._on_analysis, self.run_flow)
        self._popup = CompletionPopup(state, self, self._layout.popup)
        self._text_tab = TextTab(state, self, self._checker, self._popup, self._prompt, open_other)
        self._draft_keeper = DraftKeeper(state, self)
        self._compare_tab = CompareTab(state, self)
        self._conflict_tab = ConflictTab(self)
        self._history_tab = HistoryTab(state, self, self._draft_keeper)
        self._apply_tab = ApplyTab(
            state, self, self._conflict_tab, self._compare_tab, self._history_tab
        )
        self._restore = restore
        self._read_at = -HOST_READ_INTERVAL
        self._serial = self._first_serial = 0
        self._asked_host_values = False
        self._painted_cursor = (0, 0)

    def compose(self) -> ComposeResult:
        """The parts from top to bottom."""
        yield from self._layout.parts()

    def on_mount(self) -> None:
        """Ask for the definition, and for what the host knows of its values."""
        # What is pasted goes to what has the focus.
        self.state.stored.editor.focus()
        if self._restore:
            self._history_tab.begin_with_newest()
        self.console.update_screen()
        if self.KEEPS_DRAFTS:
            self._draft_keeper.begin()

    def on_unmount(self) -> None:
        """Stop the checks, and save what was typed last."""
        self._checker.stop()
        self._draft_keeper.end()

    # -- reading ---------------------------------------------------------------------------

    def update_state(self, fleet_state: FleetState) -> None:
        """Take the newest state; read the definition again when its time has come."""
        self.state.fleet_state = fleet_state
        self._draft_keeper.tick()
        now, document = self.look.now, self.state.buffer.document
        interval = HOST_READ_INTERVAL if document.kind in _OF_HOST else READ_INTERVAL
        if now - self._read_at >= interval and not self._restore:
            self.read_again()
        if not self._asked_host_values:
            self._asked_host_values = True
            self.console.ask(HostValuesQuery(document.key, document))
        self.paint()

    def read_again(self, *, discard_earlier: bool = False) -> None:
        """Have the definition read; with ``discard_earlier`` results that are due are ignored."""
        self._read_at = self.look.now
        self._serial += 1
        if discard_earlier:
            self._first_serial = self._serial
        document = self.state.buffer.document
        self.console.ask(DefinitionQuery(document.key, document, serial=self._serial))

    def on_query_result(self, result: QueryResult) -> None:
        """Apply the definition or the host's values; results about other documents are ignored."""
        if not isinstance(result, DefinitionResult | HostValuesResult):
            return
        if result.query.document != self.state.buffer.document:
            return
        if isinstance(result, HostValuesResult):
            if result.host_values is not None:
                self.state.host_values = result.host_values
                self.text_changed()
        elif result.query.serial >= self._first_serial:
            if self._apply_tab.at_work:
                return
            if result.definition is not None:
                self._on_definition(result.definition)
            elif result.error is not None:
                self._on_read_error(result.error)
        self.paint()

    def _on_definition(self, definition: DocumentText) -> None:
        state, buffer = self.state, self.state.buffer
        state.error = ""
        self._restore = False
        live, before = buffer.live, buffer.definition
        if self._apply_tab.written is not None:
            buffer.written(definition)
            result = ReloadResult.FOLLOWED
        else:
            if before or buffer.missing:
                buffer.text = state.stored.editor.text
            result = buffer.take(definition, self.look.now)
            self._report_change(result, before)
        if buffer.live != live:
            state.running.replace(buffer.live)
        if result is ReloadResult.FIRST:
            self._show_first()
        elif result is ReloadResult.FOLLOWED:
            state.stored.replace(buffer.text)
        if result is not ReloadResult.NOTHING:
            self.text_changed()
            self._history_tab.refresh()
        self._compare_tab.refresh()
        self._apply_tab.read_back(definition)

    def _report_change(self, result: ReloadResult, before: DocumentText | None) -> None:
        """Say what other clients changed, and save the version that they replaced."""
        if result is ReloadResult.FOLLOWED:
            self.show_message("changed elsewhere; this is what is stored now")
        elif result is ReloadResult.ELSEWHERE:
            elements = ", ".join(self.state.buffer.elsewhere)
            self.show_message(f"changed elsewhere: {elements}. f7 shows it")
        if result in (ReloadResult.FOLLOWED, ReloadResult.ELSEWHERE):
            self._save_version(before)

    def _save_version(self, definition: DocumentText | None) -> None:
        # A view has no passwords: restoring such a version would lose them.
        if definition is not None and definition.stored and not definition.why_not:
            self._history_tab.keep(definition.stored)

    def _show_first(self) -> None:
        buffer, pane = self.state.buffer, self.state.stored
        pane.load(buffer.text)
        if pane.editor.text != buffer.text:
            buffer.unshown = "it has line ends that an editor would change"
        pane.editor.read_only = bool(buffer.why_not)
        self._draft_keeper.offer()

    def _on_read_error(self, error: OperationError) -> None:
        buffer = self.state.buffer
        if isinstance(error, NotFound) and not buffer.missing and not self._restore:
            self._save_version(buffer.definition)
            buffer.mark_deleted()
            self._draft_keeper.offer()
        self.state.error = error.message

    def on_task(self, task: Task) -> None:
        """Follow the task that writes the definition."""
        self._apply_tab.on_task(task)

    def _on_analysis(self, analysis: TextAnalysis) -> None:
        """Show the checks of a text; those of a text that has changed since are ignored."""
        if not self.is_mounted:
            return
        pane = self.state.running if self.state.tab is EditorTab.LIVE else self.state.stored
        if analysis.text == pane.editor.text:
            pane.view.take(analysis)
            pane.editor.redraw()
        self.paint()

    # -- tabs ------------------------------------------------------------------------------

    def tabs(self) -> list[EditorTab]:
        """The tabs that this document has, from left to right."""
        buffer = self.state.buffer
        transient = buffer.definition is not None and buffer.definition.transient
        if buffer.live and buffer.live != buffer.current and not transient:
            tabs = [EditorTab.LIVE, EditorTab.STORED, EditorTab.PENDING]
        else:
            tabs = [EditorTab.STORED]
        # A view has no history, unless it could be written once.
        if not buffer.why_not or self._history_tab.any:
            tabs.append(EditorTab.HISTORY)
        return tabs

    def show_tab(self, tab: EditorTab) -> None:
        """Switch to a tab."""
        self._popup.close()
        self.state.tab = tab
        if tab is EditorTab.HISTORY:
            self._history_tab.open()
        elif tab in (EditorTab.PENDING, EditorTab.ELSEWHERE):
            self._compare_tab.open(tab)
        elif tab is EditorTab.LIVE:
            self.state.running.replace(self.state.buffer.live)
            self.text_changed()
        self.paint()
        # A text out of view must not get what is typed or pasted.
        self.set_focus(self.state.pane.editor if self.state.shows_text else None)

    def next_tab(self, step: int) -> None:
        """Switch to the tab ``step`` to the right."""
        tabs = self.tabs()
        index = tabs.index(self.state.tab if self.state.tab in tabs else EditorTab.STORED)
        self.show_tab(tabs[(index + step) % len(tabs)])

    @property
    def _page(self) -> TabController:
        """The controller of the tab in view."""
        pages: dict[EditorTab, TabController] = {
            EditorTab.LIVE: self._text_tab,
            EditorTab.STORED: self._text_tab,
            EditorTab.HISTORY: self._history_tab,
            EditorTab.REVIEW: self._apply_tab,
            EditorTab.MERGE: self._conflict_tab,
        }
        return pages.get(self.state.tab, self._compare_tab)

    # -- drawing ---------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Lay out and draw everything for the new size."""
        if fits(event.size.width, event.size.height) and self.is_current:
            self.paint()

    def show_message(self, words: str, *, bad: bool = False, name: str = "") -> None:
        """Show a message in the answer line for a few seconds."""
        del name
        self._layout.show_message(words, bad=bad)
        self.paint()

    def clear_message(self) -> None:
        """Take the message away."""
        self._layout.clear_message()

    def show_answer_line(self, shown: bool) -> None:
        """Hide the answer line while the search prompt has its place, and show it again."""
        self._layout.show_answer_line(shown)

    def paint(self) -> None:
        """Draw everything; a line that did not change costs nothing."""
        self._painted_cursor = self.state.pane.editor.cursor_location
        shown = self.tabs()
        if self.state.tab not in shown:
            shown = [*shown, self.state.tab]
        titles = [(self._tab_title(tab), tab is self.state.tab) for tab in shown]
        self._layout.paint(self._page, titles, self._waiting())

    def text_changed(self) -> None:
        """Have the text in view checked: it, or what it is held against, changed."""
        self._text_tab.changed()

    def review(self) -> None:
        """Review the text, to apply it."""
        self._apply_tab.begin()

    def _waiting(self) -> str:
        """What the editor waits for before it has a text to show; "" for nothing."""
        buffer = self.state.buffer
        if buffer.definition is not None or buffer.missing or self._restore:
            return ""
        since = self.look.now - max(0.0, self._read_at)
        return f"asking {self.state.host_name} for it, {since:.0f} s"

    def _tab_title(self, tab: EditorTab) -> str:
        if tab is EditorTab.PENDING:
            return self._compare_tab.pending_words()
        if tab is EditorTab.HISTORY:
            return self._history_tab.words()
        if tab is not EditorTab.STORED:
            return tab.value
        if EditorTab.LIVE not in self.tabs():
            return "definition"
        return "next boot" if self.state.buffer.document.kind is Kind.DOMAIN else "next start"

    # -- keys ------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """Handle a key by the rules of the tab in view."""
        if event.key == "ctrl+c":
            self._copy()
            return True
        if self._prompt.sign:
            return self._text_tab.search_key(event)
        self.clear_message()
        common: dict[str, Callable[[], object]] = {
            "f1": self.help,
            "f3": lambda: self.next_tab(1),
            "shift+f3": lambda: self.next_tab(-1),
        }
        act = common.get(event.key)
        if act is not None:
            act()
            return True
        done = self._text_tab.take(event) if self.state.shows_text else self._press_page(event.key)
        if self.is_current:
            self.paint()
        return done

    def _press_page(self, key: str) -> bool:
        if key in ("escape", "q"):
            self.show_tab(EditorTab.STORED)
        elif key == "question_mark":
            self.help()
        elif key == "tab":
            self.next_tab(1)
        else:
            return self._page.press(key)
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves a page; the text has its own."""
        self._scroll("down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves a page; the text has its own."""
        self._scroll("up")

    def _scroll(self, key: str) -> None:
        if not self.state.shows_text:
            for _ in range(1 if self.state.tab in (EditorTab.HISTORY, EditorTab.MERGE) else 3):
                self._press_page(key)
            self.paint()

    def close(self) -> None:
        """Leave; what was typed stays a draft."""
        if self.is_current:
            self.dismiss(None)

    def help(self) -> None:
        """Show all keys of the editor."""
        from virttui.screens.base.key_pages import keys_page

        self.app.push_screen(keys_page())

    def _copy(self) -> None:
        selected = self.state.pane.editor.selected_text if self.state.shows_text else ""
        if selected:
            self.app.copy_to_clipboard(selected)
            self.show_message("copied what is selected")
        else:
            self.show_message(copy_selected(self, "esc goes back"))

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Search as it is typed."""
        self._text_tab.searched(event.text)

    def on_text_area_changed(self) -> None:
        """The text was changed, by a key or the mouse."""
        if self.state.tab is EditorTab.STORED:
            self.text_changed()

    def on_text_area_selection_changed(self) -> None:
        """The cursor moved: by the mouse, or by a key after which all was painted already."""
        if self.state.shows_text and self.state.pane.editor.cursor_location != self._painted_cursor:
            self.paint()
