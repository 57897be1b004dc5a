"""The commands of an action, and the targets that are left out with the reason."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from virttui.actions.action import Action, ConfirmWhen
from virttui.actions.availability import is_paused
from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.commands import Command, Target, Verb
from virttui.model.identity import ObjectId


class ActionPlan(Struct, frozen=True):
    """The commands of an action, and the targets that are left out with the reason."""

    action: Action
    commands: tuple[Command, ...] = ()
    subjects: tuple[ActionTarget, ...] = ()
    left_out: tuple[tuple[ActionTarget, str], ...] = ()

    @property
    def needs_confirmation(self) -> bool:
        """Return true if the action must be confirmed."""
        bulk = len(self.subjects) + len(self.left_out) > 1
        return self.action.confirm_when is ConfirmWhen.ALWAYS or (
            self.action.confirm_when is ConfirmWhen.BULK and bulk
        )

    def without(self, keys: frozenset[ObjectId]) -> ActionPlan:
        """The plan without the subjects that the user left out."""
        remaining = [
            (subject, command)
            for subject, command in zip(self.subjects, self.commands, strict=True)
            if subject.key not in keys
        ]
        return replace(
            self,
            subjects=tuple(subject for subject, _ in remaining),
            commands=tuple(command for _, command in remaining),
        )


def plan(action: Action, situation: ActionContext, direction: Verb | None = None) -> ActionPlan:
    """Sort the subjects into those that can be acted on and those left out, with the reason.

    ``direction`` is the way an action is to go that goes two ways (pause and resume, autostart).
    """
    if action.verb is None:
        return ActionPlan(action)
    verb = direction or _common(action, situation)
    taken: list[ActionTarget] = []
    left: list[tuple[ActionTarget, str]] = []
    for subject in situation.subjects:
        reason = action.unavailable_for(subject)
        if not reason and verb is not None and action.verb_for(subject) is not verb:
            reason = f"{subject.name} {_THERE.get(verb, 'has it already')}"
        if reason:
            left.append((subject, reason))
        else:
            taken.append(subject)
    commands = tuple(command(subject, action.verb_for(subject)) for subject in taken)
    return ActionPlan(action, commands, tuple(taken), tuple(left))


_THERE = {
    Verb.PAUSE: "is already paused",
    Verb.RESUME: "is not paused",
    Verb.AUTOSTART_OFF: "already has autostart off",
}


def _common(action: Action, situation: ActionContext) -> Verb | None:
    """Autostart and pause turn several the same way: on (or paused) unless all are already."""
    if len(situation.subjects) < 2:
        return None
    possible = [s for s in situation.subjects if not action.unavailable_for(s)]
    if action.id == "autostart":
        every = all(subject.autostart for subject in possible)
        return Verb.AUTOSTART_OFF if every else Verb.AUTOSTART_ON
    if action.id == "pause":
        return Verb.RESUME if all(map(is_paused, possible)) else Verb.PAUSE
    return None


def command(subject: ActionTarget, verb: Verb) -> Command:
    """The command for one subject."""
    return Command(verb, Target(subject.kind, subject.key, subject.name))
