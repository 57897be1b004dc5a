"""The pages of the logs of a domain and of a host."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from virttui.actions.registry import BY_ID
from virttui.model.commands import Command, EditArguments, SettingChange, Target, Verb
from virttui.model.domains.logs import HostLogRequest, LogRequest, LogSource
from virttui.model.identity import Kind
from virttui.model.inventory import Domain
from virttui.panes.logs.page import device_of_alias, log_file_offered
from virttui.panes.logs.view_state import HostLogsViewState, LogsViewState
from virttui.screens.console.printed_by import printed_by
from virttui.screens.logs.page_base import LogsPage
from virttui.screens.logs.seen_consoles import SeenConsoles
from virttui.store.fleet_state import FleetState


class HostLogsScreen(LogsPage, inherit_bindings=False):
    """Follows the logs of a host: its events and tasks, and the messages of libvirt's daemon."""

    def __init__(self, host: str, *, read_only: bool = False) -> None:
        super().__init__(HostLogsViewState(host, read_only=read_only), HostLogRequest(host))


class LogsScreen(LogsPage, inherit_bindings=False):
    """Follows the logs of a domain. Gives back "c" where its console is to be opened."""

    view_state: LogsViewState

    def __init__(self, domain: Domain, *, read_only: bool = False) -> None:
        state = LogsViewState(domain, read_only=read_only)
        super().__init__(state, LogRequest(domain.key, domain.name))
        self._domain = domain
        self._seen = SeenConsoles(domain.key)

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now, and what open consoles printed."""
        self._seen.feed(printed_by(self.app), self.view_state.log)
        super().update_state(fleet_state)

    def does(self) -> dict[str, Callable[[], object]]:
        """What each key does."""
        return super().does() | {"a": self._ask_log_file, "c": self._open_console}

    def _open_console(self) -> None:
        reason = BY_ID["console"].why_not(self.view_state.situation())
        if reason:
            self.show_message(f"console: {reason}")
        else:
            self.leave("c")

    def _ask_log_file(self) -> None:
        """Offer to have the console logged to a file, where it is not."""
        log = self.view_state.log
        offered = next((one for one in log.sources if log_file_offered(one)), None)
        if self.view_state.read_only:
            self.show_message("log its console: this run is read-only")
        elif offered is None:
            self.show_message("log its console: it is logged already, or none can be")
        else:
            self.run_flow(self._add_log_file(offered))

    async def _add_log_file(self, source: LogSource) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        name, log = self._domain.name, self.view_state.log
        question = Confirmation(
            "log a console",
            f"Log {source.device} of {log.name} on {log.host} to a file, from its next start?",
            "Log it",
            name=log.name,
            consequence=f"All that the guest prints there is then written to {source.where}, also "
            "while nobody looks: passwords that it prints too. Only root reads it.",
        )
        if await self.show_dialog(ConfirmDialog(question)) is None:
            return
        device = device_of_alias(source.device)
        change = SettingChange("log", device, (("", source.where),))
        target = Target(Kind.DOMAIN, self._domain.key, name)
        line = shlex.join(["virsh", "edit", name])
        arguments = EditArguments(change, equivalent_command=line)
        self.console.submit((Command(Verb.EDIT, target, arguments),))
