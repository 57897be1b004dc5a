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


async def opened(made: RunningApp) -> None:
    await made.type(":secrets")
    await made.press("enter")
    query = next(q for q in made.backend.queries if isinstance(q, DocumentsQuery))
    await made.publish(DocumentsResult(query, documents=(CEPH,)))


async def test_a_value_is_dots_and_goes_into_one_command_alone() -> None:
    async with running_app() as made:
        await opened(made)
        assert "client.admin" in made.screen_text()
        await made.type("set its")
        await made.press("enter")
        await made.type("s3cret")
        builder = made.app.export_screenshot()
        assert "s3cret" not in builder and "s3cret" not in made.screen_text()
        await made.press("enter")
        (command,) = made.backend.commands
        assert command.verb is Verb.SET_VALUE and command.target.key == CEPH.key
        assert "s3cret" not in repr(command)
        arguments = arguments_of(command, SecretBytes)
        assert arguments is not None
        assert arguments.take() == b"s3cret" and arguments.take() is None


async def test_base64_is_decoded_and_what_is_none_is_not_taken() -> None:
    async with running_app() as made:
        await opened(made)
        await made.type("set its")
        await made.press("enter", "tab")
        await made.type("c2Vj")
        assert "not valid base64" not in made.screen_text()
        await made.type("!")
        assert "not valid base64" in made.screen_text()
        await made.press("enter")
        assert made.backend.commands == []
        await made.press("backspace", "enter")
        sealed = arguments_of(made.backend.commands[0], SecretBytes)
        assert sealed is not None and sealed.take() == b"sec"


async def test_a_new_one_is_defined_and_its_value_asked_for() -> None:
    async with running_app() as made:
        await opened(made)
        await made.type("new")
        await made.press("enter")
        await made.type("ceph client.web for the shop")
        await made.press("enter")
        (command,) = made.backend.commands
        definition = arguments_of(command, DefineArguments)
        assert command.verb is Verb.DEFINE and definition.base is None
        assert "<name>client.web</name>" in definition.xml and "for the shop" in definition.xml
        assert command.target.key.uuid in definition.xml
        assert "[x] it is base64" in made.screen_text(), "Ceph's keys are"


async def test_deleting_asks_and_defaults_to_cancel() -> None:
    async with running_app() as made:
        await opened(made)
        await made.type("delete")
        await made.press("enter", "enter")
        assert made.backend.commands == []
        await opened_again(made)
        await made.type("delete")
        await made.press("enter", "y")
        assert [c.verb for c in made.backend.commands] == [Verb.DELETE]


async def opened_again(made: RunningApp) -> None:
    made.backend.queries.clear()
    await opened(made)


def test_a_sealed_value_shows_nothing() -> None:
    assert "x" not in repr(SecretBytes(b"x")).removeprefix("Sealed")


@pytest.mark.parametrize("typed", ["", "ceph", "gold bar"])
async def test_what_makes_no_secret_is_not_taken(typed: str) -> None:
    async with running_app() as made:
        await opened(made)
        await made.type("new")
        await made.press("enter")
        await made.type(typed)
        await made.press("enter")
        assert made.backend.commands == []
