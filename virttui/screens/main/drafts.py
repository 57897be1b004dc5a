"""Edits that were not finished: told at the start, listed by ``:drafts``, opened where they are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.persistence import xml_drafts
from virttui.persistence.xml_drafts import Draft
from virttui.render.search import PickerItem
from virttui.screens.xml_editor.open_document import open_document

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


class DraftReminder:
    """The drafts of all documents of the hosts that are open."""

    def __init__(self, screen: ActionScreen) -> None:
        self._screen = screen

    def begin(self) -> None:
        """Say at the start what was left unfinished, beside the first frame."""
        self._screen.run_flow(self._show_drafts())

    async def _show_drafts(self) -> None:
        found = self._mine(await asyncio.to_thread(xml_drafts.all_drafts))
        if found:
            names = formatting.listed([draft.document.name for draft in found])
            drafted = "an unfinished edit" if len(found) == 1 else "unfinished edits"
            self._screen.show_message(f"there is {drafted} of {names}; :drafts opens it")

    def open(self) -> None:
        """Choose one and go on with it."""
        self._screen.run_flow(self._choose())

    async def _choose(self) -> None:
        from virttui.modals.base.chooser import PickerDialog
        from virttui.panes.xml_editor.frame import document_path

        screen = self._screen
        found = self._mine(await asyncio.to_thread(xml_drafts.all_drafts))
        if not found:
            screen.show_message("there is no unfinished edit")
            return
        now, fleet_state = screen.look.epoch, screen.view_state.fleet_state
        entries = [
            PickerItem(
                draft,
                " ".join(document_path(draft.document)),
                note=f"{fleet_state.host_name(draft.document.key.host)}, "
                f"{formatting.span(max(0.0, now - draft.saved_epoch))} ago",
            )
            for draft in found
        ]

        chosen = await screen.show_dialog(PickerDialog("unfinished edits", entries))
        if chosen is not None:
            open_document(screen.app, chosen.document, restore=chosen.base is None)

    def _mine(self, found: tuple[Draft, ...]) -> list[Draft]:
        """Those of the hosts that are open here."""
        hosts = self._screen.view_state.fleet_state.inventories
        return [draft for draft in found if draft.document.key.host in hosts]
