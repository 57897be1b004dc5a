"""Definitions read and written, on the in-process test driver."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libvirt
import pytest

from tests.fleet_client import RecordingClient, listening, trouble
from virttui.demo import demo_hosts
from virttui.hypervisor.commands import define
from virttui.hypervisor.queries import documents
from virttui.hypervisor.queries.registry import QUERIES
from virttui.model.commands import (
    ApplyWhen,
    Command,
    DefineArguments,
    LiveChange,
    LiveOperation,
    RenameArguments,
    Verb,
)
from virttui.model.documents import Document
from virttui.model.errors import (
    ChangedElsewhere,
    InvalidInput,
    NotFound,
    PartiallyDone,
    ReadOnly,
    Refused,
    SchemaError,
    TimedOut,
    Unsupported,
)
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import (
    DefinitionQuery,
    HostValuesQuery,
    HostValuesResult,
    Query,
    VolumesQuery,
    VolumesResult,
)
from virttui.model.tasks import TaskState
from virttui.persistence import definition_history
from virttui.settings import state_folder

DEMO = demo_hosts()[0].uri


@pytest.fixture
def client() -> Iterator[RecordingClient]:
    with listening(DEMO) as client:
        client.listed()
        client.wait(lambda: client.inventory().networks and client.inventory().pools)
        yield client


def titled(xml: str, title: str) -> str:
    bare = re.sub(r" *<title>.*</title>\n", "", xml)
    return re.sub(
        "( *<(memory|metadata|description))", f"  <title>{title}</title>\n\\1", bare, count=1
    )


def test_a_running_domain_has_two_definitions(client: RecordingClient) -> None:
    found = client.read(client.document("gitlab"))
    assert found.stored.startswith("<domain type='test'>") and not found.why_not
    assert found.live.startswith("<domain type='test' id='") and not found.transient
    off = client.read(client.document("web-04"))
    assert off.stored and not off.live


def test_what_is_transient_has_nothing_stored(client: RecordingClient) -> None:
    name = next(d.name for d in client.inventory().domains.values() if not d.persistent)
    found = client.read(client.document(name))
    assert found.transient and not found.stored and found.live


def test_every_kind_that_the_driver_has_is_read(client: RecordingClient) -> None:
    assert "<network" in client.read(client.document("default", Kind.NETWORK)).stored
    pool = client.read(client.document("default", Kind.POOL))
    assert "<pool" in pool.stored and "<capacity" not in pool.stored and "<capacity" in pool.live
    volume = client.answer(VolumesQuery(pool.document.key), VolumesResult).volumes[0].name
    seen = client.read(Document(Kind.VOLUME, pool.document.key, volume, volume))
    assert "<volume" in seen.stored and "volume" in seen.why_not
    (snapshot,) = (
        found
        for found in client.documents(Kind.DOMAIN, client.document("template-debian12").key)
        if found.kind is Kind.SNAPSHOT
    )
    assert client.read(snapshot).stored.startswith("<domainsnapshot")
    assert not client.read(snapshot).why_not


def tells_domain_capabilities(uri: str) -> bool:
    """Whether the driver has them; the test driver does in newer versions."""
    connection = libvirt.open(uri)
    try:
        return bool(connection.getDomainCapabilities())
    except libvirt.libvirtError as error:
        assert error.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT
        return False
    finally:
        connection.close()


def test_the_documents_of_a_host() -> None:
    with listening("test:///default") as client:
        client.listed()
        host = client.documents(Kind.HOST, ObjectId(client.hosts[0], ""))
        kinds = {found.kind for found in host}
        has = {Kind.INTERFACE, Kind.NODE_DEVICE, Kind.CAPABILITIES}
        if tells_domain_capabilities("test:///default"):
            has.add(Kind.DOMAIN_CAPABILITIES)
        assert kinds == has, "all it has"
        for found in host:
            definition = client.read(found)
            assert definition.stored
            assert bool(definition.why_not) is (found.kind is not Kind.INTERFACE)
        (eth1,) = (found for found in host if found.kind is Kind.INTERFACE)
        before = client.read(eth1).stored
        changed = before.replace("start mode='onboot'", "start mode='none'")
        task = client.define(eth1, changed, before)
        assert task.state is TaskState.DONE, task
        assert client.read(eth1).stored == changed != before
        assert [entry.document for entry in definition_history.versions_of_key(eth1.key)] == [eth1]
        client.define(eth1, before, changed)


def test_what_a_host_knows(client: RecordingClient) -> None:
    """The test driver tells of no domain capabilities; the names on it are known all the same."""
    of = client.document("gitlab")
    found = client.answer(HostValuesQuery(of.key, of), HostValuesResult).host_values
    assert found is not None and found.source.startswith("test driver ")
    networks = found.values["devices/interface[type=network]/source@network"]
    assert {value.name for value in networks} == {
        network.name for network in client.inventory().networks.values()
    }


def test_what_is_not_there_is_told(client: RecordingClient) -> None:
    host = client.hosts[0]
    gone = "00000000-0000-0000-0000-000000000000"
    for kind, uuid, why in (
        (Kind.DOMAIN, gone, NotFound),
        (Kind.INTERFACE, "x", NotFound),
        (Kind.SECRET, gone, Unsupported),
        (Kind.HOST, "", Refused),
    ):
        assert isinstance(client.ask_for(Document(kind, ObjectId(host, uuid), "x")).error, why)


def test_a_read_only_run_shows_and_changes_nothing() -> None:
    with listening(DEMO, read_only=True) as client:
        client.listed()
        web = client.document("web-04")
        found = client.read(web)
        assert found.stored and found.why_not == documents.READ_ONLY
        task = client.define(web, titled(found.stored, "No"), found.stored)
        assert isinstance(task.trouble, ReadOnly)
        assert client.read(web).stored == found.stored


def test_a_definition_is_replaced_and_the_old_one_kept(client: RecordingClient) -> None:
    web = client.document("web-04")
    before = client.read(web).stored
    task = client.define(web, titled(before, "Fourth"), before)
    assert (task.state, task.words) == (TaskState.DONE, "saved"), task
    assert "<title>Fourth</title>" in client.read(web).stored
    client.wait(lambda: client.the_domain("web-04").title == "Fourth")
    (entry,) = definition_history.versions_of_key(web.key)
    assert (entry.action, entry.document) == ("define", web)
    assert definition_history.text(entry) == before
    running = client.document("gitlab")
    before = client.read(running).stored
    assert client.define(running, before, before).words.endswith("takes effect at the next start")


def test_networks_and_pools_are_replaced_too(client: RecordingClient) -> None:
    for kind, name in ((Kind.NETWORK, "lab"), (Kind.POOL, "iso")):
        of = client.document(name, kind)
        before = client.read(of).stored
        task = client.define(of, before, before)
        assert task.state is TaskState.DONE, task
        assert [entry.action for entry in definition_history.versions_of_key(of.key)] == ["define"]


def test_what_changed_meanwhile_is_not_overwritten(client: RecordingClient) -> None:
    web = client.document("web-04")
    before = client.read(web).stored
    client.define(web, titled(before, "First"), before)
    second = client.define(web, titled(before, "Second"), before)
    assert isinstance(second.trouble, ChangedElsewhere)
    assert "<title>First" in client.read(web).stored
    assert len(definition_history.versions_of_key(web.key)) == 1, "nothing was replaced"


def test_the_schema_is_asked_first_and_left_out_when_told(client: RecordingClient) -> None:
    web = client.document("web-04")
    before = client.read(web).stored
    bogus = before.replace("</name>", "</name><bogus/>")
    refused = client.define(web, bogus, before)
    assert isinstance(refused.trouble, SchemaError) and "bogus" in refused.trouble.libvirt_message
    assert client.read(web).stored == before
    forced = client.define(web, bogus, before, validate=False)
    assert forced.words == "saved, without validation"
    assert client.read(web).stored == before, "libvirt drops what it does not know"


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        ("<uuid>", "<uuid>0", "the text has the UUID 0"),
        ("<name>web-04", "<name>web-99", "the text calls it web-99, it is web-04"),
        ("<domain ", "<network ", "this is a <network>; a domain is a <domain>"),
    ],
)
def test_no_second_object_is_made(client: RecordingClient, change: str, to: str, says: str) -> None:
    web = client.document("web-04")
    before = client.read(web).stored
    text = before.replace(change, to)
    if change.startswith("<domain"):
        text = text.replace("</domain>", "</network>")
    task = client.define(web, text, before)
    assert task.state is TaskState.FAILED and says in task.words
    assert client.read(web).stored == before and not definition_history.versions_of_key(web.key)


def test_a_text_that_names_no_uuid_or_is_no_xml_is_refused(client: RecordingClient) -> None:
    web = client.document("web-04")
    before = client.read(web).stored
    begin, _, rest = before.partition("<uuid>")
    nameless = client.define(web, begin + rest.partition("</uuid>")[2], before)
    assert "no UUID" in nameless.words and web.key.uuid in trouble(nameless).advice
    assert isinstance(client.define(web, "<domain", before).trouble, InvalidInput)


def test_nothing_is_written_when_the_old_one_cannot_be_kept(
    client: RecordingClient,
) -> None:
    web = client.document("web-04")
    before = client.read(web).stored
    state_folder().mkdir(parents=True)
    (state_folder() / "definitions").write_text("a file where a folder is wanted")
    task = client.define(web, titled(before, "Lost"), before)
    assert "could not be saved" in task.words
    assert client.read(web).stored == before


def test_a_deleted_domain_comes_back_from_the_history(client: RecordingClient) -> None:
    web = client.document("web-04")
    before = client.read(web).stored
    assert client.done(client.do(Verb.DELETE, "web-04")).state is TaskState.DONE
    (entry,) = definition_history.latest_versions(web.key.host)
    assert (entry.action, entry.document) == ("delete", web)
    gone = client.define(web, before, before)
    assert isinstance(gone.trouble, NotFound)
    back = client.define(entry.document, definition_history.text(entry), None)
    assert back.state is TaskState.DONE, back
    assert client.wait(lambda: client.domain("web-04")).key == web.key
    assert client.read(web).stored == before
    twice = client.define(web, before, None)
    assert isinstance(twice.trouble, ChangedElsewhere) and "exists" in twice.words


def test_a_rename_is_kept(client: RecordingClient) -> None:
    web = client.document("web-04")
    rename = Command(Verb.RENAME, client.target("web-04"), RenameArguments("web-05"))
    assert client.done(client.fleet.submit([rename])[0]).state is TaskState.DONE
    (entry,) = definition_history.versions_of_key(web.key)
    assert (entry.action, entry.document.name) == ("rename", "web-04")


def test_a_snapshot_is_described_anew_and_stays_current(client: RecordingClient) -> None:
    key = client.document("template-debian12").key
    snapshot = next(d for d in client.documents(Kind.DOMAIN, key) if d.kind is Kind.SNAPSHOT)
    before = client.read(snapshot).stored
    after = re.sub("<description>.*</description>", "<description>as shipped</description>", before)
    task = client.define(snapshot, after, before)
    assert task.state is TaskState.DONE, task
    after = client.read(snapshot).stored
    assert "as shipped" in after
    assert definition_history.versions_of_key(key)[0].document == snapshot
    other = after.replace(f"<name>{snapshot.name}<", "<name>another<", 1)
    assert "calls it another" in client.define(snapshot, other, after).words
    lost = Document(Kind.SNAPSHOT, key, "lost", "lost")
    assert "cannot be made" in client.define(lost, after, None).words


def test_steps_are_taken_now_and_each_is_told(client: RecordingClient) -> None:
    git = client.document("gitlab")
    found = client.read(git)
    title = LiveChange(LiveOperation.TITLE, "the title", value="Now")
    task = client.define(git, "", None, steps=(title,), when=ApplyWhen.LIVE)
    assert (task.state, task.words) == (TaskState.DONE, "the title is set"), task
    # The driver is in this process: its event of this must not come during what is next.
    client.wait(lambda: client.the_domain("gitlab").title == "Now")
    assert "<title>Now" in client.read(git).live
    assert client.read(git).stored == found.stored and not definition_history.versions_of_key(
        git.key
    )
    disk = LiveChange(
        LiveOperation.ATTACH, "disk vdz", "<disk type='file'><target dev='vdz'/></disk>"
    )
    both = client.define(
        git, titled(found.stored, "Then"), found.stored, steps=(title, disk), when=ApplyWhen.BOTH
    )
    assert isinstance(both.trouble, PartiallyDone)
    told = both.words.split("; ")
    assert told[:2] == ["saved", "the title is set"]
    assert told[2].startswith("disk vdz is not attached: ")
    assert "<title>Then" in client.read(git).stored


def test_nothing_changes_live_in_a_domain_that_is_off(client: RecordingClient) -> None:
    web = client.document("web-04")
    title = LiveChange(LiveOperation.TITLE, "the title", value="Now")
    off = client.define(web, "", None, steps=(title,), when=ApplyWhen.LIVE)
    assert isinstance(off.trouble, Refused) and "it is off" in off.words
    before = client.read(web).stored
    both = client.define(web, titled(before, "Then"), before, steps=(title,), when=ApplyWhen.BOTH)
    assert both.words == "saved"
    lab = client.document("lab", Kind.NETWORK)
    assert "by steps" in client.define(lab, "", None, steps=(title,)).words
    nothing = client.define(client.document("gitlab"), "", None, when=ApplyWhen.LIVE)
    assert "nothing of this" in nothing.words


def test_a_write_in_the_same_moment_is_told(
    client: RecordingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libvirt has no "only if it is still the same": its events tell of the other writer."""
    web = client.document("web-04")
    before = client.read(web).stored
    way = define._WAYS[Kind.DOMAIN]

    def beside(connection: Any, thing: Any, xml: str, flags: int) -> None:
        connection.defineXML(titled(before, "Theirs"))
        way.write(connection, thing, xml, flags)

    other = define._Way(way.root, beside, way.validate)
    monkeypatch.setitem(define._WAYS, Kind.DOMAIN, other)
    task = client.define(web, titled(before, "Ours"), before)
    assert task.state is TaskState.DONE and "another client wrote" in task.words


def test_a_write_while_the_old_one_is_kept_is_seen(
    client: RecordingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To keep a definition takes a disk's time: who writes in it is not overwritten."""
    web = client.document("web-04")
    before = client.read(web).stored
    connections: list[Any] = []
    find, keep = documents.find, definition_history.save_version

    def found(connection: Any, of: Document) -> Any:
        connections.append(connection)
        return find(connection, of)

    def slowly(of: Document, action: str, text: str) -> Path:
        connections[-1].defineXML(titled(before, "Theirs"))
        return keep(of, action, text)

    monkeypatch.setattr(define, "find", found)
    monkeypatch.setattr(definition_history, "save_version", slowly)
    task = client.define(web, titled(before, "Ours"), before)
    assert isinstance(task.trouble, ChangedElsewhere)
    assert "<title>Theirs" in client.read(web).stored


def test_what_is_transient_becomes_persistent(client: RecordingClient) -> None:
    name = next(d.name for d in client.inventory().domains.values() if not d.persistent)
    of = client.document(name)
    found = client.read(of)
    text = re.sub(" id='[0-9]+'", "", found.live, count=1)
    task = client.define(of, text, found.stored, validate=False)
    assert task.state is TaskState.DONE, task
    now = client.read(of)
    assert now.stored and not now.transient and not definition_history.versions_of_key(of.key)
    client.wait(lambda: client.the_domain(name).persistent)


def test_a_document_that_hangs_holds_nobody_up(
    client: RecordingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A domain whose lock is held: every call about it waits, and the others do not."""
    web, git = client.document("web-04"), client.document("gitlab")
    begun, release = [], threading.Event()
    find = documents.find

    def held(connection: Any, of: Document) -> Any:
        if of == web:
            begun.append(of)
            release.wait()
        return find(connection, of)

    monkeypatch.setattr(documents, "find", held)
    asked: type[Query] = DefinitionQuery
    monkeypatch.setitem(QUERIES, asked, QUERIES[asked]._replace(timeout=0.3))
    queries = [DefinitionQuery(web.key, web, serial=-n) for n in range(4)]
    client.fleet.ask(queries[0])
    client.wait(lambda: begun)
    for query in queries[1:]:
        client.fleet.ask(query)
    assert client.read(git).stored
    client.wait(lambda: len([a for a in client.results if a.query in queries]) == 4)
    assert all(isinstance(a.error, TimedOut) for a in client.results if a.error)
    assert isinstance(client.ask_for(web).error, TimedOut)
    assert len(begun) == 1, "libvirt is not asked once more"
    release.set()
    words = "it is asked again when the hanging call has returned"
    client.wait(lambda: client.ask_for(web).definition, what=words)
    assert not any("documents" in stuck for stuck in client.fleet.stuck())


def test_the_same_question_does_not_queue_up(
    client: RecordingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = client.document("web-04")
    begun, release = [], threading.Event()
    stored = documents.stored

    def counted(thing: Any, kind: Kind) -> tuple[str, bool]:
        begun.append(kind)
        release.wait(5)
        return stored(thing, kind)

    monkeypatch.setattr(documents, "stored", counted)
    queries = [DefinitionQuery(web.key, web, serial=-n) for n in range(20)]
    client.fleet.ask(queries[0])
    client.wait(lambda: begun)
    for query in queries[1:]:
        client.fleet.ask(query)
    release.set()
    client.wait(lambda: {a.query for a in client.results} >= set(queries))
    assert len(begun) == 2, "once before the others asked, and once for all of them"


def test_an_older_driver_defines_without_validation(
    client: RecordingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = client.document("web-04")
    before = client.read(web).stored
    way = define._WAYS[Kind.DOMAIN]
    # No driver of libvirt's knows this flag.
    monkeypatch.setitem(define._WAYS, Kind.DOMAIN, define._Way(way.root, way.write, 1 << 20))
    task = client.define(web, titled(before, "Old"), before)
    assert task.words == "saved; this libvirt has no validation for it"


def test_no_text_is_in_what_is_logged(client: RecordingClient) -> None:
    document = client.document("web-04")
    found = client.read(document)
    step = LiveChange(LiveOperation.UPDATE, "the screen", xml="<graphics passwd='secret'/>")
    definition = DefineArguments(document, found.stored, found.stored, steps=(step,))
    command = Command(Verb.DEFINE, client.target("web-04"), definition)
    for text in (repr(command), repr(found)):
        assert "<domain" not in text and "<graphics" not in text


def test_every_error_of_the_schema_is_invalid() -> None:
    connection = libvirt.open("test:///default")
    with pytest.raises(libvirt.libvirtError) as raised:
        connection.defineXMLFlags("<domain><bogus/></domain>", 1)
    assert raised.value.get_error_code() == libvirt.VIR_ERR_XML_INVALID_SCHEMA
    connection.close()
