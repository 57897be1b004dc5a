"""The flows of ``E``: the menu of what can be done inside guests, and its forms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from virttui import formatting
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.commands import Command, Verb
from virttui.model.domains.guest_agent import (
    PasswordArguments,
    ShutdownArguments,
    SshKeyArguments,
)
from virttui.model.secret_value import SecretBytes
from virttui.panes.action_plan import command
from virttui.screens.base.types import Submit
from virttui.screens.main.dispatcher import ActionRequest

if TYPE_CHECKING:
    from virttui.panes.guest_agent.menu import AskedGuest
    from virttui.screens.base.screen_protocol import ActionScreen


class GuestAgentFlow:
    """What is done inside guests. ``run_plan`` confirms and submits the command of an action.

    ``log_in`` logs in to a guest by ssh.
    """

    def __init__(
        self,
        screen: ActionScreen,
        submit: Submit,
        run_plan: Callable[[ActionRequest], None],
        log_in: Callable[[ActionTarget], None],
    ) -> None:
        self._screen = screen
        self._submit = submit
        self._run_plan = run_plan
        self._log_in = log_in

    def open(self, context: ActionContext) -> None:
        """Show what can be done inside the guests."""
        self._screen.run_flow(self._open(context))

    async def _open(self, context: ActionContext) -> None:
        from virttui.modals.guest_agent.menu import GuestAgentDialog
        from virttui.panes.guest_agent.menu import AskedGuest, frozen_since

        fleet_state = self._screen.view_state.fleet_state
        unavailable = BY_ID["agent"].unavailable_for
        guests = [
            AskedGuest(
                subject.key,
                subject.name,
                why_not=unavailable(subject),
                frozen_since=frozen_since(fleet_state, subject.key),
                no_login=BY_ID["ssh"].unavailable_for(subject),
            )
            for subject in context.subjects
        ]
        dialog = GuestAgentDialog(guests)
        chosen = await self._screen.show_dialog(dialog)
        if chosen is None:
            return
        if chosen == "ssh":
            self._log_in(context.subjects[0])
            return
        answering = [one for one in context.subjects if not dialog.guests[one.key].reason]
        named = replace(context, subjects=tuple(answering))
        reports = [dialog.guests[one.key] for one in answering]
        await self._do(chosen, named, reports)

    async def _do(self, chosen: str, context: ActionContext, guests: Sequence[AskedGuest]) -> None:
        subjects = context.subjects
        if chosen == "password":
            windows = [
                one.key for one in guests if one.report is not None and one.report.is_windows
            ]
            await self._password(subjects, "", [key for key in windows], asks=False)
        elif chosen == "ssh-keys":
            await self._ssh_keys(subjects)
        elif chosen == "agent-facts":
            self._show_facts(guests)
        elif chosen == "run":
            await self._run(subjects)
        elif chosen == "agent-shutdown":
            await self._shut_down(subjects)
        else:
            self._run_plan(ActionRequest(BY_ID[chosen], context))

    # -- passwords and keys ------------------------------------------------------------------

    def password(self, context: ActionContext, user: str = "") -> None:
        """Set the password of a user of the guests."""
        able = self._able(context, "password")
        if able:
            self._screen.run_flow(self._password(able, user, (), asks=True))

    async def _password(
        self,
        subjects: Sequence[ActionTarget],
        user: str,
        windows: Sequence[object],
        *,
        asks: bool,
    ) -> None:
        from virttui.modals.guest_agent.password import PasswordDialog

        known = [one.key for one in subjects if one.key in windows]
        asked = [one.key for one in subjects] if asks else []
        dialog = PasswordDialog(_named(subjects), user, known, asked)
        typed = await self._screen.show_dialog(dialog)
        if typed is None:
            return
        value = typed[1].take() or b""
        commands = await asyncio.to_thread(
            _password_commands, subjects, typed[0], value, frozenset(dialog.windows)
        )
        self._submit(commands)

    def ssh_keys(self, context: ActionContext) -> None:
        """List the ssh keys of a user of the guests; one is added or removed."""
        able = self._able(context, "ssh-keys")
        if able:
            self._screen.run_flow(self._ssh_keys(able))

    async def _ssh_keys(self, subjects: Sequence[ActionTarget]) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog
        from virttui.modals.guest_agent.ssh_keys import NewKeyDialog, SshKeysDialog, UserDialog
        from virttui.panes.guest_agent.users import key_words

        name = _named(subjects)
        user = await self._screen.show_dialog(UserDialog(f"ssh keys inside {name}"))
        if user is None:
            return
        keys = [subject.key for subject in subjects]
        chosen = await self._screen.show_dialog(SshKeysDialog(name, user, keys))
        if chosen is None:
            return
        if chosen.remove:
            question = Confirmation(
                "remove an ssh key",
                f"Remove {key_words(chosen.remove)} of {user} inside {name}?",
                "Remove",
                name=name,
                consequence="Who logs in with it is no longer let in; who is in stays in.",
                danger=True,
            )
            if await self._screen.show_dialog(ConfirmDialog(question)) is None:
                return
            change = SshKeyArguments(user, remove=(chosen.remove,))
        else:
            first = await asyncio.to_thread(own_key)
            line = await self._screen.show_dialog(NewKeyDialog(user, first))
            if line is None:
                return
            change = SshKeyArguments(user, add=(line,))
        self._submit(
            tuple(
                replace(command(subject, Verb.CHANGE_SSH_KEYS), arguments=change)
                for subject in subjects
            )
        )

    # -- what they tell, programs, shutting down ---------------------------------------------

    def _show_facts(self, guests: Sequence[AskedGuest]) -> None:
        from virttui.panes.guest_agent.menu import facts_page
        from virttui.screens.base.text_screen import TextScreen
        from virttui.screens.guest_agent.pages import FixedText

        lines: list[str] = []
        for guest in guests:
            if len(guests) > 1:
                lines += [*([""] if lines else []), f"-- {guest.name}"]
            lines += facts_page(guest)
        name = guests[0].name if len(guests) == 1 else formatting.counted(len(guests), "guest")
        page = TextScreen(f"what the agent of {name} tells", FixedText(lines))
        self._screen.app.push_screen(page)

    def run(self, context: ActionContext) -> None:
        """Run a program inside the guests."""
        able = self._able(context, "run")
        if able:
            self._screen.run_flow(self._run(able))

    async def _run(self, subjects: Sequence[ActionTarget]) -> None:
        from virttui.modals.guest_agent.run import ProgramDialog
        from virttui.screens.guest_agent.pages import ProgramScreen

        name = _named(subjects)
        dialog = ProgramDialog(name, several=len(subjects) > 1)
        line = await self._screen.show_dialog(dialog)
        if line is not None:
            targets = [(subject.key, subject.name) for subject in subjects]
            self._screen.app.push_screen(ProgramScreen(line, targets, name))

    async def _shut_down(self, subjects: Sequence[ActionTarget]) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        name = _named(subjects)
        question = Confirmation(
            "shut down",
            f"Shut down {name} by the agent?",
            "Shut down",
            name=name,
            consequence="The guest ends its programs and goes off; nobody presses its power "
            "button, so a guest that ignores that one is reached too.",
        )
        if await self._screen.show_dialog(ConfirmDialog(question)) is not None:
            by_agent = ShutdownArguments(by_agent=True)
            self._submit(
                tuple(
                    replace(command(subject, Verb.SHUTDOWN), arguments=by_agent)
                    for subject in subjects
                )
            )

    def _able(self, context: ActionContext, id: str) -> tuple[ActionTarget, ...]:
        """The subjects that an action can be done to; says why where there are none."""
        unavailable = BY_ID[id].unavailable_for
        able = tuple(one for one in context.subjects if not unavailable(one))
        if left := len(context.subjects) - len(able):
            guests = formatting.counted(left, "guest")
            self._screen.show_message(f"{BY_ID[id].word}: {guests} left out: no agent answers")
        return able


def own_key() -> str:
    """The first public key in this user's ~/.ssh, "" without one."""
    for name in ("id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub"):
        try:
            return (Path.home() / ".ssh" / name).read_text("utf-8", "replace").strip()
        except OSError:
            continue
    return ""


def _named(subjects: Sequence[ActionTarget]) -> str:
    return subjects[0].name if len(subjects) == 1 else formatting.counted(len(subjects), "guest")


def _password_commands(
    subjects: Sequence[ActionTarget], user: str, value: bytes, windows: frozenset[object]
) -> tuple[Command, ...]:
    """A command for each, with a hash of its own; on a thread, as hashing takes a while."""
    from virttui.planning.domain_spec.password_hash import hash_password

    made = []
    for subject in subjects:
        hashed = subject.key not in windows
        secret = hash_password(value.decode()).encode() if hashed else value
        arguments = PasswordArguments(user, SecretBytes(secret), is_hashed=hashed)
        made.append(replace(command(subject, Verb.SET_PASSWORD), arguments=arguments))
    return tuple(made)
