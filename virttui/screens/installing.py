"""New machines: the wizard, and the command that makes one of what it comes to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from virttui.actions import Situation
from virttui.archive import wishes
from virttui.files import read_keys
from virttui.model.commands import Command, Target, Verb
from virttui.model.founding import Surroundings
from virttui.model.identity import Key, Kind
from virttui.model.installing import Ground, Proposal
from virttui.model.inventory import Inventory
from virttui.model.machines import HostCan
from virttui.panes.grounds import ground
from virttui.panes.offering import macs
from virttui.settings import osinfo_folders

if TYPE_CHECKING:
    from virttui.definitions.creating import Systems
    from virttui.screens.place import Place

log = logging.getLogger(__name__)

Submit = Callable[[tuple[Command, ...]], None]


class Installing:
    """Makes machines on the host of the selected row."""

    def __init__(self, screen: Place, submit: Submit) -> None:
        self._screen = screen
        self._submit = submit
        self._systems: Systems | None = None
        self._saving: asyncio.Task[None] | None = None

    def open(self, situation: Situation) -> None:
        """Think up a machine, from where it was left the last time."""
        survey = self._screen.stage.survey
        ids = [subject.key.host for subject in situation.subjects] or list(survey.inventories)
        inventory = survey.inventories.get(ids[0]) if ids else None
        if inventory is None or not inventory.fresh or inventory.host.read_only:
            name = inventory.host.name if inventory is not None else "no host"
            self._screen.say(f"new domain: {name} takes no changes now")
            return
        self._push(inventory, wishes.load(inventory.host.id))

    def _push(self, inventory: Inventory, given: Mapping[str, str]) -> None:
        from virttui.definitions import installing
        from virttui.definitions.installing import Newborn
        from virttui.modals.installing import WizardSheet

        host, news = inventory.host, Newborn(macs(self._screen.stage.survey))

        def made(can: HostCan | None, around: Surroundings) -> Ground:
            survey = self._screen.console.survey()
            now = survey.inventories.get(host.id, inventory)
            return ground(survey, now, *news(0), can, around)

        def decided(made: tuple[Proposal, ...] | None) -> None:
            if made is not None:
                self._submit(tuple(command(host.id, one) for one in made))

        pools = [(one.name, one.key) for one in inventory.pools.values() if one.active]
        sheet = WizardSheet(
            Key(host.id, ""), host.name, installing, made, news, pools, self._read_systems,
            read_keys, given, lambda kept: self._keep(host.id, kept),
        )  # fmt: skip
        self._screen.app.push_screen(sheet, decided)

    def _read_systems(self) -> Systems:
        """What is known of systems, read once. On a thread."""
        from virttui.definitions.creating import systems

        if self._systems is None:
            self._systems = systems(osinfo_folders())
        return self._systems

    def _keep(self, host: str, given: Mapping[str, str]) -> None:
        """Keep what was chosen, or forget it once it is made; off the screen's loop."""

        def work() -> None:
            try:
                if given:
                    wishes.save(host, given)
                else:
                    wishes.drop(host)
            except OSError as error:
                log.warning("the draft of a machine cannot be kept: %s", error)

        async def keep() -> None:
            await asyncio.to_thread(work)

        self._saving = asyncio.create_task(keep())


def command(host: str, proposal: Proposal) -> Command:
    """What makes a machine."""
    key = Key(host, proposal.machine.uuid)
    target = Target(Kind.DOMAIN, key, proposal.recipe.name)
    return Command(Verb.MAKE, target, recipe=proposal.recipe)
