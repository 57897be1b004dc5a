"""A picker of things made of the documents of a host or domain, which it queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from virttui.modals.base.chooser import PickerDialog
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import DocumentsQuery, DocumentsResult, QueryResult
from virttui.render.search import PickerItem

T = TypeVar("T")


class DocumentListDialog(PickerDialog[T], Generic[T]):
    """Returns the value of an item. ``items`` makes the items of the result of the query."""

    def __init__(
        self,
        title: str,
        waiting: str,
        kind: Kind,
        key: ObjectId,
        items: Callable[[DocumentsResult], Sequence[PickerItem[T | None]]],
    ) -> None:
        super().__init__(title, [PickerItem(None, "asking", why_not=waiting)])
        self._kind, self._key = kind, key
        self._items = items

    def on_mount(self) -> None:
        """Query the documents."""
        super().on_mount()
        self.console.ask(DocumentsQuery(self._key, self._kind))

    def on_query_result(self, result: QueryResult) -> None:
        """Show the items of the result; results of other queries are ignored."""
        if isinstance(result, DocumentsResult) and result.query.key == self._key:
            self.replace(self._items(result))
