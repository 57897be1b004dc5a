"""The actions inside guests: by their agents, by ssh, in the namespaces of a container."""

from __future__ import annotations

from virttui.screens.main.action_flows import ActionFlows
from virttui.screens.main.dispatcher import ActionRequest


class GuestActions:
    """The handlers of those actions."""

    flows: ActionFlows

    def open_guest_agent(self, request: ActionRequest) -> None:
        """Show what can be done inside the guests by their agents."""
        self.flows.guest_agent.open(request.context)

    def set_password(self, request: ActionRequest) -> None:
        """Set the password of a user of the guests."""
        self.flows.guest_agent.password(request.context)

    def change_ssh_keys(self, request: ActionRequest) -> None:
        """Add or remove an ssh key of a user of the guests."""
        self.flows.guest_agent.ssh_keys(request.context)

    def run_program(self, request: ActionRequest) -> None:
        """Run a program inside the guests."""
        self.flows.guest_agent.run(request.context)

    def log_in(self, request: ActionRequest) -> None:
        """Log in to a guest by ssh."""
        self.flows.logins.ssh(request.context.subjects[0])

    def open_shell(self, request: ActionRequest) -> None:
        """Open a shell in a container."""
        self.flows.logins.shell(request.context.subjects[0])
