"""The parts of the workbench from top to bottom, and how they share the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.widget import Widget

from virttui.panes.xml_editor import frame
from virttui.panes.xml_editor.frame import REVIEW_SIDE, SIDE, WIDE, EditorTab
from virttui.render import chrome
from virttui.render.chrome import KeyHint, keys_line
from virttui.render.glyphs import RenderContext
from virttui.render.grid import fits
from virttui.render.line import Line, Role, Run, clean, cut_end, within
from virttui.widgets.line_view import LineView

if TYPE_CHECKING:
    from virttui.screens.xml_editor.screen import XmlEditorScreen

SAID_FOR = 6.0
_AROUND = 5
"""Lines that are neither text nor below it: tabs, breadcrumb, rule, answer, keys."""


class Layout:
    """Draws one workbench."""

    def __init__(self, screen: XmlEditorScreen) -> None:
        self._screen = screen
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
        screen = self._screen
        yield self._top
        yield self._rule
        editors = (screen.stored.editor, screen.running.editor)
        yield Horizontal(*editors, self._page, self._side, id="halves")
        yield self._below
        yield self._answer
        yield screen.prompt
        yield self._keys
        yield self.popup

    def show_message(self, words: str, *, bad: bool) -> None:
        """Say something in the answer line for a few seconds."""
        role = Role.BAD if bad else Role.TEXT
        self._said = ((Run(clean(words), role),), self._screen.look.now + SAID_FOR)

    def clear_message(self) -> None:
        """What was said was read."""
        self._said = ((), 0.0)

    def answer_shown(self, shown: bool) -> None:
        """The answer line gives its place to what is typed, and takes it back."""
        self._answer.display = shown

    def paint(self) -> None:
        """Draw everything; what is as before costs nothing."""
        screen = self._screen
        if not screen.is_mounted or not fits(*screen.size):
            return
        look, (width, height), page = screen.look, screen.size, screen.page
        side, below = self._side_cells(width), self._below_height(height)
        body = height - _AROUND - below
        self._lay_out(side, below)
        self._put(self._top, [self._tabs(width), self._crumb(width)], look)
        self._put(self._rule, [self._rule_line(look, width, side)], look)
        if not screen.typed:
            self._put(self._page, page.lines(look, width - side - bool(side), body), look)
        if side:
            self._put(self._side, page.side(look, side, body), look)
        self._put(self._below, page.below(look, width, below), look)
        self._put(self._answer, [within((Run(" "), *self._answer_line(width)), width)], look)
        self._put(self._keys, [keys_line(self._hints(), width)], look)

    def _put(self, where: LineView, lines: list[Line], look: RenderContext) -> None:
        where.put([look.spelled(line) for line in lines])

    def _lay_out(self, side: int, below: int) -> None:
        """Set what is seen and how large, only when that changed."""
        screen = self._screen
        wanted = (screen.leaf is EditorTab.LIVE, screen.leaf is EditorTab.STORED, side, below)
        if wanted == self._laid_out:
            return
        self._laid_out = wanted
        self._top.styles.height = 2
        screen.running.editor.display = screen.leaf is EditorTab.LIVE
        screen.stored.editor.display = screen.leaf is EditorTab.STORED
        self._page.display = not screen.typed
        self._side.display = bool(side)
        self._side.styles.width = side or 1
        self._below.styles.height = below
        self._below.display = below > 0

    def _side_cells(self, width: int) -> int:
        review = self._screen.leaf is EditorTab.REVIEW
        if width < WIDE or not (review or self._screen.typed):
            return 0
        return REVIEW_SIDE if review else SIDE

    def _below_height(self, height: int) -> int:
        if self._screen.typed:
            return 2 if height < 30 else 4
        review = self._screen.leaf is EditorTab.REVIEW
        return 3 if review and height >= 30 else int(review)

    def _tabs(self, width: int) -> Line:
        screen = self._screen
        settings, fleet_state = screen.console.settings, screen.fleet_state
        alarm = any(concern.alarm for concern in fleet_state.concerns.values())
        badge = chrome.Badge(
            settings.interval,
            len(fleet_state.concerns),
            alarm,
            settings.read_only,
            fleet_state.asking,
        )
        pane = frame.pane_of(screen.bench.document)
        return chrome.tabs(pane, fleet_state.running_tasks, badge, width)

    def _crumb(self, width: int) -> Line:
        screen = self._screen
        shown = screen.leaves()
        if screen.leaf not in shown:
            shown = [*shown, screen.leaf]
        named = [(screen.leaf_words(leaf), leaf is screen.leaf) for leaf in shown]
        state = frame.state_words(screen.bench, screen.drafting.kept_epoch, screen.look)
        return frame.crumb(screen.host, screen.bench.document, named, state, screen.look, width)

    def _rule_line(self, look: RenderContext, width: int, side: int) -> Line:
        title, count, end = self._screen.page.titles()
        left = chrome.pane_rule(
            title, count, (), "", end, focused=True, look=look, width=width - side - bool(side)
        )
        if not side:
            return left
        over = "checks" if self._screen.leaf is EditorTab.REVIEW else "outline"
        return (*left, Run(" "), *chrome.rule(over, "", look, side))

    def _answer_line(self, width: int) -> Line:
        screen = self._screen
        said, until = self._said
        if said and screen.look.now < until:
            return tuple(run._replace(text=cut_end(run.text, width - 2)) for run in said)
        waits = screen.waits()
        if screen.trouble and waits:
            return (Run(clean(screen.trouble), Role.BAD),)
        if waits:
            return (Run(waits, Role.MUTED),)
        if screen.trouble:
            return (Run(f"{clean(screen.trouble)}. What you typed is kept", Role.WARN),)
        return screen.page.sentence(width)

    def _hints(self) -> list[KeyHint]:
        screen = self._screen
        if screen.prompt.sign:
            return [KeyHint("enter", "keep"), KeyHint("esc", "drop it")]
        return [*screen.page.hints(), KeyHint("f1" if screen.typed else "?", "keys", keep=True)]
