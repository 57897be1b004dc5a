"""The figures and marks of triage on real guests: steal, latency, uptime, file systems, tags."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.metrics.history import COARSE_STEP
from virttui.model.commands import Command, TagArguments, Verb
from virttui.model.thresholds import Thresholds
from virttui.store.fleet_state import FleetStore

pytestmark = pytest.mark.lab


def started_epoch(client: RecordingClient, name: str) -> float | None:
    found = client.domain(name)
    return found.started_epoch if found is not None else None


def test_figures_that_only_qemu_gives(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        client.look_at("alpha")
        usage = client.when(
            lambda: client.usage("alpha"),
            lambda u: u.steal is not None and u.peak is not None,
            what="steal, and a peak after ten seconds",
        )
        assert usage.steal is not None and 0 <= usage.steal < 1
        assert usage.peak is not None and 0 <= usage.peak <= 1.5
        assert usage.net_errors == 0
        started = client.wait(lambda: started_epoch(client, "alpha"))
        assert 0 < time.time() - started < 3600
        # A step of ten seconds may have ended before anybody looked: that one is coarse.
        trail = client.when(
            lambda: client.inventory().trail,
            lambda t: len(t.at) - t.coarse > 3,
            what="a past of ticks",
        )
        known = [value for value in trail.steal if value >= 0]
        assert known, "steal has a graph"


def test_a_busy_and_a_full_guest_are_seen_to_be_so(new_lab: Callable[[str], Lab]) -> None:
    made = new_lab("triage")
    guests.define_guest(made, "reader", words=("read",))
    guests.define_guest(made, "fuller", words=("fill",))
    for name in ("reader", "fuller"):
        guests.wait_booted(made, name)
    with listening(made.uri) as client:
        client.listed()
        client.look_at()
        usage = client.when(lambda: client.usage("reader"), lambda u: u.latency and u.read)
        assert usage.latency is not None and 0 < usage.latency < 5
        found = client.when(
            lambda: client.usage("fuller"),
            lambda u: u.filesystem,
            what="a file system by the agent",
        ).filesystem
        assert found is not None
        assert found.mountpoint == "/data" and 0.85 < found.share <= 1
        # A busy machine makes a guest's disk slow and steals its processor: that is not asked here.
        never = dict.fromkeys(Thresholds.__struct_fields__, math.inf)
        store = FleetStore([], 0.0, Thresholds(**{**never, "filesystem": 0.85}))
        store.apply_inventory(client.inventory())
        concerns = store.fleet_state(0.0, 0.0).concerns
        concern = concerns[client.the_domain("fuller").key]
        assert not concern.alarm and "/data inside it is" in concern.words
        assert client.the_domain("reader").key not in concerns


def test_a_restart_begins_a_new_uptime(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        before = client.wait(lambda: started_epoch(client, "gamma"))
        client.done(client.do(Verb.FORCE_OFF, "gamma"))
        client.wait(lambda: client.is_in("gamma", "shutoff"))
        assert client.the_domain("gamma").started_epoch is None
        client.done(client.do(Verb.START, "gamma"))
        client.wait(lambda: (started_epoch(client, "gamma") or 0) > before + 1)
    guests.wait_booted(lab, "gamma")


def test_tags_are_kept_in_both_definitions_and_beside_what_others_keep(lab: Lab) -> None:
    lab.virsh(
        "metadata", "alpha", "--uri", "http://example.org/1", "--key", "other",
        "--set", "<note>theirs</note>", "--config", "--live",
    )  # fmt: skip
    with listening(lab.uri) as client:
        client.listed()
        target = client.target("alpha")
        client.done(
            client.fleet.submit([Command(Verb.TAG, target, TagArguments(add=("web", "db")))])[0]
        )
        client.wait(lambda: client.the_domain("alpha").tags == ("db", "web"))
        for flags in ((), ("--inactive",)):
            xml = lab.virsh("dumpxml", "alpha", *flags)
            assert "urn:virttui:tags" in xml and "tag>web</" in xml
            assert "theirs" in xml, "another's metadata stays"
        # What another client does to them is seen too.
        lab.virsh("metadata", "alpha", "urn:virttui:tags", "--remove", "--live", "--config")
        client.wait(lambda: client.the_domain("alpha").tags == ())
    lab.virsh("metadata", "alpha", "http://example.org/1", "--remove", "--live", "--config")


def test_every_active_row_has_an_hour_of_past(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        # Nobody looks at it for more than a coarse step, then somebody does.
        since = time.monotonic()
        client.wait(lambda: time.monotonic() - since > 2.2 * COARSE_STEP, seconds=60)
        client.look_at("beta")
        trail = client.when(lambda: client.inventory().trail, lambda t: t.coarse)
        assert max(trail.cpu[: trail.coarse]) >= 0, "it was measured before it was looked at"
