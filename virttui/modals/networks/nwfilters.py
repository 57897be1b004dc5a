"""The network filters of a host, each with the NICs that use it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from virttui.modals.base.chooser import PickerDialog
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import QueryKind, QueryResult
from virttui.render.search import PickerItem


class FiltersDialog(PickerDialog):
    """Gives back the id of an entry: ``xml N`` or ``delete N``; ``chosen`` says which filter."""

    def __init__(
        self, host: ObjectId, name: str, about: Callable[[Sequence[Document]], Sequence[str]]
    ) -> None:
        title = f"network filters of {name}"
        super().__init__(title, [PickerItem("", "asking", why_not=f"{name} for them")])
        self._host = host
        self._about = about
        self._filters: tuple[Document, ...] = ()

    def on_mount(self) -> None:
        """Ask the host."""
        super().on_mount()
        self.console.ask(QueryKind.DOCUMENTS, Kind.HOST, self._host)

    def on_query_result(self, answer: QueryResult) -> None:
        """Take the list; answers to other questions are not ours."""
        if answer.question.ask is not QueryKind.DOCUMENTS or answer.question.key != self._host:
            return
        self._filters = tuple(one for one in answer.documents if one.kind is Kind.NWFILTER)
        why = answer.trouble.message if answer.trouble is not None else "it has none"
        entries = [PickerItem("", "network filters", why_not=why)] if not self._filters else []
        notes = self._about(self._filters)
        for number, (one, note) in enumerate(zip(self._filters, notes, strict=True)):
            entries.append(PickerItem(f"xml {number}", one.name, note=note))
            entries.append(PickerItem(f"delete {number}", f"delete {one.name}"))
        self.replace(entries)

    def chosen(self, id: str) -> tuple[str, Document]:
        """What is to be done, with which filter."""
        word, _, number = id.partition(" ")
        return word, self._filters[int(number)]
