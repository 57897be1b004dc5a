"""The network filters of a host: their users, their XML, and how to delete one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from virttui import formatting
from virttui.model.documents import Document
from virttui.model.identity import ObjectId
from virttui.model.inventory import Inventory
from virttui.screens.base.confirm_delete import confirm_delete
from virttui.screens.base.types import Submit
from virttui.screens.xml_editor.open_document import open_document
from virttui.store.nwfilter_users import about, filter_users

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


class NwfilterFlow:
    """The flow of ``:nwfilters``."""

    def __init__(self, screen: ActionScreen, submit: Submit) -> None:
        self._screen = screen
        self._submit = submit

    def open(self, host: str, name: str) -> None:
        """List the filters of a host with their users: one is opened or deleted."""
        self._screen.run_flow(self._list(host, name))

    async def _list(self, host: str, name: str) -> None:
        from virttui.modals.networks.nwfilters import FiltersDialog

        dialog = FiltersDialog(
            ObjectId(host, ""), name, lambda documents: about(documents, self._inventory(host))
        )
        chosen = await self._screen.show_dialog(dialog)
        if chosen is None:
            return
        if chosen.delete:
            await self._delete(chosen.document, self._inventory(host))
        else:
            open_document(self._screen.app, chosen.document)

    def _inventory(self, host: str) -> Inventory:
        return self._screen.view_state.fleet_state.inventories[host]

    async def _delete(self, document: Document, inventory: Inventory) -> None:
        if inventory.host.read_only:
            self._screen.show_message(f"{inventory.host.name} was opened for reading only")
            return
        users = filter_users(document.name, inventory)
        running = [domain.name for domain, _ in users if domain.state.active]
        if running:
            names = formatting.listed(list(dict.fromkeys(running)))
            self._screen.show_message(
                f"delete {document.name}: running NICs of {names} use it, so libvirt keeps it",
                bad=True,
            )
            return
        names = formatting.listed(list(dict.fromkeys(domain.name for domain, _ in users)))
        consequence = "No NIC uses it. Its definition is kept in the history."
        if users:
            does = "does" if len(users) == 1 else "do"
            consequence = f"{names} {does} not start without it."
        host = inventory.host.name
        command = await confirm_delete(self._screen, "network filter", document, host, consequence)
        if command is not None:
            self._submit((command,))
