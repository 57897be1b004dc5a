"""The fleet on libvirt's in-process test driver: control flow, hostile names, bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import libvirt
import pytest

from tests.fleet_client import listening
from virttui import settings
from virttui.demo import demo_hosts
from virttui.hypervisor.command_queue import CommandQueue
from virttui.model.commands import Command, DeleteDomainArguments, RenameArguments, Verb
from virttui.model.domains.usage import NO_USAGE, Counters
from virttui.model.errors import BadUri, HostLost, ReadOnly
from virttui.model.identity import Kind
from virttui.model.inventory import ConnectionState, DomainState
from virttui.model.queries import DeletePlanQuery, DeletePlanResult, VolumesQuery, VolumesResult
from virttui.model.tasks import TaskState

DEMO = demo_hosts()[0].uri

HOSTILE = {
    "markup": "[bold]bad[x]",
    "wide": "漢字" * 100,
    "dashes": "--help",
    "spaces": "two words",
    "bidi": "abc\u202edef",
}


def scene(folder: Path, *names: str) -> str:
    """A node file with a running domain for each name; returns its URI."""
    from xml.sax.saxutils import escape

    domains = "".join(
        f"<domain type='test'><name>{escape(name)}</name><memory>1024</memory>"
        "<os><type>hvm</type></os></domain>"
        for name in names
    )
    path = folder / "scene.xml"
    path.write_text(f"<node>{domains}</node>")
    return f"test://{path}"


def test_the_demo_has_every_state() -> None:
    with listening(DEMO) as client:
        domains = client.listed().domains.values()
        assert len(domains) >= 24
        states = {domain.state for domain in domains}
        assert states >= {
            DomainState.RUNNING, DomainState.PAUSED, DomainState.CRASHED, DomainState.SHUTOFF,
        }  # fmt: skip
        assert any(domain.saved for domain in domains)
        assert any(not domain.persistent for domain in domains)
        client.wait(
            lambda: len(client.inventory().networks) >= 3 and len(client.inventory().pools) >= 3
        )
        for pool in client.inventory().pools.values():
            assert client.answer(VolumesQuery(pool.key), VolumesResult).volumes
            assert 0 <= pool.available <= pool.capacity


def with_devices(folder: Path, *names: str) -> str:
    """A node file of domains with a disk and a NIC each; returns its URI.

    All connections to the default scene in a process share what other tests define there.
    """
    domains = "".join(
        f"<domain type='test'><name>{name}</name><memory>1024</memory><os><type>hvm</type></os>"
        f"<devices><disk type='file'><source file='/{name}.img'/><target dev='vda'/></disk>"
        "<interface type='network'><source network='default'/><target dev='net0'/></interface>"
        "</devices></domain>"
        for name in names
    )
    (folder / "devices.xml").write_text(f"<node>{domains}</node>")
    return f"test://{folder}/devices.xml"


def test_devices_are_sampled_before_the_second_tick(tmp_path: Path) -> None:
    """Rates come with the second tick then: ``list`` has them after one interval and no more."""
    with listening(with_devices(tmp_path, "one"), interval=600.0) as client:
        (domain,) = client.listed().domains.values()
        client.look_at()

        def counters() -> Counters:
            return client.inventory().usage.get(domain.key.uuid, NO_USAGE).counters

        client.wait(lambda: counters().rx is not None)
        assert counters().read is not None


def test_a_life_in_the_demo() -> None:
    with listening(DEMO) as client:
        client.listed()
        for verb, state in (
            (Verb.START, "running"),
            (Verb.PAUSE, "paused"),
            (Verb.RESUME, "running"),
            (Verb.REBOOT, "running"),
            (Verb.SAVE, "shutoff"),
            (Verb.REMOVE_SAVED_STATE, "shutoff"),
            (Verb.START, "running"),
            (Verb.SHUTDOWN, "shutoff"),
            (Verb.START, "running"),
            (Verb.FORCE_OFF, "shutoff"),
        ):
            task = client.done(client.do(verb, "web-04"))
            assert task.state is TaskState.DONE, task
            client.wait(partial(client.is_in, "web-04", state))
        key = client.the_domain("web-04").key
        rename = Command(Verb.RENAME, client.target("web-04"), RenameArguments("web-05"))
        assert client.done(client.fleet.submit([rename])[0]).state is TaskState.DONE
        assert client.wait(lambda: client.domain("web-05")).key == key
        taken = Command(Verb.RENAME, client.target("web-05"), RenameArguments("gitlab"))
        assert client.done(client.fleet.submit([taken])[0]).state is TaskState.FAILED


def test_deleting_asks_for_what_goes_with_it() -> None:
    with listening(DEMO) as client:
        client.listed()
        plan = client.answer(
            DeletePlanQuery(client.target("template-debian12").key), DeletePlanResult
        ).plan
        assert plan is not None and plan.snapshots == 1
        disk, cd = plan.storage
        assert disk.pool == "default" and not disk.shared
        assert cd.shared and cd.also == ("win-rds-01",)
        kept = client.done(client.do(Verb.DELETE, "template-debian12"))
        assert kept.words == "it has snapshots"
        whole = Command(
            Verb.DELETE,
            client.target("template-debian12"),
            DeleteDomainArguments(volumes=(disk.path,), with_snapshots=True),
        )
        assert client.done(client.fleet.submit([whole])[0]).words == "is deleted, with 1 volume"
        client.wait(lambda: client.domain("template-debian12") is None)
        (kept_file,) = (p for p in settings.state_folder().rglob("*.xml") if p.is_file())
        assert "<name>template-debian12</name>" in kept_file.read_text()
        assert kept_file.stat().st_mode & 0o077 == 0
        assert kept_file.parent.stat().st_mode & 0o077 == 0
        pool = client.the_pool("default")
        left = client.answer(VolumesQuery(pool.key), VolumesResult).volumes
        assert disk.path not in {volume.path for volume in left}
        running = client.done(client.do(Verb.DELETE, "gitlab"))
        assert running.words == "it runs" and client.domain("gitlab")


def test_a_disk_that_a_running_guest_holds_only_live_is_seen() -> None:
    """Redefined without the disk while it runs: the next boot does without, this one does not."""
    other = libvirt.open("test:///default")
    xml = (
        "<domain type='test'><name>{}</name><memory>1024</memory><os><type>hvm</type></os>"
        "<devices>{}</devices></domain>"
    )
    pool = other.storagePoolLookupByName("default-pool")
    volume = pool.createXML("<volume><name>v</name><capacity>1</capacity></volume>")
    # The same file by another spelling.
    path = volume.path().replace("/v", "//v")
    disk = f"<disk type='file'><source file='{path}'/><target dev='vda'/></disk>"
    holder = other.defineXML(xml.format("holder", disk))
    holder.create()
    other.defineXML(
        xml.format("holder", "").replace("<name>", f"<uuid>{holder.UUIDString()}</uuid><name>")
    )
    owner = other.defineXML(xml.format("owner", disk.replace("//v", "/v")))
    try:
        with listening("test:///default") as client:
            client.listed()
            target = client.target("owner")
            plan = client.answer(DeletePlanQuery(target.key), DeletePlanResult).plan
            assert plan is not None and plan.storage[0].also == ("holder",)
            task = client.done(
                client.fleet.submit(
                    [Command(Verb.DELETE, target, DeleteDomainArguments(volumes=(volume.path(),)))]
                )[0]
            )
            assert "is used by holder" in task.words
            assert pool.storageVolLookupByName("v")
    finally:
        holder.destroy()
        holder.undefine()
        owner.undefine()
        volume.delete(0)
        other.close()


def lacks(row: Callable[[str], object], name: str) -> bool:
    return row(name) is None


def test_networks_and_pools_are_deleted_only_when_off() -> None:
    with listening(DEMO) as client:
        client.listed()
        client.wait(lambda: client.network("lab") and client.pool("iso"))
        for kind, name, row in (
            (Kind.NETWORK, "lab", client.network),
            (Kind.POOL, "iso", client.pool),
        ):
            refused = client.done(client.do(Verb.DELETE, name, kind))
            assert refused.words == "it is active"
            assert client.done(client.do(Verb.STOP, name, kind)).state is TaskState.DONE
            assert client.done(client.do(Verb.DELETE, name, kind)).state is TaskState.DONE
            client.wait(partial(lacks, row, name))
        kept = [path.name for path in settings.state_folder().rglob("*.xml") if path.is_file()]
        assert len(kept) == 2


def test_a_fault_in_one_host_does_not_end_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening("test:///default") as client:
        client.listed()
        at = client.inventory().at
        monkeypatch.setattr(CommandQueue, "tick", lambda *_: 1 / 0)
        client.do(Verb.PAUSE, "test")
        monkeypatch.undo()
        client.wait(lambda: client.inventory().at > at + 1.5, what="the fleet goes on")
        client.done(client.do(Verb.RESUME, "test"))


def test_nothing_is_deleted_when_its_definition_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "full").write_text("a file where a folder is wanted")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "full"))
    with listening(DEMO) as client:
        client.listed()
        task = client.done(client.do(Verb.DELETE, "web-04"))
        assert "could not be saved" in task.words and "nothing was changed" in task.words
        assert client.domain("web-04")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_are_data(tmp_path: Path, name: str) -> None:
    with listening(scene(tmp_path, name, "plain")) as client:
        client.listed()
        assert client.done(client.do(Verb.PAUSE, name)).state is TaskState.DONE
        client.wait(lambda: client.is_in(name, "paused"))
        assert client.is_in("plain", "running")


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("foo:///bar", BadUri),
        ("qemu+unix:///system?socket=/nonexistent", HostLost),
        ("test:///nonexistent.xml", Exception),
        ("not a uri at all", BadUri),
        ("://", BadUri),
        ("nonsense://[", BadUri),
        ("qemu+ssh://[/system", Exception),
    ],
)
def test_a_bad_host_says_why_and_disturbs_nobody(uri: str, kind: type[Exception]) -> None:
    with listening(uri, "test:///default") as client:
        client.listed("test:///default")
        client.wait(lambda: client.phase(uri) in (ConnectionState.LOST, ConnectionState.DENIED))
        trouble = client.inventory(uri).host.trouble
        assert isinstance(trouble, kind) and trouble is not None and trouble.message


def test_read_only_refuses_in_the_backend() -> None:
    with listening(DEMO, read_only=True) as client:
        client.listed()
        task = client.done(client.do(Verb.FORCE_OFF, "gitlab"))
        assert isinstance(task.trouble, ReadOnly)
        assert client.is_in("gitlab", "running")


def test_rows_keep_their_identity_while_nothing_changes() -> None:
    with listening(DEMO, interval=0.2) as client:
        before = client.listed()
        client.wait(lambda: client.inventory().networks and client.inventory().pools)
        before = client.inventory()
        client.wait(lambda: client.inventory().at > before.at + 0.6)
        after = client.inventory()
        assert all(after.domains[uuid] is domain for uuid, domain in before.domains.items())
        assert all(after.networks[uuid] is network for uuid, network in before.networks.items())


def test_a_trail_is_told_of_the_selected_one(tmp_path: Path) -> None:
    with listening(scene(tmp_path, "one", "two"), interval=0.2) as client:
        client.listed()
        client.look_at("one")
        key = client.the_domain("one").key
        trail = client.wait(lambda: (t := client.inventory().trail) and len(t.at) > 3 and t)
        assert trail.key == key


def test_a_network_without_an_address_does_not_crash_the_driver(tmp_path: Path) -> None:
    """libvirt 9.0's test driver reads through a null pointer when it is asked for such leases."""
    (tmp_path / "bare.xml").write_text(
        "<node><domain type='test'><name>one</name><memory>1024</memory><os><type>hvm</type></os>"
        "<devices><interface type='network'><mac address='52:54:00:00:00:01'/>"
        "<source network='bare'/></interface></devices></domain>"
        "<network><name>bare</name><bridge name='virbr0'/></network></node>"
    )
    with listening(f"test://{tmp_path}/bare.xml", interval=0.2) as client:
        client.listed()
        client.look_at("one")
        asked = client.inventory().at
        client.wait(lambda: client.inventory().at > asked + 2.5, what="addresses had their turn")
        assert client.the_domain("one").addresses == ()


def test_another_client_changes_things_as_fast_as_it_can() -> None:
    """Domains vanish between list and read; at the end the rows are right and nothing broke."""
    other = libvirt.open("test:///default")
    xml = (
        "<domain type='test'><name>{}</name><memory>1024</memory><os><type>hvm</type></os></domain>"
    )
    with listening("test:///default", interval=0.2) as client:
        client.listed()
        for round_ in range(60):
            made = [other.defineXML(xml.format(f"{round_}-{number}")) for number in range(5)]
            for domain in made:
                domain.create()
            for domain in made:
                domain.destroy()
                domain.undefine()
        kept = other.defineXML(xml.format("kept"))
        try:
            names = {domain.name() for domain in other.listAllDomains()}
            client.wait(lambda: {d.name for d in client.inventory().domains.values()} == names)
            assert client.phase() is ConnectionState.LIVE
        finally:
            kept.undefine()
            other.close()


def test_a_storm_is_coalesced_and_right_at_the_end() -> None:
    with listening(DEMO) as client:
        client.listed()
        names = [
            d.name for d in client.inventory().domains.values() if d.state is DomainState.RUNNING
        ]
        before = client.told
        pauses = [client.do(Verb.PAUSE, name) for name in names]
        for task in pauses:
            client.done(task)
        client.wait(lambda: all(client.is_in(name, "paused") for name in names))
        # Three events a pause, each of them a reason to look: one picture serves many.
        assert client.told - before < 2 * len(names)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "virttui", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "XDG_CONFIG_HOME": "/nonexistent"},
    )


def test_list_json_has_the_contracts_fields() -> None:
    done = run("list", "-c", "test:///default", "--json")
    assert done.returncode == 0 and not done.stderr
    (row,) = json.loads(done.stdout)
    assert row["name"] == "test" and row["state"] == "running" and row["id"] == 1
    assert row["uri"] == "test:///default" and row["host"]
    assert set(row) >= {
        "host", "uri", "name", "uuid", "id", "state", "reason", "saved", "persistent", "autostart",
        "vcpus", "memory_bytes", "memory_used_bytes", "cpu_percent", "disk_read_bps",
        "disk_write_bps", "net_rx_bps", "net_tx_bps", "addresses",
    }  # fmt: skip
    assert isinstance(row["cpu_percent"], float) and isinstance(row["net_rx_bps"], int)


def test_list_prints_the_others_when_one_host_is_dead() -> None:
    dead = "qemu+unix:///system?socket=/nonexistent"
    done = run("list", "-c", dead, "-c", "test:///default", "--json")
    assert done.returncode == 1
    assert [row["name"] for row in json.loads(done.stdout)] == ["test"]
    assert len(done.stderr.splitlines()) == 1 and dead in done.stderr


def test_an_off_domain_has_null_and_not_zero() -> None:
    rows = {row["name"]: row for row in json.loads(run("list", "-c", DEMO, "--json").stdout)}
    off = rows["archive-2019"]
    assert off["cpu_percent"] is None and off["id"] is None and off["saved"] is True


def test_doctor_names_the_fix() -> None:
    done = run("doctor", "-c", "qemu+unix:///system?socket=/nonexistent", "-c", "test:///default")
    assert done.returncode == 1
    assert "/nonexistent is not there" in done.stdout and "fix" in done.stdout
    assert "test driver" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--interval", "x"), "--interval needs seconds"),
        (("--config", "/nonexistent.toml"), "does not exist"),
        (("--nonsense",), "unrecognized arguments"),
        (("--log", "/nonexistent/log"), "cannot be written"),
    ],
)
def test_bad_arguments_end_with_two_and_a_sentence(arguments: tuple[str, ...], says: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2 and says in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_terminal_the_screen_says_so() -> None:
    done = run("-c", "test:///default")
    assert done.returncode == 1 and "needs a terminal" in done.stderr
