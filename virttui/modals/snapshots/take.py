"""The sheet on which a snapshot is taken, of one domain or of several under one name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virttui.formatting import counted
from virttui.modals.base.form import FormDialog, FormState
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import InvalidInput
from virttui.model.identity import ObjectId
from virttui.model.provision.checks import Check
from virttui.model.queries import QueryResult, SnapshotContextQuery, SnapshotContextResult
from virttui.model.severity import Severity
from virttui.model.snapshots.changes import SnapshotContext
from virttui.planning.snapshots import take, take_several
from virttui.planning.snapshots.checks import checks
from virttui.render.line import Line, Role, Run, clean, wrapped

_MARKS = {
    Severity.ERROR: ("×", Role.BAD),
    Severity.WARNING: ("!", Role.WARN),
    Severity.OK: ("●", Role.OK),
}

TakeForm = FormState[tuple[Command, ...]]


class TakeSnapshotDialog(FormDialog[tuple[Command, ...]]):
    """Returns the commands that take it, or None. ``entered`` holds values that were typed already;
    ``usual_name`` is proposed."""

    FROM_THE_TOP = True

    def __init__(
        self, targets: Sequence[Target], usual_name: str, entered: Mapping[str, str] = {}
    ) -> None:
        names = targets[0].name if len(targets) == 1 else counted(len(targets), "domain")
        super().__init__(f"snapshot of {names}", "Take it", "take it", "asking what can be in it")
        self._targets, self._usual_name = tuple(targets), usual_name
        self._entered.update(entered)
        self._contexts: dict[ObjectId, SnapshotContext] = {}
        self._why: dict[ObjectId, str] = {}
        self._checks: tuple[Check, ...] = ()

    def on_mount(self) -> None:
        """Ask what decides about the snapshots of each."""
        super().on_mount()
        for target in self._targets:
            self.console.ask(SnapshotContextQuery(target.key))
        self.recompute()

    def on_query_result(self, result: QueryResult) -> None:
        """Take what is known of one of them."""
        if not isinstance(result, SnapshotContextResult):
            return
        key = result.query.key
        if result.context is not None:
            self._contexts[key] = result.context
        else:
            self._why[key] = result.why_not or "it gave no answer"
        self.recompute()

    # -- the form --------------------------------------------------------------------------

    def evaluate(self, entered: dict[str, str]) -> TakeForm | None:
        """The fields, and the commands once every domain was told of."""
        self._checks = ()
        if len(self._contexts) + len(self._why) < len(self._targets):
            return None
        if len(self._targets) == 1:
            return self._of_one(entered)
        return self._of_several(entered)

    def _of_one(self, entered: dict[str, str]) -> TakeForm:
        target = self._targets[0]
        context = self._contexts.get(target.key)
        if context is None:
            return FormState(error=self._why[target.key])
        if take.proposed(context) is None:
            return FormState(error=take.impossible(context))
        wanted = take.form_fields(context, entered, self._usual_name)
        try:
            arguments = take.plan(context, entered, self._usual_name)
        except InvalidInput as error:
            return FormState(wanted, error=error.message)
        self._checks = checks(context, arguments)
        wrong = next((one.words for one in self._checks if one.level is Severity.ERROR), "")
        if wrong:
            return FormState(wanted, error=wrong)
        return FormState(wanted, (Command(Verb.SNAPSHOT, target, arguments),))

    def _of_several(self, entered: dict[str, str]) -> TakeForm:
        known = [one for one in self._targets if one.key in self._contexts]
        contexts = [self._contexts[one.key] for one in known]
        planned = take_several.plans(contexts, entered, self._usual_name)
        commands = tuple(
            Command(Verb.SNAPSHOT, target, one.arguments)
            for target, one in zip(known, planned, strict=True)
            if one.arguments is not None
        )
        left = [Check(Severity.WARNING, one.words) for one in planned if one.arguments is None]
        left += [
            Check(Severity.WARNING, f"{one.name}: {self._why[one.key]}")
            for one in self._targets
            if one.key in self._why
        ]
        taken = [Check(Severity.OK, one.words) for one in planned if one.arguments is not None]
        self._checks = (*left, *taken)
        wanted = take_several.form_fields(contexts, entered, self._usual_name)
        if not commands:
            return FormState(wanted, error=left[0].words)
        return FormState(wanted, commands)

    # -- drawing ---------------------------------------------------------------------------

    def _outcome(self, room: int) -> list[Line]:
        """What has to be known before the key, what is wrong first, as far as there is room."""
        if not self._possible:
            return super()._outcome(room)
        lines: list[Line] = []
        for check in self._checks:
            mark, role = _MARKS[check.level]
            parts = wrapped(clean(check.words), self.width - 2) or [""]
            lines.append((Run(f"{mark} ", role), Run(parts[0])))
            lines += [(Run(f"  {part}"),) for part in parts[1:]]
        if len(lines) > room:
            more = counted(len(lines) - room + 1, "more line")
            lines = [*lines[: room - 1], (Run(f"  {more}: a larger terminal shows them"),)]
        return lines
