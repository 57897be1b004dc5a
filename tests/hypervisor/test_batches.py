"""Commands given together, on libvirt's in-process test driver."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.fleet_client import RecordingClient, listening
from tests.hypervisor.test_driver import scene
from virttui.model.commands import BatchPolicy, Command, TagArguments, Verb
from virttui.model.inventory import DomainState
from virttui.model.tasks import Task, TaskState


def several(client: RecordingClient, verb: Verb, names: list[str], pace: BatchPolicy) -> list[Task]:
    """Give a verb to several and wait until all have ended; in the order given."""
    commands = [Command(verb, client.target(name)) for name in names]
    ids = client.fleet.submit(commands, pace)
    for id in ids:
        client.done(id)
    return [client.tasks[id] for id in ids]


def test_a_batch_has_one_number_and_every_task_is_told(tmp_path: Path) -> None:
    names = [f"d{number}" for number in range(20)]
    with listening(scene(tmp_path, *names), interval=0.2) as client:
        client.listed()
        tasks = several(client, Verb.PAUSE, names, BatchPolicy())
        assert {task.state for task in tasks} == {TaskState.DONE}
        assert len({task.batch for task in tasks}) == 1 and tasks[0].batch
        again = several(client, Verb.RESUME, names, BatchPolicy())
        assert again[0].batch != tasks[0].batch


def test_two_hundred_at_once_all_end_and_never_too_many_are_at_work(tmp_path: Path) -> None:
    names = [f"d{number:03}" for number in range(200)]
    with listening(scene(tmp_path, *names), interval=0.2, at_a_time=4) as client:
        client.listed()
        several(client, Verb.FORCE_OFF, names[:50], BatchPolicy())
        off = 50
        for verb, state in 2 * ((Verb.START, "running"), (Verb.FORCE_OFF, "shutoff")):
            client.most_at_work = 0
            tasks = several(client, verb, names, BatchPolicy())
            failed = sum(task.state is TaskState.FAILED for task in tasks)
            done = sum(task.state is TaskState.DONE for task in tasks)
            # Only the first time some are where they were asked to be.
            assert (done, failed) == (off, 200 - off)
            off = 200
            assert client.most_at_work <= 4 + (verb is Verb.FORCE_OFF)
            client.wait(partial(client.all_in, names, state))


def test_the_first_failure_stops_what_has_not_begun(tmp_path: Path) -> None:
    names = [f"d{number}" for number in range(30)]
    with listening(scene(tmp_path, *names), interval=0.2, at_a_time=1) as client:
        client.listed()
        # The first one runs already, so that starting it fails.
        tasks = several(client, Verb.START, names, BatchPolicy(stop_at_failure=True))
        assert tasks[0].state is TaskState.FAILED
        dropped = [task for task in tasks if task.state is TaskState.CANCELLED]
        assert dropped and dropped[-1].words == "not started: d0 failed before it"
        assert len(dropped) + sum(t.state is TaskState.FAILED for t in tasks) == len(tasks)


def test_without_being_asked_to_stop_all_are_tried(tmp_path: Path) -> None:
    names = ["one", "two", "three"]
    with listening(scene(tmp_path, *names), interval=0.2) as client:
        client.listed()
        client.done(client.do(Verb.FORCE_OFF, "two"))
        tasks = several(client, Verb.START, names, BatchPolicy())
        assert [task.state for task in tasks] == [
            TaskState.FAILED, TaskState.DONE, TaskState.FAILED,
        ]  # fmt: skip


def test_one_by_one_goes_on_when_its_patience_has_passed(tmp_path: Path) -> None:
    names = ["one", "two", "three"]
    with listening(scene(tmp_path, *names), interval=0.2) as client:
        client.listed()
        several(client, Verb.FORCE_OFF, names, BatchPolicy())
        # These guests have no agent that could answer.
        tasks = several(client, Verb.START, names, BatchPolicy(one_by_one=True, patience=0.5))
        assert {task.state for task in tasks} == {TaskState.DONE}
        ends = [task.ended_at or 0.0 for task in tasks]
        begins = [task.started_at for task in tasks]
        assert begins[1] >= ends[0] + 0.5 and begins[2] >= ends[1] + 0.5


def test_what_waits_in_a_rolling_batch_can_be_dropped(tmp_path: Path) -> None:
    with listening(scene(tmp_path, "one", "two"), interval=0.2) as client:
        client.listed()
        commands = [Command(Verb.REBOOT, client.target(name)) for name in ("one", "two")]
        first, second = client.fleet.submit(commands, BatchPolicy(one_by_one=True, patience=60.0))
        client.done(first)
        client.fleet.cancel(second)
        assert client.done(second).state is TaskState.CANCELLED


def test_a_rolling_batch_stops_at_the_first_failure_if_asked(tmp_path: Path) -> None:
    names = ["one", "two", "three"]
    with listening(scene(tmp_path, *names), interval=0.2) as client:
        client.listed()
        pace = BatchPolicy(stop_at_failure=True, one_by_one=True)
        tasks = several(client, Verb.START, names, pace)
        assert [task.state for task in tasks] == [
            TaskState.FAILED, TaskState.CANCELLED, TaskState.CANCELLED,
        ]  # fmt: skip


def test_tags_are_added_and_dropped_and_read_again(tmp_path: Path) -> None:
    with listening(scene(tmp_path, "one"), interval=0.2) as client:
        client.listed()
        target = client.target("one")

        def tags() -> tuple[str, ...]:
            found = client.domain("one")
            return found.tags if found is not None else ()

        client.done(
            client.fleet.submit([Command(Verb.TAG, target, TagArguments(add=("web", "db")))])[0]
        )
        client.wait(lambda: tags() == ("db", "web"))
        last = Command(Verb.TAG, target, TagArguments(add=("new",), remove=("db", "none")))
        done = client.done(client.fleet.submit([last])[0])
        assert done.words == "is tagged new web"
        client.wait(lambda: tags() == ("new", "web"))
        gone = Command(Verb.TAG, target, TagArguments(remove=("new", "web")))
        assert client.done(client.fleet.submit([gone])[0]).words == "has no tags now"
        client.wait(lambda: tags() == ())
        assert client.is_in("one", DomainState.RUNNING.value)
