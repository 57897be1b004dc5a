"""Serial consoles through streams: logging in, reboots, power off, others that want them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.console import Console
from tests.lab.daemon import Lab
from tests.lab.processes import LabError
from virttui.model.commands import (
    Command,
    EditArguments,
    SettingChange,
    StartArguments,
    Verb,
)
from virttui.model.domains.consoles import ConsolePhase
from virttui.model.queries import ConsolesQuery, ConsolesResult
from virttui.model.tasks import TaskState

from .typist import Typist

pytestmark = pytest.mark.lab

GUEST = "talker"


@pytest.fixture(scope="module")
def place() -> Iterator[Lab]:
    """A lab with a guest whose firmware writes to its serial port, off, with a virtio console."""
    skip_without_root()
    with Lab(f"consoles-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        guests.define_guest(lab, GUEST, words=["bios", "hvc"], memory_mib=128, start=False)
        yield lab


@pytest.fixture
def client(place: Lab) -> Iterator[RecordingClient]:
    """A fleet on that lab, with the guest off at the beginning and at the end."""
    with listening(place.uri, interval=0.5) as client:
        client.listed()
        yield client
    if place.virsh("domstate", GUEST).strip() != "shut off":
        place.virsh("destroy", GUEST)


def start_with_console(client: RecordingClient) -> None:
    command = Command(Verb.START, client.target(GUEST), StartArguments(attach_consoles=True))
    task = client.done(client.fleet.submit([command])[0])
    assert task.state is TaskState.DONE, task


def test_a_start_from_a_console_misses_no_line_and_one_can_log_in(client: RecordingClient) -> None:
    console = Typist(client, GUEST)
    console.reach(ConsolePhase.OFF)
    start_with_console(client)
    console.reach(ConsolePhase.ATTACHED)
    assert "SeaBIOS (version" in console.expect("login: ")
    console.received[:0] = f"{GUEST} login: ".encode()
    console.log_in()
    assert console.run("tty") == "/dev/ttyS0"
    console.close()


def test_the_same_stream_goes_on_over_a_reboot(client: RecordingClient) -> None:
    console = Typist(client, GUEST)
    console.reach(ConsolePhase.OFF)
    start_with_console(client)
    console.log_in()
    console.type("reboot -f\r")
    console.log_in()
    assert console.run("echo $((6 * 7))") == "42"
    assert console.phases.count(ConsolePhase.ATTACHED) == 1
    console.close()


def test_a_guest_that_went_off_is_told_with_its_reason_and_attached_again(
    place: Lab, client: RecordingClient
) -> None:
    console = Typist(client, GUEST)
    console.reach(ConsolePhase.OFF)
    place.virsh("start", GUEST)
    console.reach(ConsolePhase.ATTACHED)
    place.virsh("destroy", GUEST)
    assert console.reach(ConsolePhase.OFF).reason == "it was forced off"
    place.virsh("start", GUEST)
    console.reach(ConsolePhase.ATTACHED)
    console.log_in()
    console.type("poweroff -f\r")
    assert console.reach(ConsolePhase.OFF).reason == "it was shut down"
    console.close()
    assert console.states[-1].since >= console.states[0].since


def test_every_console_has_its_alias_and_the_name_in_the_guest(
    place: Lab, client: RecordingClient
) -> None:
    key = client.the_domain(GUEST).key

    def found(serial: int) -> list[tuple[str, str, str]]:
        answer = client.answer(ConsolesQuery(key, serial=serial), ConsolesResult)
        return [(one.alias, one.name, one.type) for one in answer.consoles]

    expected = [("serial0", "ttyS0", "isa-serial"), ("console1", "hvc0", "virtio")]
    assert found(1)[-1] == expected[-1] and found(1)[0][0] == "serial0"
    log = f"/var/log/libvirt/qemu/{GUEST}-hvc0.log"
    edit = EditArguments(SettingChange("log", "console2", (("", log),)))
    task = client.done(client.fleet.submit([Command(Verb.EDIT, client.target(GUEST), edit)])[0])
    assert task.state is TaskState.DONE, task
    place.virsh("start", GUEST)
    assert found(2) == expected
    console = Typist(client, GUEST, "console1")
    console.log_in()
    assert console.run("tty") == "/dev/hvc0"
    console.close()
    assert b"/dev/hvc0" in (place.folder / "log" / "qemu" / f"{GUEST}-hvc0.log").read_bytes()


def test_a_console_that_another_has_is_waited_for_and_can_be_taken(
    place: Lab, client: RecordingClient
) -> None:
    place.virsh("start", GUEST)
    with Console(place, GUEST) as other:
        console = Typist(client, GUEST)
        console.reach(ConsolePhase.IN_USE)
        assert "still" in other.run("echo still")
    console.reach(ConsolePhase.ATTACHED)
    console.close()
    with pytest.raises(LabError, match="ended"), Console(place, GUEST) as other:
        console = Typist(client, GUEST)
        console.reach(ConsolePhase.IN_USE)
        client.fleet.attach_console(console.id, force=True)
        console.reach(ConsolePhase.ATTACHED)
        other.run("echo cut off")
    assert console.phases[-1] is ConsolePhase.ATTACHED
    console.close()


def test_who_takes_it_over_is_told_and_it_is_not_taken_back(
    place: Lab, client: RecordingClient
) -> None:
    place.virsh("start", GUEST)
    console = Typist(client, GUEST)
    console.reach(ConsolePhase.ATTACHED)
    with Console(place, GUEST) as other:
        assert "else took it over" in console.reach(ConsolePhase.TAKEN_OVER).reason
        assert other.run("echo mine") == "mine"
        client.fleet.attach_console(console.id)
        console.reach(ConsolePhase.IN_USE)
    console.reach(ConsolePhase.ATTACHED)
    console.close()


def test_a_stopped_backend_leaves_the_console_free(place: Lab, client: RecordingClient) -> None:
    place.virsh("start", GUEST)
    with listening(place.uri) as another:
        another.listed()
        console = Typist(another, GUEST)
        console.reach(ConsolePhase.ATTACHED)
    after = Typist(client, GUEST)
    after.reach(ConsolePhase.ATTACHED)
    assert client.console_states[-1].phase is ConsolePhase.ATTACHED
    after.close()
    free = subprocess.Popen(
        ["virsh", "-c", place.uri, "console", GUEST],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = free.communicate(timeout=60)[0]
    assert "Active console session" not in said


def test_a_read_only_run_opens_no_console(place: Lab) -> None:
    with listening(place.uri, read_only=True) as reader:
        reader.listed()
        console = Typist(reader, GUEST)
        refused = console.reach(ConsolePhase.REFUSED)
        assert refused.error is not None and "read-only run" in refused.reason
        console.close()


def test_what_was_typed_right_before_a_console_is_left_is_sent(
    place: Lab, client: RecordingClient
) -> None:
    console = Typist(client, GUEST)
    start_with_console(client)
    console.log_in()
    for number in range(10):
        console.type(f"echo {number} >>/tmp/typed\r")
        console.close()
        console = Typist(client, GUEST)
        console.reach(ConsolePhase.ATTACHED)
    written = console.run("cat /tmp/typed").split()
    assert written == [str(number) for number in range(10)]
    console.close()


def test_a_long_write_arrives_whole_and_is_counted(place: Lab, client: RecordingClient) -> None:
    console = Typist(client, GUEST)
    start_with_console(client)
    console.log_in()
    console.type("cat >/tmp/typed; md5sum /tmp/typed; wc -c </tmp/typed\r")
    lines = "".join(f"line {number:04}\r" for number in range(2_000))
    before = console.states[-1].taken
    console.type(lines)
    client.wait(lambda: console.states[-1].taken - before >= len(lines), what="all of it is taken")
    console.expect("line 1999\r\n")
    console.type("\x04")
    console.expect(f"{len(lines)}\r\n")
    console.close()
