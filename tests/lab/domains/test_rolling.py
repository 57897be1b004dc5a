"""Guests rebooted one by one: the next only when the one before is there again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.model.commands import BatchPolicy, Command, Verb
from virttui.model.tasks import Task, TaskState

pytestmark = pytest.mark.lab

NAMES = ("one", "two", "three")


@pytest.fixture
def trio(new_lab: Callable[[str], Lab]) -> Iterator[tuple[Lab, RecordingClient]]:
    """Three booted guests, and a fleet that knows that their agents answer."""
    lab = new_lab("rolling")
    for name in NAMES:
        guests.define_guest(lab, name)
    for name in NAMES:
        guests.wait_booted(lab, name)
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: all(agent(client, name) for name in NAMES), what="their agents answer")
        yield lab, client


def agent(client: RecordingClient, name: str) -> bool:
    found = client.domain(name)
    return found is not None and found.agent


def lacks_agent(client: RecordingClient, name: str) -> bool:
    return not agent(client, name)


def reboot(client: RecordingClient, patience: float) -> list[int]:
    commands = [Command(Verb.REBOOT, client.target(name)) for name in NAMES]
    return list(client.fleet.submit(commands, BatchPolicy(one_by_one=True, patience=patience)))


def test_the_next_begins_when_the_agent_of_the_one_before_answers(
    trio: tuple[Lab, RecordingClient],
) -> None:
    _, client = trio
    first, second, third = reboot(client, 120.0)
    for task, name, following in ((first, "one", second), (second, "two", third)):
        client.done(task)

        def waits(following: int = following) -> bool:
            return client.tasks[following].state is TaskState.WAITING

        client.wait(partial(lacks_agent, client, name), what=f"{name} goes down")
        assert waits(), "nobody else is down meanwhile"
        client.wait(
            partial(started_task, client, following),
            guests.BOOT_SECONDS,
            what="the next one begins",
        )
        assert agent(client, name), "and this one is there again"
    assert client.done(third).state is TaskState.DONE


def test_an_agent_that_stays_away_is_waited_for_as_long_as_was_said(
    trio: tuple[Lab, RecordingClient],
) -> None:
    lab, client = trio
    # Another client holds it while it boots: its agent cannot come back.
    first, second, third = reboot(client, 8.0)
    client.done(first)
    client.wait(partial(lacks_agent, client, "one"))
    lab.virsh("suspend", "one")
    ended = client.tasks[first].ended_at
    following = client.wait(lambda: started_task(client, second))
    assert following.started_at is not None and ended is not None
    assert following.started_at - ended >= 8.0
    assert not agent(client, "one")
    client.fleet.cancel(third)
    assert client.done(third).state is TaskState.CANCELLED


def started_task(client: RecordingClient, task: int) -> Task | None:
    found = client.tasks[task]
    return found if found.state is not TaskState.WAITING else None
