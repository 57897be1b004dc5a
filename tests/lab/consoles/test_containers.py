"""Consoles of containers: every byte arrives, of the right one, and of 100 MB."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.processes import run
from virttui.model.domains.consoles import ConsolePhase, ConsoleRequest
from virttui.model.errors import Unsupported
from virttui.model.queries import ConsolesQuery, ConsolesResult

from .typist import Typist

pytestmark = pytest.mark.lab

BOXES = ("one", "two")
LINES = 10_000
DEVICE = "console0"
LONG, MANY = 1_000, 100_000
"""Bytes in a line, its newline included, and the lines of 100 MB."""


@pytest.fixture(scope="module")
def place() -> Iterator[Lab]:
    skip_without_root()
    with Lab(f"boxes-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        for name in BOXES:
            guests.define_container(lab, name)
        yield lab


@pytest.fixture
def client(place: Lab) -> Iterator[RecordingClient]:
    with listening(place.lxc_uri, interval=0.5) as client:
        client.listed()
        yield client


def awk(program: str) -> str:
    """A line for the shell that prints between "begin" and "ended"."""
    return f"echo be''gin; busybox awk 'BEGIN {{ {program} }}'; echo en''ded\n"


def attached(client: RecordingClient, name: str) -> Typist:
    console = Typist(client, name, DEVICE)
    console.reach(ConsolePhase.ATTACHED)
    return console


def test_consoles_side_by_side_never_mix(client: RecordingClient) -> None:
    consoles = {name: attached(client, name) for name in BOXES}
    for name, console in consoles.items():
        program = f'for (i = 0; i < {LINES}; i++) printf "%s %05d\\n", "{name}", i'
        console.type(awk(program))
    for name, console in consoles.items():
        console.expect("begin\r\n")
        lines = console.expect("ended\r\n").splitlines()[:-1]
        assert lines == [f"{name} {number:05}" for number in range(LINES)]
    for console in consoles.values():
        console.close()


def test_a_hundred_megabytes_arrive_complete(client: RecordingClient) -> None:
    parts: list[bytes] = []
    key = client.the_domain("one").key
    console = client.fleet.open_console(ConsoleRequest(key, DEVICE), parts.append)
    client.wait(lambda: client.console_states[-1:], what="its state")
    client.wait(lambda: client.console_states[-1].phase is ConsolePhase.ATTACHED)
    program = f'for (i = 0; i < {MANY}; i++) printf "%0{LONG - 1}d\\n", i'
    client.fleet.write_console(console, awk(program).encode())
    client.wait(lambda: parts and b"ended\r\n" in b"".join(parts[-3:]), 240, "its last line")
    data = b"".join(parts)
    begun = data.index(b"begin\r\n") + len("begin\r\n")
    printed = data[begun : data.rindex(b"ended\r\n")].split(b"\r\n")
    assert len(printed) == MANY + 1 and not printed[-1]
    assert all(line == b"%0*d" % (LONG - 1, number) for number, line in enumerate(printed[:-1]))
    client.fleet.close_console(console)
    client.wait(lambda: client.console_states[-1].phase is ConsolePhase.CLOSED)


def test_a_container_that_goes_off_and_on_has_its_console_again(
    place: Lab, client: RecordingClient
) -> None:
    virsh = ("virsh", "-q", "-c", place.lxc_uri)
    console = attached(client, "two")
    for _ in range(3):
        run(*virsh, "destroy", "two")
        assert console.reach(ConsolePhase.OFF).reason == "it was forced off"
        run(*virsh, "start", "two")
        console.reach(ConsolePhase.ATTACHED)
        console.type("echo a''gain\n")
        console.expect("again\r\n")
    # So fast that nobody may see it off. The old shell, which lives on in a lab, must not answer.
    console.type("which=old\n")
    run(*virsh, "destroy two; start two")
    client.wait(lambda: console.phases.count(ConsolePhase.ATTACHED) == 5, what="attached anew")
    console.type("echo i''s [$which]\n")
    console.expect("is []\r\n")
    console.close()


def test_a_container_names_its_console_and_lets_nobody_be_cut_off(
    client: RecordingClient,
) -> None:
    key = client.the_domain("one").key
    found = client.answer(ConsolesQuery(key), ConsolesResult).consoles
    assert [(one.alias, one.name, one.type) for one in found] == [(DEVICE, "tty1", "lxc")]
    console = Typist(client, "one", "console7")
    assert console.reach(ConsolePhase.REFUSED).error is not None
    client.fleet.attach_console(console.id, force=True)
    client.wait(lambda: isinstance(console.states[-1].error, Unsupported), what="nobody is cut off")
    console.close()
    assert re.search("several open", console.states[-2].reason)


def test_two_that_open_a_containers_console_each_get_a_part_of_its_output(
    client: RecordingClient,
) -> None:
    first, second = attached(client, "two"), attached(client, "two")
    program = 'for (i = 0; i < 2000; i++) { printf "line %05d\\n", i; system("") }'
    first.type(awk(program))

    def lines() -> list[set[bytes]]:
        return [set(re.findall(rb"line \d{5}", bytes(one.received))) for one in (first, second)]

    client.wait(lambda: len(set.union(*lines())) > 1500, what="most lines, in both together")
    seen = lines()
    assert all(len(one) < len(set.union(*seen)) for one in seen), "neither has all of them"
    for console in (first, second):
        console.close()
