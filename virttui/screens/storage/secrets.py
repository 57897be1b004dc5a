"""The secrets of a host: made, given a value, undefined. No value is ever read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import uuid4

from virttui.model.commands import Command, Target, Verb
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.secret_value import SecretBytes

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen

Submit = Callable[[tuple[Command, ...]], None]


class SecretFlow:
    """What ``:secrets`` opens."""

    def __init__(self, screen: ActionScreen, submit: Submit) -> None:
        self._screen = screen
        self._submit = submit

    def open(self, host: str, name: str) -> None:
        """The secrets of a host, and what can be done with each."""
        from virttui.modals.storage.secrets import NEW, SecretsDialog

        def chosen(id: str | None) -> None:
            if id is None:
                return
            if id == NEW:
                self._new(host, name)
                return
            verb, document = sheet.chosen(id)
            if verb is Verb.DELETE:
                self._undefine(document, name)
            else:
                self._ask_value(document)

        sheet = SecretsDialog(ObjectId(host, ""), name)
        self._screen.app.push_screen(sheet, chosen)

    def _new(self, host: str, name: str) -> None:
        from virttui.libvirtxml.secrets import USES, secret
        from virttui.modals.storage.secret import NewSecretDialog

        def entered(what: tuple[str, str, str] | None) -> None:
            if what is None:
                return
            uuid = uuid4()
            document = Document(Kind.SECRET, ObjectId(host, str(uuid)), what[1])
            self._submit(
                (
                    Command(
                        Verb.DEFINE,
                        Target(Kind.SECRET, document.key, document.name),
                        document=document,
                        xml=secret(*what, uuid),
                    ),
                )
            )
            self._ask_value(document, encoded=what[0] == "ceph")

        self._screen.app.push_screen(NewSecretDialog(name, tuple(USES)), entered)

    def _ask_value(self, document: Document, *, encoded: bool = False) -> None:
        from virttui.modals.storage.secret import SecretValueDialog

        def entered(value: SecretBytes | None) -> None:
            if value is not None:
                target = Target(Kind.SECRET, document.key, document.name)
                self._submit((Command(Verb.SET_VALUE, target, sealed=value),))

        self._screen.app.push_screen(SecretValueDialog(document.name, encoded=encoded), entered)

    def _undefine(self, document: Document, host: str) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog, Decision

        def decided(decision: Decision | None) -> None:
            if decision is not None:
                target = Target(Kind.SECRET, document.key, document.name)
                self._submit((Command(Verb.DELETE, target),))

        question = Confirmation(
            "delete a secret",
            f"Delete the secret {document.name} on {host}?",
            "Delete",
            name=document.name,
            consequence="Its value is gone for good; what needs it to start will not start.",
            danger=True,
        )
        self._screen.app.push_screen(ConfirmDialog(question), decided)
