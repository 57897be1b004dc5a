"""The secrets of a host, by what they are for."""

from __future__ import annotations

from virttui.modals.base.chooser import PickerDialog
from virttui.model.commands import Verb
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import QueryKind, QueryResult
from virttui.render.search import PickerItem

NEW = "new"
_NEW_ENTRY = PickerItem(NEW, "new secret", note="for ceph, iscsi, a volume, tls, vtpm")


class SecretsDialog(PickerDialog):
    """Gives back the id of an entry; ``chosen`` says what it stands for."""

    def __init__(self, host: ObjectId, name: str) -> None:
        super().__init__(
            f"secrets of {name}", [PickerItem("", "asking", why_not=f"{name} for them")]
        )
        self._host = host
        self._secrets: tuple[Document, ...] = ()

    def on_mount(self) -> None:
        """Ask the host."""
        super().on_mount()
        self.console.ask(QueryKind.DOCUMENTS, Kind.HOST, self._host)

    def on_query_result(self, answer: QueryResult) -> None:
        """Take the list; answers to other questions are not ours."""
        if answer.question.ask is not QueryKind.DOCUMENTS or answer.question.key != self._host:
            return
        if answer.trouble is not None:
            self.replace([PickerItem("", "secrets", why_not=answer.trouble.message)])
            return
        self._secrets = tuple(one for one in answer.documents if one.kind is Kind.SECRET)
        entries = [_NEW_ENTRY]
        for number, one in enumerate(self._secrets):
            entries.append(PickerItem(f"value {number}", one.name, note="give it a value"))
            entries.append(
                PickerItem(f"delete {number}", f"delete {one.name}", note="value and all")
            )
        self.replace(entries)

    def chosen(self, id: str) -> tuple[Verb, Document]:
        """What is to be done, with which secret."""
        word, _, number = id.partition(" ")
        verb = Verb.DELETE if word == "delete" else Verb.SET_VALUE
        return verb, self._secrets[int(number)]
