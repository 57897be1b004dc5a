"""New machines: the wizard, and the command that makes one of what it comes to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.actions.target import ActionContext
from virttui.libvirtxml.text.redaction import redact_for_draft
from virttui.model.commands import Command, Target, Verb
from virttui.model.documents import Document
from virttui.model.errors import InvalidInput, OperationError
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory
from virttui.model.provision.create import XML, XML_OVER, CreatePlan
from virttui.persistence import templates, wizard_drafts
from virttui.render.search import PickerItem
from virttui.screens.provision.os_systems import os_systems
from virttui.store.create_context import able, nobody

if TYPE_CHECKING:
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen

log = logging.getLogger(__name__)


class CreateFlow:
    """Makes machines on the host of the selected row."""

    def __init__(self, screen: ActionScreen, following: CreationFollower) -> None:
        self._screen = screen
        self._following = following
        self._saving: asyncio.Task[None] | None = None

    def open(self, situation: ActionContext) -> None:
        """Think up a machine, from where it was left the last time."""
        here = [subject.key.host for subject in situation.subjects[:1]]
        hosts = able(self._screen.view_state.fleet_state, here)
        if not hosts:
            self._screen.show_message(f"new domain: {nobody(self._screen.view_state.fleet_state)}")
        elif len(hosts) == 1:
            self._begin(hosts[0])
        else:
            self._choose(hosts)

    def _choose(self, hosts: Sequence[Inventory]) -> None:
        """On which of several hosts; that of the selected row comes first."""
        from virttui.modals.base.chooser import PickerDialog

        entries = [PickerItem(one.host.id, one.host.name, note=_room(one)) for one in hosts]
        by_id = {one.host.id: one for one in hosts}

        def chosen(id: str | None) -> None:
            if id is not None:
                self._begin(by_id[id])

        self._screen.app.push_screen(PickerDialog("Create domain: on which host", entries), chosen)

    def _begin(self, inventory: Inventory) -> None:
        self._push(inventory, wizard_drafts.load(inventory.host.id))

    def _push(
        self, inventory: Inventory, entered: Mapping[str, str], failed: OperationError | None = None
    ) -> None:
        """Open the wizard; after a failure on its review, which says why."""
        from virttui.modals.provision.create_types import WizardServices
        from virttui.modals.provision.create_wizard import CreateWizard
        from virttui.screens.base.key_pages import wizard_keys_page
        from virttui.source_lookup import look_up

        host, app = inventory.host, self._screen.app

        def decided(made: tuple[CreatePlan, ...] | None) -> None:
            if made is not None:
                commands = [command(host.id, one) for one in made]
                self._make(inventory, commands, page.entered)

        services = WizardServices(
            systems=os_systems(),
            look_up=look_up,
            kept=lambda kept: self._keep(host.id, kept),
            edit=lambda proposal, done: self._edit(host.id, proposal, done),
            name=self._name_template,
            help=lambda: app.push_screen(wizard_keys_page()),
            templates=templates.load_all(),
        )
        page = CreateWizard(inventory, services, entered, failed)
        app.push_screen(page, decided)

    def _make(
        self, inventory: Inventory, commands: Sequence[Command], entered: Mapping[str, str]
    ) -> None:
        """Make them. The draft is kept until all are there; one that fails leads back to its
        review, with every field as it was."""
        host = inventory.host.id

        def there() -> None:
            self._keep(host, {})

        def back(why: OperationError | None) -> None:
            self._push(inventory, entered, why)

        self._following.submit(commands, back, done=there)

    def _edit(self, host: str, proposal: CreatePlan, done: Callable[[str], None]) -> None:
        """Open a definition that nobody has defined yet; what it becomes goes back."""
        from virttui.screens.xml_editor.new_domain_editor import NewDomainEditor
        from virttui.screens.xml_editor.open_document import choose

        machine = proposal.machine
        document = Document(Kind.DOMAIN, ObjectId(host, machine.uuid), machine.name)

        def decided(xml: str | None) -> None:
            if xml is not None:
                done(xml)

        self._screen.app.push_screen(NewDomainEditor(document, proposal.plan.xml, choose), decided)

    def _name_template(self, entered: Mapping[str, str], told: Callable[[str], None]) -> None:
        """Keep choices as a template under a name."""
        from virttui.modals.provision.template import TemplateDialog

        def decided(name: str | None) -> None:
            if name is None:
                return
            try:
                path = templates.save(name, entered)
            except (OSError, InvalidInput) as error:
                told(f"the template cannot be kept: {error}")
            else:
                told(f"kept as template {name}, in {path}")

        taken = tuple(templates.load_all())
        self._screen.app.push_screen(TemplateDialog(taken), decided)

    def _keep(self, host: str, entered: Mapping[str, str]) -> None:
        """Keep what was chosen, or forget it once it is made; off the screen's loop.

        XML that was edited by hand is kept unless it has passwords in it: no draft holds any.
        """
        xml = entered.get(XML, "")
        if redact_for_draft(xml, (), ()) != xml:
            entered = {name: one for name, one in entered.items() if name not in (XML, XML_OVER)}

        def work() -> None:
            try:
                if entered:
                    wizard_drafts.save(host, entered)
                else:
                    wizard_drafts.drop(host)
            except OSError as error:
                log.warning("the draft of a machine cannot be kept: %s", error)

        before = self._saving

        async def keep() -> None:
            if before is not None:
                await before
            await asyncio.to_thread(work)

        self._saving = asyncio.create_task(keep())


def _room(inventory: Inventory) -> str:
    """How much of a host is promised already."""
    host = inventory.host
    total = host.figures.memory_total
    if not total:
        return f"{host.running} running"
    left = max(0, total - (host.memory_promised or 0))
    return f"{host.running} running, {formatting.size(left)} unallocated"


def command(host: str, proposal: CreatePlan) -> Command:
    """What makes a machine."""
    key = ObjectId(host, proposal.machine.uuid)
    target = Target(Kind.DOMAIN, key, proposal.plan.name)
    return Command(Verb.PROVISION, target, plan=proposal.plan)
