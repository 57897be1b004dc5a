"""Lifecycle verbs tell what is so afterwards, on libvirt's in-process test driver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ears import Ears, listening
from virttui.demo import demo_hosts
from virttui.model.commands import Verb
from virttui.model.identity import Kind
from virttui.model.tasks import TaskState
from virttui.persistence import definition_history

DEMO = demo_hosts()[0].uri


@pytest.fixture
def ears() -> Iterator[Ears]:
    with listening(DEMO) as ears:
        ears.listed()
        ears.wait(lambda: ears.inventory().networks and ears.inventory().pools)
        yield ears


def transient(ears: Ears) -> str:
    return next(
        d.name
        for d in ears.inventory().domains.values()
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
    ears: Ears, verb: Verb, words: str
) -> None:
    name = transient(ears)
    document = ears.document(name)
    task = ears.done(ears.do(verb, name))
    assert (task.state, task.words) == (TaskState.DONE, words)
    (entry,) = definition_history.entries_of(document)
    assert entry.action == "stop" and f"<name>{name}</name>" in entry.path.read_text()


def test_what_is_stored_stays_and_nothing_is_said_of_it(ears: Ears) -> None:
    task = ears.done(ears.do(Verb.FORCE_OFF, "gitlab"))
    assert task.words == "is off" and not definition_history.entries_of(ears.document("gitlab"))


@pytest.mark.parametrize(
    ("verb", "words"),
    [(Verb.PAUSE, "is paused"), (Verb.SAVE, "is saved to disk"),
     (Verb.AUTOSTART_ON, "starts with the host")],
)  # fmt: skip
def test_what_is_so_is_said(ears: Ears, verb: Verb, words: str) -> None:
    assert ears.done(ears.do(verb, "gitlab")).words == words


def test_networks_and_pools_tell_what_is_so(ears: Ears) -> None:
    stopped = ears.done(ears.do(Verb.STOP, "default", Kind.NETWORK))
    assert stopped.words == "is off"
    assert ears.done(ears.do(Verb.START, "default", Kind.NETWORK)).words == "is active"
