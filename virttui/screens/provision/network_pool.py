"""New networks and pools: a form, a look at what it comes to, and the commands that make it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from virttui.actions.target import ActionContext
from virttui.model.commands import BatchPolicy, Command, Target, Verb
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
"""Each step wants the one before: what was not defined cannot be started."""


class NetworkPoolFlow:
    """Makes networks and pools on the host of the selected row."""

    def __init__(self, screen: ActionScreen, following: CreationFollower) -> None:
        self._screen = screen
        self._following = following

    def open(self, situation: ActionContext) -> None:
        """Fill in the form of what this pane lists."""
        fleet_state = self._screen.view_state.fleet_state
        kind = Kind.NETWORK if situation.pane == "networks" else Kind.POOL
        ids = [subject.key.host for subject in situation.subjects] or list(fleet_state.inventories)
        inventory = fleet_state.inventories.get(ids[0]) if ids else None
        if inventory is None or not inventory.current or inventory.host.read_only:
            name = inventory.host.name if inventory is not None else "no host"
            self._screen.show_message(f"new {kind}: {name} takes no changes now")
            return
        self._fill(kind, inventory, str(uuid4()), {})

    def _fill(
        self, kind: Kind, inventory: Inventory, uuid: str, entered: Mapping[str, str]
    ) -> None:
        from virttui.modals.provision.network_pool_form import NetworkDialog, PoolDialog

        dialog = NetworkDialog if kind is Kind.NETWORK else PoolDialog
        sheet = dialog(inventory, uuid, entered)
        self._screen.app.push_screen(sheet, partial(self._review, kind, inventory, uuid))

    def _review(
        self,
        kind: Kind,
        inventory: Inventory,
        uuid: str,
        drawn: NetworkPoolFormResult | None,
        failed: OperationError | None = None,
    ) -> None:
        if drawn is None:
            return
        from virttui.modals.provision.network_pool_form import ReviewDialog

        host, blueprint = inventory.host, drawn.blueprint
        made = commands(ObjectId(host.id, uuid), kind, blueprint)

        def back(why: OperationError | None) -> None:
            self._review(kind, inventory, uuid, drawn, why)

        def decided(agreed: bool | None) -> None:
            if agreed:
                self._following.submit(made, back, pace=IN_SEQUENCE)
            else:
                self._fill(kind, inventory, uuid, drawn.entered)

        lines = [virsh(command, host.uri) for command in made]
        title = f"new {kind} {blueprint.name} on {host.name}"
        self._screen.app.push_screen(ReviewDialog(title, blueprint, lines, failed), decided)


def commands(key: ObjectId, kind: Kind, blueprint: NetworkPoolPlan) -> tuple[Command, ...]:
    """What makes it, in this order: defined, prepared, started, started with its host."""
    target = Target(kind, key, blueprint.name)
    document = Document(kind, key, blueprint.name)
    made = [Command(Verb.DEFINE, target, document=document, xml=blueprint.xml)]
    if blueprint.build:
        made.append(Command(Verb.BUILD, target, no_overwrite=blueprint.no_overwrite))
    if blueprint.start:
        made.append(Command(Verb.START, target))
    if blueprint.autostart:
        made.append(Command(Verb.AUTOSTART_ON, target))
    return tuple(made)
