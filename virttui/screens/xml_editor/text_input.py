"""What keys do while a text is in view: type, complete, search, jump."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events
from textual.worker import Worker

from virttui.model.diagnostics import Completion
from virttui.model.identity import Kind, ObjectId
from virttui.panes.xml_editor import frame
from virttui.panes.xml_editor.frame import EditorTab
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut_end
from virttui.render.search import PickerItem
from virttui.screens.xml_editor.background_check import completion
from virttui.screens.xml_editor.page_base import TabController

if TYPE_CHECKING:
    from virttui.screens.xml_editor.screen import XmlEditorScreen

OFFER_CELLS = 54
_OPENS = frozenset("<'\" ")
"""What is typed before something that can be completed."""
_ABOVE = 3
"""Lines of the screen over the text."""


class TextTab(TabController):
    """The hands on the text of a workbench."""

    def __init__(self, screen: XmlEditorScreen) -> None:
        self._screen = screen
        self._offer: Completion | None = None
        self._place = 0
        self._wanted: Worker[None] | None = None
        self._does: dict[str, Callable[[], object]] = {
            "escape": self._escape,
            "f2": lambda: screen.applying.begin(),
            "f4": self._external,
            "f5": self._add,
            "f7": self._elsewhere,
            "f8": self._next_problem,
            "f9": self._documents,
            "ctrl+f": self._search,
            "ctrl+g": lambda: screen.show_message(screen.sheet.next_hit(1)),
            "ctrl+o": self._outline,
            "tab": lambda: self._want(asked=True),
        }

    # -- what changed ----------------------------------------------------------------------

    def changed(self) -> None:
        """The text is another: it is looked through again when nobody types."""
        screen = self._screen
        sheet = screen.sheet
        if screen.leaf is not EditorTab.LIVE:
            screen.bench.text = screen.stored.editor.text
        base = screen.bench.live if screen.leaf is EditorTab.LIVE else screen.bench.base
        lines = sheet.editor.document.line_count
        screen.student.look_through(lambda: sheet.editor.text, base, screen.knowledge, lines)

    # -- keys ------------------------------------------------------------------------------

    def take(self, event: events.Key) -> bool:
        """A key while a text is in view."""
        if self._offer is not None and self._steer(event.key):
            return True
        if self._act(event.key):
            return True
        editor = self._screen.sheet.editor
        before = editor.cursor_location
        if not editor.take_key(event):
            return self._screen.sheet.editor.read_only and self._read_only(event.key)
        typed = event.is_printable and not editor.read_only
        goes_on = self._completing and (typed or event.key == "backspace")
        if goes_on or (typed and event.character in _OPENS):
            self._want()
        elif editor.cursor_location != before and not typed:
            self.close_offer()
        return True

    def _act(self, key: str) -> bool:
        act = self._does.get(key)
        if act is not None:
            act()
        return act is not None

    def _escape(self) -> None:
        if not self._let_go():
            self._screen.close()

    def _read_only(self, key: str) -> bool:
        """Where no letter is text, some are keys as on every page."""
        if key == "slash":
            self._search()
        elif key in ("n", "N"):
            self._screen.show_message(self._screen.sheet.next_hit(1 if key == "n" else -1))
        elif key == "question_mark":
            self._screen.help()
        elif key == "q":
            self._screen.close()
        elif self._screen.leaf is EditorTab.STORED:
            self._screen.show_message(f"this is a view: {self._screen.bench.why_not}")
        else:
            self._screen.show_message("this is what runs now; f3 turns to what may be edited")
        return True

    def _let_go(self) -> bool:
        """Take one layer away; false when only the page is left."""
        sheet = self._screen.sheet
        if sheet.view.searched:
            sheet.search("")
            return True
        if self._screen.leaf is EditorTab.LIVE:
            self._screen.show(EditorTab.STORED)
            return True
        return False

    # -- completion ------------------------------------------------------------------------

    @property
    def _completing(self) -> bool:
        """Whether completions are shown, or being found for what was typed a moment ago."""
        return self._offer is not None or (
            self._wanted is not None and not self._wanted.is_finished
        )

    def _want(self, *, asked: bool = False) -> None:
        """Find out, beside the keys, what may stand at the cursor."""
        screen = self._screen
        if screen.sheet.editor.read_only:
            return
        if self._wanted is not None:
            self._wanted.cancel()
        self._wanted = self._screen.run_worker(self._find(asked))

    async def _find(self, asked: bool) -> None:
        screen, editor = self._screen, self._screen.sheet.editor
        place = editor.place
        kind = screen.bench.document.kind
        offer = await asyncio.to_thread(completion, editor.text, place, kind, screen.knowledge)
        if editor.place != place or not screen.typed:
            return
        if offer is None or not offer.items:
            self.close_offer()
            if asked:
                screen.show_message("nothing is known that could stand here")
            return
        if asked and len(offer.items) == 1:
            self._offer, self._place = offer, 0
            self._take()
            return
        self._offer, self._place = offer, 0
        self._show()

    def _steer(self, key: str) -> bool:
        offer = self._offer
        assert offer is not None
        if key == "tab":
            self._take()
        elif key == "escape":
            self.close_offer()
        elif key in ("up", "down"):
            by = 1 if key == "down" else -1
            self._place = (self._place + by) % len(offer.items)
            self._show()
        else:
            return False
        return True

    def _take(self) -> None:
        offer, editor = self._offer, self._screen.sheet.editor
        assert offer is not None
        item = offer.items[self._place]
        self.close_offer()
        editor.replace(item.text, editor.at(offer.start), editor.at(offer.end))
        editor.move_cursor(editor.at(offer.start + item.cursor))

    def _show(self) -> None:
        """Put the offer under the cursor, or above where there is no room below."""
        screen, offer = self._screen, self._offer
        assert offer is not None
        popup = screen.popup
        width = min(OFFER_CELLS, screen.size.width - 2)
        lines = frame.offer_lines(offer, self._place, width)
        x, y = screen.sheet.cell_now
        room = screen.sheet.editor.size.height
        below = y + 1 + len(lines) <= room
        top = _ABOVE + (y + 1 if below else max(0, y - len(lines)))
        popup.styles.offset = (max(0, min(x, screen.size.width - width)), top)
        popup.styles.width, popup.styles.height = width, len(lines)
        popup.display = True
        popup.put([screen.look.spelled(line) for line in lines])

    def close_offer(self) -> None:
        """Show no completions."""
        if self._wanted is not None:
            self._wanted.cancel()
            self._wanted = None
        if self._offer is not None:
            self._offer = None
            self._screen.popup.display = False

    # -- jumping ---------------------------------------------------------------------------

    def _next_problem(self) -> None:
        screen = self._screen
        problems = screen.sheet.view.study.checked.problems
        if not problems:
            screen.show_message(screen.sheet.view.study.checked.note or "no problems were found")
            return
        row, column = screen.sheet.editor.cursor_location
        here = (row + 1, column + 1)
        found = next((p for p in problems if (p.line, p.column) > here), problems[0])
        screen.sheet.editor.go_to(found.line - 1, found.column - 1)
        screen.show_message(found.words, bad=found.level == "error")

    def _outline(self) -> None:
        from virttui.modals.base.chooser import PickerDialog

        screen = self._screen
        headings = screen.sheet.view.study.outline
        if not headings:
            screen.show_message("the outline is not read yet")
            return
        entries = [
            PickerItem(str(n), "  " * one.depth + one.words, note=f"line {one.row + 1}")
            for n, one in enumerate(headings)
        ]

        def chosen(id: str | None) -> None:
            if id is not None:
                screen.sheet.editor.go_to(headings[int(id)].row)

        screen.app.push_screen(PickerDialog("go to", entries), chosen)

    def _elsewhere(self) -> None:
        if self._screen.bench.parted:
            self._screen.show(EditorTab.ELSEWHERE)
        else:
            self._screen.show_message("nobody else changed it since it was opened")

    def _documents(self) -> None:
        """What else there is of this domain, or of this host."""
        from virttui.screens.xml_editor.open_document import choose

        screen = self._screen
        document = screen.bench.document
        of_domain = frame.pane_of(document) == "domains"
        kind = Kind.DOMAIN if of_domain else Kind.HOST
        key = document.key if of_domain else ObjectId(document.key.host, "")
        name = document.name if of_domain else screen.host
        choose(screen.app, screen.fleet_state, kind, key, name)

    def _add(self) -> None:
        from virttui.screens.xml_editor.insert_device import add_to_text

        self.close_offer()
        add_to_text(self._screen)

    # -- searching -------------------------------------------------------------------------

    def _search(self) -> None:
        self.close_offer()
        screen = self._screen
        screen.answer_shown(False)
        screen.prompt.open("/", screen.sheet.view.searched)

    def searched(self, words: str) -> None:
        """What is searched for is being typed."""
        screen = self._screen
        if not screen.prompt.sign:
            return
        said = screen.sheet.search(words)
        role = Role.BAD if said.startswith("no") else Role.MUTED
        screen.prompt.note((Run(f"{said} ", role),) if said else (), "")
        screen.paint()

    def search_key(self, event: events.Key) -> bool:
        """A key while words to search for are typed."""
        screen = self._screen
        words = screen.prompt.text
        if event.key in ("up", "down", "enter") and words != screen.sheet.view.searched:
            # What was typed a moment ago counts already.
            screen.sheet.search(words)
        if event.key in ("up", "down"):
            said = screen.sheet.next_hit(-1 if event.key == "up" else 1)
            screen.prompt.note((Run(f"{said} ", Role.MUTED),), "")
        elif event.key in ("enter", "escape"):
            if event.key == "escape":
                screen.sheet.search("")
            screen.prompt.close()
            screen.answer_shown(True)
            screen.sheet.editor.focus()
        else:
            return screen.prompt.take_key(event)
        return True

    # -- another editor --------------------------------------------------------------------

    def _external(self) -> None:
        from textual.app import SuspendNotSupported

        from virttui.model.errors import InvalidInput
        from virttui.screens.xml_editor.external_editor import edited, editor_line

        screen = self._screen
        editor = screen.sheet.editor
        if editor.read_only:
            screen.show_message(f"this is a view: {screen.bench.why_not or 'it is what runs now'}")
            return
        bench = screen.bench
        bench.text = editor.text
        # A new password is nothing for a file, or for what an editor keeps of one.
        screen.stored.replace(bench.conceal())
        try:
            line = editor_line(screen.console.settings.environment)
            with screen.app.suspend():
                text = edited(bench.text, bench.document.name, line)
        except InvalidInput as error:
            screen.show_message(error.sentence, bad=True)
        except SuspendNotSupported:
            screen.show_message("this terminal cannot be lent to another program", bad=True)
        else:
            same = text == editor.text
            screen.stored.replace(text)
            screen.show_message("it came back as it was" if same else "taken over; f2 reviews it")

    # -- words -----------------------------------------------------------------------------

    def titles(self) -> tuple[str, str, str]:
        """Where the cursor is, and how much is wrong."""
        sheet = self._screen.sheet
        number = len(sheet.view.study.checked.problems)
        place = f"line {sheet.row_now + 1} of {sheet.editor.document.line_count}"
        problems = "1 problem" if number == 1 else f"{number} problems"
        return "text" if sheet.editor.read_only else "editor", place, problems if number else ""

    def side(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """The outline."""
        sheet = self._screen.sheet
        return frame.outline_lines(sheet.view.study, sheet.row_now, look, width, height)

    def below(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """The problems."""
        sheet = self._screen.sheet
        return frame.problem_lines(sheet.view.study, sheet.row_now, look, width, height)

    def sentence(self, width: int) -> Line:
        """Somebody else's change, the fault on this line, or where the cursor is."""
        screen = self._screen
        bench = screen.bench
        if bench.parted and bench.elsewhere_at is not None and screen.leaf is EditorTab.STORED:
            ago = screen.look.now - bench.elsewhere_at
            names = ", ".join(bench.elsewhere)
            said = f" changed this definition {ago:.0f} s ago ({names}). f7 shows it; "
            return (
                Run("someone else", Role.STRONG),
                Run(cut_end(clean(f"{said}a review merges it"), width - 16)),
            )
        study, row = screen.sheet.view.study, screen.sheet.row_now
        problem = next((p for p in study.checked.problems if p.line - 1 == row), None)
        if problem is not None:
            role = Role.BAD if problem.level == "error" else Role.WARN
            return (Run(cut_end(clean(problem.words), width - 2), role),)
        if not study.outline:
            return ()
        heading = study.outline[frame.current(study.outline, row)]
        words = clean(heading.words)
        hidden = f"   {bench.secrets} hidden: kept as stored" if bench.secrets else ""
        return (Run(words, Role.STRONG), Run(cut_end(hidden, width - len(words) - 2), Role.MUTED))

    def hints(self) -> list[KeyHint]:
        """The keys of the text."""
        screen = self._screen
        problems = bool(screen.sheet.view.study.checked.problems)
        turn = KeyHint("f3", "next leaf")
        if screen.sheet.editor.read_only:
            return [
                KeyHint("/", "find"),
                KeyHint("ctrl+o", "outline"),
                turn,
                KeyHint("esc", "leave", keep=True),
            ]
        return [
            KeyHint("f2", "review and apply", screen.bench.edited or screen.bench.missing),
            KeyHint("f8", "next problem", problems),
            KeyHint("tab", "complete"),
            KeyHint("ctrl+f", "find"),
            turn,
            KeyHint("f4", "$EDITOR"),
            *([KeyHint("f5", "add")] if screen.bench.document.kind is Kind.DOMAIN else []),
            KeyHint("ctrl+o", "outline"),
            KeyHint("esc", "leave", keep=True),
        ]
