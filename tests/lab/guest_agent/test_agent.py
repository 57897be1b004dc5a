"""Guests by their agents: what they tell, trim, time, passwords, keys, programs, held writes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening, trouble
from tests.lab import guests
from tests.lab.consoles.typist import Typist
from tests.lab.daemon import Lab
from tests.lab.processes import wait_until
from virttui.hypervisor.guest_agent import freeze
from virttui.hypervisor.guest_agent.thaw_timer import ThawTimer
from virttui.model.commands import Arguments, Command, Verb
from virttui.model.domains.consoles import ConsolePhase
from virttui.model.domains.guest_agent import (
    GuestAgentReport,
    GuestProgram,
    PasswordArguments,
    ShutdownArguments,
    SshKeyArguments,
)
from virttui.model.errors import Refused
from virttui.model.queries import (
    GuestAgentQuery,
    GuestAgentResult,
    ProgramQuery,
    ProgramResult,
    RunProgramQuery,
    RunProgramResult,
)
from virttui.model.secret_value import SecretBytes
from virttui.model.tasks import Task, TaskState
from virttui.planning.domain_spec.password_hash import hash_password

pytestmark = pytest.mark.lab

WRITER, MUTE = "writer", "quiet"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5oMZ1bXh1M6Bv1F0b8s5J4y4cN6s6n6v7h8Qw9Xz1k me"


@pytest.fixture(scope="module")
def place() -> Iterator[Lab]:
    """A lab with a guest that writes to a mounted disk all the time, and one without an agent."""
    skip_without_root()
    with Lab(f"agent-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        guests.define_guest(lab, WRITER, words=["write"])
        guests.define_guest(lab, MUTE, words=["mute"], memory_mib=128)
        guests.wait_booted(lab, WRITER)
        yield lab


@pytest.fixture
def client(place: Lab) -> Iterator[RecordingClient]:
    """A fleet on that lab, with the writer's agent connected and nothing held."""
    with listening(place.uri, interval=0.5) as client:
        client.listed()
        client.wait(lambda: client.the_domain(WRITER).agent, what="its agent is connected")
        yield client
    place.virsh("domfsthaw", WRITER)


def report(client: RecordingClient, name: str = WRITER) -> GuestAgentReport:
    query = GuestAgentQuery(client.the_domain(name).key, serial=time.monotonic_ns())
    found = client.answer(query, GuestAgentResult)
    assert found.report is not None, found
    return found.report


def do(client: RecordingClient, verb: Verb, arguments: Arguments | None = None) -> Task:
    command = Command(verb, client.target(WRITER), arguments)
    return client.done(client.fleet.submit([command])[0])


def holding(client: RecordingClient) -> int:
    """Begin to hold the writes; the number of the task, once they are held."""
    (number,) = client.fleet.submit([Command(Verb.FREEZE, client.target(WRITER))])
    client.wait(lambda: report(client).is_frozen, what="its writes are held")
    return number


def run(client: RecordingClient, *line: str) -> GuestProgram:
    key = client.the_domain(WRITER).key
    started = client.answer(RunProgramQuery(key, line, str(uuid4())), RunProgramResult)
    assert started.program is not None, started
    pid = started.program.pid
    while True:
        query = ProgramQuery(key, pid, serial=time.monotonic_ns())
        found = client.answer(query, ProgramResult)
        assert found.program is not None, found
        if found.program.ended:
            return found.program


def test_an_agent_tells_its_guest(client: RecordingClient) -> None:
    told = report(client)
    assert told.answers
    assert told.info is not None
    assert told.info.hostname == WRITER
    assert told.clock is not None
    assert abs(told.clock.ahead) < 60
    assert told.keys == 0, told.keys_why
    assert told.trim.disks == ("vda",)
    assert told.trim.most is not None
    assert not told.is_windows


def test_a_guest_without_an_agent_says_so(client: RecordingClient) -> None:
    assert "no agent runs in it" in report(client, MUTE).why_not


def test_trim_gives_back_what_the_guest_deleted(client: RecordingClient) -> None:
    filled = run(client, "sh", "-c", "dd if=/dev/urandom of=/data/big bs=1M count=16; sync")
    assert filled.status == 0, filled
    run(client, "sh", "-c", "rm /data/big; sync")
    task = do(client, Verb.TRIM)
    assert task.words.startswith("gave back 1"), task
    assert "M in" in task.words, task


def test_its_clock_is_set_and_read_again(client: RecordingClient) -> None:
    run(client, "date", "-s", "2020-01-01 00:00:00")
    before = report(client).clock
    assert before is not None
    assert before.ahead < -86400
    task = do(client, Verb.SET_TIME)
    assert task.state is TaskState.DONE, task
    after = report(client).clock
    assert after is not None
    assert abs(after.ahead) < 0.5 + after.error


def test_a_hashed_password_lets_one_log_in(client: RecordingClient) -> None:
    before = guests.PASSWORD
    for password in ("an other one", before):
        secret = SecretBytes(hash_password(password).encode())
        task = do(client, Verb.SET_PASSWORD, PasswordArguments("root", secret))
        assert task.state is TaskState.DONE, task
        shadow = run(client, "cat", "/etc/shadow").output.decode()
        assert "root:$6$" in shadow
    console = logged_in(client)
    console.log_out()
    unknown = PasswordArguments("nobody-here", SecretBytes(b"$6$a$b"))
    assert do(client, Verb.SET_PASSWORD, unknown).state is TaskState.FAILED


def test_ssh_keys_come_and_go(client: RecordingClient) -> None:
    added = do(client, Verb.CHANGE_SSH_KEYS, SshKeyArguments("root", add=(KEY,)))
    assert added.words == "has 1 ssh key for root", added
    assert report(client).keys == 1
    removed = do(client, Verb.CHANGE_SSH_KEYS, SshKeyArguments("root", remove=(KEY,)))
    assert removed.words == "has 0 ssh keys for root", removed


def test_a_program_runs_and_tells_its_status(client: RecordingClient) -> None:
    ended = run(client, "sh", "-c", "echo out; echo bad >&2; exit 3")
    assert (ended.status, ended.output, ended.errors) == (3, b"out\n", b"bad\n")
    missing = client.answer(
        RunProgramQuery(client.the_domain(WRITER).key, ("/no/such",), str(uuid4())),
        RunProgramResult,
    )
    assert missing.error is not None


def logged_in(client: RecordingClient) -> Typist:
    """A login on the guest's console, as only its password lets one in."""
    console = Typist(client, WRITER)
    console.reach(ConsolePhase.ATTACHED)
    console.type("\r")
    console.log_in()
    return console


def lines(client: RecordingClient) -> int:
    return int(run(client, "sh", "-c", "wc -l < /data/lines").output)


def test_held_writes_stand_still_and_are_let_go(client: RecordingClient) -> None:
    number = holding(client)
    again = do(client, Verb.FREEZE)
    assert trouble(again).message == "its writes are held already"
    told = do(client, Verb.TRIM)
    assert trouble(told).message.startswith("its writes are held"), told
    let_go = do(client, Verb.THAW)
    assert let_go.words == "1 file system let go", let_go
    held = client.done(number)
    assert held.state is TaskState.DONE, held
    assert held.words.startswith("1 file system stood still for"), held
    assert not report(client).is_frozen
    before = lines(client)
    wait_until(lambda: lines(client) > before, 30, "the guest to write again")


def test_a_cancelled_hold_lets_go(client: RecordingClient) -> None:
    number = holding(client)
    client.fleet.cancel(number)
    assert client.done(number).words.startswith("1 file system stood still for")
    assert not report(client).is_frozen


def test_held_writes_are_let_go_by_themselves(
    client: RecordingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeze, "FREEZE_SECONDS", 3.0)
    number = holding(client)
    assert client.done(number).words.startswith("1 file system stood still for")
    assert not report(client).is_frozen


HOLD_AND_WAIT = """
import sys, time
from tests.fleet_client import listening
from virttui.hypervisor.guest_agent import freeze
from virttui.model.commands import Command, Verb
freeze.FREEZE_SECONDS = 8.0
with listening(sys.argv[1], interval=0.5) as client:
    client.listed()
    client.fleet.submit([Command(Verb.FREEZE, client.target(sys.argv[2]))])
    time.sleep(600)
"""


def test_a_program_that_was_killed_leaves_nothing_held(place: Lab, client: RecordingClient) -> None:
    child = subprocess.Popen([sys.executable, "-c", HOLD_AND_WAIT, place.uri, WRITER])
    try:
        client.wait(lambda: report(client).is_frozen, 60, what="its writes are held")
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert report(client).is_frozen
        client.wait(lambda: not report(client).is_frozen, 30, what="its writes go on")
    finally:
        child.kill()
        child.wait()


def test_nothing_is_held_where_nothing_would_let_go(client: RecordingClient) -> None:
    with pytest.raises(Refused, match="nothing was held"):
        ThawTimer("test:///default", client.the_domain(WRITER).key.uuid, 60.0)


def test_an_agent_that_hangs_stops_nobody_else(place: Lab, client: RecordingClient) -> None:
    agent = run(client, "pidof", "qemu-ga").output.decode().split()[0]
    console = logged_in(client)
    console.run(f"kill -STOP {agent}")
    try:
        told = client.answer(
            GuestAgentQuery(client.the_domain(WRITER).key, serial=1), GuestAgentResult, 30
        )
        why = told.why_not or (told.report.why_not if told.report is not None else "")
        assert "its agent has not answered for" in why, told
        assert "no agent runs in it" in report(client, MUTE).why_not
        assert client.the_domain(WRITER).silent_at is None
    finally:
        console.run(f"kill -CONT {agent}")
        console.log_out()
    key = client.the_domain(WRITER).key

    def answers() -> bool:
        told = client.answer(GuestAgentQuery(key, serial=time.monotonic_ns()), GuestAgentResult)
        return told.report is not None and told.report.answers

    client.wait(answers, 60, what="its agent answers again")


def test_the_agent_alone_shuts_down(client: RecordingClient, place: Lab) -> None:
    task = do(client, Verb.SHUTDOWN, ShutdownArguments(by_agent=True))
    assert task.state is TaskState.DONE, task
    client.wait(lambda: client.is_in(WRITER, "shutoff"), what="it is off")
    place.virsh("start", WRITER)
    guests.wait_booted(place, WRITER)
