"""Guests rebooted one by one: the next only when the one before is there again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.ears import Ears, listening
from virttui.model.commands import BatchPolicy, Command, Verb
from virttui.model.tasks import Task, TaskState

from . import guests
from .daemon import Lab

pytestmark = pytest.mark.lab

NAMES = ("one", "two", "three")


@pytest.fixture
def trio(new_lab: Callable[[str], Lab]) -> Iterator[tuple[Lab, Ears]]:
    """Three booted guests, and a fleet that knows that their agents answer."""
    lab = new_lab("rolling")
    for name in NAMES:
        guests.define_guest(lab, name)
    for name in NAMES:
        guests.wait_booted(lab, name)
    with listening(lab.uri) as ears:
        ears.listed()
        ears.wait(lambda: all(agent(ears, name) for name in NAMES), what="their agents answer")
        yield lab, ears


def agent(ears: Ears, name: str) -> bool:
    found = ears.domain(name)
    return found is not None and found.agent


def lacks_agent(ears: Ears, name: str) -> bool:
    return not agent(ears, name)


def reboot(ears: Ears, patience: float) -> list[int]:
    commands = [Command(Verb.REBOOT, ears.target(name)) for name in NAMES]
    return list(ears.fleet.submit(commands, BatchPolicy(one_by_one=True, patience=patience)))


def test_the_next_begins_when_the_agent_of_the_one_before_answers(
    trio: tuple[Lab, Ears],
) -> None:
    _, ears = trio
    first, second, third = reboot(ears, 120.0)
    for task, name, following in ((first, "one", second), (second, "two", third)):
        ears.done(task)

        def waits(following: int = following) -> bool:
            return ears.tasks[following].state is TaskState.WAITING

        ears.wait(partial(lacks_agent, ears, name), what=f"{name} goes down")
        assert waits(), "nobody else is down meanwhile"
        ears.wait(partial(begun, ears, following), what="the next one begins")
        assert agent(ears, name), "and this one is there again"
    assert ears.done(third).state is TaskState.DONE


def test_an_agent_that_stays_away_is_waited_for_as_long_as_was_said(
    trio: tuple[Lab, Ears],
) -> None:
    lab, ears = trio
    # Another client holds it while it boots: its agent cannot come back.
    first, second, third = reboot(ears, 8.0)
    ears.done(first)
    ears.wait(partial(lacks_agent, ears, "one"))
    lab.virsh("suspend", "one")
    ended = ears.tasks[first].ended_at
    following = ears.wait(lambda: begun(ears, second))
    assert following.begun_at is not None and ended is not None
    assert following.begun_at - ended >= 8.0
    assert not agent(ears, "one")
    ears.fleet.cancel(third)
    assert ears.done(third).state is TaskState.CANCELLED


def begun(ears: Ears, task: int) -> Task | None:
    found = ears.tasks[task]
    return found if found.state is not TaskState.WAITING else None
