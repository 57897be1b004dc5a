"""Secrets: no value on the screen, in what is told, or left behind."""

from __future__ import annotations

import pytest

from tests.arguments import arguments_of
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.commands import DefineArguments, Verb
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import DocumentsQuery, DocumentsResult
from virttui.model.secret_value import SecretBytes

CEPH = Document(Kind.SECRET, ObjectId("kvm01", "u-1"), "client.admin")


async def opened(ui: RunningApp) -> None:
    await ui.type(":secrets")
    await ui.press("enter")
    query = next(q for q in ui.backend.queries if isinstance(q, DocumentsQuery))
    await ui.publish(DocumentsResult(query, documents=(CEPH,)))


async def test_a_value_is_dots_and_goes_into_one_command_alone() -> None:
    async with running_app() as ui:
        await opened(ui)
        assert "client.admin" in ui.screen_text()
        await ui.type("set its")
        await ui.press("enter")
        await ui.type("s3cret")
        builder = ui.app.export_screenshot()
        assert "s3cret" not in builder and "s3cret" not in ui.screen_text()
        await ui.press("enter")
        (command,) = ui.backend.commands
        assert command.verb is Verb.SET_VALUE and command.target.key == CEPH.key
        assert "s3cret" not in repr(command)
        arguments = arguments_of(command, SecretBytes)
        assert arguments is not None
        assert arguments.take() == b"s3cret" and arguments.take() is None


async def test_base64_is_decoded_and_what_is_none_is_not_taken() -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.type("set its")
        await ui.press("enter", "tab")
        await ui.type("c2Vj")
        assert "not valid base64" not in ui.screen_text()
        await ui.type("!")
        assert "not valid base64" in ui.screen_text()
        await ui.press("enter")
        assert ui.backend.commands == []
        await ui.press("backspace", "enter")
        sealed = arguments_of(ui.backend.commands[0], SecretBytes)
        assert sealed is not None and sealed.take() == b"sec"


async def test_a_new_one_is_defined_and_its_value_asked_for() -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.type("new")
        await ui.press("enter")
        await ui.type("ceph client.web for the shop")
        await ui.press("enter")
        (command,) = ui.backend.commands
        definition = arguments_of(command, DefineArguments)
        assert command.verb is Verb.DEFINE and definition.base is None
        assert "<name>client.web</name>" in definition.xml and "for the shop" in definition.xml
        assert command.target.key.uuid in definition.xml
        assert "[x] it is base64" in ui.screen_text(), "Ceph's keys are"


async def test_deleting_asks_and_defaults_to_cancel() -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.type("delete")
        await ui.press("enter", "enter")
        assert ui.backend.commands == []
        await opened_again(ui)
        await ui.type("delete")
        await ui.press("enter", "y")
        assert [c.verb for c in ui.backend.commands] == [Verb.DELETE]


async def opened_again(ui: RunningApp) -> None:
    ui.backend.queries.clear()
    await opened(ui)


def test_a_sealed_value_shows_nothing() -> None:
    assert "x" not in repr(SecretBytes(b"x")).removeprefix("Sealed")


@pytest.mark.parametrize("typed", ["", "ceph", "gold bar"])
async def test_what_makes_no_secret_is_not_taken(typed: str) -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.type("new")
        await ui.press("enter")
        await ui.type(typed)
        await ui.press("enter")
        assert ui.backend.commands == []
