"""The fleet on a real libvirtd: rows, figures, events, lifecycle, as an operator relies on them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.hypervisor.connection import connect
from virttui.hypervisor.polling import scheduler
from virttui.model.commands import Command, DeleteDomainArguments, RenameArguments, Target, Verb
from virttui.model.errors import NotFound, ReadOnly, Refused
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import ConnectionState, Network, Pool
from virttui.model.queries import DeletePlanQuery, DeletePlanResult, VolumesQuery, VolumesResult
from virttui.model.tasks import TaskState

pytestmark = pytest.mark.lab


def test_rows_tell_what_virsh_tells(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        client.look_at()
        names = {domain.name for domain in client.inventory().domains.values()}
        assert names == set(lab.virsh("list", "--all", "--name").split())
        alpha = client.when(
            lambda: client.domain("alpha"), lambda found: found.addresses, what="a lease"
        )
        assert alpha.addresses[0] in lab.virsh("net-dhcp-leases", "default")
        assert alpha.state.value == "running"
        assert alpha.key.uuid == lab.virsh("domuuid", "alpha").strip()
        assert str(alpha.id) == lab.virsh("domid", "alpha").strip()
        assert alpha.disks[0].target == "vda"
        default = client.wait(lambda: client.network("default"))
        assert default.active and default.mode == "nat" and default.bridge == "virbr0"
        assert {lease.hostname for lease in default.leases or ()} >= {"alpha", "beta", "gamma"}
        pool = client.wait(lambda: client.pool("default"))
        assert pool.active and pool.capacity > 0 and pool.volumes
        host = client.inventory().host
        assert host.hypervisor.startswith("QEMU ") and host.libvirt and host.local
        client.wait(lambda: client.inventory().host.figures.load, what="psutil's figures")


def test_figures_are_those_of_domstats(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        client.look_at("alpha")
        usage = client.wait(
            lambda: (u := client.usage("alpha")) and u.cpu is not None and u.read is not None and u
        )
        stats = dict(re.findall(r"^\s+(\S+)=(\S+)$", lab.virsh("domstats", "alpha"), re.MULTILINE))
        used = (int(stats["balloon.available"]) - int(stats["balloon.usable"])) * 1024
        assert usage.memory_given == int(stats["balloon.current"]) * 1024
        assert usage.memory_used is not None and abs(usage.memory_used - used) < 16 * 1024**2
        assert usage.memory_exact


def test_cpu_share_is_the_counter_over_time(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("burning")
    guests.define_guest(lab, "burner", words=("burn",))
    guests.wait_booted(lab, "burner")
    with listening(lab.uri) as client:
        client.listed()
        first = client.wait(lambda: client.usage("burner"))
        assert first.cpu is None or first.cpu_at > 0, "no figure before the second sample"
        client.wait(lambda: (u := client.usage("burner")) and u.cpu is not None)

        def counter() -> tuple[float, float]:
            told = lab.virsh("domstats", "--cpu-total", "burner")
            found = re.search(r"cpu.time=(\d+)", told)
            assert found is not None, told
            return time.monotonic(), int(found[1]) / 1e9

        begun, shares = counter(), {}

        def four_figures() -> bool:
            usage = client.usage("burner")
            assert usage is not None
            shares[usage.cpu_at] = usage.cpu or 0.0
            return len(shares) >= 5

        client.wait(four_figures)
        ended = counter()
        true = (ended[1] - begun[1]) / (ended[0] - begun[0])
        assert abs(sum(shares.values()) / len(shares) - true) < 0.25, (shares, true)


@pytest.mark.usefixtures("events_alone")
def test_changes_made_elsewhere_show_at_once(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("events")
    guests.define_guest(lab, "one", start=False)
    with listening(lab.uri, interval=3600.0) as client:
        client.listed()
        client.wait(lambda: client.network("isolated") and client.pool("spare"))

        def shows(what: Callable[[], object]) -> None:
            client.wait(what)

        lab.virsh("start", "one")
        shows(lambda: client.is_in("one", "running"))
        lab.virsh("suspend", "one")
        shows(lambda: client.is_in("one", "paused"))
        lab.virsh("resume", "one")
        shows(lambda: client.is_in("one", "running"))
        lab.virsh("destroy", "one")
        shows(lambda: client.is_in("one", "shutoff"))
        key = client.the_domain("one").key
        lab.virsh("domrename", "one", "two")
        shows(lambda: (found := client.domain("two")) is not None and found.key == key)
        lab.virsh("desc", "two", "--title", "Second", "--config")
        shows(lambda: client.the_domain("two").title == "Second")
        guests.define_guest(lab, "three", start=False)
        shows(lambda: client.domain("three"))
        lab.virsh("undefine", "three")
        shows(lambda: client.domain("three") is None)
        lab.virsh("net-destroy", "isolated")
        shows(lambda: not client.the_network("isolated").active)
        lab.virsh("net-start", "isolated")
        shows(lambda: client.the_network("isolated").active)
        lab.virsh("pool-start", "spare")
        shows(lambda: client.the_pool("spare").active)
        assert {"started", "renamed", "off: forced"} <= {h.text for h in client.host_events}
        assert not any(h.actor for h in client.host_events), "virsh did it, not this run"


def test_what_emits_no_event_is_read_every_ten_seconds(
    new_lab: Callable[[str], Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scheduler.SLOW_INTERVAL == 10.0
    monkeypatch.setattr(scheduler, "RELIST_INTERVAL", 3600.0)
    lab = new_lab("eventless")
    guests.define_guest(lab, "one", start=False)
    with listening(lab.uri) as client:
        client.listed()
        client.look_at("one")
        lab.virsh("autostart", "one")
        lab.virsh("setvcpus", "one", "1", "--config", "--maximum")
        lab.virsh("vol-create-as", "default", "extra.raw", "1M")
        before = client.wait(lambda: client.pool("default")).volumes
        client.wait(lambda: client.the_domain("one").autostart)
        client.wait(lambda: (p := client.pool("default")) and p.volumes is not None)
        lab.virsh("vol-delete", "extra.raw", "--pool", "default")
        assert before is not None


def test_a_whole_life_by_tasks(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("life")
    guests.define_guest(lab, "one", start=False)
    with listening(lab.uri) as client:
        client.listed()

        def works(verb: Verb, state: str) -> None:
            task = client.done(client.do(verb, "one"), 60)
            assert task.state is TaskState.DONE, task
            client.wait(lambda: client.is_in("one", state), what=f"{verb}: {state}")

        works(Verb.START, "running")
        guests.wait_booted(lab, "one")
        works(Verb.PAUSE, "paused")
        works(Verb.RESUME, "running")
        works(Verb.SAVE, "shutoff")
        client.wait(lambda: client.the_domain("one").saved)
        works(Verb.START, "running")
        works(Verb.REBOOT, "running")
        works(Verb.RESET, "running")
        guests.wait_booted(lab, "one")
        works(Verb.SHUTDOWN, "shutoff")
        works(Verb.AUTOSTART_ON, "shutoff")
        client.wait(lambda: client.the_domain("one").autostart)
        works(Verb.AUTOSTART_OFF, "shutoff")
        works(Verb.START, "running")
        works(Verb.FORCE_OFF, "shutoff")
        renamed = client.done(
            client.fleet.submit(
                [Command(Verb.RENAME, client.target("one"), RenameArguments("uno"))]
            )[0]
        )
        assert renamed.state is TaskState.DONE
        client.wait(lambda: client.domain("uno"))
        assert any(h.actor == "you" and h.text == "started" for h in client.host_events)


def test_delete_takes_only_the_storage_that_was_named(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("delete")
    guests.define_guest(lab, "one", start=False)
    guests.define_guest(lab, "two", start=False)
    lab.virsh("pool-refresh", "default")
    with listening(lab.uri) as client:
        client.listed()
        one = client.target("one")
        plan = client.answer(DeletePlanQuery(one.key), DeletePlanResult).plan
        assert plan is not None and plan.storage[0].pool == "default" and not plan.storage[0].also
        path = plan.storage[0].path
        lab.virsh("attach-disk", "two", path, "vdb", "--config")
        used = client.done(
            client.fleet.submit(
                [Command(Verb.DELETE, one, DeleteDomainArguments(volumes=(path,)))]
            )[0]
        )
        assert used.state is TaskState.FAILED and "two" in used.words
        assert client.domain("one") is not None
        lab.virsh("detach-disk", "two", "vdb", "--config")
        gone = client.done(
            client.fleet.submit(
                [Command(Verb.DELETE, one, DeleteDomainArguments(volumes=(path,)))]
            )[0]
        )
        assert gone.state is TaskState.DONE, gone
        client.wait(lambda: client.domain("one") is None)
        volumes = lab.virsh("vol-list", "default")
        assert path not in volumes and "two" in volumes


def there(client: RecordingClient, name: str, kind: Kind) -> Network | Pool:
    return client.the_network(name) if kind is Kind.NETWORK else client.the_pool(name)


def is_active(client: RecordingClient, name: str, kind: Kind, active: bool) -> bool:
    return there(client, name, kind).active is active


def starts_by_itself(client: RecordingClient, name: str, kind: Kind) -> bool:
    return bool(there(client, name, kind).autostart)


def cpu_of(client: RecordingClient, uri: str) -> float | None:
    return client.inventory(uri).host.figures.cpu


def test_networks_and_pools_start_and_stop(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("netpool")
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: client.network("isolated") and client.pool("spare"))
        for verb, name, kind, active in (
            (Verb.STOP, "isolated", Kind.NETWORK, False),
            (Verb.START, "isolated", Kind.NETWORK, True),
            (Verb.START, "spare", Kind.POOL, True),
            (Verb.STOP, "spare", Kind.POOL, False),
        ):
            assert client.done(client.do(verb, name, kind)).state is TaskState.DONE
            client.wait(partial(is_active, client, name, kind, active))
        for kind, name in ((Kind.NETWORK, "isolated"), (Kind.POOL, "spare")):
            assert client.done(client.do(Verb.AUTOSTART_ON, name, kind)).state is TaskState.DONE
            client.wait(partial(starts_by_itself, client, name, kind))
            assert client.done(client.do(Verb.AUTOSTART_OFF, name, kind)).state is TaskState.DONE
        volumes = client.answer(VolumesQuery(client.the_pool("default").key), VolumesResult).volumes
        listed = lab.virsh("vol-list", "default")
        assert volumes and all(volume.name in listed for volume in volumes)


def test_refusals_read_as_sentences(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        again = client.done(client.do(Verb.START, "alpha"))
        assert isinstance(again.trouble, Refused) and again.words == "it is already running"
        off = client.done(client.do(Verb.PAUSE, "delta"))
        assert off.words == "it is not running"
        nobody = Target(
            Kind.DOMAIN, ObjectId(client.hosts[0], "00000000-0000-0000-0000-00000000abcd"), "ghost"
        )
        gone = client.done(client.fleet.submit([Command(Verb.START, nobody)])[0])
        assert isinstance(gone.trouble, NotFound) and gone.words == "the domain is gone"


def test_a_deaf_guest_ends_as_advice_to_force(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("deaf")
    guests.define_guest(lab, "deaf", words=("deaf",))
    guests.wait_booted(lab, "deaf")
    with listening(lab.uri, shutdown_wait=3.0) as client:
        client.listed()
        task = client.done(client.do(Verb.SHUTDOWN, "deaf"))
        assert task.state is TaskState.FAILED and task.trouble is not None
        assert "has not shut down after 3 s" in task.trouble.message
        assert "D forces it off" in task.trouble.advice
        assert client.is_in("deaf", "running")


def test_read_only_refuses_every_change_in_the_backend(lab: Lab) -> None:
    with listening(lab.uri, read_only=True) as client:
        client.listed()
        for verb in Verb:
            task = client.done(client.do(verb, "delta"))
            assert isinstance(task.trouble, ReadOnly), verb
        assert client.wait(lambda: (u := client.usage("alpha")) and u.cpu is not None)
        assert client.inventory().host.phase is ConnectionState.LIVE


def test_same_named_guests_of_two_labs_show_different_figures(
    new_lab: Callable[[str], Lab],
) -> None:
    busy, idle = new_lab("busy"), new_lab("idle")
    guests.define_guest(busy, "twin", words=("burn",))
    guests.define_guest(idle, "twin")
    guests.wait_booted(busy, "twin")
    guests.wait_booted(idle, "twin")
    with listening(busy.uri, idle.uri) as client:
        client.listed(busy.uri), client.listed(idle.uri)
        # A guest that booted a moment ago still works a little.
        client.wait(
            lambda: (
                (one := client.usage("twin", busy.uri)) is not None
                and (other := client.usage("twin", idle.uri)) is not None
                and one.cpu is not None
                and other.cpu is not None
                and one.cpu > 3 * other.cpu
            ),
            what="one burns, the other idles",
        )
        hostname = client.inventory(busy.uri).host.name
        assert client.wait(lambda: client.inventory(idle.uri).host.name == f"{hostname}-2")
        for uri in (busy.uri, idle.uri):
            assert client.wait(partial(cpu_of, client, uri)), "both are this machine"


def test_who_burns_off_screen_rises_within_three_ticks(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("crowd")
    guests.define_guest(lab, "burner", words=("burn",))
    stills = guests.define_stills(lab, 29)
    guests.wait_booted(lab, "burner")
    with listening(lab.uri) as client:
        client.listed()
        client.look_at(*stills[:10])
        moments: set[float] = set()

        def on_top() -> bool:
            usage, others = client.usage("burner"), client.inventory().usage.values()
            if usage is None or usage.cpu is None:
                return False
            moments.add(usage.cpu_at)
            return 0 < usage.cpu == max(found.cpu or 0 for found in others)

        client.wait(on_top, what="the burner is on top")
        assert len(moments) <= 3


def test_a_remote_host_gives_the_same_figures(
    new_lab: Callable[[str], Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Away from the host, CPU comes in bulk from the monitor and the machine's own by libvirt."""
    monkeypatch.setattr(connect, "is_here", lambda _uri: False)
    lab = new_lab("remote")
    guests.define_guest(lab, "burner", words=("burn",))
    guests.define_guest(lab, "off", start=False)
    guests.wait_booted(lab, "burner")
    with listening(lab.uri) as client:
        client.listed()
        assert not client.inventory().host.local
        usage = client.wait(lambda: (u := client.usage("burner")) and (u.cpu or 0) > 0.3 and u)
        assert usage.rx is not None
        figures = client.when(
            lambda: client.inventory().host.figures, lambda f: f.cpu is not None, what="node CPU"
        )
        assert figures.memory_total and figures.memory_used and figures.load is None


def test_a_container_without_figures_disturbs_nobody(new_lab: Callable[[str], Lab]) -> None:
    """Without control-group accounting libvirt has no figures of a container, only its state."""
    lab = new_lab("lxc")
    guests.define_container(lab, "box")
    guests.define_container(lab, "bag", start=False)
    with listening(lab.lxc_uri) as client:
        client.listed()
        client.look_at("box")
        client.wait(lambda: client.is_in("box", "running"))
        assert client.inventory().host.hypervisor.startswith("LXC")
        assert client.done(client.do(Verb.START, "bag")).state is TaskState.DONE
        client.wait(lambda: client.is_in("bag", "running"))
        assert client.done(client.do(Verb.FORCE_OFF, "box")).state is TaskState.DONE
        client.wait(lambda: client.is_in("box", "shutoff"))
        assert client.phase() is ConnectionState.LIVE
