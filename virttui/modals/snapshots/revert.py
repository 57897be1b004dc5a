"""The question before a revert: what is lost, a snapshot of now first, else the name typed."""

from __future__ import annotations

import time

from msgspec import Struct
from msgspec.structs import replace
from textual import events
from textual.widgets import Input

from virttui.formatting import counted
from virttui.modals.base.modal import Dialog, bold, button, row
from virttui.model.commands import Command, Target, Verb
from virttui.model.domains.snapshots import Snapshot
from virttui.model.errors import InvalidInput
from virttui.model.queries import (
    QueryResult,
    SnapshotComparisonQuery,
    SnapshotComparisonResult,
    SnapshotContextQuery,
    SnapshotContextResult,
)
from virttui.model.snapshots.changes import (
    AfterRevert,
    RevertWay,
    SnapshotComparison,
    SnapshotContext,
)
from virttui.panes.snapshots.consequences import firmware_sentences, revert_sentences
from virttui.planning.snapshots import revert
from virttui.planning.snapshots.revert import RevertChoices
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Background, Line, Role, Run, clean, fit, wrapped


class _Tick(Struct, frozen=True):
    """One thing that can be ticked."""

    name: str
    words: str
    ticked: bool


class RevertDialog(Dialog[Command]):
    """Gives back the whole command, or None. Nothing is ticked away by the usual ``y``: a snapshot
    of now is taken first, or the name of the domain has to be typed."""

    WIDTH = 66

    def __init__(self, target: Target, host: str, name: str, *, force: bool = False) -> None:
        super().__init__(f"revert {target.name}", danger=True, field=True)
        self._target, self._host, self._moment, self._force = target, host, name, force
        self._known_now: SnapshotContext | None = None
        self._comparison: SnapshotComparison | None = None
        self._choices = RevertChoices()
        self._trouble = ""
        self._place = 0

    def on_mount(self) -> None:
        """Ask what the domain is now, and how its definition differs."""
        super().on_mount()
        self.console.ask(SnapshotContextQuery(self._target.key))
        self.console.ask(SnapshotComparisonQuery(self._target.key, self._moment))

    def on_query_result(self, result: QueryResult) -> None:
        """Take what is known."""
        if isinstance(result, SnapshotContextResult) and result.query.key == self._target.key:
            self._known_now, self._trouble = result.context, result.why_not
            self._begin()
        elif isinstance(result, SnapshotComparisonResult) and result.query.name == self._moment:
            self._comparison = result.comparison
            self._trouble = self._trouble or result.why_not
        else:
            return
        self.draw()

    def _begin(self) -> None:
        """Untick what cannot be: then the name has to be typed."""
        if self._known_now is None:
            return
        try:
            snapshot = revert.snapshot_named(self._known_now, self._moment)
        except InvalidInput as error:
            self._trouble = error.message
            return
        self._trouble = revert.why_not(self._known_now, snapshot)
        possible = not revert.why_no_first(self._known_now, snapshot, self._name_of_now)
        self._choices = replace(
            self._choices,
            first=possible,
            set_clock=self._known_now.agent and snapshot.memory != "no",
        )
        self._refocus()

    # -- what is known ---------------------------------------------------------------------

    @property
    def _snapshot(self) -> Snapshot | None:
        context = self._known_now
        if context is None:
            return None
        return next((one for one in context.snapshots if one.name == self._moment), None)

    @property
    def _name_of_now(self) -> str:
        moment = time.localtime(self.look.epoch)
        return time.strftime("before-revert-%Y%m%d-%H%M%S", moment)

    @property
    def _by_overlay(self) -> bool:
        context, snapshot = self._known_now, self._snapshot
        return (
            context is not None
            and snapshot is not None
            and revert.way(context, snapshot) is RevertWay.OVERLAY
        )

    @property
    def _known(self) -> bool:
        return self._snapshot is not None and self._comparison is not None and not self._trouble

    @property
    def _needs_name(self) -> bool:
        return self._known and not self._choices.first

    def _ticks(self) -> list[_Tick]:
        context, snapshot, choices = self._known_now, self._snapshot, self._choices
        if context is None or snapshot is None:
            return []
        first = "take a snapshot of now first: nothing is lost then"
        if self._by_overlay:
            first = "keep what is there now: :undo revert puts it back"
        ticks = [_Tick("first", first, choices.first)]
        states = revert.possible_states(snapshot)
        if AfterRevert.RUNNING in states:
            ticks.append(
                _Tick("start", "start it afterwards", choices.after is AfterRevert.RUNNING)
            )
        else:
            ticks.append(_Tick("pause", "leave it paused", choices.after is AfterRevert.PAUSED))
        if revert.runs_after(snapshot, choices.after) and snapshot.memory != "no":
            ticks.append(_Tick("clock", "set its clock by its agent afterwards", choices.set_clock))
        if in_the_way := revert.checkpoints_in_the_way(context, snapshot):
            count = counted(len(in_the_way), "checkpoint")
            words = f"delete {count} first: the next backup is a full one"
            ticks.append(_Tick("checkpoints", words, choices.drop_checkpoints))
        return ticks

    def _command(self) -> Command | str:
        """The command, or why there is none yet."""
        context, snapshot = self._known_now, self._snapshot
        if self._trouble:
            return "cannot be done"
        if context is None or snapshot is None or self._comparison is None:
            return "waits for the answer"
        try:
            arguments = revert.plan(context, snapshot, self._choices, self._name_of_now)
        except InvalidInput as error:
            return error.message
        if self._needs_name and self._input.value != self._target.name:
            return "needs the name"
        return Command(Verb.REVERT, self._target, replace(arguments, force=self._force))

    # -- drawing ---------------------------------------------------------------------------

    def body(self) -> list[Line]:
        """The question, what is lost, what can be ticked."""
        question = f"Revert {self._target.name} on {self._host} to {self._moment}?"
        lines: list[Line] = [
            bold(part, self._target.name) for part in wrapped(clean(question), self.width)
        ]
        lines.append(BLANK)
        context, snapshot = self._known_now, self._snapshot
        if self._trouble:
            return [*lines, *self._parts(self._trouble, Role.BAD)]
        if context is None or snapshot is None or self._comparison is None:
            return [*lines, (Run(f"asking {clean(self._host)} what it would do", Role.MUTED),)]
        sentences = [
            *revert_sentences(snapshot, context.name, active=context.active),
            *firmware_sentences(snapshot, pflash=context.pflash, tpm=context.tpm),
        ]
        lines += self._parts(" ".join(sentences))
        changes = [*revert.difference_words(revert.beyond_files(snapshot, self._comparison))]
        ticks = self._ticks()
        room = self.room - len(lines) - len(ticks) - (8 if self._needs_name else 6)
        lines += self._changes(changes, max(1, room))
        lines.append(BLANK)
        lines += [self._tick(place, one) for place, one in enumerate(ticks)]
        why = revert.why_no_first(context, snapshot, self._name_of_now)
        if why:
            lines += self._parts(f"No snapshot of now is possible: {why}.", Role.WARN)
        lines.append(BLANK)
        if self._needs_name:
            lines += self._parts("Type the name to go on without a snapshot of now:", Role.BAD)
        elif not self._by_overlay:
            lines += self._parts(f"It is called {self._name_of_now}.", Role.MUTED)
        return lines

    def _changes(self, changes: list[str], room: int) -> list[Line]:
        """What of the definition changes, as far as there is room; = shows all of it."""
        shown = changes if len(changes) <= room else changes[: max(0, room - 1)]
        lines: list[Line] = []
        for one in shown:
            words = fit(clean(f"! {one}"), self.width)
            lines.append((Run(words, Role.WARN),))
        if len(shown) < len(changes):
            more = counted(len(changes) - len(shown), "change")
            lines.append((Run(f"! {more} of its definition; = on the page shows them", Role.WARN),))
        return lines

    def _parts(self, words: str, role: Role = Role.TEXT) -> list[Line]:
        return [(Run(part, role),) for part in wrapped(clean(words), self.width)]

    def _tick(self, place: int, one: _Tick) -> Line:
        lit = place == self._place and not self._input.has_focus
        background = Background.CHOSEN if lit else Background.PLAIN
        box = Run("[x] " if one.ticked else "[ ] ", Role.ACCENT_STRONG, background)
        return box, Run(fit(one.words, self.width - 4), Role.TEXT, background)

    def foot(self) -> list[Line]:
        """The buttons, and what is missing."""
        wants = self._needs_name
        self._input.parent.display = wants  # type: ignore[union-attr]
        found = self._command()
        able = isinstance(found, Command)
        verb = "Revert" if self._by_overlay or wants else "Snapshot, then revert"
        act = button("enter" if wants else "y", verb, possible=able)
        cancel = button("esc", "Cancel") if wants else button("", "Cancel", focused=True)
        missing = found if isinstance(found, str) else ""
        lines: list[Line] = [BLANK]
        if missing and not self._trouble:
            lines += self._parts(missing, Role.MUTED)
        return [*lines, row(cancel, act)]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        able = isinstance(self._command(), Command)
        shown = [KeyHint("space", "choose"), KeyHint("esc", "cancel", keep=True)]
        if self._needs_name:
            return [KeyHint("enter", "revert", able), KeyHint("tab", "next"), *shown]
        return [KeyHint("y", "revert", able), *shown]

    # -- keys ------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check as it is typed."""
        self.draw()

    def take_key(self, event: events.Key) -> bool:
        """Letters go into the field while it has the cursor, and choose when it has not."""
        key, typing = event.key, self._input.has_focus
        if typing and key not in ("escape", "enter", "tab", "shift+tab", "up", "down"):
            return self._input.take_key(event)
        if key == "escape" or (key in ("n", "q", "enter") and not typing):
            self.finish(None)
        elif (key == "enter" and typing) or (key == "y" and not self._needs_name):
            found = self._command()
            if isinstance(found, Command):
                self.finish(found)
        elif key in ("tab", "shift+tab", "up", "down") and self._needs_name and typing:
            self.set_focus(None)
            self.draw()
        elif key in ("tab", "shift+tab") and self._needs_name:
            self._input.focus()
            self.draw()
        else:
            self._choose(key)
        return True

    def _choose(self, key: str) -> None:
        ticks = self._ticks()
        step = {"up": -1, "k": -1, "down": 1, "j": 1}.get(key, 0)
        self._place = max(0, min(self._place + step, len(ticks) - 1))
        if key == "space" and ticks:
            self._turn(ticks[self._place])
        self.draw()

    def _turn(self, tick: _Tick) -> None:
        choices = self._choices
        if tick.name == "first":
            self._choices = replace(choices, first=not choices.first)
            self._refocus()
        elif tick.name == "start":
            after = AfterRevert.AS_THEN if tick.ticked else AfterRevert.RUNNING
            self._choices = replace(choices, after=after)
        elif tick.name == "pause":
            after = AfterRevert.AS_THEN if tick.ticked else AfterRevert.PAUSED
            self._choices = replace(choices, after=after)
        elif tick.name == "clock":
            self._choices = replace(choices, set_clock=not choices.set_clock)
        else:
            self._choices = replace(choices, drop_checkpoints=not choices.drop_checkpoints)

    def _refocus(self) -> None:
        """The name is typed as soon as it is wanted; a tick is chosen else."""
        if self._needs_name:
            self._input.focus()
        elif self._input.has_focus:
            self.set_focus(None)
