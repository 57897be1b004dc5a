"""The flows of a pool target: build, format, delete, each after a question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from virttui.actions.availability import FORMATS
from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.commands import Command, Target, Verb
from virttui.model.identity import ObjectId
from virttui.model.inventory import Pool
from virttui.model.queries import FileUsersQuery
from virttui.panes.storage import pool_users
from virttui.screens.base.types import SubmitCommands

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


class PoolTargetFlow:
    """Builds, formats and deletes the target of a pool."""

    def __init__(self, screen: ActionScreen, submit: SubmitCommands) -> None:
        self._screen = screen
        self._submit = submit

    def build(self, situation: ActionContext) -> None:
        """Build the target of a pool; nothing that holds data is formatted."""
        self._screen.run_flow(self._build(situation.subjects[0]))

    async def _build(self, subject: ActionTarget) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        pool = _pool(subject)
        question = Confirmation(
            f"build {pool.name}",
            f"Build the target of {pool.name} on {subject.host.name}?",
            "Build",
            name=pool.name,
            consequence=pool_users.build_warning(pool),
        )
        if await self._screen.show_dialog(ConfirmDialog(question)) is not None:
            safely = pool.type in FORMATS
            self._submit((Command(Verb.BUILD, _target(subject), no_overwrite=safely),))

    def format(self, situation: ActionContext) -> None:
        """Format the target of a pool whatever is on it, after its name was typed."""
        subject = situation.subjects[0]
        made = Command(Verb.BUILD, _target(subject), overwrite=True)
        consequence = pool_users.format_warning(_pool(subject))
        self._screen.run_flow(self._lose(subject, "Format", consequence, made))

    def erase(self, situation: ActionContext) -> None:
        """Delete the target of a pool, after its name was typed."""
        subject = situation.subjects[0]
        made = Command(Verb.DELETE_POOL_TARGET, _target(subject))
        consequence = f"{pool_users.erase_warning(_pool(subject))} Its definition stays."
        self._screen.run_flow(self._lose(subject, "Delete", consequence, made))

    async def _lose(
        self, subject: ActionTarget, verb: str, consequence: str, made: Command
    ) -> None:
        from virttui.modals.base.type_to_confirm import TypeToConfirmDialog

        pool = _pool(subject)
        inventory = self._screen.view_state.fleet_state.inventories[subject.key.host]
        on_it = sorted({domain.name for domain, _ in pool_users.users(pool, inventory)})
        if on_it:
            more = f" and {len(on_it) - 3} more" if len(on_it) > 3 else ""
            self._screen.show_message(
                f"{pool.name} is used by {', '.join(on_it[:3])}{more}", bad=True
            )
            return
        host = subject.key.host
        unknown = self._screen.view_state.fleet_state.unknown.get(host, ())
        # Looked at anew for the next time: what is not known now is refused by the host itself.
        self._screen.console.ask(FileUsersQuery(ObjectId(host, "")))
        words = tuple(dict.fromkeys(said for about, said in unknown if not about))
        if words:
            consequence += f" Not known: {'; '.join(words)}."
        made = replace(made, despite=words)
        title = f"{verb.lower()} the target of {pool.name}"
        asks = f"{verb} the target of {pool.name} on {subject.host.name}?"

        dialog = TypeToConfirmDialog(title, asks, verb, pool.name, consequence)
        if await self._screen.show_dialog(dialog):
            self._submit((made,))


def _pool(subject: ActionTarget) -> Pool:
    if not isinstance(subject.thing, Pool):
        raise TypeError(f"{subject.name} is no pool")
    return subject.thing


def _target(subject: ActionTarget) -> Target:
    return Target(subject.kind, subject.key, subject.name)
