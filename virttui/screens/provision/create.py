"""The create flow: the wizard, and the commands that create the domains."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.actions.target import ActionContext
from virttui.libvirtxml.text.redaction import redact_for_draft
from virttui.model.commands import Command, Target, Verb
from virttui.model.documents import Document
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory
from virttui.model.provision.create import XML, XML_OVER, CreatePlan
from virttui.persistence import templates, wizard_drafts
from virttui.screens.provision.choose_host import choose_host
from virttui.screens.provision.os_systems import os_systems
from virttui.store.context_parts import no_writable_host, writable_hosts

if TYPE_CHECKING:
    from virttui.modals.provision.create_types import WizardServices
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen

log = logging.getLogger(__name__)


class CreateFlow:
    """Creates domains on the host of the selected row."""

    def __init__(self, screen: ActionScreen, following: CreationFollower) -> None:
        self._screen = screen
        self._following = following
        self._saving: asyncio.Task[None] | None = None

    def open(self, situation: ActionContext) -> None:
        """Create domains, beginning with the draft that was left the last time."""
        self._screen.run_flow(self._open(situation))

    async def _open(self, situation: ActionContext) -> None:
        fleet_state = self._screen.view_state.fleet_state
        hosts = writable_hosts(
            fleet_state, [subject.key.host for subject in situation.subjects[:1]]
        )
        if not hosts:
            self._screen.show_message(f"new domain: {no_writable_host(fleet_state)}")
            return
        title = "Create domain: on which host"
        inventory = await choose_host(self._screen, title, hosts, _room)
        if inventory is not None:
            await self._create(inventory, wizard_drafts.load(inventory.host.id))

    async def _create(self, inventory: Inventory, entered: Mapping[str, str]) -> None:
        """Run the wizard and submit its plans.

        The draft is deleted once every domain exists. If none could be created, the wizard opens
        again on its review, with the reason and all values.
        """
        from virttui.modals.provision.create_wizard import CreateWizard

        host, failure = inventory.host.id, None
        while True:
            wizard = CreateWizard(inventory, self._services(host), entered, failure)
            plans = await self._screen.show_dialog(wizard)
            if plans is None:
                return
            commands = [command(host, one) for one in plans]
            failed = await self._following.submit(commands, done=lambda: self._keep(host, {}))
            if failed is None:
                return
            entered, failure = wizard.entered, failed.trouble

    def _services(self, host: str) -> WizardServices:
        """What the wizard gets from this flow; ``host`` is a host id."""
        from virttui.modals.provision.create_types import WizardServices
        from virttui.screens.base.key_pages import wizard_keys_page
        from virttui.source_lookup import look_up

        return WizardServices(
            systems=os_systems(),
            look_up=look_up,
            kept=partial(self._keep, host),
            edit=partial(self._edit, host),
            name=self._name_template,
            help=lambda: self._screen.app.push_screen(wizard_keys_page()),
            templates=templates.load_all(),
        )

    async def _edit(self, host: str, plan: CreatePlan) -> str | None:
        """Edit the XML of a domain that does not exist yet; None when that is cancelled."""
        from virttui.screens.xml_editor.new_domain_editor import NewDomainEditor
        from virttui.screens.xml_editor.open_document import choose

        machine = plan.machine
        document = Document(Kind.DOMAIN, ObjectId(host, machine.uuid), machine.name)
        editor = NewDomainEditor(document, plan.plan.xml, choose)
        return await self._screen.show_dialog(editor)

    async def _name_template(self, entered: Mapping[str, str]) -> str:
        """Save form values as a template under a name; returns a message, "" when cancelled."""
        from virttui.modals.provision.template import TemplateDialog

        name = await self._screen.show_dialog(TemplateDialog(tuple(templates.load_all())))
        if name is None:
            return ""
        try:
            path = templates.save(name, entered)
        except (OSError, InvalidInput) as error:
            return f"the template cannot be saved: {error}"
        return f"saved as template {name}, in {path}"

    def _keep(self, host: str, entered: Mapping[str, str]) -> None:
        """Save the form values as the draft, or delete it without any; on a thread.

        Edited XML is left out if it contains passwords: no draft holds any.
        """
        xml = entered.get(XML, "")
        if redact_for_draft(xml, (), ()) != xml:
            entered = {name: one for name, one in entered.items() if name not in (XML, XML_OVER)}

        def work() -> None:
            try:
                if entered:
                    wizard_drafts.save(host, entered)
                else:
                    wizard_drafts.delete(host)
            except OSError as error:
                log.warning("the draft of a machine cannot be saved: %s", error)

        before = self._saving

        async def keep() -> None:
            if before is not None:
                await before
            await asyncio.to_thread(work)

        self._saving = asyncio.create_task(keep())


def _room(inventory: Inventory) -> str:
    """The number of running domains and the unallocated memory of a host."""
    host = inventory.host
    total = host.figures.memory_total
    if not total:
        return f"{host.running} running"
    left = max(0, total - (host.memory_promised or 0))
    return f"{host.running} running, {formatting.size(left)} unallocated"


def command(host: str, proposal: CreatePlan) -> Command:
    """The command that creates a domain."""
    key = ObjectId(host, proposal.machine.uuid)
    target = Target(Kind.DOMAIN, key, proposal.plan.name)
    return Command(Verb.PROVISION, target, proposal.plan)
