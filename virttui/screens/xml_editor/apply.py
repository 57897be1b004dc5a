"""From the text to what is stored: merge, review, write, read back."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from virttui.model.commands import ApplyWhen
from virttui.model.documents import DocumentText
from virttui.model.errors import ChangedElsewhere, PartiallyDone
from virttui.model.tasks import Task, TaskState
from virttui.panes.xml_editor import review_page
from virttui.panes.xml_editor.diff_page import DiffPage
from virttui.panes.xml_editor.diff_rows import Difference, difference
from virttui.panes.xml_editor.frame import WIDE, EditorTab
from virttui.panes.xml_editor.review_page import Review
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Line, Role, Run, within
from virttui.screens.xml_editor.compare import CompareTab
from virttui.screens.xml_editor.editor_state import EditorActions, EditorState
from virttui.screens.xml_editor.history import HistoryTab
from virttui.screens.xml_editor.make_review import analyse_changes, at_time, make_review
from virttui.screens.xml_editor.page_base import TabController
from virttui.screens.xml_editor.resolve_conflicts import ConflictTab


class ApplyTab(TabController):
    """The way of one text to libvirt. Nothing is written but by ``a`` on the review."""

    def __init__(
        self,
        state: EditorState,
        actions: EditorActions,
        conflict_tab: ConflictTab,
        compare_tab: CompareTab,
        history_tab: HistoryTab,
    ) -> None:
        self._state = state
        self._actions = actions
        self._conflict_tab = conflict_tab
        self._compare_tab = compare_tab
        self._history_tab = history_tab
        self._page: DiffPage | None = None
        self._review: Review | None = None
        self._merged: tuple[str, ...] = ()
        self._when = ApplyWhen.NEXT_BOOT
        self._task: int | None = None
        self._words = ""
        self._sent: str | None = None
        self._busy = False

    # -- to the review ---------------------------------------------------------------------

    def begin(self) -> None:
        """Bring together what two changed, then review it."""
        state, buffer = self._state, self._state.buffer
        buffer.text = state.stored.editor.text
        if buffer.why_not:
            self._actions.show_message(f"this is a view: {buffer.why_not}")
            return
        # From here on it is compared, merged and shown in full.
        state.stored.replace(buffer.conceal())
        if not buffer.edited and not buffer.missing:
            self._actions.show_message("nothing was changed: the text is what is stored")
            return
        self._merged = ()
        buffer.agree()
        if buffer.parted:
            self._conflict_tab.begin(buffer.chunks(), self.merged)
        else:
            self._prepare()

    def merged(self, text: str) -> None:
        """Two texts were brought together: that is what is reviewed."""
        state = self._state
        self._merged = state.buffer.elsewhere
        state.buffer.merged(text)
        state.stored.replace(text)
        self._prepare()

    def _prepare(self) -> None:
        if not self._busy:
            self._busy = True
            self._actions.run_flow(self._check_text())

    async def _check_text(self) -> None:
        """Check the text as it will be written, beside the keys; then show the review."""
        state, buffer = self._state, self._state.buffer
        self._actions.show_message("checking")
        try:
            found = await asyncio.to_thread(
                analyse_changes, buffer.text, buffer.base, buffer.live, state.host_values,
                buffer.document.kind,
            )  # fmt: skip
        finally:
            self._busy = False
        state.stored.view.take(found.study)
        self._actions.clear_message()
        self._page = DiffPage(found.difference, "no differences from what is stored")
        self._review = make_review(state, found, self._when, self._merged, self._actions.look)
        self._actions.show_tab(EditorTab.REVIEW)

    # -- writing ---------------------------------------------------------------------------

    def _apply(self, *, validate: bool) -> None:
        actions, made = self._actions, self._review
        if made is None or self._task is not None:
            return
        if made.blocked:
            actions.show_message(made.blocked)
            return
        if actions.console.settings.read_only:
            actions.show_message("this run is read-only")
            return
        buffer = self._state.buffer
        if buffer.parted:
            # What the review shows is no longer what would happen.
            actions.show_message("changed elsewhere meanwhile; the review is made again")
            self.begin()
            return
        steps = made.steps if made.when.now else ()
        command = buffer.command(made.when, steps, validate=validate)
        numbers = actions.console.submit((command,))
        if not numbers:
            actions.show_message("the host takes no commands now", bad=True)
            return
        self._task = numbers[0]
        self._sent = buffer.text if made.when.stores else None
        actions.paint()

    def on_task(self, task: Task) -> None:
        """The task of ours went on, or ended."""
        if task.id != self._task or not task.state.ended:
            return
        self._task = None
        actions = self._actions
        # Answers to what was asked before tell nothing of what came of it.
        actions.read_again(discard_earlier=True)
        if task.state is TaskState.DONE:
            self._words = task.words or "done"
            if self._sent is None:
                self._close_review(self._words)
            return
        trouble = task.trouble
        if not isinstance(trouble, PartiallyDone):
            self._sent = None
        if isinstance(trouble, ChangedElsewhere):
            actions.show_tab(EditorTab.STORED)
            actions.show_message(
                "changed elsewhere meanwhile; nothing was written. f2 merges and reviews"
            )
        elif trouble is not None and self._review is not None:
            self._review = replace(self._review, refusal=trouble)
            actions.show_message(trouble.message, bad=True)
        else:
            actions.show_message(task.words or "it was not written", bad=True)

    def read_back(self, definition: DocumentText) -> None:
        """What is stored was read: see what libvirt made of what was written."""
        if self._sent is None or self._task is not None:
            return
        sent, buffer = self._sent, self._state.buffer
        self._sent = None
        self._busy = True
        self._actions.run_flow(self._compare(sent, buffer.hidden(definition.stored)))

    async def _compare(self, sent: str, stored: str) -> None:
        try:
            made = await asyncio.to_thread(_difference_in_meaning, sent, stored)
        finally:
            self._busy = False
        trouble = self._review.refusal if self._review is not None else None
        self._close_review(self._words)
        if made.changes:
            self._compare_tab.outcome(made)
        if trouble is not None:
            self._actions.show_message(trouble.message, bad=True)

    def _close_review(self, words: str) -> None:
        self._review = self._page = None
        self._history_tab.refresh()
        self._actions.show_tab(EditorTab.STORED)
        self._actions.show_message(words)

    @property
    def at_work(self) -> bool:
        """Whether a write of ours is on its way: what is read meanwhile may be half of it."""
        return self._task is not None

    @property
    def written(self) -> str | None:
        """The text that was written and is about to be read back."""
        return self._sent if self._task is None else None

    # -- the pages -------------------------------------------------------------------------

    def titles(self) -> tuple[str, str, str]:
        """Title, counts, and the words at the end of the rule."""
        counts = self._page.counts if self._page is not None else ""
        against = "a new definition" if self._state.buffer.missing else "against what is stored"
        return "what will change", counts, against

    def lines(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """The differences, with everything else behind them where there is no room beside."""
        if self._page is None or self._review is None:
            return []
        narrow = self._actions.size.width < WIDE
        after = (
            [within(BLANK, width), *review_page.side(self._review, look, width)] if narrow else None
        )
        return self._page.lines(look, width, height, after)

    def side(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """Checks, when, what will run."""
        if self._review is None:
            return []
        # Its first rule is the one over the column already.
        return review_page.side(self._review, look, width)[1 : height + 1]

    def below(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """The line of buttons."""
        if self._review is None:
            return []
        row = within(review_page.button_line(self._review), width)
        if height < 3:
            return [row]
        return [
            within((Run(look.glyphs.rule * width, Role.LINE),), width),
            row,
            within(BLANK, width),
        ]

    def sentence(self, width: int) -> Line:
        """What happens now."""
        if self._task is not None:
            return (Run("writing", Role.ACCENT), Run(", waiting for libvirt", Role.MUTED))
        made = self._review
        if made is not None and made.when is not ApplyWhen.LIVE and made.running:
            said = " until you press a. The running guest keeps what it has until its next start"
            said = said if made.when is ApplyWhen.NEXT_BOOT else " until you press a"
        else:
            said = " until you press a"
        return (Run("nothing is written", Role.STRONG), Run(said))

    def hints(self) -> list[KeyHint]:
        """The keys."""
        made = self._review
        possible = made is not None and not made.blocked and self._task is None
        hints = [KeyHint("a", "apply", possible), KeyHint("esc", "back")]
        if made is not None and made.refused_by_schema:
            hints.insert(1, KeyHint("A", "without validation", possible))
        hints.append(KeyHint("n N", "next change", made is not None and bool(made.difference.rows)))
        hints.append(KeyHint("w", "when", made is not None and made.running))
        return [*hints, KeyHint("s", "side by side"), KeyHint("y", "copy virsh line")]

    def press(self, key: str) -> bool:
        """A key on the review."""
        made = self._review
        if made is None or self._page is None:
            return False
        if key == "a":
            self._apply(validate=True)
        elif key == "A" and made.refused_by_schema:
            self._apply(validate=False)
        elif key == "w" and made.running:
            self._next_apply_when(made)
        elif key == "enter":
            self._actions.show_tab(EditorTab.STORED)
        elif key == "y":
            self._actions.app.copy_to_clipboard(made.by_hand)
            self._actions.show_message(f"copied: {made.by_hand}")
        else:
            return self._page.press(key)
        return True

    def _next_apply_when(self, made: Review) -> None:
        order = [when for when, _ in made.whens()]
        self._when = order[(order.index(made.when) + 1) % len(order)]
        self._review = at_time(self._state, made, self._when)


def _difference_in_meaning(sent: str, stored: str) -> Difference:
    """What differs between what was written and what is read back, in meaning."""
    from virttui.libvirtxml.canonical import canonical

    return difference(canonical(sent), canonical(stored))
