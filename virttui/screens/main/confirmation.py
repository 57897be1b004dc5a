"""The confirmation of an action: its question, its consequences and the rows it lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from virttui import formatting
from virttui.actions.action import Action
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionTarget
from virttui.model.identity import Kind
from virttui.model.inventory import Domain
from virttui.panes.action_plan import ActionPlan
from virttui.panes.domains.rows import row_of, state_of
from virttui.render.line import Role, Run
from virttui.screens.main.consequences import consequence, touched, transient

if TYPE_CHECKING:
    from virttui.modals.base.batch_progress import SkippedTarget
    from virttui.modals.base.confirm import Confirmation, ConfirmationRow
    from virttui.screens.base.screen_protocol import ActionScreen


def confirmation(screen: ActionScreen, made: ActionPlan) -> Confirmation:
    """The question that a plan asks before its commands are submitted."""
    from virttui.modals.base.confirm import Confirmation

    action, subjects = made.action, made.subjects
    left = tuple(_left_out(screen, subject, reason) for subject, reason in made.left_out)
    if len(subjects) == 1 and not left:
        subject = subjects[0]
        inventory = screen.view_state.fleet_state.inventories[subject.key.host]
        return Confirmation(
            f"{action.word} {subject.name}" if subject.kind is not Kind.DOMAIN else action.word,
            f"{action.asks or action.title} {_kind(subject)}{subject.name} on {subject.host.name}?",
            action.title,
            name=subject.name,
            consequence=consequence(action, subject, inventory),
            alternative=_alternative(action, subject),
            danger=action.danger,
            touched=touched(action, subject, inventory, screen.look),
        )
    kind = subjects[0].kind.value
    hosts = len({subject.key.host for subject in subjects})
    where = (
        f"on {formatting.counted(hosts, 'host')}" if hosts > 1 else f"on {subjects[0].host.name}"
    )
    several = len(subjects) > 1
    these = f"these {len(subjects)}" if several else subjects[0].name
    at_a_time = screen.console.settings.at_a_time
    pace = f", at most {at_a_time} at once per host" if several else ""
    lost = action.plural if several and action.plural else action.consequence
    return Confirmation(
        f"{action.word} {formatting.counted(len(subjects), kind)}",
        f"{action.asks or _verb(made)} {these} {where}{pace}?",
        _verb(made),
        consequence=f"{lost} {transient(action, subjects)}".rstrip(),
        danger=action.danger,
        listed=tuple(_listed(screen, subject) for subject in subjects),
        left_out=left,
        rolls=action.id in ("reboot", "reset", "start"),
    )


def skipped_targets(made: ActionPlan, kept: ActionPlan) -> list[SkippedTarget]:
    """Targets that get no command: those that cannot take it, and those the user unticked."""
    from virttui.modals.base.batch_progress import SkippedTarget

    unticked = {subject.key for subject in made.subjects} - {s.key for s in kept.subjects}
    why = [(subject, reason.removeprefix(subject.name)) for subject, reason in made.left_out]
    why += [(subject, "you left it out") for subject in made.subjects if subject.key in unticked]
    return [SkippedTarget(s.key, s.name, s.host.name, reason.strip()) for s, reason in why]


def _verb(made: ActionPlan) -> str:
    """The verb of a bulk action: autostart and pause say which way."""
    if made.action.id in ("autostart", "pause", "start") and made.commands:
        word = made.commands[0].verb.label
        verbs = {one.verb for one in made.commands}
        return word[:1].upper() + word[1:] if len(verbs) == 1 else made.action.title
    return made.action.title


def _listed(screen: ActionScreen, subject: ActionTarget) -> ConfirmationRow:
    """The row of a target."""
    from virttui.modals.base.confirm import ConfirmationRow

    look = screen.look
    word = "active" if subject.active else "off"
    glyph = Run(look.glyphs.running if subject.active else look.glyphs.off, Role.OK)
    if isinstance(subject.thing, Domain):
        row = row_of(screen.view_state.fleet_state, subject.key)
        if row is not None:
            state = state_of(row, look)
            glyph, word = Run(state.glyph, state.glyph_role), state.word
    return ConfirmationRow(subject.key, glyph, subject.name, subject.host.name, word)


def _left_out(screen: ActionScreen, subject: ActionTarget, reason: str) -> ConfirmationRow:
    """The row of a target that gets no command, with the reason."""
    why = reason.removeprefix(subject.name).strip()
    glyph = Run(screen.look.glyphs.warning, Role.WARN)
    return replace(_listed(screen, subject), glyph=glyph, word=why)


def _kind(subject: ActionTarget) -> str:
    """A network and a pool may have one name: which is meant is said."""
    return "" if subject.kind is Kind.DOMAIN else f"{subject.kind.value} "


def _alternative(action: Action, subject: ActionTarget) -> str:
    """The gentler way, with its key, where there is one."""
    if action.id not in ("force-off", "reset"):
        return action.alternative
    if subject.domain.reason == "ioerror":
        return "Gentler: repair its storage, then s resumes it."
    return "" if BY_ID["shutdown"].unavailable_for(subject) else action.alternative
