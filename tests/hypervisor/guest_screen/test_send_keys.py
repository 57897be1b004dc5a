"""Keys for a guest, on libvirt's test driver: paced, told, stopped, refused."""

from __future__ import annotations

from tests.fleet_client import RecordingClient, listening
from virttui.hypervisor.guest_screen.send_keys import HOLD
from virttui.model.commands import Command, Verb
from virttui.model.domains.guest_screen import KeysArguments
from virttui.model.tasks import Progress, TaskState
from virttui.panes.virsh_equivalent import virsh


def keys(client: RecordingClient, count: int) -> Command:
    strokes = ((42, 30),) * count
    return Command(Verb.SEND_KEYS, client.target("test"), KeysArguments(strokes, f"{count} keys"))


def _progress(client: RecordingClient, number: int) -> Progress | None:
    task = client.tasks.get(number)
    return task.progress if task is not None else None


def test_keys_are_sent_no_faster_than_they_go_through_the_queue() -> None:
    with listening("test:///default") as client:
        client.listed()
        task = client.done(client.fleet.submit([keys(client, 30)])[0])
        assert task.state is TaskState.DONE and task.words == "sent 30 keys"
        assert task.ended_at is not None
        assert task.ended_at - task.started_at >= 30 * 4 * HOLD
        assert task.progress is None or task.progress.counts == "key"


def test_a_long_text_says_how_far_it_is_and_can_be_stopped() -> None:
    with listening("test:///default") as client:
        client.listed()
        number = client.fleet.submit([keys(client, 2000)])[0]
        far = client.wait(lambda: _progress(client, number), what="progress")
        assert far.total == 2000 and far.counts == "key" and 0 < far.done < 2000
        client.fleet.cancel(number)
        assert client.done(number).state is TaskState.CANCELLED


def test_a_paused_guest_gets_no_keys() -> None:
    with listening("test:///default") as client:
        client.listed()
        client.done(client.do(Verb.PAUSE, "test"))
        task = client.done(client.fleet.submit([keys(client, 1)])[0])
        assert task.state is TaskState.FAILED and task.trouble is not None
        assert task.trouble.message == "it is paused, and reads no key"


def test_neither_the_record_nor_its_virsh_line_tells_what_was_typed() -> None:
    with listening("test:///default") as client:
        client.listed()
        command = keys(client, 3)
        assert "30)" not in repr(command) and "3 keys" in repr(command)
        assert virsh(command, "test:///default").endswith("send-key test --codeset linux KEYCODES")
        one = keys(client, 1)
        assert virsh(one, "test:///default").endswith("send-key test --codeset linux 42 30")
