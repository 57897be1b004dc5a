"""The flow of a new network or pool: a form, its review, and the commands that create it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import uuid4

from virttui.actions.target import ActionContext
from virttui.model.commands import (
    BatchPolicy,
    BuildPoolArguments,
    Command,
    DefineArguments,
    Target,
    Verb,
)
from virttui.model.documents import Document
from virttui.model.errors import OperationError
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory
from virttui.model.provision.network_pool import NetworkPoolPlan
from virttui.panes.virsh_equivalent import virsh

if TYPE_CHECKING:
    from virttui.modals.provision.network_pool_form import NetworkPoolFormResult
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen

IN_SEQUENCE = BatchPolicy(stop_at_failure=True, one_by_one=True)
"""Each command needs the one before: a network that was not defined cannot start."""


class NetworkPoolFlow:
    """Creates networks and pools on the host of the selected row."""

    def __init__(self, screen: ActionScreen, following: CreationFollower) -> None:
        self._screen = screen
        self._following = following

    def open(self, situation: ActionContext) -> None:
        """Create an object of the kind that this pane lists."""
        fleet_state = self._screen.view_state.fleet_state
        kind = Kind.NETWORK if situation.pane == "networks" else Kind.POOL
        ids = [subject.key.host for subject in situation.subjects] or list(fleet_state.inventories)
        inventory = fleet_state.inventories.get(ids[0]) if ids else None
        if inventory is None or not inventory.current or inventory.host.read_only:
            name = inventory.host.name if inventory is not None else "no host"
            self._screen.show_message(f"new {kind}: {name} takes no changes now")
            return
        self._screen.run_flow(self._create(kind, inventory))

    async def _create(self, kind: Kind, inventory: Inventory) -> None:
        """The form and the commands. The review leads back to the form."""
        from virttui.modals.provision.network_pool_form import NetworkDialog, PoolDialog

        uuid = str(uuid4())
        dialog = NetworkDialog if kind is Kind.NETWORK else PoolDialog
        entered: Mapping[str, str] = {}
        while True:
            form = await self._screen.show_dialog(dialog(inventory, uuid, entered))
            if form is None or await self._submit(kind, inventory, uuid, form):
                return
            entered = form.entered

    async def _submit(
        self, kind: Kind, inventory: Inventory, uuid: str, form: NetworkPoolFormResult
    ) -> bool:
        """Review and submit a form, until nothing fails; false when the user goes back to it."""
        from virttui.modals.provision.review import ReviewDialog

        host, plan = inventory.host, form.blueprint
        made = commands(ObjectId(host.id, uuid), kind, plan)
        lines = [virsh(command, host.uri) for command in made]
        title = f"new {kind} {plan.name} on {host.name}"
        xml = plan.xml.split("\n")
        failure: OperationError | None = None
        while True:
            review = ReviewDialog(title, plan.meaning, xml, lines, failure)
            if not await self._screen.show_dialog(review):
                return False
            failed = await self._following.submit(made, pace=IN_SEQUENCE)
            if failed is None:
                return True
            failure = failed.trouble


def commands(key: ObjectId, kind: Kind, plan: NetworkPoolPlan) -> tuple[Command, ...]:
    """The commands, in this order: define, build, start, autostart."""
    target = Target(kind, key, plan.name)
    document = Document(kind, key, plan.name)
    made = [Command(Verb.DEFINE, target, DefineArguments(document, xml=plan.xml))]
    if plan.build:
        made.append(Command(Verb.BUILD, target, BuildPoolArguments(no_overwrite=plan.no_overwrite)))
    if plan.start:
        made.append(Command(Verb.START, target))
    if plan.autostart:
        made.append(Command(Verb.AUTOSTART_ON, target))
    return tuple(made)
