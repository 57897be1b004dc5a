"""The workbench: one definition, edited, checked, compared, and written after a review."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult

from virttui.model.documents import Document, DocumentText, HostValues
from virttui.model.errors import NotFound
from virttui.model.identity import Kind
from virttui.model.queries import QueryKind, QueryResult
from virttui.model.tasks import Task
from virttui.panes.xml_editor.buffer import EditBuffer, ReloadResult
from virttui.panes.xml_editor.frame import EditorTab
from virttui.panes.xml_editor.text_view import TextAnalysis
from virttui.render.grid import fits
from virttui.screens.base.copy_menu import copy_selected
from virttui.screens.xml_editor.apply import ApplyTab
from virttui.screens.xml_editor.background_check import BackgroundChecker
from virttui.screens.xml_editor.compare import CompareTab
from virttui.screens.xml_editor.draft import DraftKeeper
from virttui.screens.xml_editor.history import HistoryTab
from virttui.screens.xml_editor.layout import Layout
from virttui.screens.xml_editor.page_base import TabController
from virttui.screens.xml_editor.resolve_conflicts import ConflictTab
from virttui.screens.xml_editor.text_input import TextTab
from virttui.screens.xml_editor.text_pane import TextPane
from virttui.store.fleet_state import FleetState
from virttui.widgets.base_screen import LineScreen
from virttui.widgets.line_view import LineView
from virttui.widgets.prompt import Prompt

AGAIN = 2.0
"""Seconds between two looks at what is stored."""
SELDOM = 30.0
"""The same for what a host tells of itself: nobody writes it, and it may be long."""
SAID_FOR = 6.0
_OF_HOST = frozenset({Kind.CAPABILITIES, Kind.DOMAIN_CAPABILITIES, Kind.NODE_DEVICE})


class XmlEditorScreen(LineScreen[str | None], inherit_bindings=False):
    """One document. ``restore`` begins with what was kept of one that is gone."""

    def __init__(self, document: Document, *, restore: bool = False) -> None:
        super().__init__(name="workbench")
        self.bench = EditBuffer(document)
        self.leaf = EditorTab.STORED
        self.stored = TextPane(read_only=False)
        self.running = TextPane(read_only=True)
        self.knowledge: HostValues | None = None
        self.trouble = ""
        self.typing = TextTab(self)
        self.comparing = CompareTab(self)
        self.applying = ApplyTab(self)
        self.choosing = ConflictTab(self, self.applying.merged)
        self.recalling = HistoryTab(self)
        self.drafting = DraftKeeper(self)
        self.student = BackgroundChecker(document.kind, self._studied, self.run_worker)
        self._restore = restore
        self._asked_at = -SELDOM
        self._asked = self._counts_from = 0
        self._known_at: float | None = None
        self._fleet_state = FleetState()
        self.prompt = Prompt()
        self._layout = Layout(self)
        self._painted_at = (0, 0)

    @property
    def fleet_state(self) -> FleetState:
        """What is known of all hosts."""
        return self._fleet_state

    @property
    def host(self) -> str:
        """What people call the document's host."""
        return self._fleet_state.host_name(self.bench.document.key.host)

    def compose(self) -> ComposeResult:
        """The parts from top to bottom."""
        yield from self._layout.parts()

    def on_mount(self) -> None:
        """Ask for the definition, and for what the host knows of its values."""
        # What is pasted goes to what has the focus.
        self.stored.editor.focus()
        if self._restore:
            self.recalling.begin_with_newest()
        self.console.feed()
        self.drafting.begin()

    def on_unmount(self) -> None:
        """Nothing goes on behind a page that is closed."""
        self.student.stop()
        self.drafting.end()

    # -- what is told ----------------------------------------------------------------------

    def feed(self, fleet_state: FleetState) -> None:
        """Time goes on: what is stored is asked again every two seconds."""
        self._fleet_state = fleet_state
        self.drafting.tick()
        now = self.look.now
        again = SELDOM if self.bench.document.kind in _OF_HOST else AGAIN
        if now - self._asked_at >= again and not self._restore:
            self.ask_again()
        if self.knowledge is None and self._known_at is None:
            self._known_at = now
            document = self.bench.document
            self.console.ask(QueryKind.KNOWLEDGE, document.kind, document.key, document=document)
        self.paint()

    def ask_again(self, *, anew: bool = False) -> None:
        """Have the definition read again; with ``anew`` earlier readings count no more."""
        self._asked_at = self.look.now
        self._asked += 1
        if anew:
            self._counts_from = self._asked
        document = self.bench.document
        self.console.ask(
            QueryKind.DEFINITION, document.kind, document.key, self._asked, document=document
        )

    def on_query_result(self, answer: QueryResult) -> None:
        """Take the definition, or what the host knows; answers to others are not ours."""
        if answer.question.document != self.bench.document:
            return
        if answer.knowledge is not None:
            self.knowledge = answer.knowledge
            self.typing.changed()
        elif (
            answer.question.ask is QueryKind.DEFINITION
            and answer.question.serial >= self._counts_from
        ):
            if self.applying.at_work:
                return
            if answer.definition is not None:
                self._read(answer.definition)
            elif answer.trouble is not None:
                self._unread(answer)
        self.paint()

    def _read(self, definition: DocumentText) -> None:
        self.trouble = ""
        self._restore = False
        bench = self.bench
        live, before, missing = bench.live, bench.definition, bench.missing
        if self.applying.written is not None:
            bench.written(definition)
            news = ReloadResult.FOLLOWED
        else:
            bench.text = self.stored.editor.text if before or missing else bench.text
            news = bench.take(definition, self.look.now)
            self._tell(news, before)
        if bench.live != live:
            self.running.replace(bench.live)
        if news is ReloadResult.FIRST:
            self._show_first()
        elif news is ReloadResult.FOLLOWED:
            self.stored.replace(bench.text)
        if news is not ReloadResult.NOTHING:
            self.typing.changed()
            self.recalling.refresh()
        self.comparing.refresh()
        self.applying.read_back(definition)

    def _tell(self, news: ReloadResult, before: DocumentText | None) -> None:
        """Say what others did, and keep what they replaced."""
        if news is ReloadResult.FOLLOWED:
            self.show_message("changed elsewhere; this is what is stored now")
        elif news is ReloadResult.ELSEWHERE:
            self.show_message(f"changed elsewhere: {', '.join(self.bench.elsewhere)}. f7 shows it")
        if news in (ReloadResult.FOLLOWED, ReloadResult.ELSEWHERE):
            self._keep(before)

    def _keep(self, before: DocumentText | None) -> None:
        # Without its passwords, as a view has it, it would be no loss but a trap.
        if before is not None and before.stored and not before.why_not:
            self.recalling.keep(before.stored)

    def _show_first(self) -> None:
        bench, sheet = self.bench, self.stored
        sheet.load(bench.text)
        if sheet.editor.text != bench.text:
            bench.unshown = "it has line ends that an editor would change"
        sheet.editor.read_only = bool(bench.why_not)
        self.drafting.offer()

    def _unread(self, answer: QueryResult) -> None:
        trouble = answer.trouble
        assert trouble is not None
        if isinstance(trouble, NotFound) and not self.bench.missing and not self._restore:
            self._keep(self.bench.definition)
            self.bench.gone()
            self.drafting.offer()
        self.trouble = trouble.sentence

    def heard(self, task: Task) -> None:
        """A task of this run changed."""
        self.applying.heard(task)

    def _studied(self, study: TextAnalysis) -> None:
        """A text was looked through. One that was changed meanwhile is looked through again."""
        if not self.is_mounted:
            return
        sheet = self.running if self.leaf is EditorTab.LIVE else self.stored
        if study.text == sheet.editor.text:
            sheet.view.take(study)
            sheet.editor.redraw()
        self.paint()

    # -- leaves ----------------------------------------------------------------------------

    def leaves(self) -> list[EditorTab]:
        """The leaves that mean something for this document, in their order."""
        both = bool(self.bench.live) and self.bench.live != self.bench.current
        transient = self.bench.definition is not None and self.bench.definition.transient
        several = (
            [EditorTab.LIVE, EditorTab.STORED, EditorTab.PENDING] if both and not transient else []
        )
        leaves = several or [EditorTab.STORED]
        # What nobody can change has no past, but what was writable yesterday may.
        return (
            leaves
            if self.bench.why_not and not self.recalling.any
            else [*leaves, EditorTab.HISTORY]
        )

    def show(self, leaf: EditorTab) -> None:
        """Turn to a leaf."""
        self.typing.close_offer()
        self.leaf = leaf
        if leaf is EditorTab.HISTORY:
            self.recalling.open()
        elif leaf in (EditorTab.PENDING, EditorTab.ELSEWHERE):
            self.comparing.open(leaf)
        elif leaf is EditorTab.LIVE:
            self.running.replace(self.bench.live)
            self.typing.changed()
        self.paint()
        # A text out of view must not get what is typed or pasted.
        self.set_focus(self.sheet.editor if self.typed else None)

    def turn(self, step: int) -> None:
        """To the next leaf."""
        leaves = self.leaves()
        here = leaves.index(self.leaf) if self.leaf in leaves else leaves.index(EditorTab.STORED)
        self.show(leaves[(here + step) % len(leaves)])

    @property
    def sheet(self) -> TextPane:
        """The text that is in view, or would be."""
        return self.running if self.leaf is EditorTab.LIVE else self.stored

    @property
    def page(self) -> TabController:
        """Whoever knows the leaf in view."""
        pages: dict[EditorTab, TabController] = {
            EditorTab.LIVE: self.typing,
            EditorTab.STORED: self.typing,
            EditorTab.HISTORY: self.recalling,
            EditorTab.REVIEW: self.applying,
            EditorTab.MERGE: self.choosing,
        }
        return pages.get(self.leaf, self.comparing)

    @property
    def typed(self) -> bool:
        """Whether a text is in view."""
        return self.leaf in (EditorTab.LIVE, EditorTab.STORED)

    # -- drawing ---------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Share out the cells anew."""
        if fits(event.size.width, event.size.height) and self.is_current:
            self.paint()

    def show_message(self, words: str, *, bad: bool = False, name: str = "") -> None:
        """Say something in the answer line for a few seconds."""
        del name
        self._layout.show_message(words, bad=bad)
        self.paint()

    def clear_message(self) -> None:
        """What was said was read."""
        self._layout.clear_message()

    def paint(self) -> None:
        """Draw everything; what is as before costs nothing."""
        self._painted_at = self.sheet.editor.cursor_location
        self._layout.paint()

    @property
    def popup(self) -> LineView:
        """Where completions are shown."""
        return self._layout.popup

    def answer_shown(self, shown: bool) -> None:
        """The answer line gives its place to what is typed, and takes it back."""
        self._layout.answer_shown(shown)

    def waits(self) -> str:
        """What is waited for before there is anything to show, in words; "" for nothing."""
        if self.bench.definition is not None or self.bench.missing or self._restore:
            return ""
        since = self.look.now - max(0.0, self._asked_at)
        return f"asking {self.host} for it, {since:.0f} s"

    def leaf_words(self, leaf: EditorTab) -> str:
        """What a leaf is called."""
        if leaf is EditorTab.PENDING:
            return self.comparing.pending_words()
        if leaf is EditorTab.HISTORY:
            return self.recalling.words()
        if leaf is not EditorTab.STORED:
            return leaf.value
        if EditorTab.LIVE not in self.leaves():
            return "definition"
        return "next boot" if self.bench.document.kind is Kind.DOMAIN else "next start"

    # -- keys ------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """A key means what it means on the leaf in view."""
        if event.key == "ctrl+c":
            self._copy_or_say()
            return True
        if self.prompt.sign:
            return self.typing.search_key(event)
        self.clear_message()
        common: dict[str, Callable[[], object]] = {
            "f1": self.help,
            "f3": lambda: self.turn(1),
            "shift+f3": lambda: self.turn(-1),
        }
        act = common.get(event.key)
        if act is not None:
            act()
            return True
        done = self.typing.take(event) if self.typed else self._press_leaf(event.key)
        if self.is_current:
            self.paint()
        return done

    def _press_leaf(self, key: str) -> bool:
        if key in ("escape", "q"):
            self.show(EditorTab.STORED)
        elif key == "question_mark":
            self.help()
        elif key == "tab":
            self.turn(1)
        else:
            return self.page.press(key)
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves a page; the text has its own."""
        self._scroll("down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves a page; the text has its own."""
        self._scroll("up")

    def _scroll(self, key: str) -> None:
        if not self.typed:
            for _ in range(1 if self.leaf in (EditorTab.HISTORY, EditorTab.MERGE) else 3):
                self._press_leaf(key)
            self.paint()

    def close(self) -> None:
        """Leave; what was typed stays a draft."""
        if self.is_current:
            self.dismiss(None)

    def help(self) -> None:
        """All keys of the workbench."""
        from virttui.screens.base.key_pages import keys_page

        self.app.push_screen(keys_page())

    def _copy_or_say(self) -> None:
        selected = self.sheet.editor.selected_text if self.typed else ""
        if selected:
            self.app.copy_to_clipboard(selected)
            self.show_message("copied what is selected")
        else:
            self.show_message(copy_selected(self, "esc goes back"))

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Search as it is typed."""
        self.typing.searched(event.text)

    def on_text_area_changed(self) -> None:
        """The text was changed, by a key or the mouse."""
        if self.leaf is EditorTab.STORED:
            self.typing.changed()

    def on_text_area_selection_changed(self) -> None:
        """The cursor moved: by the mouse, or by a key after which all was painted already."""
        if self.typed and self.sheet.editor.cursor_location != self._painted_at:
            self.paint()
