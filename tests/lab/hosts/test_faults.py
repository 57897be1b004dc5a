"""Frozen and killed daemons, hung guests: rows keep their age, keys and other hosts never wait."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.model.commands import Verb
from virttui.model.errors import HostLost
from virttui.model.inventory import ConnectionState
from virttui.model.tasks import TaskState

pytestmark = pytest.mark.lab


@pytest.fixture
def small(new_lab: Callable[[str], Lab]) -> Lab:
    """A lab with one tiny paused guest: enough to have a row, quick to make."""
    lab = new_lab("small")
    guests.define_still(lab, "still")
    return lab


def ticks(client: RecordingClient, host: str, count: int = 3) -> None:
    """Wait until ``host`` has told figures of ``count`` different moments."""
    seen: set[float] = set()

    def enough() -> bool:
        seen.add(client.inventory(host).at)
        return len(seen) > count

    client.wait(enough, what=f"{host} goes on")


def test_a_killed_daemon_comes_back_by_itself(small: Lab) -> None:
    with listening(small.uri) as client:
        client.listed()
        # When the guest was started is told a moment after it is listed.
        before = client.when(
            lambda: client.inventory().domains,
            lambda found: found and all(one.started_epoch for one in found.values()),
        )
        small.kill_daemon()
        client.wait(lambda: client.phase() is ConnectionState.LOST)
        lost = client.inventory()
        assert lost.domains == before, "rows stay"
        assert lost.host.answered_at is not None and lost.host.next_try_at is not None
        refused = client.done(client.do(Verb.START, "still"))
        assert isinstance(refused.trouble, HostLost)
        small.start_daemon()
        client.wait(lambda: client.phase() is ConnectionState.LIVE)
        client.wait(lambda: client.inventory().domains.keys() == before.keys())
        small.virsh("destroy", "still")
        client.wait(lambda: client.is_in("still", "shutoff"), what="events are heard again")
        # A daemon that has just begun may be slow for a while, and is told to be.
        assert [h.text for h in client.host_events if h.topic == "host"][:2] == [
            "the connection broke",
            "live again",
        ]


def test_a_frozen_daemon_is_silent_then_live_and_delays_nobody(small: Lab, lab: Lab) -> None:
    with listening(small.uri, lab.uri) as client:
        client.listed(small.uri), client.listed(lab.uri)
        small.freeze_daemon()
        client.wait(lambda: client.phase(small.uri) is ConnectionState.SILENT)
        ticks(client, lab.uri)
        assert client.phase(lab.uri) is ConnectionState.LIVE
        small.thaw_daemon()
        client.wait(lambda: client.phase(small.uri) is ConnectionState.LIVE)


def test_a_daemon_frozen_for_long_is_lost_and_found(small: Lab) -> None:
    with listening(small.uri) as client:
        client.listed()
        small.freeze_daemon()
        # Everything is asked at once, so that a call waits on every lane when keepalive gives up:
        # libvirt's client crashes there when two of them share a connection.
        client.fleet.refresh()
        client.wait(lambda: len(client.fleet.stuck()) >= 3, what="calls wait on the lanes")
        client.wait(lambda: client.phase() is ConnectionState.LOST, what="keepalive gives up")
        small.thaw_daemon()
        client.wait(lambda: client.phase() is ConnectionState.LIVE)


def test_quit_is_quick_with_a_frozen_daemon(small: Lab) -> None:
    with listening(small.uri) as client:
        client.listed()
        small.freeze_daemon()
        client.wait(lambda: client.phase() is ConnectionState.SILENT)
        # It returns at all: the daemon is frozen until after it.
        stuck = client.fleet.stop(patience=0.5)
        assert any("reads" in name for name in stuck), "what hangs is named"
        small.thaw_daemon()
        client.wait(lambda: not client.fleet.stuck(), what="the stuck call drained")


def test_faults_in_every_state_leak_no_thread(small: Lab) -> None:
    """Freeze, kill and restart over and over; what is left are the lanes of one live host."""
    with listening(small.uri) as client:
        client.listed()
        usual = threading.active_count()
        for round_ in range(20):
            if round_ % 2:
                small.freeze_daemon()
                if round_ % 4 == 1:
                    client.wait(lambda: client.phase() is ConnectionState.SILENT)
                small.thaw_daemon()
            else:
                small.kill_daemon()
                if round_ % 4 == 0:
                    client.wait(lambda: client.phase() is ConnectionState.LOST)
                small.start_daemon()
                client.fleet.refresh()
            client.wait(
                lambda: client.phase() is ConnectionState.LIVE, what=f"live after round {round_}"
            )
        client.wait(lambda: not client.fleet.stuck(), what="no call is stuck")
        client.wait(lambda: threading.active_count() <= usual + 5, what="no thread leaked")


def test_a_hung_guest_is_named_and_the_others_stay_live(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("hung")
    names = guests.define_stills(lab, 6)
    victim, other = names[0], names[1]
    with listening(lab.uri) as client:
        client.listed()
        client.look_at()
        client.wait(lambda: (u := client.usage(other)) and u.memory_given is not None)
        lab.freeze_guest(victim)
        client.wait(
            lambda: client.the_domain(victim).silent_at is not None, what="the guilty is named"
        )
        assert client.phase() is ConnectionState.LIVE
        for name in names[1:]:
            assert client.the_domain(name).silent_at is None, f"{name} is blamed wrongly"
        # The others' monitor figures go on.
        seen = client.the_usage(other).monitor_at
        client.wait(lambda: client.the_usage(other).monitor_at > seen)
        # A command on the hung guest hangs; force off goes past it, and no other action waits.
        hanging = client.do(Verb.RESUME, victim)
        assert client.done(client.do(Verb.RESUME, other), 5).state is TaskState.DONE
        assert not client.tasks[hanging].state.ended
        forced = client.done(client.do(Verb.FORCE_OFF, victim), 25)
        assert forced.state is TaskState.DONE, forced
        client.wait(lambda: client.is_in(victim, "shutoff"))
        client.wait(lambda: client.the_domain(victim).silent_at is None)


def test_a_hung_guest_is_silent_without_a_screen_too(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("mute")
    victim, other = "hung", "well"
    for name in (victim, other):
        guests.define_guest(lab, name)
    lab.freeze_guest(victim)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "virttui", "list", "--json", "-c", lab.uri],
            capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
    finally:
        lab.thaw_guest(victim)
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows[victim]["silent_seconds"] > 0 and rows[other]["silent_seconds"] is None
    assert rows[victim]["memory_used_bytes"] is None and rows[victim]["disk_read_bps"] is None


def test_a_hung_guest_that_wakes_is_well_again(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("waking")
    victim = guests.define_stills(lab, 2)[0]
    with listening(lab.uri) as client:
        client.listed()
        client.look_at()
        client.wait(lambda: client.usage(victim))
        lab.freeze_guest(victim)
        client.wait(lambda: client.the_domain(victim).silent_at is not None)
        lab.thaw_guest(victim)
        client.wait(lambda: client.the_domain(victim).silent_at is None)
        seen = client.the_usage(victim).monitor_at
        client.wait(lambda: client.the_usage(victim).monitor_at > seen)
