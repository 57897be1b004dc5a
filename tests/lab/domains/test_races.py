"""What another client does to a domain while a command for it waits or is at work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from virttui.model.commands import Command, RenameArguments, Verb
from virttui.model.errors import NotFound
from virttui.model.tasks import Task, TaskState

pytestmark = pytest.mark.lab

VICTIM, HUNG = "victim", "hung"


@pytest.fixture
def queue(new_lab: Callable[[str], Lab]) -> Iterator[tuple[Lab, RecordingClient]]:
    """A host that works at one command at a time, and a hung guest whose command holds the slot."""
    lab = new_lab("races")
    guests.define_still(lab, HUNG)
    lab.virsh("define", "/dev/stdin", text=xml.still(VICTIM))
    with listening(lab.uri, at_a_time=1) as client:
        client.listed()
        lab.freeze_guest(HUNG)
        yield lab, client
        lab.thaw_guest(HUNG)


def behind(client: RecordingClient, command: Command) -> int:
    """Give a command behind one that hangs; it waits."""
    hanging = client.do(Verb.RESUME, HUNG)
    client.wait(lambda: running(client, hanging))
    waiting = client.fleet.submit([command])[0]
    client.wait(lambda: waiting in client.tasks)
    assert client.tasks[waiting].state is TaskState.WAITING
    return waiting


def running(client: RecordingClient, task: int) -> Task | None:
    found = client.tasks.get(task)
    return found if found is not None and found.state is TaskState.RUNNING else None


def test_another_one_that_took_the_name_is_let_alone(queue: tuple[Lab, RecordingClient]) -> None:
    lab, client = queue
    before = client.target(VICTIM)
    start = behind(client, Command(Verb.START, before))
    lab.virsh("undefine", VICTIM)
    lab.virsh("define", "/dev/stdin", text=xml.still(VICTIM))
    assert client.tasks[start].state is TaskState.WAITING, "all of it happened while it waited"
    lab.thaw_guest(HUNG)
    ended = client.done(start)
    assert ended.state is TaskState.FAILED
    assert isinstance(ended.trouble, NotFound) and ended.words == "the domain is gone"
    client.wait(lambda: (found := client.domain(VICTIM)) and found.key != before.key)
    assert lab.virsh("domstate", VICTIM).strip() == "shut off", "the new one stays off"


def test_what_was_renamed_while_its_command_waited_is_still_meant(
    queue: tuple[Lab, RecordingClient],
) -> None:
    lab, client = queue
    start = behind(client, Command(Verb.START, client.target(VICTIM)))
    lab.virsh("domrename", VICTIM, "renamed")
    lab.virsh("define", "/dev/stdin", text=xml.still(VICTIM))
    lab.thaw_guest(HUNG)
    assert client.done(start).state is TaskState.DONE
    assert lab.virsh("domstate", "renamed").strip() == "running"
    assert lab.virsh("domstate", VICTIM).strip() == "shut off"


def test_what_was_started_meanwhile_is_not_renamed_or_deleted(
    queue: tuple[Lab, RecordingClient],
) -> None:
    lab, client = queue
    target = client.target(VICTIM)
    rename = behind(client, Command(Verb.RENAME, target, RenameArguments("other")))
    delete = client.fleet.submit([Command(Verb.DELETE, target)])[0]
    lab.virsh("start", VICTIM, "--paused")
    lab.thaw_guest(HUNG)
    assert client.done(rename).words == "it runs, and libvirt renames only what is off"
    assert client.done(delete).words == "it runs"
    assert lab.virsh("domstate", VICTIM).strip() == "paused"


def test_what_moved_away_is_gone_here_and_runs_there(
    queue: tuple[Lab, RecordingClient], new_lab: Callable[[str], Lab]
) -> None:
    lab, client = queue
    there = new_lab("away")
    lab.virsh("start", VICTIM)
    client.wait(lambda: client.is_in(VICTIM, "running"))
    off = behind(client, Command(Verb.RESET, client.target(VICTIM)))
    way = f"unix://{there.folder}/run/way"
    move = ("--live", "--p2p", "--persistent", "--undefinesource")
    lab.virsh("migrate", *move, VICTIM, there.uri, way)
    lab.thaw_guest(HUNG)
    ended = client.done(off)
    assert isinstance(ended.trouble, NotFound) and ended.words == "the domain is gone"
    client.wait(lambda: client.domain(VICTIM) is None)
    assert lab.virsh("list", "--all", "--name").split() == [HUNG]
    assert there.virsh("domstate", VICTIM).strip() == "running"


def test_what_goes_while_its_shutdown_is_watched_ends_the_task(
    new_lab: Callable[[str], Lab],
) -> None:
    """The smallest guest hears no power button: its shutdown is watched, and it is taken away."""
    lab = new_lab("watched")
    guests.define_still(lab, VICTIM)
    lab.virsh("resume", VICTIM)
    with listening(lab.uri) as client:
        client.listed()
        task = client.do(Verb.SHUTDOWN, VICTIM)
        client.wait(
            lambda: (found := running(client, task)) and re.search("no answer", found.words)
        )
        lab.virsh("undefine", VICTIM)
        lab.virsh("destroy", VICTIM)
        ended = client.done(task, 5)
        assert ended.state is TaskState.DONE and ended.words.startswith("is off")
        client.wait(lambda: client.domain(VICTIM) is None)
