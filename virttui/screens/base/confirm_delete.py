"""The question before a document of a host is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from virttui.model.commands import Command, Target, Verb
from virttui.model.documents import Document

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


async def confirm_delete(
    screen: ActionScreen, what: str, document: Document, host: str, consequence: str
) -> Command | None:
    """Ask whether to delete a document; returns the command. ``what`` is it in words."""
    from virttui.modals.base.confirm import Confirmation, ConfirmDialog

    question = Confirmation(
        f"delete a {what}",
        f"Delete the {what} {document.name} on {host}?",
        "Delete",
        name=document.name,
        consequence=consequence,
        danger=True,
    )
    if await screen.show_dialog(ConfirmDialog(question)) is None:
        return None
    return Command(Verb.DELETE, Target(document.kind, document.key, document.name))
