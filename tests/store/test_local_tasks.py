"""Tasks that the program does itself are told of as those of a backend are."""

from __future__ import annotations

from tests.scenes import fleet
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import Refused
from virttui.model.identity import Kind
from virttui.model.tasks import Task, TaskState
from virttui.store.fleet_state import FleetStore
from virttui.store.local_tasks import LocalTasks

TARGET = Target(Kind.DOMAIN, fleet.key("web-01"), "web-01")
KEEP = Command(Verb.KEEP_CONSOLE, TARGET)


class Stand:
    """Tasks of one's own, and what was told of them."""

    def __init__(self) -> None:
        self.told: list[Task] = []
        self.words = "0 B"
        self.ended: list[int] = []
        self.tasks = LocalTasks(self.told.append, lambda: fleet.NOW, lambda: fleet.EPOCH)
        self.number = self.begin()

    def begin(self) -> int:
        place = len(self.told)
        return self.tasks.begin(KEEP, lambda: self.words, lambda: self.end(place))

    def end(self, place: int) -> None:
        self.ended.append(place)
        self.tasks.finish(self.told[place].id, "ended")


def test_its_words_are_told_when_they_change_and_not_else() -> None:
    stand = Stand()
    stand.tasks.tick()
    assert [one.state for one in stand.told] == [TaskState.RUNNING]
    stand.words = "12K"
    stand.tasks.tick()
    stand.tasks.tick()
    assert [one.words for one in stand.told] == ["0 B", "12K"]


def test_an_end_is_told_once_with_what_failed() -> None:
    stand = Stand()
    stand.tasks.finish(stand.number, "", Refused("the disk is full"))
    stand.tasks.finish(stand.number, "again")
    stand.tasks.tick()
    assert [one.state for one in stand.told] == [TaskState.RUNNING, TaskState.FAILED]
    assert stand.told[-1].trouble is not None and stand.told[-1].ended_at == fleet.NOW


def test_cancelling_ends_its_local_tasks_and_no_others() -> None:
    stand = Stand()
    assert not stand.tasks.cancel(7) and not stand.ended
    assert stand.tasks.cancel(stand.number) and stand.told[-1].state is TaskState.DONE
    assert not stand.tasks.cancel(stand.number)


def test_all_end_with_the_program() -> None:
    stand = Stand()
    stand.begin()
    stand.tasks.end_all()
    assert sorted(stand.ended) == [0, 1]


def test_what_only_watches_never_hides_work_that_changes_a_domain() -> None:
    store = FleetStore((), fleet.NOW)
    start = Task(1, Command(Verb.START, TARGET), TaskState.RUNNING, fleet.NOW, fleet.EPOCH)
    keep = Task(2, KEEP, TaskState.RUNNING, fleet.NOW, fleet.EPOCH + 1)
    for tasks in ((start, keep), (keep, start)):
        for task in tasks:
            store.apply_task(task)
        state = store.fleet_state(fleet.NOW, fleet.EPOCH)
        assert state.at_work[TARGET.key].command.verb is Verb.START
