"""The secrets of a host: define, set the value, undefine. No value is ever read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from virttui.model.commands import Command, Target, Verb
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen
from virttui.screens.base.types import SubmitCommands


class SecretFlow:
    """The flow of ``:secrets``."""

    def __init__(self, screen: ActionScreen, submit: SubmitCommands) -> None:
        self._screen = screen
        self._submit = submit

    def open(self, host: str, name: str) -> None:
        """List the secrets of a host: one is created, given a value, or undefined."""
        self._screen.run_flow(self._list(host, name))

    async def _list(self, host: str, name: str) -> None:
        from virttui.modals.storage.secrets import NEW, SecretsDialog

        dialog = SecretsDialog(ObjectId(host, ""), name)
        id = await self._screen.show_dialog(dialog)
        if id is None:
            return
        if id == NEW:
            await self._new(host, name)
            return
        verb, document = dialog.chosen(id)
        if verb is Verb.DELETE:
            await self._undefine(document, name)
        else:
            await self._ask_value(document)

    async def _new(self, host: str, name: str) -> None:
        from virttui.libvirtxml.secrets import USES, secret
        from virttui.modals.storage.secret import NewSecretDialog

        what = await self._screen.show_dialog(NewSecretDialog(name, tuple(USES)))
        if what is None:
            return
        uuid = uuid4()
        document = Document(Kind.SECRET, ObjectId(host, str(uuid)), what[1])
        xml = secret(*what, uuid)
        self._submit((Command(Verb.DEFINE, _target(document), document=document, xml=xml),))
        await self._ask_value(document, encoded=what[0] == "ceph")

    async def _ask_value(self, document: Document, *, encoded: bool = False) -> None:
        from virttui.modals.storage.secret import SecretValueDialog

        dialog = SecretValueDialog(document.name, encoded=encoded)
        value = await self._screen.show_dialog(dialog)
        if value is not None:
            self._submit((Command(Verb.SET_VALUE, _target(document), sealed=value),))

    async def _undefine(self, document: Document, host: str) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        question = Confirmation(
            "delete a secret",
            f"Delete the secret {document.name} on {host}?",
            "Delete",
            name=document.name,
            consequence="Its value is gone for good; what needs it to start will not start.",
            danger=True,
        )
        if await self._screen.show_dialog(ConfirmDialog(question)) is not None:
            self._submit((Command(Verb.DELETE, _target(document)),))


def _target(document: Document) -> Target:
    return Target(Kind.SECRET, document.key, document.name)
