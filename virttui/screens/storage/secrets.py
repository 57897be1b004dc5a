"""The secrets of a host: define, set the value, undefine. No value is ever read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from virttui.model.commands import Command, DefineArguments, Target, Verb
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.screens.base.confirm_delete import confirm_delete
from virttui.screens.base.types import Submit

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


class SecretFlow:
    """The flow of ``:secrets``."""

    def __init__(self, screen: ActionScreen, submit: Submit) -> None:
        self._screen = screen
        self._submit = submit

    def open(self, host: str, name: str) -> None:
        """List the secrets of a host: one is created, given a value, or undefined."""
        self._screen.run_flow(self._list(host, name))

    async def _list(self, host: str, name: str) -> None:
        from virttui.modals.storage.secrets import SecretsDialog

        chosen = await self._screen.show_dialog(SecretsDialog(ObjectId(host, ""), name))
        if chosen is None:
            return
        if chosen.document is None:
            await self._new(host, name)
        elif chosen.verb is Verb.DELETE:
            await self._undefine(chosen.document, name)
        else:
            await self._ask_value(chosen.document)

    async def _new(self, host: str, name: str) -> None:
        from virttui.libvirtxml.secrets import USES, secret
        from virttui.modals.storage.secret import NewSecretDialog

        what = await self._screen.show_dialog(NewSecretDialog(name, tuple(USES)))
        if what is None:
            return
        uuid = uuid4()
        document = Document(Kind.SECRET, ObjectId(host, str(uuid)), what[1])
        xml = secret(*what, uuid)
        self._submit((Command(Verb.DEFINE, _target(document), DefineArguments(document, xml=xml)),))
        await self._ask_value(document, encoded=what[0] == "ceph")

    async def _ask_value(self, document: Document, *, encoded: bool = False) -> None:
        from virttui.modals.storage.secret import SecretValueDialog

        dialog = SecretValueDialog(document.name, encoded=encoded)
        value = await self._screen.show_dialog(dialog)
        if value is not None:
            self._submit((Command(Verb.SET_VALUE, _target(document), value),))

    async def _undefine(self, document: Document, host: str) -> None:
        consequence = "Its value is gone for good; what needs it will no longer start."
        command = await confirm_delete(self._screen, "secret", document, host, consequence)
        if command is not None:
            self._submit((command,))


def _target(document: Document) -> Target:
    return Target(Kind.SECRET, document.key, document.name)
