"""The flows of ``:ssh`` and ``:shell``: into a guest by ssh, into a container by its namespaces."""

from __future__ import annotations

import asyncio
import getpass
import os
from typing import TYPE_CHECKING

from virttui.actions.target import ActionTarget
from virttui.commandline.virsh import argument_list
from virttui.panes.virsh_equivalent import called
from virttui.persistence import ssh_logins
from virttui.planning.ssh_login import arguments, is_address, is_behind, jump_of

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


class LoginFlow:
    """Opens programs on a terminal that lead into guests."""

    def __init__(self, screen: ActionScreen) -> None:
        self._screen = screen

    def ssh(self, subject: ActionTarget) -> None:
        """Log in to a guest by ssh."""
        self._screen.run_flow(self._ssh(subject))

    async def _ssh(self, subject: ActionTarget) -> None:
        from virttui.modals.terminal.ssh import SshDialog
        from virttui.screens.terminal.screen import TerminalProgramScreen

        domain = subject.domain
        addresses = [address for address in domain.addresses if is_address(address)]
        keys = ssh_logins.keys_of(domain.tags, domain.title, subject.key.uuid)
        kept = await asyncio.to_thread(ssh_logins.recall, keys)
        inventory = self._screen.view_state.fleet_state.inventories[subject.key.host]
        behind = any(is_behind(one, inventory.networks.values()) for one in addresses[:1])
        dialog = SshDialog(
            subject.name,
            addresses,
            kept or (getpass.getuser(), 22),
            jump_of(subject.host.uri),
            is_behind=behind,
        )
        wanted = await self._screen.show_dialog(dialog)
        if wanted is None:
            return
        try:
            await asyncio.to_thread(ssh_logins.keep, keys[0], wanted.user, wanted.port)
        except OSError as error:
            self._screen.show_message(f"ssh: the user cannot be kept: {error.strerror}", bad=True)
        page = TerminalProgramScreen(wanted.title, arguments(wanted))
        self._screen.app.push_screen(page)

    def shell(self, subject: ActionTarget) -> None:
        """Open a shell in a container of this computer."""
        from virttui.screens.terminal.screen import TerminalProgramScreen

        if os.geteuid():
            self._screen.show_message("shell: entering a container's namespaces needs root")
            return
        words = ("lxc-enter-namespace", "--noseclabel", called(subject.name, subject.key))
        line = argument_list(subject.host.uri, (*words, "/bin/sh"), read_only=False)
        self._screen.app.push_screen(TerminalProgramScreen(f"a shell in {subject.name}", line))
