"""The page of one domain on real guests: figures that move, the agent's word, a QEMU that hangs."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from subprocess import DEVNULL, Popen

import pytest

from tests.fleet_client import listening
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.processes import wait_until
from tests.patience import PATIENCE
from virttui.model.commands import Verb
from virttui.model.inventory import ConnectionState

pytestmark = pytest.mark.lab


def ask_agent(lab: Lab, name: str, command: str, **arguments: object) -> dict[str, object]:
    """Ask a guest's agent; returns what it answered."""
    asked = json.dumps({"execute": command, "arguments": arguments})
    answer: dict[str, object] = json.loads(lab.virsh("qemu-agent-command", name, asked))["return"]
    return answer


def run_inside(lab: Lab, name: str, line: str) -> str:
    """Run a shell line in a guest and return what it printed."""
    begun = ask_agent(lab, name, "guest-exec", path="/bin/sh", arg=["-c", line],
                 **{"capture-output": True})  # fmt: skip
    ended: dict[str, object] = {}

    def over() -> bool:
        ended.update(ask_agent(lab, name, "guest-exec-status", pid=begun["pid"]))
        return bool(ended.get("exited"))

    wait_until(over, PATIENCE, f"{name} to run {line!r}", 0.1)
    said = base64.b64decode(str(ended.get("out-data", ""))).decode()
    assert ended.get("exitcode") == 0, (line, said, ended)
    return said


def test_figures_move_when_the_guest_reads_its_disk(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("reading")
    guests.define_guest(lab, "reader", words=("read",))
    guests.wait_booted(lab, "reader")
    with listening(lab.uri) as client:
        client.listed()
        client.watch_domain("reader")
        details = client.detail(
            lambda d: (u := d.disks.get("vda")) is not None and (u.read or 0) > 1e6,
            what="it reads",
        )
        vda = details.disks["vda"]
        assert vda.requests and vda.read_latency is not None and 0 < vda.read_latency < 5
        assert vda.capacity == 64 * 1024**2 and vda.allocation is not None
        assert details.process is not None and details.process.pid == lab.guest_pid("reader")
        assert (details.process.threads or 0) > 1 and details.process.rss
        assert details.vcpus[0].cpu is not None and details.vcpus[0].steal is not None
        assert details.memory is not None and details.memory.exact and details.memory.rss
        full = client.detail(lambda d: len(d.trails.get("disk vda", ())) > 4, what="a trail")
        assert full.trails["disk vda"][-1].first
        client.fleet.watch_domain(None)
        seen = client.told
        client.wait(lambda: client.told > seen + 3, what="what was under way is told")
        client.details = None
        client.wait(lambda: client.told > seen + 6, what="the rest goes on")
        assert client.details is None, "a page that is shut is told nothing"


def test_what_the_agent_tells(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        client.watch_domain("alpha")
        guest = client.detail(lambda d: d.guest is not None, what="the agent").guest
        assert guest is not None
        assert guest.hostname == "alpha" and guest.os and guest.kernel
        assert guest.users == ()
        eth0 = next(nic for nic in guest.nics or () if nic.name != "lo")
        assert any(guests.address(lab, "alpha") in one.split("/") for one in eth0.addresses)


def test_filesystems_of_the_guest(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("filesystems")
    guests.define_guest(lab, "one")
    guests.wait_booted(lab, "one")
    known = run_inside(lab, "one", "cat /proc/filesystems")
    if "ext2" not in known and "ext4" not in known:
        pytest.skip("the lab's kernel has no filesystem for a disk built in")
    run_inside(lab, "one", "mke2fs /dev/vda && mount /dev/vda /mnt")
    with listening(lab.uri) as client:
        client.listed()
        client.watch_domain("one")
        guest = client.detail(lambda d: d.guest is not None and d.guest.disks, 30).guest
        assert guest is not None and guest.disks is not None
        (disk,) = guest.disks
        assert disk.mount == "/mnt" and disk.disks == ("vda",) and 0 <= (disk.fill or 1) < 0.5


def test_its_definition_is_read_again_on_events(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("changes")
    guests.define_guest(lab, "one")
    guests.wait_booted(lab, "one")
    with listening(lab.uri) as client:
        client.listed()
        client.watch_domain("one")
        first = client.detail(lambda d: d.definition is not None)
        assert first.waiting == 0 and first.definition is not None
        assert first.definition.agent == "connected"
        lab.virsh("attach-disk", "one", f"{guests.POOL}/spare.raw", "vdb", "--live")
        client.detail(lambda d: "vdb" in d.disks, 5, "the new disk has figures")
        client.detail(lambda d: (d.waiting or 0) > 0, 5, "what lives and what is stored differ")
        lab.virsh("destroy", "one")
        off = client.detail(lambda d: d.process is None and not d.vcpus, 10, "it is off")
        assert off.definition is not None


def test_a_hung_guest_keeps_its_page_and_hurts_nobody(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("hungpage")
    victim, other = guests.define_stills(lab, 2)
    with listening(lab.uri) as client:
        client.listed()
        client.watch_domain(victim)
        before = client.detail(lambda d: d.definition is not None and len(d.vcpus) == 1)
        lab.freeze_guest(victim)
        client.wait(lambda: client.the_domain(victim).silent_at is not None, what="it is named")
        assert client.phase() is ConnectionState.LIVE and client.the_domain(other).silent_at is None
        kept = client.details
        assert kept is not None and kept.definition == before.definition
        # Its page asks nothing more, and another one opens beside it.
        client.watch_domain(other)
        client.detail(lambda d: d.at is not None and not d.hung, 10, "another page is live")
        lab.thaw_guest(victim)
        client.wait(lambda: client.the_domain(victim).silent_at is None)
        client.watch_domain(victim)
        client.detail(lambda d: d.at is not None and not d.hung, 15, "its page is live again")


def test_a_hung_guest_is_named_whoever_waits_for_it(new_lab: Callable[[str], Lab]) -> None:
    """Another client's call waits for the guest: ours do not hang then, and it has no disks."""
    lab = new_lab("hungother")
    victim, other = guests.define_stills(lab, 2)
    lab.freeze_guest(victim)
    ask = ["virsh", "-c", lab.uri, "domstats", "--vcpu", victim]
    with Popen(ask, stdout=DEVNULL, stderr=DEVNULL) as waiting:
        try:
            wait_until(lambda: _monitor_is_held(lab, victim), PATIENCE, "the monitor to be held")
            with listening(lab.uri) as client:
                client.listed()
                client.wait(lambda: client.the_domain(victim).silent_at is not None)
                assert client.the_domain(other).silent_at is None
                lab.thaw_guest(victim)
                client.wait(lambda: client.the_domain(victim).silent_at is None)
        finally:
            waiting.kill()


def _monitor_is_held(lab: Lab, name: str) -> bool:
    return "occupied" in lab.virsh("domcontrol", name)


def test_a_page_outlives_rename_deletion_and_the_daemon(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("outliving")
    guests.define_still(lab, "one", start=False)
    with listening(lab.uri) as client:
        client.listed()
        client.watch_domain("one")
        client.detail(lambda d: d.definition is not None)
        lab.virsh("domrename", "one", "uno")
        client.wait(lambda: client.domain("uno"))
        client.done(client.do(Verb.START, "uno"))
        client.detail(lambda d: len(d.vcpus) == 1, 10, "figures after the start")
        lab.kill_daemon()
        client.wait(lambda: client.phase() is ConnectionState.LOST)
        lab.start_daemon()
        client.wait(lambda: client.phase() is ConnectionState.LIVE)
        client.details = None
        client.detail(lambda d: d.at is not None, 15, "figures go on after a reconnect")
        lab.virsh("destroy", "uno")
        lab.virsh("undefine", "uno")
        client.wait(lambda: client.domain("uno") is None)
        seen = client.told
        client.fleet.refresh()
        client.wait(lambda: client.told > seen, what="the rest goes on")


def test_read_only_asks_no_agent(lab: Lab) -> None:
    with listening(lab.uri, read_only=True) as client:
        client.listed()
        client.watch_domain("alpha")
        details = client.detail(
            lambda d: d.guest_why and d.vcpus, what="why the agent is not asked"
        )
        assert details.guest is None and details.guest_why == "not asked: read-only"
        assert details.disks["vda"].reads is not None or client.detail(
            lambda d: d.disks["vda"].reads is not None
        )


def test_a_container(lab: Lab) -> None:
    guests.define_container(lab, "cave")
    with listening(lab.lxc_uri) as client:
        client.listed()
        client.watch_domain("cave")
        details = client.detail(lambda d: d.definition is not None and d.at is not None)
        assert details.definition is not None and details.definition.firmware == "init"
        assert details.fault == ""
        client.done(client.do(Verb.FORCE_OFF, "cave"))
        client.done(client.do(Verb.DELETE, "cave"))
