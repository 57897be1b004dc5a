"""From the text to what is stored: merge, review, write, read back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.worker import Worker

from virttui.model.commands import ApplyWhen, LiveChange, LiveOperation
from virttui.model.documents import DocumentText, HostValues
from virttui.model.errors import ChangedElsewhere, PartiallyDone
from virttui.model.identity import Kind
from virttui.model.tasks import Task, TaskState
from virttui.panes.virsh_equivalent import virsh
from virttui.panes.xml_editor import review_page
from virttui.panes.xml_editor.diff_page import DiffPage
from virttui.panes.xml_editor.diff_rows import Difference, difference
from virttui.panes.xml_editor.frame import WIDE, EditorTab
from virttui.panes.xml_editor.review_page import Review, ReviewCheck, ReviewInput
from virttui.panes.xml_editor.text_view import TextAnalysis
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Line, Role, Run, within
from virttui.screens.xml_editor.page_base import TabController

if TYPE_CHECKING:
    from virttui.screens.xml_editor.screen import XmlEditorScreen


@dataclass(frozen=True, slots=True)
class LiveEffect:
    """What of the changes a running domain takes at once, and what waits for its next start."""

    steps: tuple[LiveChange, ...] = ()
    waiting: tuple[str, ...] = ()
    memory: int | None = None
    memory_before: int | None = None


class ApplyTab(TabController):
    """The way of one text to libvirt. Nothing is written but by ``a`` on the review."""

    def __init__(self, screen: XmlEditorScreen) -> None:
        self._screen = screen
        self._page: DiffPage | None = None
        self._review: Review | None = None
        self._merged: tuple[str, ...] = ()
        self._when = ApplyWhen.NEXT_BOOT
        self._task: int | None = None
        self._words = ""
        self._sent: str | None = None
        self._job: Worker[None] | None = None

    # -- to the review ---------------------------------------------------------------------

    def begin(self) -> None:
        """Bring together what two changed, then review it."""
        screen, bench = self._screen, self._screen.bench
        bench.text = screen.stored.editor.text
        if bench.why_not:
            screen.show_message(f"this is a view: {bench.why_not}")
            return
        # From here on it is compared, merged and shown in full.
        screen.stored.replace(bench.conceal())
        if not bench.edited and not bench.missing:
            screen.show_message("nothing was changed: the text is what is stored")
            return
        self._merged = ()
        bench.agree()
        if bench.parted:
            screen.choosing.begin(bench.chunks())
        else:
            self._prepare()

    def merged(self, text: str) -> None:
        """Two texts were brought together: that is what is reviewed."""
        screen = self._screen
        self._merged = screen.bench.elsewhere
        screen.bench.merged(text)
        screen.stored.replace(text)
        self._prepare()

    def _prepare(self, refusal: Review | None = None) -> None:
        if self._job is None:
            self._job = self._screen.run_worker(self._look_through(refusal))

    async def _look_through(self, before: Review | None) -> None:
        """Check the text as it will be written, beside the keys; then show the review."""
        screen, bench = self._screen, self._screen.bench
        screen.show_message("checking")
        try:
            study, made, live = await asyncio.to_thread(
                _looked_through, bench.text, bench.base, bench.live, screen.knowledge,
                bench.document.kind,
            )  # fmt: skip
        finally:
            self._job = None
        screen.stored.view.take(study)
        screen.clear_message()
        self._page = DiffPage(made, "nothing differs from what is stored")
        running = bool(bench.live) and bench.document.kind is Kind.DOMAIN
        self._review = self._made(study, made, live, running)
        if before is not None:
            self._review = replace(self._review, refusal=before.refusal)
        screen.show(EditorTab.REVIEW)

    def _made(
        self, study: TextAnalysis, made: Difference, live: LiveEffect, running: bool
    ) -> Review:
        screen, bench = self._screen, self._screen.bench
        problems = study.checked.problems
        errors = [p for p in problems if p.level == "error"]
        doubts = [p for p in problems if p.level == "warning"]
        checks = review_page.checks(
            ReviewInput(
                problems=len(errors),
                warnings=len(doubts),
                schema=study.checked.schema,
                note=study.checked.note,
                secrets=bench.secrets,
                unknown_secrets=bench.unknown(),
                merged=self._merged,
                why_not=bench.why_not,
                first=f"line {errors[0].line}: {errors[0].words}" if errors else "",
                host_words=f"line {doubts[0].line}: {doubts[0].words}" if doubts else "",
                extra=(*self._lasting(), *self._promised(live)),
            )
        )
        when = self._when if running else ApplyWhen.NEXT_BOOT
        host = screen.fleet_state.host(bench.document.key.host)
        command = bench.command(when, live.steps if when.now else (), validate=True)
        return Review(
            made,
            checks,
            when,
            running,
            live.steps,
            live.waiting,
            self._runs(when, live),
            virsh(command, host.uri) if host is not None else "",
            new=bench.missing,
            domain=bench.document.kind is Kind.DOMAIN,
        )

    def _lasting(self) -> tuple[ReviewCheck, ...]:
        """What becomes of what runs now, where that is not chosen on the review."""
        bench = self._screen.bench
        if bench.definition is not None and bench.definition.transient:
            return (
                ReviewCheck("transient", "gets a definition that stays when it stops", "warning"),
            )
        if bench.live and bench.document.kind is not Kind.DOMAIN:
            kind = bench.document.kind.value
            return (
                ReviewCheck("running", f"the {kind} keeps what it has until it is started again"),
            )
        return ()

    def _promised(self, live: LiveEffect) -> tuple[ReviewCheck, ...]:
        """What the host would promise with the memory that is asked for."""
        screen, key = self._screen, self._screen.bench.document.key
        host, domain = screen.fleet_state.host(key.host), screen.fleet_state.domain(key)
        if host is None or live.memory is None or live.memory == live.memory_before:
            return ()
        now = domain.memory_max if domain is not None and domain.state.active else 0
        return review_page.promise(host, live.memory - (now or 0), screen.look)

    def _runs(self, when: ApplyWhen, live: LiveEffect) -> tuple[str, ...]:
        runs: list[str] = []
        if self._screen.bench.missing:
            runs.append("make sure that nothing has its name or UUID")
        elif when.stores:
            kept = len(self._screen.recalling.past.kept) + 1
            runs.append(f"keep the old one in history ({kept})")
        if when.stores:
            runs.append("compare again, define with VALIDATE")
        if when.now:
            runs += [f"{_STEPS.get(step.op, 'set')} {step.what}, live" for step in live.steps]
        runs.append("read back, show what was dropped")
        return tuple(runs)

    # -- writing ---------------------------------------------------------------------------

    def _apply(self, *, validate: bool) -> None:
        screen, made = self._screen, self._review
        if made is None or self._task is not None:
            return
        if made.blocked:
            screen.show_message(made.blocked)
            return
        if screen.console.settings.read_only:
            screen.show_message("this run is read-only")
            return
        bench = screen.bench
        if bench.parted:
            # What the review shows is no longer what would happen.
            screen.show_message("changed elsewhere meanwhile; this is made anew")
            self.begin()
            return
        steps = made.steps if made.when.now else ()
        command = bench.command(made.when, steps, validate=validate)
        numbers = screen.console.submit((command,))
        if not numbers:
            screen.show_message("nobody takes commands at this moment", bad=True)
            return
        self._task = numbers[0]
        self._sent = bench.text if made.when.stores else None
        screen.paint()

    def heard(self, task: Task) -> None:
        """The task of ours went on, or ended."""
        if task.id != self._task or not task.state.ended:
            return
        self._task = None
        screen = self._screen
        # Answers to what was asked before tell nothing of what came of it.
        screen.ask_again(anew=True)
        if task.state is TaskState.DONE:
            self._words = task.words or "done"
            if self._sent is None:
                self._close_review(self._words)
            return
        trouble = task.trouble
        if not isinstance(trouble, PartiallyDone):
            self._sent = None
        if isinstance(trouble, ChangedElsewhere):
            screen.show(EditorTab.STORED)
            screen.show_message(
                "changed elsewhere meanwhile; nothing was written. f2 merges and reviews"
            )
        elif trouble is not None and self._review is not None:
            self._review = replace(self._review, refusal=trouble)
            screen.show_message(trouble.sentence, bad=True)
        else:
            screen.show_message(task.words or "it was not written", bad=True)

    def read_back(self, definition: DocumentText) -> None:
        """What is stored was read: see what libvirt made of what was written."""
        if self._sent is None or self._task is not None:
            return
        sent, bench = self._sent, self._screen.bench
        self._sent = None
        self._job = self._screen.run_worker(self._compare(sent, bench.hidden(definition.stored)))

    async def _compare(self, sent: str, stored: str) -> None:
        try:
            made = await asyncio.to_thread(_made_of_it, sent, stored)
        finally:
            self._job = None
        screen = self._screen
        trouble = self._review.refusal if self._review is not None else None
        self._close_review(self._words)
        if made.changes:
            screen.comparing.outcome(made)
        if trouble is not None:
            screen.show_message(trouble.sentence, bad=True)

    def _close_review(self, words: str) -> None:
        screen = self._screen
        self._review = self._page = None
        screen.recalling.refresh()
        screen.show(EditorTab.STORED)
        screen.show_message(words)

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
        against = "against nothing" if self._screen.bench.missing else "against what is stored"
        return "what will change", counts, against

    def lines(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """The differences, with everything else behind them where there is no room beside."""
        if self._page is None or self._review is None:
            return []
        narrow = self._screen.size.width < WIDE
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
        row = within(review_page.buttons(self._review), width)
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
            self._turn_when(made)
        elif key == "enter":
            self._screen.show(EditorTab.STORED)
        elif key == "y":
            self._screen.app.copy_to_clipboard(made.by_hand)
            self._screen.show_message(f"copied: {made.by_hand}")
        else:
            return self._page.press(key)
        return True

    def _turn_when(self, made: Review) -> None:
        order = [when for when, _ in made.whens()]
        self._when = order[(order.index(made.when) + 1) % len(order)]
        live = LiveEffect(made.steps, made.waiting)
        command = self._screen.bench.command(
            self._when, made.steps if self._when.now else (), validate=True
        )
        host = self._screen.fleet_state.host(self._screen.bench.document.key.host)
        self._review = replace(
            made,
            when=self._when,
            runs=self._runs(self._when, live),
            by_hand=virsh(command, host.uri) if host is not None else "",
        )


_STEPS = {
    LiveOperation.ATTACH: "attach",
    LiveOperation.DETACH: "detach",
    LiveOperation.UPDATE: "update",
}
"""What a step does to a device; the others set what they are called."""


def _looked_through(
    text: str, base: str, live: str, knowledge: HostValues | None, kind: Kind
) -> tuple[TextAnalysis, Difference, LiveEffect]:
    """Checks, differences and what can be done at once."""
    from virttui.libvirtxml.edits.current_values import memory_of
    from virttui.libvirtxml.live_changes import LivePlan, plan
    from virttui.screens.xml_editor.background_check import study

    now = LiveEffect()
    if kind is Kind.DOMAIN:
        found = plan(base, text, live) if live else LivePlan()
        now = LiveEffect(found.steps, found.waiting, memory_of(text), memory_of(base))
    return study(text, base, kind, knowledge), difference(base, text), now


def _made_of_it(sent: str, stored: str) -> Difference:
    """What differs between what was written and what is read back, in meaning."""
    from virttui.libvirtxml.canonical import canonical

    return difference(canonical(sent), canonical(stored))
