"""The network filters of a host, each with the NICs that use it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from virttui.modals.base.document_list import DocumentListDialog
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import DocumentsResult
from virttui.render.search import PickerItem


class FilterChoice(Struct, frozen=True):
    """What is to be done with a network filter: its XML opened, or the filter deleted."""

    document: Document
    delete: bool


class FiltersDialog(DocumentListDialog[FilterChoice]):
    """Returns what is to be done with which filter. ``about`` gives a note on each of several."""

    def __init__(
        self, host: ObjectId, name: str, about: Callable[[Sequence[Document]], Sequence[str]]
    ) -> None:
        title = f"network filters of {name}"
        super().__init__(title, f"{name} for them", Kind.HOST, host, self._items_of)
        self._about = about

    def _items_of(self, result: DocumentsResult) -> list[PickerItem[FilterChoice | None]]:
        filters = [one for one in result.documents if one.kind is Kind.NWFILTER]
        if not filters:
            why = result.error.message if result.error is not None else "it has none"
            return [PickerItem(None, "network filters", why_not=why)]
        items: list[PickerItem[FilterChoice | None]] = []
        for one, note in zip(filters, self._about(filters), strict=True):
            items.append(PickerItem(FilterChoice(one, delete=False), one.name, note=note))
            items.append(PickerItem(FilterChoice(one, delete=True), f"delete {one.name}"))
        return items
