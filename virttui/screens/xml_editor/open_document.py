"""Opening the workbench: on the selected object, or on one of a host's documents by its words."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

from textual.app import App

from virttui.actions.target import ActionTarget
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.persistence import definition_history
from virttui.screens.base.screen_protocol import ActionScreen, FlowScreen
from virttui.store.fleet_state import FleetState
from virttui.store.nwfilter_users import about

if TYPE_CHECKING:
    from virttui.modals.base.document_chooser import DeletedDocument


def open_xml(screen: ActionScreen, subject: ActionTarget) -> None:
    """The XML of what is selected; on a host, the choice of its documents."""
    if subject.kind is Kind.HOST:
        choose(screen, screen.view_state.fleet_state, Kind.HOST, subject.key, subject.host.name)
        return
    document = Document(subject.kind, subject.key, subject.name)
    pool = screen.view_state.pool
    if subject.kind is Kind.VOLUME and pool is not None:
        document = Document(Kind.VOLUME, pool, subject.name, subject.name)
    open_document(screen.app, document)


def open_document(app: App[object], document: Document, *, restore: bool = False) -> None:
    """The workbench on one document; ``restore`` begins with what was kept of one that is gone."""
    from virttui.screens.xml_editor.screen import XmlEditorScreen

    app.push_screen(XmlEditorScreen(document, choose, restore=restore))


def choose(
    screen: FlowScreen, fleet_state: FleetState, kind: Kind, key: ObjectId, name: str
) -> None:
    """Let the user open a document of a host, a network or a domain, deleted ones included."""
    screen.run_flow(_choose(screen, fleet_state, kind, key, name))


async def _choose(
    screen: FlowScreen, fleet_state: FleetState, kind: Kind, key: ObjectId, name: str
) -> None:
    from virttui.modals.base.document_chooser import DeletedDocument, DocumentsDialog

    inventory = fleet_state.inventories.get(key.host)
    there: set[str] = set()
    if inventory is not None:
        there = {*inventory.domains, *inventory.networks, *inventory.pools}

    def recall() -> list[DeletedDocument]:
        return deleted_documents(key.host, there) if kind in (Kind.HOST, Kind.NETWORK) else []

    def words(documents: Sequence[Document]) -> Sequence[str]:
        return about(documents, inventory) if inventory is not None else [""] * len(documents)

    chosen = await screen.show_dialog(DocumentsDialog(kind, key, name, recall, words))
    if isinstance(chosen, DeletedDocument):
        open_document(screen.app, chosen.document, restore=True)
    elif chosen is not None:
        open_document(screen.app, chosen)


def deleted_documents(host: str, there: Container[str]) -> list[DeletedDocument]:
    """What was kept of objects that a host no longer has, newest first. Reads files."""
    from virttui.modals.base.document_chooser import DeletedDocument

    try:
        kept = definition_history.latest_versions(host)
    except OSError:
        return []
    return [
        DeletedDocument(entry.document, entry.epoch)
        for entry in kept
        if entry.document.kind in _RESTORABLE and entry.document.key.uuid not in there
    ]


_RESTORABLE = frozenset({Kind.DOMAIN, Kind.NETWORK, Kind.POOL})
"""What the inventory tells to be gone."""
