"""What keys do while a text is in view: type, complete, search, jump."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events

from virttui.model.identity import Kind, ObjectId
from virttui.model.severity import Severity
from virttui.panes.xml_editor import frame
from virttui.panes.xml_editor.frame import EditorTab
from virttui.panes.xml_editor.text_view import OutlineEntry
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut_end
from virttui.render.search import PickerItem
from virttui.screens.base.screen_protocol import FlowScreen
from virttui.screens.xml_editor.background_check import BackgroundChecker
from virttui.screens.xml_editor.completion_popup import CompletionPopup
from virttui.screens.xml_editor.editor_state import EditorActions, EditorState
from virttui.screens.xml_editor.page_base import TabController
from virttui.store.fleet_state import FleetState
from virttui.widgets.prompt import Prompt

_COMPLETION_TRIGGERS = frozenset("<'\" ")
"""What is typed before something that can be completed."""


OpenOther = Callable[[FlowScreen, FleetState, Kind, ObjectId, str], None]
"""Opens the choice of other documents of a host or domain: its kind, id and name."""


class TextTab(TabController):
    """Handles the keys of a text in the XML editor."""

    def __init__(
        self,
        state: EditorState,
        actions: EditorActions,
        checker: BackgroundChecker,
        popup: CompletionPopup,
        prompt: Prompt,
        open_other: OpenOther,
    ) -> None:
        self._state = state
        self._actions = actions
        self._checker = checker
        self._popup = popup
        self._prompt = prompt
        self._open_other = open_other
        self._handlers: dict[str, Callable[[], object]] = {
            "escape": self._escape,
            "f2": actions.review,
            "f4": self._external,
            "f5": self._add,
            "f7": self._elsewhere,
            "f8": self._next_problem,
            "f9": self._documents,
            "ctrl+f": self._search,
            "ctrl+g": lambda: actions.show_message(state.pane.next_hit(1)),
            "ctrl+o": self._outline,
            "tab": lambda: popup.request(explicit=True),
        }

    # -- what changed ----------------------------------------------------------------------

    def changed(self) -> None:
        """The text is another: it is looked through again when nobody types."""
        state = self._state
        sheet = state.pane
        if state.tab is not EditorTab.LIVE:
            state.buffer.text = state.stored.editor.text
        base = state.buffer.live if state.tab is EditorTab.LIVE else state.buffer.base
        lines = sheet.editor.document.line_count
        self._checker.check_soon(lambda: sheet.editor.text, base, state.host_values, lines)

    # -- keys ------------------------------------------------------------------------------

    def take(self, event: events.Key) -> bool:
        """A key while a text is in view."""
        if self._popup.press(event.key):
            return True
        if self._act(event.key):
            return True
        editor = self._state.pane.editor
        before = editor.cursor_location
        if not editor.take_key(event):
            return self._state.pane.editor.read_only and self._read_only(event.key)
        typed = event.is_printable and not editor.read_only
        goes_on = self._popup.is_active and (typed or event.key == "backspace")
        if goes_on or (typed and event.character in _COMPLETION_TRIGGERS):
            self._popup.request()
        elif editor.cursor_location != before and not typed:
            self._popup.close()
        return True

    def _act(self, key: str) -> bool:
        act = self._handlers.get(key)
        if act is not None:
            act()
        return act is not None

    def _escape(self) -> None:
        if not self._let_go():
            self._actions.close()

    def _read_only(self, key: str) -> bool:
        """Where no letter is text, some are keys as on every page."""
        if key == "slash":
            self._search()
        elif key in ("n", "N"):
            self._actions.show_message(self._state.pane.next_hit(1 if key == "n" else -1))
        elif key == "question_mark":
            self._actions.help()
        elif key == "q":
            self._actions.close()
        elif self._state.tab is EditorTab.STORED:
            self._actions.show_message(f"this is a view: {self._state.buffer.why_not}")
        else:
            self._actions.show_message("this is what runs now; f3 turns to what may be edited")
        return True

    def _let_go(self) -> bool:
        """Take one layer away; false when only the page is left."""
        sheet = self._state.pane
        if sheet.view.searched:
            sheet.search("")
            return True
        if self._state.tab is EditorTab.LIVE:
            self._actions.show_tab(EditorTab.STORED)
            return True
        return False

    # -- jumping ---------------------------------------------------------------------------

    def _next_problem(self) -> None:
        state = self._state
        problems = state.pane.view.analysis.checked.problems
        if not problems:
            self._actions.show_message(
                state.pane.view.analysis.checked.note or "no problems were found"
            )
            return
        row, column = state.pane.editor.cursor_location
        here = (row + 1, column + 1)
        found = next((p for p in problems if (p.line, p.column) > here), problems[0])
        state.pane.editor.go_to(found.line - 1, found.column - 1)
        self._actions.show_message(found.words, bad=found.level is Severity.ERROR)

    def _outline(self) -> None:
        headings = self._state.pane.view.analysis.outline
        if not headings:
            self._actions.show_message("the outline is not read yet")
        else:
            self._actions.run_flow(self._go_to_heading(headings))

    async def _go_to_heading(self, headings: Sequence[OutlineEntry]) -> None:
        """Let the user choose an entry of the outline, and put the cursor there."""
        from virttui.modals.base.chooser import PickerDialog

        entries = [
            PickerItem(one, "  " * one.depth + one.words, note=f"line {one.row + 1}")
            for one in headings
        ]

        chosen = await self._actions.show_dialog(PickerDialog("go to", entries))
        if chosen is not None:
            self._state.pane.editor.go_to(chosen.row)

    def _elsewhere(self) -> None:
        if self._state.buffer.parted:
            self._actions.show_tab(EditorTab.ELSEWHERE)
        else:
            self._actions.show_message("nobody else changed it since it was opened")

    def _documents(self) -> None:
        """What else there is of this domain, or of this host."""
        state = self._state
        document = state.buffer.document
        of_domain = frame.pane_of(document) == "domains"
        kind = Kind.DOMAIN if of_domain else Kind.HOST
        key = document.key if of_domain else ObjectId(document.key.host, "")
        name = document.name if of_domain else state.host_name
        self._open_other(self._actions, state.fleet_state, kind, key, name)

    def _add(self) -> None:
        from virttui.screens.xml_editor.insert_device import add_to_text

        self._popup.close()
        add_to_text(self._state, self._actions)

    # -- searching -------------------------------------------------------------------------

    def _search(self) -> None:
        self._popup.close()
        self._actions.show_answer_line(False)
        self._prompt.open("/", self._state.pane.view.searched)

    def searched(self, words: str) -> None:
        """What is searched for is being typed."""
        if not self._prompt.sign:
            return
        said = self._state.pane.search(words)
        role = Role.BAD if said.startswith("no") else Role.MUTED
        self._prompt.note((Run(f"{said} ", role),) if said else (), "")
        self._actions.paint()

    def search_key(self, event: events.Key) -> bool:
        """A key while words to search for are typed."""
        state = self._state
        words = self._prompt.text
        if event.key in ("up", "down", "enter") and words != state.pane.view.searched:
            # What was typed a moment ago counts already.
            state.pane.search(words)
        if event.key in ("up", "down"):
            said = state.pane.next_hit(-1 if event.key == "up" else 1)
            self._prompt.note((Run(f"{said} ", Role.MUTED),), "")
        elif event.key in ("enter", "escape"):
            if event.key == "escape":
                state.pane.search("")
            self._prompt.close()
            self._actions.show_answer_line(True)
            state.pane.editor.focus()
        else:
            return self._prompt.take_key(event)
        return True

    # -- another editor --------------------------------------------------------------------

    def _external(self) -> None:
        from textual.app import SuspendNotSupported

        from virttui.model.errors import InvalidInput
        from virttui.screens.xml_editor.external_editor import edit_text, editor_command

        state, actions = self._state, self._actions
        editor = state.pane.editor
        if editor.read_only:
            actions.show_message(f"this is a view: {state.buffer.why_not or 'it is what runs now'}")
            return
        buffer = state.buffer
        buffer.text = editor.text
        # A new password is nothing for a file, or for what an editor keeps of one.
        state.stored.replace(buffer.conceal())
        try:
            line = editor_command(actions.console.settings.environment)
            with actions.app.suspend():
                text = edit_text(buffer.text, buffer.document.name, line)
        except InvalidInput as error:
            actions.show_message(error.message, bad=True)
        except SuspendNotSupported:
            actions.show_message("this terminal cannot be lent to another program", bad=True)
        else:
            same = text == editor.text
            state.stored.replace(text)
            actions.show_message("it came back as it was" if same else "taken over; f2 reviews it")

    # -- words -----------------------------------------------------------------------------

    def titles(self) -> tuple[str, str, str]:
        """Where the cursor is, and how much is wrong."""
        sheet = self._state.pane
        number = len(sheet.view.analysis.checked.problems)
        place = f"line {sheet.row_now + 1} of {sheet.editor.document.line_count}"
        problems = "1 problem" if number == 1 else f"{number} problems"
        return "text" if sheet.editor.read_only else "editor", place, problems if number else ""

    def side(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """The outline."""
        sheet = self._state.pane
        return frame.outline_lines(sheet.view.analysis, sheet.row_now, look, width, height)

    def below(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """The problems."""
        sheet = self._state.pane
        return frame.problem_lines(sheet.view.analysis, sheet.row_now, look, width, height)

    def sentence(self, width: int) -> Line:
        """Somebody else's change, the fault on this line, or where the cursor is."""
        state = self._state
        buffer = state.buffer
        if buffer.parted and buffer.elsewhere_at is not None and state.tab is EditorTab.STORED:
            ago = self._actions.look.now - buffer.elsewhere_at
            names = ", ".join(buffer.elsewhere)
            said = f" changed this definition {ago:.0f} s ago ({names}). f7 shows it; "
            return (
                Run("someone else", Role.STRONG),
                Run(cut_end(clean(f"{said}a review merges it"), width - 16)),
            )
        study, row = state.pane.view.analysis, state.pane.row_now
        problem = next((p for p in study.checked.problems if p.line - 1 == row), None)
        if problem is not None:
            role = Role.BAD if problem.level is Severity.ERROR else Role.WARN
            return (Run(cut_end(clean(problem.words), width - 2), role),)
        if not study.outline:
            return ()
        heading = study.outline[frame.current_heading(study.outline, row)]
        words = clean(heading.words)
        hidden = f"   {buffer.secrets} hidden: kept as stored" if buffer.secrets else ""
        return (Run(words, Role.STRONG), Run(cut_end(hidden, width - len(words) - 2), Role.MUTED))

    def hints(self) -> list[KeyHint]:
        """The keys of the text."""
        state = self._state
        problems = bool(state.pane.view.analysis.checked.problems)
        turn = KeyHint("f3", "next tab")
        if state.pane.editor.read_only:
            return [
                KeyHint("/", "find"),
                KeyHint("ctrl+o", "outline"),
                turn,
                KeyHint("esc", "leave", keep=True),
            ]
        return [
            KeyHint("f2", "review and apply", state.buffer.edited or state.buffer.missing),
            KeyHint("f8", "next problem", problems),
            KeyHint("tab", "complete"),
            KeyHint("ctrl+f", "find"),
            turn,
            KeyHint("f4", "$EDITOR"),
            *([KeyHint("f5", "add")] if state.buffer.document.kind is Kind.DOMAIN else []),
            KeyHint("ctrl+o", "outline"),
            KeyHint("esc", "leave", keep=True),
        ]
