"""The desk: who may begin, what is kept free for force off, how a shutdown ends."""

from __future__ import annotations

import pytest

from virttui.hypervisor.command_queue import CommandQueue
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import HostLost, Refused
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Domain, DomainState
from virttui.model.tasks import Task, TaskState

AT_A_TIME = 3


class Office:
    """A desk with a clock of its own, and everything it did."""

    def __init__(self) -> None:
        self.now = 100.0
        self.put: list[Task] = []
        self.tasks: dict[int, Task] = {}
        self.queue = CommandQueue(
            self.put.append,
            self._tell,
            lambda: self.now,
            lambda: 0.0,
            shutdown_wait=90.0,
            at_a_time=AT_A_TIME,
        )
        self._number = 0

    def _tell(self, task: Task) -> None:
        self.tasks[task.id] = task

    def submit(self, verb: Verb, uuid: str) -> int:
        self._number += 1
        target = Target(Kind.DOMAIN, ObjectId("h", uuid), uuid)
        self.queue.submit(self._number, Command(verb, target))
        return self._number

    def at_work(self) -> list[str]:
        return [f"{task.command.verb} {task.command.target.name}" for task in self.put]


@pytest.fixture
def office() -> Office:
    return Office()


def domain(uuid: str, state: DomainState) -> Domain:
    return Domain(key=ObjectId("h", uuid), name=uuid, state=state)


def test_only_so_many_begin(office: Office) -> None:
    numbers = [office.submit(Verb.START, f"d{n}") for n in range(AT_A_TIME + 2)]
    assert len(office.put) == AT_A_TIME
    assert office.tasks[numbers[-1]].state is TaskState.WAITING
    office.queue.finished(numbers[0], "is running", None)
    assert office.tasks[numbers[0]].state is TaskState.DONE
    assert len(office.put) == AT_A_TIME + 1


def test_one_at_a_time_on_one_domain(office: Office) -> None:
    first = office.submit(Verb.START, "a")
    office.submit(Verb.PAUSE, "a")
    office.submit(Verb.START, "b")
    assert office.at_work() == ["start a", "start b"]
    office.queue.finished(first, "is running", None)
    assert office.at_work()[-1] == "pause a"


def test_force_off_finds_room_and_goes_past_what_hangs(office: Office) -> None:
    for name in ("a", "b", "c", "d"):
        office.submit(Verb.PAUSE, name)
    office.submit(Verb.FORCE_OFF, "a")
    assert office.at_work()[-1] == "force off a"
    office.submit(Verb.FORCE_OFF, "a")
    assert office.at_work().count("force off a") == 1, "not twice on the same"


def test_never_more_than_there_are_slots(office: Office) -> None:
    """Two force-offs leave room for two others, whichever came first."""
    office.submit(Verb.FORCE_OFF, "x")
    office.submit(Verb.FORCE_OFF, "y")
    for name in ("a", "b", "c"):
        office.submit(Verb.PAUSE, name)
    assert len(office.put) == AT_A_TIME + 1


def test_what_had_not_begun_never_begins_after_a_lost_connection(office: Office) -> None:
    for name in ("a", "b", "c"):
        office.submit(Verb.START, name)
    waiting = office.submit(Verb.FORCE_OFF, "d"), office.submit(Verb.FORCE_OFF, "e")
    begun = len(office.put)
    office.queue.connection_lost()
    assert all(office.tasks[number].state is TaskState.FAILED for number in waiting)
    office.submit(Verb.PAUSE, "z")
    assert office.at_work()[begun:] == ["pause z"]


def test_a_slow_command_makes_room_and_still_ends_as_usual(office: Office) -> None:
    slow = [office.submit(Verb.SAVE, name) for name in ("a", "b", "c")]
    assert not office.queue.needs_slot
    office.submit(Verb.START, "d")
    same = office.submit(Verb.RESUME, "a")
    assert office.queue.needs_slot
    office.now += 20
    for task in office.queue.stuck(office.now, 10.0):
        office.queue.set_aside(task.id)
    office.queue.begin()
    assert office.at_work()[-1] == "start d"
    assert office.tasks[same].state is TaskState.WAITING, "its domain is still busy"
    office.queue.finished(slow[0], "is saved to disk", None)
    assert office.tasks[slow[0]].state is TaskState.DONE
    assert office.at_work()[-1] == "resume a"


def test_a_shutdown_is_watched_to_its_end(office: Office) -> None:
    number = office.submit(Verb.SHUTDOWN, "a")
    office.queue.finished(number, "asked, no answer yet", domain("a", DomainState.RUNNING))
    assert office.tasks[number].state is TaskState.RUNNING
    office.queue.watch("a", domain("a", DomainState.SHUTDOWN))
    assert office.tasks[number].state is TaskState.RUNNING
    office.now += 6
    office.queue.watch("a", domain("a", DomainState.SHUTOFF))
    ended = office.tasks[number]
    assert ended.state is TaskState.DONE and ended.duration(office.now) == pytest.approx(6)


def test_a_watched_shutdown_leaves_its_slot(office: Office) -> None:
    for name in ("a", "b", "c"):
        number = office.submit(Verb.SHUTDOWN, name)
        office.queue.finished(number, "asked", domain(name, DomainState.RUNNING))
    office.submit(Verb.START, "d")
    assert office.at_work()[-1] == "start d"


def test_a_guest_that_does_not_answer_ends_as_advice(office: Office) -> None:
    number = office.submit(Verb.SHUTDOWN, "a")
    office.queue.finished(number, "asked", domain("a", DomainState.RUNNING))
    office.now += 89
    office.queue.tick(office.now)
    assert not office.tasks[number].state.ended
    office.now += 2
    office.queue.tick(office.now)
    ended = office.tasks[number]
    assert ended.state is TaskState.FAILED and ended.trouble is not None
    assert "a has not shut down after 90 s" in ended.trouble.message


def test_a_domain_that_goes_ends_its_shutdown(office: Office) -> None:
    number = office.submit(Verb.SHUTDOWN, "transient")
    office.queue.finished(number, "asked", domain("transient", DomainState.RUNNING))
    office.queue.watch("transient", None)
    assert office.tasks[number].state is TaskState.DONE


def test_a_refusal_is_the_tasks_end(office: Office) -> None:
    number = office.submit(Verb.START, "a")
    office.queue.finished(number, Refused("it is already running", libvirt_message="raw"), None)
    ended = office.tasks[number]
    assert ended.state is TaskState.FAILED and ended.words == "it is already running"


def test_a_lost_connection_ends_what_was_at_work(office: Office) -> None:
    number = office.submit(Verb.START, "a")
    office.queue.connection_lost()
    assert isinstance(office.tasks[number].trouble, HostLost)
    office.queue.finished(number, "is running", None)
    assert office.tasks[number].state is TaskState.FAILED, "a late answer changes nothing"


def test_a_waiting_task_can_be_dropped(office: Office) -> None:
    for name in ("a", "b", "c"):
        office.submit(Verb.START, name)
    waiting = office.submit(Verb.START, "d")
    office.queue.cancel(waiting)
    assert office.tasks[waiting].state is TaskState.CANCELLED
    office.queue.cancel(1)
    assert office.tasks[1].state is TaskState.RUNNING, "what is at work goes on"


def test_events_after_a_task_are_ours_for_a_moment(office: Office) -> None:
    number = office.submit(Verb.START, "a")
    assert office.queue.mine("a") and not office.queue.mine("b")
    office.queue.finished(number, "is running", None)
    office.now += 1
    assert office.queue.mine("a")
    office.now += 5
    assert not office.queue.mine("a")


def test_the_end_of_a_job_goes_past_the_command_that_is_the_job(office: Office) -> None:
    saving = office.submit(Verb.SAVE, "a")
    ending = office.submit(Verb.ABORT_JOB, "a")
    again = office.submit(Verb.ABORT_JOB, "a")
    assert office.at_work() == ["save a", "abort job a"]
    assert office.tasks[again].state is TaskState.WAITING, "not twice on the same"
    office.queue.finished(ending, "its job is cancelled", None)
    office.queue.finished(saving, Refused("it was aborted"), None)
    assert office.tasks[saving].state is TaskState.FAILED


def test_the_end_of_a_job_leaves_the_slot_of_force_off_alone(office: Office) -> None:
    for name in ("a", "b", "c"):
        office.submit(Verb.SAVE, name)
    office.submit(Verb.ABORT_JOB, "a")
    assert len(office.put) == AT_A_TIME
    assert office.queue.needs_slot, "saves that take long make room for it"
    office.submit(Verb.FORCE_OFF, "b")
    assert office.at_work()[-1] == "force off b"


def test_who_is_being_forced_off_is_known_until_the_call_returns(office: Office) -> None:
    forced = office.submit(Verb.FORCE_OFF, "a")
    office.submit(Verb.PAUSE, "b")
    assert office.queue.being_forced_off == {"a"} and office.queue.touched == {"a", "b"}
    office.queue.set_aside(forced)
    assert office.queue.being_forced_off == {"a"}, "it hangs on, whoever waits for its slot"
    office.queue.finished(forced, "is off", None)
    assert office.queue.being_forced_off == set()


def test_force_off_begins_whatever_waits_before_it(office: Office) -> None:
    for number in range(AT_A_TIME + 50):
        office.submit(Verb.START, f"d{number}")
    office.submit(Verb.FORCE_OFF, "late")
    assert office.at_work()[-1] == "force off late"
    assert len(office.put) == AT_A_TIME + 1


def test_better_words_for_a_transfer_are_told_whenever_they_come(office: Office) -> None:
    for early in (False, True):
        number = office.submit(Verb.UPLOAD, f"v{early}")
        if early:
            office.queue.amend(number, "whole, sha256 1")
            assert office.tasks[number].state is TaskState.RUNNING
        office.queue.finished(number, "whole", None)
        assert office.tasks[number].words == ("whole, sha256 1" if early else "whole")
        office.queue.amend(number, "whole, sha256 1")
        assert office.tasks[number].words == "whole, sha256 1"
        assert office.tasks[number].state is TaskState.DONE
    failed = office.submit(Verb.UPLOAD, "broken")
    office.queue.finished(failed, Refused("the pool is full"), None)
    office.queue.amend(failed, "whole, sha256 1")
    assert office.tasks[failed].words == "the pool is full"


def test_while_writes_are_held_the_guest_can_be_acted_on(office: Office) -> None:
    held = office.submit(Verb.FREEZE, "a")
    office.submit(Verb.SHUTDOWN, "a")
    office.submit(Verb.THAW, "a")
    assert office.at_work() == ["hold writes a", "shut down a", "let go a"]
    office.queue.finished(held, "stood still", None)
    assert office.tasks[held].state is TaskState.DONE


def test_held_writes_give_up_their_slots_at_once(office: Office) -> None:
    numbers = [office.submit(Verb.FREEZE, f"d{n}") for n in range(AT_A_TIME)]
    office.submit(Verb.START, "x")
    assert office.queue.needs_slot
    assert [task.id for task in office.queue.stuck(office.now, 10.0)] == numbers
