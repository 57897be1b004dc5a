"""The logs of real guests, QEMU's and the console's, seen through the root of a daemon."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.console import Console
from tests.lab.daemon import Lab
from virttui.model.commands import Command, EditArguments, SettingChange, Verb
from virttui.model.domains.logs import LineTime, LogLine, LogRequest, LogSource, LogState
from virttui.model.tasks import TaskState

pytestmark = pytest.mark.lab

GUEST = "talker"


@pytest.fixture(scope="module")
def place() -> Iterator[Lab]:
    """A lab with a booted guest whose console is logged, and one that is off and has no log."""
    skip_without_root()
    with Lab(f"logs-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        guests.define_guest(lab, GUEST, memory_mib=128)
        guests.define_guest(lab, "quiet", memory_mib=128, start=False)
        bare = lab.virsh("dumpxml", "quiet", "--inactive")
        begin, _, rest = bare.partition("<log file=")
        lab.virsh("define", "/dev/stdin", text=begin + rest.partition("/>")[2])
        guests.wait_booted(lab, GUEST)
        yield lab


class Reader:
    """Open logs of a domain, and all that was told of them."""

    def __init__(self, client: RecordingClient, name: str) -> None:
        self.client = client
        self.number = client.fleet.open_logs(LogRequest(client.target(name).key, name))

    def source(self, name: str) -> LogSource | None:
        told = [one for one in self.client.log_updates if one.id == self.number]
        sources = told[-1].sources if told else ()
        return next((one for one in sources if one.name == name), None)

    def reach(self, name: str, state: LogState) -> LogSource:
        return self.client.when(
            lambda: self.source(name), lambda one: one.state is state, what=f"{name} {state}"
        )

    @property
    def lines(self) -> list[LogLine]:
        return [
            line
            for one in self.client.log_updates
            if one.id == self.number
            for line in (*one.lines, *one.unfinished)
        ]

    def line(self, source: str, part: str) -> LogLine:
        return self.client.wait(
            lambda: next((x for x in self.lines if x.source == source and part in x.text), None),
            what=f"{part} in {source}",
        )

    def close(self) -> None:
        self.client.fleet.close_logs(self.number)


@pytest.fixture
def client(place: Lab) -> Iterator[RecordingClient]:
    with listening(place.uri, interval=0.5) as client:
        client.listed()
        yield client


@pytest.mark.parametrize("read_only", [False, True])
def test_qemus_log_and_the_consoles_are_read_and_followed(place: Lab, read_only: bool) -> None:
    with listening(place.uri, interval=0.5, read_only=read_only) as client:
        client.listed()
        logs = Reader(client, GUEST)
        assert logs.line("qemu", "starting up libvirt version").time is LineTime.OWN
        logs.line("console", "login: ")
        qemu = logs.reach("qemu", LogState.READ)
        assert qemu.where == f"/var/log/libvirt/qemu/{GUEST}.log" and qemu.size
        with Console(place, GUEST) as console:
            console.run(f"echo follow''ed {read_only}")
        assert logs.line("console", f"followed {read_only}").time is LineTime.READ
        logs.close()


def test_logs_go_on_while_the_daemon_is_down_and_after_it(
    place: Lab, client: RecordingClient
) -> None:
    logs = Reader(client, GUEST)
    log = place.folder / "log" / "qemu" / f"{GUEST}.log"
    logs.reach("qemu", LogState.READ)
    place.kill_daemon()
    with log.open("a") as file:
        file.write("written while it was down\n")
    logs.line("qemu", "written while it was down")
    place.start_daemon()
    log.rename(f"{log}.0")
    log.write_text("in the new file\n")
    logs.line("qemu", "in the new file")
    logs.close()


def test_a_console_is_logged_from_the_next_start_once_that_was_asked_for(
    client: RecordingClient,
) -> None:
    logs = Reader(client, "quiet")
    offered = logs.reach("console", LogState.NOT_KEPT)
    assert offered.device == "serial0"
    assert logs.reach("qemu", LogState.ABSENT).size is None
    change = SettingChange("log", "serial1", (("", offered.where),))
    command = Command(Verb.EDIT, client.target("quiet"), EditArguments(change))
    task = client.done(client.fleet.submit([command])[0])
    assert task.state is TaskState.DONE, task
    assert client.done(client.do(Verb.START, "quiet")).state is TaskState.DONE
    logs.line("console", "login: ")
    assert logs.reach("console", LogState.READ).where == offered.where
    client.done(client.do(Verb.FORCE_OFF, "quiet"))
    logs.line("qemu", "shutting down, reason=destroyed")
    logs.close()


def test_messages_of_libvirt_are_among_the_lines(client: RecordingClient, place: Lab) -> None:
    place.virsh("qemu-monitor-command", GUEST, "--hmp", "info version")
    logs = Reader(client, GUEST)
    assert "tainted" in logs.line("libvirt", "custom").text
    logs.close()
