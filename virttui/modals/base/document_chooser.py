"""The choice of a document of a host or domain: those it has, and those that were deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from msgspec import Struct

from virttui import formatting
from virttui.modals.base.document_list import DocumentListDialog
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import DocumentsResult
from virttui.render.search import PickerItem


class DeletedDocument(Struct, frozen=True):
    """A document that is no longer there, and when its definition was kept."""

    document: Document
    epoch: float


class DocumentsDialog(DocumentListDialog[Document | DeletedDocument]):
    """Returns a document that is there, or one that was deleted.

    ``recall`` reads the deleted ones from files; it runs on a thread. ``about`` gives a note on
    each of several documents.
    """

    def __init__(
        self,
        kind: Kind,
        key: ObjectId,
        name: str,
        recall: Callable[[], Sequence[DeletedDocument]],
        about: Callable[[Sequence[Document]], Sequence[str]],
    ) -> None:
        super().__init__(f"documents of {name}", "for its documents", kind, key, self._items_of)
        self._recall = recall
        self._about = about
        self._result: DocumentsResult | None = None
        self._gone: Sequence[DeletedDocument] = ()

    def on_mount(self) -> None:
        """Query the host, and read the files."""
        super().on_mount()
        self.run_worker(self._load_deleted())

    async def _load_deleted(self) -> None:
        self._gone = await asyncio.to_thread(self._recall)
        self.replace(self._items_of(self._result))

    def _items_of(
        self, result: DocumentsResult | None
    ) -> list[PickerItem[Document | DeletedDocument | None]]:
        self._result = result
        documents = result.documents if result is not None else ()
        items: list[PickerItem[Document | DeletedDocument | None]] = [
            PickerItem(one, _words(one), note=note)
            for one, note in zip(documents, self._about(documents), strict=True)
        ]
        for gone in self._gone:
            ago = formatting.span(max(0.0, self.look.epoch - gone.epoch))
            note = f"deleted {gone.document.kind.value} {ago} ago"
            items.append(PickerItem(gone, gone.document.name, note=note))
        why = "for its documents" if result is None else "it has none"
        if result is not None and result.error is not None:
            why = result.error.message
        elif items:
            return items
        return [PickerItem(None, "documents", why_not=why), *items]


def _words(document: Document) -> str:
    if document.kind in (Kind.CAPABILITIES, Kind.DOMAIN_CAPABILITIES, Kind.SAVED_IMAGE):
        return document.kind.value
    if document.kind is Kind.NETWORK_PORT:
        return f"{document.kind.value} {document.part[:8]}"
    by_part = document.kind in (Kind.SNAPSHOT, Kind.VOLUME)
    return f"{document.kind.value} {document.part if by_part else document.name}"
