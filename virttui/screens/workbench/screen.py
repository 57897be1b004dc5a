"""The workbench: one definition, edited, checked, compared, and written after a review."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from virttui.model.documents import Definition, Document, Knowledge
from virttui.model.errors import NotFound
from virttui.model.identity import Kind
from virttui.model.news import Answer, Ask
from virttui.model.tasks import Task
from virttui.panes import chrome
from virttui.panes.chrome import KeyHint, keys_line
from virttui.panes.glyphs import Look
from virttui.panes.grid import fits
from virttui.panes.line import Line, Role, Run, clean, cut_end, within
from virttui.panes.survey import Survey
from virttui.panes.workbench import frame
from virttui.panes.workbench.bench import Bench, News
from virttui.panes.workbench.frame import REVIEW_SIDE, SIDE, WIDE, Leaf
from virttui.panes.workbench.view import Study
from virttui.screens.copying import copy_selected
from virttui.screens.workbench.applying import Applying
from virttui.screens.workbench.comparing import Comparing
from virttui.screens.workbench.drafting import Drafting
from virttui.screens.workbench.recalling import Recalling
from virttui.screens.workbench.sheet import TextSheet
from virttui.screens.workbench.studying import Student
from virttui.screens.workbench.typing import Typing
from virttui.widgets.lines import Lines
from virttui.widgets.page import PageScreen
from virttui.widgets.prompt import Prompt

AGAIN = 2.0
"""Seconds between two looks at what is stored."""
SELDOM = 30.0
"""The same for what a host tells of itself: nobody writes it, and it may be long."""
SAID_FOR = 6.0
_OF_HOST = frozenset({Kind.CAPABILITIES, Kind.DOMAIN_CAPABILITIES, Kind.NODE_DEVICE})


class WorkbenchScreen(PageScreen[None], inherit_bindings=False):
    """One document. ``restore`` begins with what was kept of one that is gone."""

    def __init__(self, document: Document, *, restore: bool = False) -> None:
        super().__init__(name="workbench")
        self.bench = Bench(document)
        self.leaf = Leaf.STORED
        self.stored = TextSheet(read_only=False)
        self.running = TextSheet(read_only=True)
        self.knowledge: Knowledge | None = None
        self.trouble = ""
        self.typing = Typing(self)
        self.comparing = Comparing(self)
        self.applying = Applying(self)
        self.recalling = Recalling(self)
        self.drafting = Drafting(self)
        self.student = Student(document.kind, self._studied, self.run_worker)
        self._restore = restore
        self._asked_at = -SELDOM
        self._asked = self._counts_from = 0
        self._known_at: float | None = None
        self._said: tuple[Line, float] = ((), 0.0)
        self._survey = Survey()
        self._laid_out: tuple[object, ...] = ()
        self._top = Lines(id="top")
        self._rule = Lines(id="rule")
        self._page = Lines(id="page")
        self._side = Lines(id="side")
        self._below = Lines(id="below")
        self._answer = Lines(id="answer")
        self.prompt = Prompt()
        self._keys = Lines(id="keys")
        self.popup = Lines(id="offer")

    @property
    def survey(self) -> Survey:
        """What is known of all hosts."""
        return self._survey

    @property
    def host(self) -> str:
        """What people call the document's host."""
        return self._survey.host_name(self.bench.document.key.host)

    def compose(self) -> ComposeResult:
        """Tabs and breadcrumb, the rule, text or page with its side, problems, answer, keys."""
        yield self._top
        yield self._rule
        with Horizontal(id="halves"):
            yield self.stored.editor
            yield self.running.editor
            yield self._page
            yield self._side
        yield self._below
        yield self._answer
        yield self.prompt
        yield self._keys
        yield self.popup

    def on_mount(self) -> None:
        """Ask for the definition, and for what the host knows of its values."""
        self._top.styles.height = 2
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

    def feed(self, survey: Survey) -> None:
        """Time goes on: what is stored is asked again every two seconds."""
        self._survey = survey
        self.drafting.tick()
        now = self.look.now
        again = SELDOM if self.bench.document.kind in _OF_HOST else AGAIN
        if now - self._asked_at >= again and not self.bench.missing:
            self.ask_again()
        if self.knowledge is None and self._known_at is None:
            self._known_at = now
            document = self.bench.document
            self.console.ask(Ask.KNOWLEDGE, document.kind, document.key, document=document)
        self.paint()

    def ask_again(self, *, anew: bool = False) -> None:
        """Have the definition read again; with ``anew`` earlier readings count no more."""
        self._asked_at = self.look.now
        self._asked += 1
        if anew:
            self._counts_from = self._asked
        document = self.bench.document
        self.console.ask(
            Ask.DEFINITION, document.kind, document.key, self._asked, document=document
        )

    def answered(self, answer: Answer) -> None:
        """Take the definition, or what the host knows; answers to others are not ours."""
        if answer.question.document != self.bench.document:
            return
        if answer.knowledge is not None:
            self.knowledge = answer.knowledge
            self.typing.changed()
        elif answer.question.ask is Ask.DEFINITION and answer.question.serial >= self._counts_from:
            if answer.definition is not None:
                self._read(answer.definition)
            elif answer.trouble is not None:
                self._unread(answer)
        self.paint()

    def _read(self, definition: Definition) -> None:
        self.trouble = ""
        live, before = self.bench.live, self.bench.definition
        ours = self.applying.written is not None
        if self.applying.written is not None:
            # What was written is the base from here on: what differs is libvirt's own doing.
            self.bench.base = self.bench.text = self.applying.written
        self.bench.text = self.stored.editor.text if self.bench.definition else self.bench.text
        news = self.bench.take(definition, self.look.now)
        if self.bench.live != live:
            self.running.replace(self.bench.live)
        if news is News.FIRST:
            self.stored.load(self.bench.text)
            self.stored.editor.read_only = bool(self.bench.why_not)
            self.drafting.offer()
        elif news is News.FOLLOWED:
            self.stored.replace(self.bench.text)
            self.say("changed elsewhere; this is what is stored now")
        elif news is News.ELSEWHERE:
            self.say(f"changed elsewhere: {', '.join(self.bench.elsewhere)}. f7 shows it")
        theirs = news in (News.FOLLOWED, News.ELSEWHERE) and not ours
        # Without its passwords, as a view has it, it would be no loss but a trap.
        if theirs and before is not None and not before.why_not:
            self.recalling.keep(before.stored)
        if news is not News.NOTHING:
            self.typing.changed()
            self.recalling.refresh()
        self.comparing.refresh()
        self.applying.read_back(definition)

    def _unread(self, answer: Answer) -> None:
        trouble = answer.trouble
        assert trouble is not None
        if isinstance(trouble, NotFound) and self.bench.definition is not None:
            self.bench.gone()
        self.trouble = trouble.sentence

    def heard(self, task: Task) -> None:
        """A task of this run changed."""
        self.applying.heard(task)

    def _studied(self, study: Study) -> None:
        """A text was looked through. One that was changed meanwhile is looked through again."""
        if not self.is_mounted:
            return
        sheet = self.running if self.leaf is Leaf.LIVE else self.stored
        if study.text == sheet.editor.text:
            sheet.view.take(study)
            sheet.editor.redraw()
        self.paint()

    # -- leaves ----------------------------------------------------------------------------

    def leaves(self) -> list[Leaf]:
        """The leaves that mean something for this document, in their order."""
        both = bool(self.bench.live) and self.bench.live != self.bench.current
        transient = self.bench.definition is not None and self.bench.definition.transient
        several = [Leaf.LIVE, Leaf.STORED, Leaf.PENDING] if both and not transient else []
        leaves = several or [Leaf.STORED]
        # What nobody can change has no past, but what was writable yesterday may.
        return leaves if self.bench.why_not and not self.recalling.any else [*leaves, Leaf.HISTORY]

    def show(self, leaf: Leaf) -> None:
        """Turn to a leaf."""
        self.typing.close_offer()
        self.leaf = leaf
        if leaf is Leaf.HISTORY:
            self.recalling.open()
        elif leaf in (Leaf.PENDING, Leaf.ELSEWHERE):
            self.comparing.open(leaf)
        elif leaf is Leaf.LIVE:
            self.running.replace(self.bench.live)
            self.typing.changed()
        self.paint()
        # A text out of view must not get what is typed or pasted.
        self.set_focus(self.sheet.editor if self.typed else None)

    def turn(self, step: int) -> None:
        """To the next leaf."""
        leaves = self.leaves()
        here = leaves.index(self.leaf) if self.leaf in leaves else leaves.index(Leaf.STORED)
        self.show(leaves[(here + step) % len(leaves)])

    @property
    def sheet(self) -> TextSheet:
        """The text that is in view, or would be."""
        return self.running if self.leaf is Leaf.LIVE else self.stored

    @property
    def typed(self) -> bool:
        """Whether a text is in view."""
        return self.leaf in (Leaf.LIVE, Leaf.STORED)

    # -- drawing ---------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Share out the cells anew."""
        if fits(event.size.width, event.size.height) and self.is_current:
            self.paint()

    def say(self, words: str, *, bad: bool = False, name: str = "") -> None:
        """Say something in the answer line for a few seconds."""
        del name
        self._said = (
            (Run(clean(words), Role.BAD if bad else Role.TEXT),),
            self.look.now + SAID_FOR,
        )
        if self.is_mounted:
            self.paint()

    def hush(self) -> None:
        """What was said was read."""
        self._said = ((), 0.0)

    def paint(self) -> None:
        """Draw everything; what is as before costs nothing."""
        if not self.is_mounted or not fits(*self.size):
            return
        look, (cells, height) = self.look, self.size
        wanted = REVIEW_SIDE if self.leaf is Leaf.REVIEW else SIDE
        side = wanted if cells >= WIDE and self._has_side() else 0
        below = self._below_height(height)
        body = height - 5 - below
        self._lay_out(side, below)
        self._top.put([look.spelled(self._tabs(cells)), look.spelled(self._crumb(cells))])
        self._rule.put([look.spelled(self._rule_line(look, cells, side))])
        if not self.typed:
            drawn = self._leaf_lines(look, cells - side - (1 if side else 0), body)
            self._page.put([look.spelled(line) for line in drawn])
        if side:
            self._side.put([look.spelled(line) for line in self._side_lines(look, side, body)])
        self._below.put([look.spelled(line) for line in self._below_lines(look, cells, below)])
        self._answer.put([look.spelled(within((Run(" "), *self._answer_line(cells)), cells))])
        self._keys.put([look.spelled(keys_line(self._hints(), cells))])

    def _lay_out(self, side: int, below: int) -> None:
        """Set what is seen and how large, only when that changed."""
        wanted = (self.leaf is Leaf.LIVE, self.leaf is Leaf.STORED, side, below)
        if wanted == self._laid_out:
            return
        self._laid_out = wanted
        self.running.editor.display = self.leaf is Leaf.LIVE
        self.stored.editor.display = self.leaf is Leaf.STORED
        self._page.display = not self.typed
        self._side.display = bool(side)
        self._side.styles.width = side or 1
        self._below.styles.height = below
        self._below.display = below > 0

    def _has_side(self) -> bool:
        return self.typed or self.leaf is Leaf.REVIEW

    def _below_height(self, height: int) -> int:
        if self.typed:
            return 2 if height < 30 else 4
        return 3 if self.leaf is Leaf.REVIEW and height >= 30 else int(self.leaf is Leaf.REVIEW)

    def _tabs(self, cells: int) -> Line:
        settings = self.console.settings
        eyes = self._survey.concerns
        badge = chrome.Badge(
            settings.interval, len(eyes), any(c.alarm for c in eyes.values()), settings.read_only
        )
        pane = frame.pane_of(self.bench.document)
        return chrome.tabs(pane, self._survey.running_tasks, badge, cells)

    def _crumb(self, cells: int) -> Line:
        words = {
            Leaf.STORED: self._stored_words(),
            Leaf.PENDING: self.comparing.pending_words(),
            Leaf.HISTORY: self.recalling.words(),
        }
        shown = self.leaves()
        if self.leaf not in shown:
            shown = [*shown, self.leaf]
        named = [(words.get(leaf, leaf.value), leaf is self.leaf) for leaf in shown]
        state = frame.state_words(self.bench, self.drafting.kept_epoch, self.look)
        return frame.crumb(self.host, self.bench.document, named, state, self.look, cells)

    def _stored_words(self) -> str:
        """What the stored definition is called beside the live one, and alone."""
        if Leaf.LIVE not in self.leaves():
            return "definition"
        return "next boot" if self.bench.document.kind is Kind.DOMAIN else "next start"

    def _rule_line(self, look: Look, cells: int, side: int) -> Line:
        title, count, end = self._titles()
        left = chrome.pane_rule(
            title, count, (), "", end, focused=True, look=look, cells=cells - side - bool(side)
        )
        if not side:
            return left
        over = "checks" if self.leaf is Leaf.REVIEW else "outline"
        return (*left, Run(" "), *chrome.rule(over, "", look, side))

    def _titles(self) -> tuple[str, str, str]:
        if self.typed:
            number = len(self.sheet.view.study.checked.problems)
            lines = self.sheet.editor.document.line_count
            problems = "1 problem" if number == 1 else f"{number} problems"
            title = "editor" if not self.sheet.editor.read_only else "text"
            return title, f"line {self.sheet.row_now + 1} of {lines}", problems if number else ""
        if self.leaf is Leaf.HISTORY:
            return "history", "", self.recalling.end_words()
        if self.leaf in (Leaf.REVIEW, Leaf.MERGE):
            return self.applying.titles()
        return self.comparing.titles()

    def _leaf_lines(self, look: Look, cells: int, height: int) -> list[Line]:
        if self.leaf is Leaf.HISTORY:
            return self.recalling.lines(look, cells, height)
        if self.leaf in (Leaf.REVIEW, Leaf.MERGE):
            return self.applying.lines(look, cells, height)
        return self.comparing.lines(look, cells, height)

    def _side_lines(self, look: Look, cells: int, height: int) -> list[Line]:
        if self.leaf is Leaf.REVIEW:
            return self.applying.side(look, cells)[:height]
        sheet = self.sheet
        lines, _ = frame.outline_lines(sheet.view.study, sheet.row_now, look, cells, height)
        return lines

    def _below_lines(self, look: Look, cells: int, height: int) -> list[Line]:
        if self.typed:
            sheet = self.sheet
            return frame.problem_lines(sheet.view.study, sheet.row_now, look, cells, height)
        if self.leaf is Leaf.REVIEW:
            return self.applying.buttons(look, cells, height)
        return []

    def _answer_line(self, cells: int) -> Line:
        said, until = self._said
        if said and self.look.now < until:
            return tuple(r._replace(text=cut_end(r.text, cells - 2)) for r in said)
        waiting = self.bench.definition is None and not self.bench.missing
        if self.trouble and waiting:
            return (Run(clean(self.trouble), Role.BAD),)
        if waiting and not self._restore:
            since = self.look.now - max(0.0, self._asked_at)
            return (Run(f"asking {self.host} for it, {since:.0f} s", Role.MUTED),)
        if self.trouble:
            return (Run(f"{clean(self.trouble)}. What you typed is kept", Role.WARN),)
        return self._leaf_sentence(cells)

    def _leaf_sentence(self, cells: int) -> Line:
        if self.leaf is Leaf.HISTORY:
            return self.recalling.sentence()
        if self.leaf in (Leaf.REVIEW, Leaf.MERGE):
            return self.applying.sentence()
        if self.leaf in (Leaf.ELSEWHERE, Leaf.PENDING, Leaf.OUTCOME):
            return self.comparing.sentence()
        return self.typing.sentence(cells)

    def _hints(self) -> list[KeyHint]:
        if self.prompt.sign:
            return [KeyHint("enter", "keep"), KeyHint("esc", "drop it")]
        hints = {
            Leaf.HISTORY: self.recalling.hints,
            Leaf.REVIEW: self.applying.hints,
            Leaf.MERGE: self.applying.hints,
            Leaf.LIVE: self.typing.hints,
            Leaf.STORED: self.typing.hints,
        }.get(self.leaf, self.comparing.hints)
        return [*hints(), KeyHint("f1" if self.typed else "?", "keys", keep=True)]

    # -- keys ------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """A key means what it means on the leaf in view."""
        if event.key == "ctrl+c":
            self._copy_or_say()
            return True
        if self.prompt.sign:
            return self.typing.search_key(event)
        self.hush()
        common: dict[str, Callable[[], object]] = {
            "f1": self.help,
            "f3": lambda: self.turn(1),
            "shift+f3": lambda: self.turn(-1),
        }
        act = common.get(event.key)
        if act is not None:
            act()
            return True
        done = self.typing.press(event) if self.typed else self._press_leaf(event.key)
        if self.is_current:
            self.paint()
        return done

    def _press_leaf(self, key: str) -> bool:
        if key in ("escape", "q"):
            self.show(Leaf.STORED)
        elif key == "question_mark":
            self.help()
        elif key == "tab":
            self.turn(1)
        elif self.leaf is Leaf.HISTORY:
            return self.recalling.press(key)
        elif self.leaf in (Leaf.REVIEW, Leaf.MERGE):
            return self.applying.press(key)
        else:
            return self.comparing.press(key)
        return True

    def answer_shown(self, shown: bool) -> None:
        """The answer line gives its place to what is typed, and takes it back."""
        self._answer.display = shown

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves a page; the text has its own."""
        self._scroll("down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves a page; the text has its own."""
        self._scroll("up")

    def _scroll(self, key: str) -> None:
        if not self.typed:
            for _ in range(1 if self.leaf in (Leaf.HISTORY, Leaf.MERGE) else 3):
                self._press_leaf(key)
            self.paint()

    def close(self) -> None:
        """Leave; what was typed stays a draft."""
        if self.is_current:
            self.dismiss(None)

    def help(self) -> None:
        """All keys of the workbench."""
        from virttui.screens.workbench.help import keys_page

        self.app.push_screen(keys_page())

    def _copy_or_say(self) -> None:
        selected = self.sheet.editor.selected_text if self.typed else ""
        if selected:
            self.app.copy_to_clipboard(selected)
            self.say("copied what is selected")
        else:
            self.say(copy_selected(self, "esc goes back"))

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Search as it is typed."""
        self.typing.searched(event.text)

    def on_text_area_changed(self) -> None:
        """The text was changed, by a key or the mouse."""
        if self.leaf is Leaf.STORED:
            self.typing.changed()

    def on_text_area_selection_changed(self) -> None:
        """The cursor moved."""
        if self.typed:
            self.paint()
