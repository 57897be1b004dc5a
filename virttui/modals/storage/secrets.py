"""The secrets of a host, by what they are for."""

from __future__ import annotations

from msgspec import Struct

from virttui.modals.base.document_list import DocumentListDialog
from virttui.model.commands import Verb
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import DocumentsResult
from virttui.render.search import PickerItem


class SecretChoice(Struct, frozen=True):
    """SET_VALUE or DELETE of a secret; DEFINE, without a document, of a new one."""

    verb: Verb
    document: Document | None = None


class SecretsDialog(DocumentListDialog[SecretChoice]):
    """Returns what is to be done with which secret."""

    def __init__(self, host: ObjectId, name: str) -> None:
        super().__init__(f"secrets of {name}", f"{name} for them", Kind.HOST, host, _items)


def _items(result: DocumentsResult) -> list[PickerItem[SecretChoice | None]]:
    if result.error is not None:
        return [PickerItem(None, "secrets", why_not=result.error.message)]
    note = "for ceph, iscsi, a volume, tls, vtpm"
    items: list[PickerItem[SecretChoice | None]] = [
        PickerItem(SecretChoice(Verb.DEFINE), "new secret", note=note)
    ]
    for one in result.documents:
        if one.kind is Kind.SECRET:
            value, delete = SecretChoice(Verb.SET_VALUE, one), SecretChoice(Verb.DELETE, one)
            items.append(PickerItem(value, one.name, note="set its value"))
            items.append(PickerItem(delete, f"delete {one.name}", note="with its value"))
    return items
