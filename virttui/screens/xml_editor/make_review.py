"""The review of a changed text, made of its checks, its differences and what runs."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from virttui.model.commands import ApplyWhen, LiveChange, LiveOperation
from virttui.model.documents import HostValues
from virttui.model.identity import Kind
from virttui.model.severity import Severity
from virttui.panes.virsh_equivalent import virsh
from virttui.panes.xml_editor import review_page
from virttui.panes.xml_editor.diff_rows import Difference, difference
from virttui.panes.xml_editor.review_page import Review, ReviewCheck, ReviewInput
from virttui.panes.xml_editor.text_view import TextAnalysis
from virttui.render.glyphs import RenderContext
from virttui.screens.xml_editor.editor_state import EditorState


class LiveEffect(Struct, frozen=True):
    """What of the changes a running domain takes at once, and what waits for its next start.

    ``memory`` and ``memory_before`` are bytes, None where the definition has none.
    """

    steps: tuple[LiveChange, ...] = ()
    waiting: tuple[str, ...] = ()
    memory: int | None = None
    memory_before: int | None = None


class ChangeAnalysis(Struct, frozen=True):
    """A text with its checks, its differences to what is stored, and its effect on what runs."""

    study: TextAnalysis
    difference: Difference
    live: LiveEffect


def analyse_changes(
    text: str, base: str, live: str, knowledge: HostValues | None, kind: Kind
) -> ChangeAnalysis:
    """Check and compare a text. On a thread."""
    from virttui.libvirtxml.edits.current_values import memory_of
    from virttui.libvirtxml.live_changes import LivePlan, plan_live_changes
    from virttui.screens.xml_editor.background_check import analyse

    now = LiveEffect()
    if kind is Kind.DOMAIN:
        found = plan_live_changes(base, text, live) if live else LivePlan()
        now = LiveEffect(found.steps, found.waiting, memory_of(text), memory_of(base))
    return ChangeAnalysis(analyse(text, base, kind, knowledge), difference(base, text), now)


def make_review(
    state: EditorState,
    found: ChangeAnalysis,
    when: ApplyWhen,
    merged: tuple[str, ...],
    look: RenderContext,
) -> Review:
    """The review of the text in the buffer; ``merged`` names what others changed meanwhile."""
    buffer, live = state.buffer, found.live
    checked = found.study.checked
    errors = [p for p in checked.problems if p.level is Severity.ERROR]
    warnings = [p for p in checked.problems if p.level is Severity.WARNING]
    checks = review_page.checks(
        ReviewInput(
            problems=len(errors),
            warnings=len(warnings),
            schema=checked.schema,
            note=checked.note,
            secrets=buffer.secrets,
            unknown_secrets=buffer.unknown(),
            merged=merged,
            why_not=buffer.why_not,
            first=f"line {errors[0].line}: {errors[0].words}" if errors else "",
            host_words=f"line {warnings[0].line}: {warnings[0].words}" if warnings else "",
            extra=(*_lasting(state), *_promised(state, live, look)),
        )
    )
    domain = buffer.document.kind is Kind.DOMAIN
    running = bool(buffer.live) and domain
    review = Review(
        found.difference,
        checks,
        ApplyWhen.NEXT_BOOT,
        running,
        live.steps,
        live.waiting,
        (),
        "",
        new=buffer.missing,
        domain=domain,
    )
    return at_time(state, review, when if running else ApplyWhen.NEXT_BOOT)


def at_time(state: EditorState, review: Review, when: ApplyWhen) -> Review:
    """The review of the same changes, made at another time."""
    command = state.buffer.command(when, review.steps if when.now else (), validate=True)
    host = state.fleet_state.host(state.buffer.document.key.host)
    return replace(
        review,
        when=when,
        runs=_runs(state, when, review.steps),
        by_hand=virsh(command, host.uri) if host is not None else "",
    )


def _lasting(state: EditorState) -> tuple[ReviewCheck, ...]:
    """What becomes of what runs now, where that is not chosen on the review."""
    buffer = state.buffer
    if buffer.definition is not None and buffer.definition.transient:
        return (
            ReviewCheck(
                "transient", "gets a definition that stays when it stops", Severity.WARNING
            ),
        )
    if buffer.live and buffer.document.kind is not Kind.DOMAIN:
        kind = buffer.document.kind.value
        return (ReviewCheck("running", f"the {kind} keeps what it has until it is started again"),)
    return ()


def _promised(state: EditorState, live: LiveEffect, look: RenderContext) -> tuple[ReviewCheck, ...]:
    """What the host would promise with the memory that is asked for."""
    key = state.buffer.document.key
    host, domain = state.fleet_state.host(key.host), state.fleet_state.domain(key)
    if host is None or live.memory is None or live.memory == live.memory_before:
        return ()
    now = domain.memory_max if domain is not None and domain.state.active else 0
    return review_page.memory_check(host, live.memory - (now or 0), look)


def _runs(state: EditorState, when: ApplyWhen, steps: Sequence[LiveChange]) -> tuple[str, ...]:
    """What will be done, in order."""
    runs: list[str] = []
    if state.buffer.missing:
        runs.append("make sure that nothing has its name or UUID")
    elif when.stores:
        kept = state.version_count + 1
        runs.append(f"keep the old one in history ({kept})")
    if when.stores:
        runs.append("compare again, define with VALIDATE")
    if when.now:
        runs += [f"{_STEP_VERBS.get(step.op, 'set')} {step.what}, live" for step in steps]
    runs.append("read back, show what was dropped")
    return tuple(runs)


_STEP_VERBS = {
    LiveOperation.ATTACH: "attach",
    LiveOperation.DETACH: "detach",
    LiveOperation.UPDATE: "update",
}
"""What a step does to a device; the others set what they are called."""
