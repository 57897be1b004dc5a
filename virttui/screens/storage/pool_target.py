"""The flows of a pool target: build, format, delete, each after a question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from virttui.actions.availability import FORMATS
from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.commands import (
    BuildPoolArguments,
    Command,
    DeletePoolTargetArguments,
    Target,
    Verb,
)
from virttui.model.identity import ObjectId
from virttui.model.inventory import Pool
from virttui.model.queries import FileUsersQuery
from virttui.panes.storage import pool_users
from virttui.screens.base.types import Submit

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


class PoolTargetFlow:
    """Builds, formats and deletes the target of a pool."""

    def __init__(self, screen: ActionScreen, submit: Submit) -> None:
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
            self._submit(
                (Command(Verb.BUILD, _target(subject), BuildPoolArguments(no_overwrite=safely)),)
            )

    def format(self, situation: ActionContext) -> None:
        """Format the target of a pool whatever is on it, after its name was typed."""
        subject = situation.subjects[0]
        consequence = pool_users.format_warning(_pool(subject))

        def command(despite: tuple[str, ...]) -> Command:
            arguments = BuildPoolArguments(overwrite=True, despite=despite)
            return Command(Verb.BUILD, _target(subject), arguments)

        self._screen.run_flow(self._confirm_and_submit(subject, "Format", consequence, command))

    def erase(self, situation: ActionContext) -> None:
        """Delete the target of a pool, after its name was typed."""
        subject = situation.subjects[0]
        consequence = f"{pool_users.erase_warning(_pool(subject))} Its definition stays."

        def command(despite: tuple[str, ...]) -> Command:
            arguments = DeletePoolTargetArguments(despite)
            return Command(Verb.DELETE_POOL_TARGET, _target(subject), arguments)

        self._screen.run_flow(self._confirm_and_submit(subject, "Delete", consequence, command))

    async def _confirm_and_submit(
        self,
        subject: ActionTarget,
        verb: str,
        consequence: str,
        command: Callable[[tuple[str, ...]], Command],
    ) -> None:
        """Submit a command that loses data, after the name of the pool was typed.

        ``command`` makes it of what the user agrees not to know of the uses of the pool's volumes.
        """
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
        title = f"{verb.lower()} the target of {pool.name}"
        asks = f"{verb} the target of {pool.name} on {subject.host.name}?"

        dialog = TypeToConfirmDialog(title, asks, verb, pool.name, consequence)
        if await self._screen.show_dialog(dialog):
            self._submit((command(words),))


def _pool(subject: ActionTarget) -> Pool:
    if not isinstance(subject.thing, Pool):
        raise TypeError(f"{subject.name} is not a pool")
    return subject.thing


def _target(subject: ActionTarget) -> Target:
    return Target(subject.kind, subject.key, subject.name)
