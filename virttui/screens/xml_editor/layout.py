"""The parts of the XML editor from top to bottom, and how they share the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.containers import Horizontal
from textual.widget import Widget

from virttui.panes.xml_editor import frame
from virttui.panes.xml_editor.frame import REVIEW_SIDE_WIDTH, SIDE_WIDTH, WIDE, EditorTab
from virttui.render import chrome
from virttui.render.chrome import KeyHint, keys_line
from virttui.render.glyphs import RenderContext
from virttui.render.grid import fits
from virttui.render.line import Line, Role, Run, clean, cut_end, within
from virttui.screens.xml_editor.editor_state import EditorActions, EditorState
from virttui.screens.xml_editor.page_base import TabController
from virttui.widgets.line_view import LineView
from virttui.widgets.prompt import Prompt

MESSAGE_SECONDS = 6.0
_FRAME_LINES = 5
"""Lines that are neither text nor below it: tabs, breadcrumb, rule, answer, keys."""


class Layout:
    """Draws one XML editor."""

    def __init__(self, state: EditorState, actions: EditorActions, prompt: Prompt) -> None:
        self._state = state
        self._actions = actions
        self._prompt = prompt
        self._said: tuple[Line, float] = ((), 0.0)
        self._laid_out: tuple[object, ...] = ()
        self._top = LineView(id="top")
        self._rule = LineView(id="rule")
        self._page = LineView(id="page")
        self._side = LineView(id="side")
        self._below = LineView(id="below")
        self._answer = LineView(id="answer")
        self._keys = LineView(id="keys")
        self.popup = LineView(id="offer")

    def parts(self) -> Iterator[Widget]:
        """Tabs and breadcrumb, the rule, text or page with its side, problems, answer, keys."""
        yield self._top
        yield self._rule
        editors = (self._state.stored.editor, self._state.running.editor)
        yield Horizontal(*editors, self._page, self._side, id="halves")
        yield self._below
        yield self._answer
        yield self._prompt
        yield self._keys
        yield self.popup

    def show_message(self, words: str, *, bad: bool) -> None:
        """Say something in the answer line for a few seconds."""
        role = Role.BAD if bad else Role.TEXT
        self._said = ((Run(clean(words), role),), self._actions.look.now + MESSAGE_SECONDS)

    def clear_message(self) -> None:
        """What was said was read."""
        self._said = ((), 0.0)

    def show_answer_line(self, shown: bool) -> None:
        """The answer line gives its place to what is typed, and takes it back."""
        self._answer.display = shown

    def paint(self, page: TabController, tabs: Sequence[tuple[str, bool]], waiting: str) -> None:
        """Draw everything; a line that did not change costs nothing.

        ``page`` is the controller of the tab in view, ``tabs`` are the titles of all tabs with true
        for that one, and ``waiting`` says what has to come before there is a text, "" for nothing.
        """
        actions = self._actions
        if not actions.is_mounted or not fits(*actions.size):
            return
        look, (width, height) = actions.look, actions.size
        side, below = self._side_cells(width), self._below_height(height)
        body = height - _FRAME_LINES - below
        self._lay_out(side, below)
        self._put(self._top, [self._tabs(width), self._crumb(tabs, width)], look)
        self._put(self._rule, [self._rule_line(page, width, side)], look)
        if not self._state.shows_text:
            self._put(self._page, page.lines(look, width - side - bool(side), body), look)
        if side:
            self._put(self._side, page.side(look, side, body), look)
        self._put(self._below, page.below(look, width, below), look)
        self._put(
            self._answer,
            [within((Run(" "), *self._answer_line(page, waiting, width)), width)],
            look,
        )
        self._put(self._keys, [keys_line(self._hints(page), width)], look)

    def _put(self, where: LineView, lines: list[Line], look: RenderContext) -> None:
        where.set_lines([look.with_glyphs(line) for line in lines])

    def _lay_out(self, side: int, below: int) -> None:
        """Set what is seen and how large, only when that changed."""
        state = self._state
        wanted = (state.tab is EditorTab.LIVE, state.tab is EditorTab.STORED, side, below)
        if wanted == self._laid_out:
            return
        self._laid_out = wanted
        self._top.styles.height = 2
        state.running.editor.display = state.tab is EditorTab.LIVE
        state.stored.editor.display = state.tab is EditorTab.STORED
        self._page.display = not state.shows_text
        self._side.display = bool(side)
        self._side.styles.width = side or 1
        self._below.styles.height = below
        self._below.display = below > 0

    def _side_cells(self, width: int) -> int:
        review = self._state.tab is EditorTab.REVIEW
        if width < WIDE or not (review or self._state.shows_text):
            return 0
        return REVIEW_SIDE_WIDTH if review else SIDE_WIDTH

    def _below_height(self, height: int) -> int:
        if self._state.shows_text:
            return 2 if height < 30 else 4
        review = self._state.tab is EditorTab.REVIEW
        return 3 if review and height >= 30 else int(review)

    def _tabs(self, width: int) -> Line:
        settings, fleet_state = self._actions.console.settings, self._state.fleet_state
        alarm = any(concern.alarm for concern in fleet_state.concerns.values())
        badge = chrome.Badge(
            settings.interval,
            len(fleet_state.concerns),
            alarm,
            settings.read_only,
            fleet_state.connecting,
        )
        pane = frame.pane_of(self._state.buffer.document)
        return chrome.tabs(pane, fleet_state.running_tasks, badge, width)

    def _crumb(self, tabs: Sequence[tuple[str, bool]], width: int) -> Line:
        state, look = self._state, self._actions.look
        words = frame.status_line(state.buffer, state.draft_saved_epoch, look)
        return frame.breadcrumb_line(
            state.host_name, state.buffer.document, tabs, words, look, width
        )

    def _rule_line(self, page: TabController, width: int, side: int) -> Line:
        look = self._actions.look
        title, count, end = page.titles()
        left = chrome.pane_rule(
            title, count, (), "", end, focused=True, look=look, width=width - side - bool(side)
        )
        if not side:
            return left
        over = "checks" if self._state.tab is EditorTab.REVIEW else "outline"
        return (*left, Run(" "), *chrome.rule(over, "", look, side))

    def _answer_line(self, page: TabController, waiting: str, width: int) -> Line:
        state = self._state
        said, until = self._said
        if said and self._actions.look.now < until:
            return tuple(run._replace(text=cut_end(run.text, width - 2)) for run in said)
        if state.error and waiting:
            return (Run(clean(state.error), Role.BAD),)
        if waiting:
            return (Run(waiting, Role.MUTED),)
        if state.error:
            return (Run(f"{clean(state.error)}. What you typed is still here", Role.WARN),)
        return page.sentence(width)

    def _hints(self, page: TabController) -> list[KeyHint]:
        if self._prompt.sign:
            return [KeyHint("enter", "keep"), KeyHint("esc", "discard")]
        return [*page.hints(), KeyHint("f1" if self._state.shows_text else "?", "keys", keep=True)]
