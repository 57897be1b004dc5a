"""Consoles where the driver has none: refused with the reason; starts from a console go on."""

from __future__ import annotations

from tests.fleet_client import RecordingClient, listening
from virttui.model.commands import Command, StartArguments, Verb
from virttui.model.domains.consoles import ConsolePhase, ConsoleRequest, ConsoleState
from virttui.model.errors import Unsupported
from virttui.model.identity import ObjectId
from virttui.model.queries import ConsolesQuery, ConsolesResult
from virttui.model.tasks import TaskState


def state(client: RecordingClient, console: int, phase: ConsolePhase) -> ConsoleState:
    return client.wait(
        lambda: next(
            (s for s in client.console_states if s.id == console and s.phase is phase), None
        ),
        what=phase.value,
    )


def test_a_driver_without_consoles_says_so_and_the_host_goes_on() -> None:
    with listening("test:///default") as client:
        client.listed()
        key = client.the_domain("test").key
        console = client.fleet.open_console(ConsoleRequest(key, "serial0"), lambda data: None)
        refused = state(client, console, ConsolePhase.REFUSED)
        assert isinstance(refused.error, Unsupported)
        client.fleet.write_console(console, b"nobody reads this")
        client.fleet.close_console(console)
        state(client, console, ConsolePhase.CLOSED)
        assert client.answer(ConsolesQuery(key), ConsolesResult).consoles == ()


def test_a_console_of_a_domain_that_is_gone_or_of_a_lost_host_is_told() -> None:
    with listening("test:///default", "test+unix:///default?socket=/nowhere/sock") as client:
        client.listed()
        gone = ObjectId(client.hosts[0], "00000000-0000-4000-8000-000000000000")
        lost = ObjectId(client.hosts[1], "00000000-0000-4000-8000-000000000000")
        first, second = (
            client.fleet.open_console(ConsoleRequest(key, "serial0"), lambda data: None)
            for key in (gone, lost)
        )
        assert state(client, first, ConsolePhase.OFF).reason == "its definition is gone"
        assert "does not answer" in state(client, second, ConsolePhase.HOST_LOST).reason


def test_reading_along_says_what_is_missing() -> None:
    with listening("test:///default", read_only=True) as client:
        client.listed()
        key = client.the_domain("test").key
        request = ConsoleRequest(key, "serial0", read_along=True)
        console = client.fleet.open_console(request, lambda data: None)
        assert "no console serial0" in state(client, console, ConsolePhase.REFUSED).reason


def test_a_start_that_attaches_consoles_runs_the_domain() -> None:
    with listening("test:///default") as client:
        client.listed()
        client.done(client.do(Verb.FORCE_OFF, "test"))
        client.wait(lambda: client.is_in("test", "shutoff"))
        command = Command(Verb.START, client.target("test"), StartArguments(attach_consoles=True))
        done = client.done(client.fleet.submit([command])[0])
        assert done.state is TaskState.DONE and done.words == "is running"
        client.wait(lambda: client.is_in("test", "running"))
