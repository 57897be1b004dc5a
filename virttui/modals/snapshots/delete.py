"""Deleting snapshots: every file with its fate, and the name typed where data goes for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.widgets import Input

from virttui import formatting
from virttui.modals.base.modal import Dialog, bold, row
from virttui.modals.base.modal import button as drawn_button
from virttui.model.domains.snapshot_deletion import (
    DeletionPlan,
    DeletionWay,
    SnapshotDeletion,
    SnapshotFiles,
)
from virttui.model.domains.snapshots import Snapshot
from virttui.model.errors import InvalidInput
from virttui.model.identity import ObjectId
from virttui.model.queries import QueryResult, SnapshotFilesQuery, SnapshotFilesResult
from virttui.panes.snapshots import deletion
from virttui.planning.snapshots import delete as planning
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, wrapped

Choose = Callable[[Sequence[Snapshot]], Sequence[str]]
"""Gives the names of the snapshots that are meant, of all there are."""


class DeleteSnapshotsDialog(Dialog[SnapshotDeletion]):
    """Asks what there is now, shows what would become of it, and gives back what was agreed to."""

    WIDTH = 68

    def __init__(self, key: ObjectId, domain: str, host: str, choose: Choose) -> None:
        super().__init__(f"delete snapshots of {domain}", danger=True, field=True)
        self._key, self._domain, self._host, self._choose = key, domain, host, choose
        self._there: Sequence[Snapshot] = ()
        self._files: SnapshotFiles | None = None
        self._plan: DeletionPlan | None = None
        self._trouble = ""

    def on_mount(self) -> None:
        """Ask."""
        super().on_mount()
        self.console.ask(SnapshotFilesQuery(self._key))

    def on_query_result(self, result: QueryResult) -> None:
        """Plan with what was told."""
        if not isinstance(result, SnapshotFilesResult) or result.query.key != self._key:
            return
        if result.files is None:
            self._trouble = result.why_not or (result.error.message if result.error else "")
            self._trouble = self._trouble or "it did not answer"
        else:
            self._there, self._files = result.snapshots, result.files
            self._make_plan(result.files)
        self.draw()

    def _make_plan(self, files: SnapshotFiles) -> None:
        names = tuple(self._choose(self._there))
        if not names:
            self._trouble = "no snapshot is meant by that"
            return
        try:
            self._plan = planning.plan(names, self._there, files)
        except InvalidInput as error:
            self._trouble = error.message
            return
        if self._needs_name:
            self._input.focus()

    # -- drawing -------------------------------------------------------------------------------

    def body(self) -> list[Line]:
        """All above the field."""
        plan, width = self._plan, self.width
        if self._trouble:
            return [(Run(part, Role.BAD),) for part in wrapped(clean(self._trouble), width)]
        if plan is None or self._files is None:
            return [(Run(f"looking at the files of {clean(self._domain)}", Role.MUTED),)]
        if plan.refusal:
            return deletion.refusal(plan, width)
        asked = deletion.question(plan.names, self._domain, self._host)
        head: list[Line] = [bold(part, plan.names[0]) for part in wrapped(clean(asked), width)[:4]]
        happens = deletion.what_happens(plan, self._domain, running=self._files.running)
        told: list[Line] = [(Run(part),) for part in wrapped(clean(happens), width)]
        tail = [*self._users_line(), BLANK, *deletion.afterwards(plan, self._there, width)]
        if self._needs_name:
            tail += [BLANK, (Run(f"Type the {self._called}:"),)]
        room = max(2, self.room - self.taken(head, told, tail) - 7)
        return [*head, BLANK, *told, BLANK, *deletion.files(plan, width, room), *tail]

    @property
    def _called(self) -> str:
        return (
            f"name of the {'snapshot' if self._plan and len(self._plan.steps) == 1 else 'domain'}"
        )

    def _users_line(self) -> list[Line]:
        if not self._unknown:
            if not self._plan or not self._plan.files:
                return []
            words = "  looked   no other domain, overlay or backup names them"
            return [(Run(words, Role.MUTED),)]
        words = f"Not known: {'; '.join(self._unknown)}."
        return [(Run(part, Role.WARN),) for part in wrapped(clean(words), self.width)[:4]]

    @property
    def _unknown(self) -> tuple[str, ...]:
        if self._plan is None or self._files is None:
            return ()
        return planning.unknown_users(self._plan.steps, self._files)

    def foot(self) -> list[Line]:
        """The buttons, and what is missing."""
        wants = self._needs_name
        self._input.parent.display = wants  # type: ignore[union-attr]
        if not self._possible:
            return [BLANK, row(drawn_button("", "Back", focused=True))]
        plan = self._plan or DeletionPlan()
        missing = wants and not self._typed
        act = drawn_button("enter" if wants else "y", deletion.button(plan), possible=not missing)
        cancel = drawn_button("esc" if wants else "", "Cancel", focused=not wants)
        self.field_note(" ", (Run(f"  {self._letters()}", Role.MUTED),))
        return [BLANK, row(cancel, act)]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        if not self._possible:
            return [KeyHint("enter esc", "back", keep=True)]
        if self._needs_name:
            return [KeyHint("enter", "delete", self._typed), KeyHint("esc", "cancel", keep=True)]
        return [KeyHint("y", "delete"), KeyHint("n esc enter", "cancel", keep=True)]

    # -- what is decided -----------------------------------------------------------------------

    @property
    def _possible(self) -> bool:
        return self._plan is not None and bool(self._plan.steps)

    @property
    def _needs_name(self) -> bool:
        return self._plan is not None and self._plan.loses_data

    @property
    def _wanted(self) -> str:
        """What has to be typed: of several snapshots, the domain's name."""
        names = self._plan.names if self._plan is not None else ()
        return names[0] if len(names) == 1 else self._domain

    @property
    def _typed(self) -> bool:
        return self._input.value == self._wanted

    def _letters(self) -> str:
        typed = self._input.value
        if not typed or self._typed:
            return ""
        if self._wanted.startswith(typed):
            return formatting.counted(len(self._wanted) - len(typed), "more letter")
        return "not its name"

    def _decided(self) -> SnapshotDeletion:
        plan = self._plan or DeletionPlan()
        lost = [step for step in plan.steps if step.way is DeletionWay.DISCARD]
        agreed = tuple(path for step in lost for path in step.remove)
        return SnapshotDeletion(plan.names, agreed, self._unknown)

    # -- keys ----------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check as it is typed."""
        self.draw()

    def take_key(self, event: events.Key) -> bool:
        """``y`` acts, or ``enter`` once the name was typed; anything else leaves all as it is."""
        key = event.key
        if key == "escape" or (not self._needs_name and key in ("n", "q", "enter")):
            self.finish(None)
        elif self._needs_name:
            if key != "enter":
                return self._input.take_key(event)
            if self._typed:
                self.finish(self._decided())
        elif key == "y" and self._possible:
            self.finish(self._decided())
        return True
