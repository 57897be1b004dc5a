"""The flows of the page of backups: each asks, then gives one command."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Protocol, TypeVar

from textual.screen import Screen

from virttui import formatting
from virttui.modals.backup.restore import RestoreDialog
from virttui.modals.base.chooser import PickerDialog
from virttui.modals.base.confirm import Confirmation, ConfirmDialog
from virttui.modals.base.type_to_confirm import TypeToConfirmDialog
from virttui.model.backup.arguments import DeleteBackupArguments, VerifyArguments
from virttui.model.backup.chains import chain_of, damaged, dependents
from virttui.model.backup.manifest import StoredBackup
from virttui.model.commands import BatchPolicy, Command, Target, Verb
from virttui.model.identity import Kind, ObjectId
from virttui.model.severity import Severity
from virttui.panes.backup import page
from virttui.panes.backup.view_state import BackupsViewState
from virttui.render.line import Line, Role, Run, clean, wrapped
from virttui.render.search import PickerItem
from virttui.store.context_parts import free_space
from virttui.widgets.app_protocol import AppServices

R = TypeVar("R")
_WIDTH = 72


class BackupsPage(Protocol):
    """The page, as far as its flows need it."""

    view_state: BackupsViewState

    @property
    def console(self) -> AppServices:
        """The app."""

    async def show_dialog(self, dialog: Screen[R]) -> R:
        """Show a dialog; its result."""

    def show_message(self, words: str, *, bad: bool = False, name: str = "") -> None:
        """Say something in the answer line."""

    def ask_plan(self) -> None:
        """Ask what the next backup would do."""

    def paint(self) -> None:
        """Draw everything."""


Flow = Callable[[BackupsPage], Coroutine[object, object, None]]


async def back_up(screen: BackupsPage) -> None:
    """Take a backup, after what it would do was shown."""
    state = screen.view_state
    plan, arguments = state.plan, state.arguments()
    if arguments is None or plan is None:
        screen.show_message(state.plan_error or "back up: what it would do is not known yet")
        return
    if plan.blockers:
        screen.show_message(f"back up: {plan.blockers[0]}", bad=True)
        return
    lines = page.plan_lines(plan, "", arguments.pool_name, _WIDTH - 4)
    question = Confirmation(
        f"back up {state.name}",
        f"Back up {state.name} into {arguments.pool_name}? It runs on meanwhile; its writes wait "
        "for the pool where it is slow.",
        "Back up",
        name=state.name,
        touched=tuple(lines),
        width=_WIDTH,
    )
    if await screen.show_dialog(ConfirmDialog(question)) is not None:
        target = Target(Kind.DOMAIN, state.key, state.name)
        screen.console.submit((Command(Verb.BACK_UP, target, arguments),))


async def choose_pool(screen: BackupsPage) -> None:
    """Choose the pool for the next backup."""
    state = screen.view_state
    entries = [PickerItem(one, one.name, free_space(one)) for one in state.pools()]
    if not entries:
        screen.show_message("no pool of files is on: 3, n makes one of a folder")
        return
    chosen = await screen.show_dialog(PickerDialog("back up into", entries))
    if chosen is not None:
        state.target_pool = chosen
        screen.ask_plan()
        screen.paint()


async def verify(screen: BackupsPage) -> None:
    """Read the backup under the cursor again, with all that it needs."""
    backup = screen.view_state.backup
    if backup is None:
        screen.show_message("verify: there is no backup")
        return
    arguments = VerifyArguments(_place(screen, backup), backup.pool_name, (backup.manifest.id,))
    screen.console.submit((Command(Verb.VERIFY_BACKUP, _target(screen), arguments),))


def _place(screen: BackupsPage, backup: StoredBackup) -> ObjectId:
    return ObjectId(screen.view_state.key.host, backup.pool)


def _target(screen: BackupsPage) -> Target:
    state = screen.view_state
    return Target(Kind.DOMAIN, state.key, state.name)


async def delete(screen: BackupsPage) -> None:
    """Delete the backup under the cursor with those that need it, after the name was typed."""
    state = screen.view_state
    backup = state.backup
    if backup is None:
        screen.show_message("delete: there is no backup")
        return
    own = page.of_pool(backup, state.backups or ())
    id = backup.manifest.id
    going = {id, *dependents({id}, own)}
    chosen = [one for one in own if one.manifest.id in going]
    size = formatting.size(sum(one.manifest.size for one in chosen))
    moments = [
        (
            page.moment(one.manifest.begun),
            f"{one.manifest.kind}, {formatting.size(one.manifest.size)}",
        )
        for one in chosen
    ]
    count = formatting.counted(len(chosen), "backup")
    needed = "; the later ones are worth nothing without it, so they go with it"
    dialog = TypeToConfirmDialog(
        f"delete {count} of {state.name}",
        f"Delete {count} of {state.name} from {backup.pool_name}?",
        f"Delete {size}",
        state.name,
        f"What they hold is gone for good{needed if len(chosen) > 1 else ''}.",
        moments,
    )
    if await screen.show_dialog(dialog) is True:
        ids = tuple(sorted(going))
        arguments = DeleteBackupArguments(_place(screen, backup), backup.pool_name, ids)
        screen.console.submit((Command(Verb.DELETE_BACKUP, _target(screen), arguments),))


async def restore(screen: BackupsPage) -> None:
    """Restore the backup under the cursor: what it becomes, then every step, then a key."""
    state = screen.view_state
    backup = state.backup
    if backup is None:
        screen.show_message("restore: there is no backup")
        return
    own = page.of_pool(backup, state.backups or ())
    if problem := damaged(backup, own):
        screen.show_message(f"restore: {problem}", bad=True)
        return
    chain = chain_of(backup.manifest.id, own)
    domain = state.fleet_state.domain(state.key)
    wanted = await screen.show_dialog(RestoreDialog(chain, domain, state.key.host))
    if wanted is None:
        return
    lines: list[Line] = []
    for number, words in enumerate(wanted.planned.steps, 1):
        lines += _part(f"{number:>2} ", words, Role.TEXT)
    for check in wanted.checks:
        role = Role.WARN if check.level is Severity.WARNING else Role.MUTED
        lines += _part(" ! " if check.level is Severity.WARNING else " + ", check.words, role)
    question = Confirmation(
        f"restore {state.name}",
        f"{wanted.planned.headline}?",
        "Restore",
        touched=tuple(lines),
        alternative="Nothing is made until you press y. What is begun is undone when a step fails.",
        width=_WIDTH,
    )
    if await screen.show_dialog(ConfirmDialog(question)) is not None:
        screen.console.submit(wanted.planned.commands, BatchPolicy(stop_at_failure=True))


def _part(label: str, words: str, role: Role) -> list[Line]:
    lines: list[Line] = []
    for part in wrapped(clean(words), _WIDTH - 8):
        lines.append((Run(label, Role.MUTED), Run(part, role)))
        label = "   "
    return lines
