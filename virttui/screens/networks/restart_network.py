"""Starts and restarts of networks that running guests use, whose NICs are then reattached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from virttui import formatting
from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.commands import Verb
from virttui.model.inventory import Inventory, Network
from virttui.panes.action_plan import command
from virttui.panes.networks.users import user_lines, users
from virttui.screens.provision.network_pool import IN_SEQUENCE

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen
from virttui.screens.base.types import Submit


class NetworkRestartFlow:
    """Starts and restarts networks and reattaches the NICs of running guests, after a question."""

    def __init__(self, screen: ActionScreen, submit: Submit) -> None:
        self._screen = screen
        self._submit = submit

    def restart(self, subject: ActionTarget) -> None:
        """Stop and start the network and reattach its NICs, until the first failure."""
        network, inventory = self._network_of(subject)
        running = _running(network, inventory)
        verbs = [Verb.STOP, Verb.START]
        consequence = "No running domain uses it."
        if running and network.own_bridge:
            verbs.append(Verb.REATTACH_NICS)
            consequence = f"{running}: no link until they are reattached, a few seconds."
        elif running:
            consequence = "Running domains keep their link: its bridge or device is the host's."
        asks = f"Restart {subject.name}"
        self._screen.run_flow(self._ask(subject, "Restart", asks, consequence, verbs))

    def start(self, situation: ActionContext) -> bool:
        """Ask whether to reattach the NICs that lost the network; false if there are none."""
        if len(situation.subjects) != 1:
            return False
        subject = situation.subjects[0]
        if not isinstance(subject.thing, Network) or subject.active:
            return False
        network, inventory = self._network_of(subject)
        running = _running(network, inventory)
        if not running or not network.own_bridge:
            return False
        asks = f"Start {subject.name} and reattach its guests"
        consequence = f"{running}: no link since it stopped."
        verbs = [Verb.START, Verb.REATTACH_NICS]
        self._screen.run_flow(self._ask(subject, "Start and reattach", asks, consequence, verbs))
        return True

    def _network_of(self, subject: ActionTarget) -> tuple[Network, Inventory]:
        if not isinstance(subject.thing, Network):
            raise TypeError(f"{subject.name} is not a network")
        return subject.thing, self._screen.view_state.fleet_state.inventories[subject.key.host]

    async def _ask(
        self, subject: ActionTarget, verb: str, asks: str, consequence: str, verbs: list[Verb]
    ) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        network, inventory = self._network_of(subject)

        question = Confirmation(
            verb.lower(),
            f"{asks} on {subject.host.name}?",
            verb,
            name=subject.name,
            consequence=consequence,
            touched=tuple(user_lines(network, inventory, self._screen.look)),
        )
        if await self._screen.show_dialog(ConfirmDialog(question)) is not None:
            self._submit(tuple(command(subject, one) for one in verbs), IN_SEQUENCE)


def _running(network: Network, inventory: Inventory) -> str:
    """``3 NICs of 2 running domains``, "" for none."""
    found = [domain for domain, _ in users(network, inventory) if domain.state.active]
    if not found:
        return ""
    domains = len({domain.key for domain in found})
    nics = formatting.counted(len(found), "NIC")
    return f"{nics} of {formatting.counted(domains, 'running domain')}"
