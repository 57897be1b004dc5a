"""Lifecycle verbs tell what is so afterwards, on libvirt's in-process test driver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fleet_client import RecordingClient, listening
from virttui.demo import demo_hosts
from virttui.model.commands import Verb
from virttui.model.identity import Kind
from virttui.model.tasks import TaskState
from virttui.persistence import definition_history

DEMO = demo_hosts()[0].uri


@pytest.fixture
def client() -> Iterator[RecordingClient]:
    with listening(DEMO) as client:
        client.listed()
        client.wait(lambda: client.inventory().networks and client.inventory().pools)
        yield client


def transient(client: RecordingClient) -> str:
    return next(
        d.name
        for d in client.inventory().domains.values()
        if not d.persistent and d.state.value == "running"
    )


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        (Verb.FORCE_OFF, "is off; it was transient, so its definition is gone too; "
         "the history keeps it"),
        (Verb.SHUTDOWN, "is off, and its definition is gone: it was transient"),
    ],
)  # fmt: skip
def test_a_transient_domain_goes_with_its_definition_which_is_kept(
    client: RecordingClient, verb: Verb, words: str
) -> None:
    name = transient(client)
    document = client.document(name)
    task = client.done(client.do(verb, name))
    assert (task.state, task.words) == (TaskState.DONE, words)
    (entry,) = definition_history.versions_of(document)
    assert entry.action == "stop" and f"<name>{name}</name>" in entry.path.read_text()


def test_what_is_stored_stays_and_nothing_is_said_of_it(client: RecordingClient) -> None:
    task = client.done(client.do(Verb.FORCE_OFF, "gitlab"))
    assert task.words == "is off" and not definition_history.versions_of(client.document("gitlab"))


@pytest.mark.parametrize(
    ("verb", "words"),
    [(Verb.PAUSE, "is paused"), (Verb.SAVE, "is saved to disk"),
     (Verb.AUTOSTART_ON, "starts with the host")],
)  # fmt: skip
def test_what_is_so_is_said(client: RecordingClient, verb: Verb, words: str) -> None:
    assert client.done(client.do(verb, "gitlab")).words == words


def test_networks_and_pools_tell_what_is_so(client: RecordingClient) -> None:
    stopped = client.done(client.do(Verb.STOP, "default", Kind.NETWORK))
    assert stopped.words == "is off"
    assert client.done(client.do(Verb.START, "default", Kind.NETWORK)).words == "is active"
