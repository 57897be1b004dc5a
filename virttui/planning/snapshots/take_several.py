"""One snapshot of several domains: one name, one sheet, each with the kind that it can have."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from virttui.formatting import listed
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.severity import Severity
from virttui.model.snapshots.changes import SnapshotContext, TakeSnapshotArguments
from virttui.planning.form import choice
from virttui.planning.snapshots.checks import checks
from virttui.planning.snapshots.take import NO, YES, plan


class PlannedSnapshot(Struct, frozen=True):
    """What is taken of one domain; ``why_not`` says why nothing is, and ``arguments`` is None."""

    context: SnapshotContext
    arguments: TakeSnapshotArguments | None = None
    why_not: str = ""

    @property
    def words(self) -> str:
        """What is taken of it, in a line."""
        if self.arguments is None:
            return f"{self.context.name}: {self.why_not}"
        taken = [one.target for one in self.arguments.overlays]
        parts = [self.arguments.kind.value]
        parts += [listed(taken)] if taken else []
        parts += ["with memory"] if self.arguments.memory else []
        parts += ["quiesced"] if self.arguments.quiesce else []
        left = [one.target for one in self.context.writable if one.target not in taken]
        parts += [f"without {listed(left)}"] if left and taken else []
        return f"{self.context.name}: {', '.join(parts)}"


def form_fields(
    contexts: Sequence[SnapshotContext], entered: FormValues, usual_name: str
) -> tuple[FormField, ...]:
    """Return the fields that all have in common."""
    fields = [
        FormField("name", "name", entered.get("name") or usual_name, note="one name for all"),
        FormField("note", "note", entered.get("note", ""), needed=False),
    ]
    if any(one.active for one in contexts):
        options = (
            Option(NO, "where it can be without"),
            Option(YES, "those that are off have none"),
        )
        fields.append(choice("memory", "memory too", options, entered))
    if any(one.state == "running" for one in contexts) and fields[-1].value != YES:
        options = (
            Option(YES, "quiesced, where the agent answers"),
            Option(NO, "as after a power cut"),
        )
        fields.append(choice("quiesce", "hold writes", options, entered))
    return tuple(fields)


def plans(
    contexts: Sequence[SnapshotContext], entered: FormValues, usual_name: str
) -> tuple[PlannedSnapshot, ...]:
    """Return what is taken of each, or why nothing is."""
    values = {one.name: one.value for one in form_fields(contexts, entered, usual_name)}
    return tuple(_planned(context, values) for context in contexts)


def _planned(context: SnapshotContext, values: FormValues) -> PlannedSnapshot:
    try:
        wanted = plan(context, values)
    except InvalidInput as error:
        return PlannedSnapshot(context, why_not=error.message)
    wrong = (one.words for one in checks(context, wanted) if one.level is Severity.ERROR)
    why_not = next(wrong, "")
    return PlannedSnapshot(context, None if why_not else wanted, why_not)
