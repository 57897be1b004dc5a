"""Secrets on a real libvirtd: defined, given a value that only libvirt has, undefined."""

from __future__ import annotations

import base64
import contextlib
import logging
from pathlib import Path
from uuid import uuid4

import pytest

from tests.arguments import arguments_of
from tests.fleet_client import RecordingClient, listening
from tests.lab.daemon import Lab
from virttui.libvirtxml.secrets import secret
from virttui.model.commands import Arguments, Command, DefineArguments, Target, Verb
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.secret_value import SecretBytes
from virttui.model.tasks import Task, TaskState
from virttui.panes.virsh_equivalent import virsh
from virttui.persistence import definition_history

pytestmark = pytest.mark.lab


def do(
    client: RecordingClient, of: Document, verb: Verb, arguments: Arguments | None = None
) -> Task:
    target = Target(Kind.SECRET, of.key, of.name)
    command = Command(verb, target, arguments)
    return client.done(client.fleet.submit([command])[0])


def test_a_secret_is_made_valued_and_deleted(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with listening(lab.uri) as client:
        client.listed()
        uuid = uuid4()
        host = client.hosts[0]
        document = Document(Kind.SECRET, ObjectId(host, str(uuid)), f"client.{uuid}")
        # Private ones are told to nobody, not even to this test.
        xml = secret("ceph", document.name, "a <test>", uuid).replace("private='yes'", "")
        xml = xml.replace('private="yes"', 'private="no"')
        made = do(client, document, Verb.DEFINE, DefineArguments(document, xml))
        assert made.state is TaskState.DONE, made
        assert document in client.documents(Kind.HOST, ObjectId(host, ""))

        entered = do(client, document, Verb.SET_VALUE, SecretBytes(b"s3cret"))
        assert entered.words == "has its value" and "s3cret" not in repr(entered)
        assert "s3cret" not in virsh(entered.command, lab.uri), "nor in the line by hand"
        assert "s3cret" not in arguments(), "nor where every user of the machine can read it"
        told = lab.virsh("secret-get-value", str(uuid)).strip()
        assert base64.b64decode(told) == b"s3cret"
        again = do(client, document, Verb.SET_VALUE, arguments_of(entered.command, SecretBytes))
        assert again.state is TaskState.FAILED, "a value is given once"

        gone = do(client, document, Verb.DELETE)
        assert gone.state is TaskState.DONE, gone
        assert document not in client.documents(Kind.HOST, ObjectId(host, ""))
        kept = definition_history.versions_of_key(document.key)
        assert [entry.action for entry in kept] == ["delete"]
        assert "s3cret" not in definition_history.text(kept[0])
    assert "s3cret" not in caplog.text
    assert b"s3cret" not in (lab.folder / "log" / "libvirtd.log").read_bytes()


def arguments() -> str:
    """The argument lists of every process of this machine."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(file.read_bytes().decode(errors="replace"))
    return "\n".join(found)
