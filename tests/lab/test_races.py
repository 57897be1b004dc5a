"""What another client does to a domain while a command for it waits or is at work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.ears import Ears, listening
from virttui.model.commands import Command, Verb
from virttui.model.errors import NotFound
from virttui.model.tasks import Task, TaskState

from . import guests, xml
from .daemon import Lab

pytestmark = pytest.mark.lab

VICTIM, HUNG = "victim", "hung"


@pytest.fixture
def queue(new_lab: Callable[[str], Lab]) -> Iterator[tuple[Lab, Ears]]:
    """A host that works at one command at a time, and a hung guest whose command holds the slot."""
    lab = new_lab("races")
    guests.define_still(lab, HUNG)
    lab.virsh("define", "/dev/stdin", text=xml.still(VICTIM))
    with listening(lab.uri, at_a_time=1) as ears:
        ears.listed()
        lab.freeze_guest(HUNG)
        yield lab, ears
        lab.thaw_guest(HUNG)


def behind(ears: Ears, command: Command) -> int:
    """Give a command behind one that hangs; it waits."""
    hanging = ears.do(Verb.RESUME, HUNG)
    ears.wait(lambda: running(ears, hanging))
    waiting = ears.fleet.submit([command])[0]
    ears.wait(lambda: waiting in ears.tasks)
    assert ears.tasks[waiting].state is TaskState.WAITING
    return waiting


def running(ears: Ears, task: int) -> Task | None:
    found = ears.tasks.get(task)
    return found if found is not None and found.state is TaskState.RUNNING else None


def test_another_one_that_took_the_name_is_let_alone(queue: tuple[Lab, Ears]) -> None:
    lab, ears = queue
    before = ears.target(VICTIM)
    start = behind(ears, Command(Verb.START, before))
    lab.virsh("undefine", VICTIM)
    lab.virsh("define", "/dev/stdin", text=xml.still(VICTIM))
    assert ears.tasks[start].state is TaskState.WAITING, "all of it happened while it waited"
    lab.thaw_guest(HUNG)
    ended = ears.done(start)
    assert ended.state is TaskState.FAILED
    assert isinstance(ended.trouble, NotFound) and ended.words == "the domain is gone"
    ears.wait(lambda: (found := ears.domain(VICTIM)) and found.key != before.key)
    assert lab.virsh("domstate", VICTIM).strip() == "shut off", "the new one stays off"


def test_what_was_renamed_while_its_command_waited_is_still_meant(
    queue: tuple[Lab, Ears],
) -> None:
    lab, ears = queue
    start = behind(ears, Command(Verb.START, ears.target(VICTIM)))
    lab.virsh("domrename", VICTIM, "renamed")
    lab.virsh("define", "/dev/stdin", text=xml.still(VICTIM))
    lab.thaw_guest(HUNG)
    assert ears.done(start).state is TaskState.DONE
    assert lab.virsh("domstate", "renamed").strip() == "running"
    assert lab.virsh("domstate", VICTIM).strip() == "shut off"


def test_what_was_started_meanwhile_is_not_renamed_or_deleted(queue: tuple[Lab, Ears]) -> None:
    lab, ears = queue
    target = ears.target(VICTIM)
    rename = behind(ears, Command(Verb.RENAME, target, new_name="other"))
    delete = ears.fleet.submit([Command(Verb.DELETE, target)])[0]
    lab.virsh("start", VICTIM, "--paused")
    lab.thaw_guest(HUNG)
    assert ears.done(rename).words == "it runs, and libvirt renames only what is off"
    assert ears.done(delete).words == "it runs"
    assert lab.virsh("domstate", VICTIM).strip() == "paused"


def test_what_moved_away_is_gone_here_and_runs_there(
    queue: tuple[Lab, Ears], new_lab: Callable[[str], Lab]
) -> None:
    lab, ears = queue
    there = new_lab("away")
    lab.virsh("start", VICTIM)
    ears.wait(lambda: ears.is_in(VICTIM, "running"))
    off = behind(ears, Command(Verb.RESET, ears.target(VICTIM)))
    way = f"unix://{there.folder}/run/way"
    move = ("--live", "--p2p", "--persistent", "--undefinesource")
    lab.virsh("migrate", *move, VICTIM, there.uri, way)
    lab.thaw_guest(HUNG)
    ended = ears.done(off)
    assert isinstance(ended.trouble, NotFound) and ended.words == "the domain is gone"
    ears.wait(lambda: ears.domain(VICTIM) is None)
    assert lab.virsh("list", "--all", "--name").split() == [HUNG]
    assert there.virsh("domstate", VICTIM).strip() == "running"


def test_what_goes_while_its_shutdown_is_watched_ends_the_task(
    new_lab: Callable[[str], Lab],
) -> None:
    """The smallest guest hears no power button: its shutdown is watched, and it is taken away."""
    lab = new_lab("watched")
    guests.define_still(lab, VICTIM)
    lab.virsh("resume", VICTIM)
    with listening(lab.uri) as ears:
        ears.listed()
        task = ears.do(Verb.SHUTDOWN, VICTIM)
        ears.wait(lambda: (found := running(ears, task)) and re.search("no answer", found.words))
        lab.virsh("undefine", VICTIM)
        lab.virsh("destroy", VICTIM)
        ended = ears.done(task, 5)
        assert ended.state is TaskState.DONE and ended.words.startswith("is off")
        ears.wait(lambda: ears.domain(VICTIM) is None)
