"""Consoles while their daemon is killed or stopped, and what is read along from their log."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import listening
from tests.lab import guests
from tests.lab.console import Console
from tests.lab.daemon import Lab
from virttui.model.domains.consoles import ConsolePhase

from .typist import Typist

pytestmark = pytest.mark.lab

GUEST = "talker"


@pytest.fixture(scope="module")
def place() -> Iterator[Lab]:
    """A lab with a booted guest, whose log is seen through the daemon's root alone."""
    skip_without_root()
    with Lab(f"console-faults-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        guests.define_guest(lab, GUEST, memory_mib=128)
        guests.wait_booted(lab, GUEST)
        yield lab


def logged_in(console: Typist) -> None:
    console.reach(ConsolePhase.ATTACHED)
    console.type("\r")
    console.log_in()


@pytest.mark.parametrize("end", [Lab.kill_daemon, Lab.stop_daemon])
def test_a_daemon_that_ended_is_told_and_the_console_is_back_with_it(
    place: Lab, end: Callable[[Lab], None]
) -> None:
    with listening(place.uri, interval=0.5) as client:
        client.listed()
        console = Typist(client, GUEST)
        logged_in(console)
        for number in range(3):
            end(place)
            console.reach(ConsolePhase.HOST_LOST)
            place.start_daemon()
            console.reach(ConsolePhase.ATTACHED)
            assert console.run(f"echo still {number}") == f"still {number}"
        console.log_out()
        usual = {ConsolePhase.ATTACHING, ConsolePhase.ATTACHED, ConsolePhase.CLOSED}
        # A killed daemon leaves a lock file, which counts until its process was waited for.
        assert set(console.phases) - {ConsolePhase.IN_USE} == {ConsolePhase.HOST_LOST, *usual}


def test_what_is_typed_while_the_daemon_is_stopped_arrives_later(place: Lab) -> None:
    with listening(place.uri, interval=0.5) as client:
        client.listed()
        console = Typist(client, GUEST)
        logged_in(console)
        place.freeze_daemon()
        line = f"echo af''ter #{'x' * 300}\r"
        console.type(line)
        client.wait(lambda: console.states[-1].taken == len(line), what="libvirt takes it")
        assert b"after" not in console.received
        place.thaw_daemon()
        console.expect("after\r\n")
        console.log_out()


def test_a_daemon_that_is_stopped_for_long_is_lost_and_the_console_comes_back(place: Lab) -> None:
    with listening(place.uri, interval=0.5) as client:
        client.listed()
        console = Typist(client, GUEST)
        logged_in(console)
        place.freeze_daemon()
        console.reach(ConsolePhase.HOST_LOST)
        place.thaw_daemon()
        console.reach(ConsolePhase.ATTACHED)
        console.log_out()
        assert not {ConsolePhase.IN_USE, ConsolePhase.TAKEN_OVER} & set(console.phases)


def test_a_console_that_another_has_is_read_along_from_its_log(place: Lab) -> None:
    with listening(place.uri, read_only=True) as reader:
        reader.listed()
        along = Typist(reader, GUEST, along=True)
        along.reach(ConsolePhase.READING)
        along.expect("login: ")
        with Console(place, GUEST) as other:
            other.run("echo read''along")
            along.expect("readalong\r\n")
        place.virsh("destroy", GUEST)
        place.virsh("start", GUEST)  # which empties the log
        along.expect("login: ")
        along.close()


def test_a_log_that_is_not_here_is_refused_with_its_path(place: Lab) -> None:
    with listening(place.uri) as client:
        client.listed()
        xml = place.virsh("dumpxml", GUEST, "--inactive")
        missing = xml.replace("/var/log/libvirt/qemu/", "/var/log/nowhere/")
        place.virsh("define", "/dev/stdin", text=missing.replace(GUEST, "other", 1).replace(
            xml.partition("<uuid>")[2].partition("</uuid>")[0],
            "3a8a1f7e-0000-4000-8000-000000000001",
        ))  # fmt: skip
        client.wait(lambda: client.domain("other"))
        along = Typist(client, "other", along=True)
        refused = along.reach(ConsolePhase.REFUSED)
        assert "nowhere" in refused.reason and "No such file" in refused.reason
        along.close()
