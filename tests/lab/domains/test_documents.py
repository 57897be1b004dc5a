"""Definitions of a real libvirtd, read and written while others write too."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Callable, Iterator

import pytest
from lxml import etree

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from virttui.hypervisor.commands import live_changes
from virttui.hypervisor.queries import documents
from virttui.model.commands import ApplyWhen, LiveChange, LiveOperation, Verb
from virttui.model.documents import Document
from virttui.model.errors import (
    ChangedElsewhere,
    PartiallyDone,
    ReadOnly,
    Refused,
    SchemaError,
    TimedOut,
    Unsupported,
)
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import HostValuesQuery, HostValuesResult
from virttui.model.tasks import TaskState
from virttui.persistence import definition_history

pytestmark = pytest.mark.lab

SCREEN = "    <graphics type='vnc' port='-1' autoport='yes' passwd='hush'/>\n"
DISK = """<disk type='file' device='disk'><driver name='qemu' type='raw'/>
<source file='/var/lib/libvirt/images/spare.raw'/><target dev='vdb' bus='virtio'/></disk>"""
NIC = """<interface type='network'><mac address='52:54:00:aa:bb:cc'/>
<source network='default'/><model type='virtio'/></interface>"""
ROUNDS = 200


@pytest.fixture(scope="module")
def queue(lab: Lab) -> Iterator[tuple[Lab, RecordingClient]]:
    """The shared lab with a domain of this module, "secretive", that has a VNC password."""
    text = xml.still("secretive").replace("</devices>", f"{SCREEN}  </devices>")
    lab.virsh("define", "/dev/stdin", text=text)
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: client.domain("secretive") and client.network("isolated"))
        client.wait(lambda: client.pool("spare"))
        yield lab, client
    lab.virsh("undefine", "secretive")


def dumped(lab: Lab, name: str) -> str:
    return lab.virsh("dumpxml", "--inactive", "--security-info", name)


def titled(text: str, title: str) -> str:
    bare = re.sub(r" *<title>.*</title>\n", "", text)
    return re.sub(
        "( *<(memory|metadata|description))", f"  <title>{title}</title>\n\\1", bare, count=1
    )


def described(text: str, description: str) -> str:
    bare = re.sub(r" *<description>.*</description>\n", "", text)
    element = f"  <description>{description}</description>\n"
    return re.sub("( *<(memory|metadata)\\b)", f"{element}\\1", bare, count=1)


def device(text: str, path: str) -> str:
    """The device element at ``path``, as a live definition has it."""
    found = etree.fromstring(text).find(f"devices/{path}")
    assert found is not None, text
    return etree.tostring(found, encoding="unicode")


def test_a_password_survives(queue: tuple[Lab, RecordingClient]) -> None:
    lab, client = queue
    secretive = client.document("secretive")
    before = client.read(secretive)
    assert "passwd='hush'" in before.stored and not before.why_not
    assert client.define(secretive, before.stored, before.stored).state is TaskState.DONE
    assert dumped(lab, "secretive").strip() == before.stored.strip(), "nothing changed"
    changed = titled(before.stored, "Changed")
    assert client.define(secretive, changed, before.stored).state is TaskState.DONE
    assert "passwd='hush'" in dumped(lab, "secretive")
    assert "<title>Changed" in dumped(lab, "secretive")
    assert definition_history.text(definition_history.versions_of(secretive)[0]) == before.stored


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("<vcpu", "<bogus/><vcpu", SchemaError),
        ("machine='pc", "machine='nonsense", Refused),
        ("<name>secretive", "<name>alpha", Refused),
    ],
)
def test_a_refused_definition_leaves_the_old_one(
    queue: tuple[Lab, RecordingClient], old: str, new: str, why: type[Refused]
) -> None:
    lab, client = queue
    secretive = client.document("secretive")
    before, told = dumped(lab, "secretive"), client.read(secretive).stored
    assert old in told
    task = client.define(secretive, told.replace(old, new), told)
    assert task.state is TaskState.FAILED and isinstance(task.trouble, why), task
    assert dumped(lab, "secretive") == before


def test_what_virsh_wrote_meanwhile_is_not_overwritten(queue: tuple[Lab, RecordingClient]) -> None:
    lab, client = queue
    secretive = client.document("secretive")
    base = client.read(secretive).stored
    lab.virsh("desc", "secretive", "by virsh", "--config")
    task = client.define(secretive, titled(base, "by us"), base)
    assert isinstance(task.trouble, ChangedElsewhere)
    assert "by virsh" in dumped(lab, "secretive") and "by us" not in dumped(lab, "secretive")


def test_a_deleted_domain_comes_back_with_its_password(queue: tuple[Lab, RecordingClient]) -> None:
    _, client = queue
    secretive = client.document("secretive")
    before = client.read(secretive).stored
    assert client.done(client.do(Verb.DELETE, "secretive")).state is TaskState.DONE
    client.wait(lambda: client.domain("secretive") is None)
    entry = next(
        e for e in definition_history.latest_versions(client.hosts[0]) if e.document == secretive
    )
    assert entry.action == "delete"
    task = client.define(entry.document, definition_history.text(entry), None)
    assert task.state is TaskState.DONE, task
    assert client.read(secretive).stored == before and "passwd='hush'" in before
    client.wait(lambda: client.domain("secretive"))


def test_a_read_only_connection_shows_no_password(queue: tuple[Lab, RecordingClient]) -> None:
    lab, _ = queue
    before = dumped(lab, "secretive")
    with listening(lab.uri, read_only=True) as client:
        client.listed()
        secretive = client.document("secretive")
        found = client.read(secretive)
        assert found.why_not == documents.READ_ONLY
        assert found.stored and "hush" not in found.stored + found.live
        task = client.define(secretive, found.stored, found.stored)
        assert isinstance(task.trouble, ReadOnly)
    assert dumped(lab, "secretive") == before


def test_disks_and_nics_come_change_and_go_while_it_runs(
    queue: tuple[Lab, RecordingClient],
) -> None:
    _, client = queue
    beta = client.document("beta")
    before = client.read(beta)
    both = (
        LiveChange(LiveOperation.ATTACH, "disk vdb", DISK),
        LiveChange(LiveOperation.ATTACH, "NIC 52:54:00:aa:bb:cc", NIC),
    )
    attach = client.define(beta, "", None, steps=both, when=ApplyWhen.LIVE)
    assert attach.words == "disk vdb is attached; NIC 52:54:00:aa:bb:cc is attached", attach
    now = client.read(beta)
    assert now.stored == before.stored, "its definition is left alone"
    disk = device(now.live, "disk/target[@dev='vdb']/..")
    nic = device(now.live, "interface/mac[@address='52:54:00:aa:bb:cc']/..")
    down = nic.replace("</interface>", "<link state='down'/></interface>")
    update = client.define(
        beta,
        titled(before.stored, "Unplugged"),
        before.stored,
        steps=(
            LiveChange(LiveOperation.UPDATE, "NIC 52:54:00:aa:bb:cc", down),
            LiveChange(LiveOperation.MEMORY, "memory", value=str(200 * 1024**2)),
        ),
        when=ApplyWhen.BOTH,
    )
    words = "saved; NIC 52:54:00:aa:bb:cc is changed; the guest was asked to go to 200M"
    assert update.words == words
    now = client.read(beta)
    assert "<link state='down'/>" in now.live and "<title>Unplugged" in now.stored
    client.wait(lambda: "<currentMemory unit='KiB'>204800<" in client.read(beta).live)
    changed = device(now.live, "interface/mac[@address='52:54:00:aa:bb:cc']/..")
    steps = (
        LiveChange(LiveOperation.DETACH, "disk vdb", disk),
        LiveChange(LiveOperation.DETACH, "NIC 52:54:00:aa:bb:cc", changed),
        LiveChange(LiveOperation.MEMORY, "memory", value=str(256 * 1024**2)),
    )
    detach = client.define(beta, "", None, steps=steps, when=ApplyWhen.LIVE)
    assert detach.words.startswith("disk vdb is detached; NIC 52:54:00:aa:bb:cc is detached; ")
    assert "vdb" not in client.read(beta).live and "aa:bb:cc" not in client.read(beta).live
    again = client.define(beta, "", None, steps=steps[:1], when=ApplyWhen.LIVE)
    assert isinstance(again.trouble, Refused) and "vdb" in again.words
    vcpus = LiveChange(LiveOperation.VCPUS, "the number of vCPUs", value="64")
    many = client.define(beta, "", None, steps=(vcpus,), when=ApplyWhen.LIVE)
    assert isinstance(many.trouble, Refused) and "vcpus" in many.words


def test_a_guest_that_does_not_let_go_is_told(
    new_lab: Callable[[str], Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guest that never runs an instruction acknowledges nothing."""
    monkeypatch.setattr(live_changes, "LETTING_GO", 1.0)
    lab = new_lab("keeps")
    guests.define_still(lab, "one")
    with listening(lab.uri) as client:
        client.listed()
        one = client.document("one")
        attach = LiveChange(LiveOperation.ATTACH, "disk vdb", DISK)
        plugged = client.define(one, "", None, steps=(attach,), when=ApplyWhen.LIVE)
        assert plugged.words == "disk vdb is attached"
        found = client.read(one)
        step = LiveChange(
            LiveOperation.DETACH, "disk vdb", device(found.live, "disk/target[@dev='vdb']/..")
        )
        only = client.define(one, "", None, steps=(step,), when=ApplyWhen.LIVE)
        assert isinstance(only.trouble, TimedOut)
        assert only.words == "the guest has not let go of disk vdb" and only.trouble.advice
        both = client.define(
            one, titled(found.stored, "x"), found.stored, steps=(step,), when=ApplyWhen.BOTH
        )
        assert isinstance(both.trouble, PartiallyDone)
        assert both.words.startswith("saved; disk vdb is not detached: ")
        assert "<title>x" in client.read(one).stored and "vdb" in client.read(one).live


def test_networks_pools_filters_and_secrets_are_written(queue: tuple[Lab, RecordingClient]) -> None:
    lab, client = queue
    lab.virsh("nwfilter-define", "/dev/stdin", text="<filter name='quiet' chain='root'/>")
    lab.virsh(
        "secret-define",
        "/dev/stdin",
        text="<secret><usage type='volume'><volume>/dev/x</volume></usage></secret>",
    )
    host = client.documents(Kind.HOST, ObjectId(client.hosts[0], ""))
    (nwfilter,) = (found for found in host if found.kind is Kind.NWFILTER)
    (secret,) = (found for found in host if found.kind is Kind.SECRET)
    assert (nwfilter.name, secret.name) == ("quiet", "/dev/x")
    lab.virsh("secret-set-value", secret.key.uuid, "aHVzaA==")
    rule = "<rule action='drop' direction='in' priority='500'/>"
    changes = (
        (client.document("isolated", Kind.NETWORK), "<ip ", "<domain name='lab'/><ip "),
        (client.document("spare", Kind.POOL), "/spare</path>", "/spare2</path>"),
        (nwfilter, "</filter>", f"{rule}</filter>"),
        (secret, "<usage", "<description>why</description><usage"),
    )  # fmt: skip
    for of, old, new in changes:
        before = client.read(of)
        assert not before.why_not and old in before.stored, before.stored
        written = before.stored.replace(old, new, 1)
        task = client.define(of, written, before.stored)
        waits = "; takes effect at the next start" if of.name == "isolated" else ""
        assert (task.state, task.words) == (TaskState.DONE, f"saved{waits}"), task
        after = client.read(of).stored
        assert after != before.stored
        stale = client.define(of, written, before.stored)
        assert isinstance(stale.trouble, ChangedElsewhere)
        invalid = client.define(of, after.replace("</uuid>", "</uuid><bogus/>"), after)
        assert isinstance(invalid.trouble, SchemaError), invalid
        assert before.stored in map(definition_history.text, definition_history.versions_of(of))
        back = client.define(of, before.stored, after)
        assert back.state is TaskState.DONE, back
        assert client.read(of).stored == before.stored
    assert lab.virsh("secret-get-value", secret.key.uuid).strip() == "aHVzaA==", "its value stays"
    assert client.read(client.document("isolated", Kind.NETWORK)).live
    lab.virsh("nwfilter-undefine", "quiet")
    lab.virsh("secret-undefine", secret.key.uuid)
    for of in (nwfilter, secret):
        kept = definition_history.text(definition_history.versions_of(of)[0])
        assert client.define(of, kept, None).state is TaskState.DONE
    lab.virsh("nwfilter-undefine", "quiet")
    lab.virsh("secret-undefine", secret.key.uuid)


def test_an_active_pool_is_not_changed_by_being_filled(queue: tuple[Lab, RecordingClient]) -> None:
    lab, client = queue
    pool = client.document("default", Kind.POOL)
    before = client.read(pool)
    lab.virsh("vol-create-as", "default", "more.raw", "1M")
    lab.virsh("pool-refresh", "default")
    after = client.read(pool)
    assert after.stored == before.stored and after.live != ""
    assert client.define(pool, after.stored, before.stored).state is TaskState.DONE
    assert client.read(pool).stored == before.stored
    lab.virsh("vol-delete", "more.raw", "--pool", "default")


def test_snapshots_and_saved_images_are_written(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("states")
    guests.define_guest(lab, "one", start=False)
    lab.virsh("snapshot-create-as", "one", "first")
    lab.virsh("snapshot-create-as", "one", "second")
    with listening(lab.uri) as client:
        client.listed()
        one = client.document("one")
        found = client.documents(Kind.DOMAIN, one.key)
        assert [(d.kind, d.part) for d in found] == [
            (Kind.SNAPSHOT, "first"),
            (Kind.SNAPSHOT, "second"),
            (Kind.DOMAIN_CAPABILITIES, ""),
        ]
        second, capable = found[1], found[2]
        before = client.read(second).stored
        written = described(before, "why")
        written = before.replace("</name>", "</name>\n  <description>why</description>", 1)
        task = client.define(second, written, before)
        assert task.state is TaskState.DONE, task
        assert "<description>why" in client.read(second).stored
        assert lab.virsh("snapshot-current", "one", "--name").strip() == "second"
        names = lab.virsh("snapshot-list", "one", "--name").split()
        assert names == ["first", "second"]
        told = client.read(capable).stored
        assert "<domain>qemu</domain>" in told and "q35" in told, "of its own kind of machine"
        guests.define_still(lab, "two")
        lab.virsh("managedsave", "two")
        client.wait(lambda: client.domain("two"))
        (image,) = (
            d for d in client.documents(Kind.DOMAIN, client.document("two").key)
            if d.kind is Kind.SAVED_IMAGE
        )  # fmt: skip
        before = client.read(image).stored
        written = before.replace("<on_crash>destroy", "<on_crash>preserve")
        task = client.define(image, written, before)
        assert task.state is TaskState.DONE and "no validation" in task.words, task
        assert "<on_crash>preserve" in client.read(image).stored
        assert "<on_crash>preserve" not in dumped(lab, "two"), "its image alone"
        lab.virsh("start", "two")
        assert client.ask_for(image).error is not None, "the image is gone"


def test_what_a_host_knows_of_a_domain(queue: tuple[Lab, RecordingClient]) -> None:
    _, client = queue
    of = client.document("alpha")
    found = client.answer(HostValuesQuery(of.key, of), HostValuesResult).host_values
    assert found is not None and found.source.startswith("QEMU ")
    names = {key: {value.name for value in values} for key, values in found.values.items()}
    assert "virtio" in names["devices/disk/target@bus"]
    assert "virbr0" in names["devices/interface[type=bridge]/source@bridge"]
    assert "default" in names["devices/disk[type=volume]/source@pool"]
    volumes = "devices/disk[type=volume]/source[pool=default]@volume"
    assert "spare.raw" in names[volumes] and volumes in found.exhaustive


def test_what_cannot_be_written_is_shown(queue: tuple[Lab, RecordingClient]) -> None:
    _, client = queue
    host = client.documents(Kind.HOST, ObjectId(client.hosts[0], ""))
    for kind in (Kind.NODE_DEVICE, Kind.CAPABILITIES, Kind.DOMAIN_CAPABILITIES):
        found = client.read(next(d for d in host if d.kind is kind))
        assert found.stored and found.why_not
    volume = Document(
        Kind.VOLUME, client.document("default", Kind.POOL).key, "spare.raw", "spare.raw"
    )
    assert "<volume" in client.read(volume).stored
    # Whether interfaces can be written depends on how libvirt was built.
    lo = next(d for d in host if d.kind is Kind.INTERFACE)
    before = client.read(lo).stored
    task = client.define(lo, before, before)
    assert task.state is TaskState.DONE or isinstance(task.trouble, Unsupported)


def test_a_domain_whose_lock_is_held_holds_nobody_up(new_lab: Callable[[str], Lab]) -> None:
    """Forcing off a hung QEMU holds its domain's lock, for as long as 12 seconds."""
    lab = new_lab("held")
    guests.define_still(lab, "hung")
    guests.define_still(lab, "fine", start=False)
    with listening(lab.uri) as client:
        client.listed()
        hung, fine = client.document("hung"), client.document("fine")
        lab.freeze_guest("hung")
        force = subprocess.Popen(("virsh", "-q", "-c", lab.uri, "destroy", "hung"))
        try:
            client.wait(lambda: isinstance(client.ask_for(hung).error, TimedOut))
            assert force.poll() is None, "told while it hung"
            assert client.read(fine).stored
        finally:
            force.wait(60)
        client.wait(lambda: client.ask_for(hung).definition, what="it is read again")


def test_two_editors_and_virsh_race(new_lab: Callable[[str], Lab]) -> None:
    """No edit is lost without having been shown.

    What is guaranteed: an editor writes only over what it has read, runs of one user take turns,
    and so no editor loses what another one of ours wrote. libvirt has no compare-and-swap: another
    client that writes between our last look and the end of our define, as long as libvirt takes to
    validate the text (10 ms), is overwritten, and our task says so. Each of the three owns one
    element here and writes it at the same time as the others.
    """
    lab = new_lab("editors")
    lab.virsh("define", "/dev/stdin", text=xml.still("one"))
    conflicts, told = [], []
    with listening(lab.uri) as first, listening(lab.uri) as second:
        for client in (first, second):
            client.listed()
        one = first.document("one")

        def edit(client: RecordingClient, change: Callable[[str, str], str], mark: str) -> None:
            """Read, change, define; on a conflict read again and do the same to what is there."""
            while True:
                base = client.read(one).stored
                task = client.define(one, change(base, mark), base)
                if task.state is TaskState.DONE:
                    told.extend([mark] if "another client wrote" in task.words else [])
                    return
                assert isinstance(task.trouble, ChangedElsewhere), task
                conflicts.append(mark)

        def virsh(mark: str) -> None:
            element = f"<mark by='{mark}'/>"
            lab.virsh("metadata", "one", "urn:race", "--key", "race", "--set", element, "--config")

        for number in range(ROUNDS):
            before, mark = len(told), f"round-{number}"
            key_dispatcher = [
                threading.Thread(target=edit, args=(first, titled, mark)),
                threading.Thread(target=edit, args=(second, described, mark)),
                threading.Thread(target=virsh, args=(mark,)),
            ]
            for hand in key_dispatcher:
                hand.start()
            for hand in key_dispatcher:
                hand.join()
            after = dumped(lab, "one")
            assert f"<title>{mark}<" in after and f"<description>{mark}<" in after
            assert f'by="{mark}"' in after.replace("'", '"') or len(told) > before, "lost silently"
        kept = {definition_history.text(entry) for entry in definition_history.versions_of(one)}
    assert conflicts, "they did race"
    assert len(kept) >= 2 * ROUNDS, "each replaced definition is kept"
