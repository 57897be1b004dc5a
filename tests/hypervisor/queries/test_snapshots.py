"""The snapshots of a domain, as libvirt's test driver has them."""

from __future__ import annotations

import libvirt

from tests.fleet_client import listening
from virttui.demo import demo_hosts
from virttui.hypervisor.queries.snapshots import snapshots
from virttui.hypervisor.snapshots.summaries import snapshot_summaries
from virttui.model.domains.snapshots import Snapshot
from virttui.model.errors import NotFound
from virttui.model.identity import ObjectId
from virttui.model.queries import SnapshotsQuery, SnapshotsResult

DEMO = demo_hosts()[0].uri
NAME = "web-01"
"""A domain that runs and has no snapshot; libvirt lists them in no order, and one has."""
GONE = "00000000-0000-4000-8000-000000000000"


def made(*names: str) -> tuple[libvirt.virConnect, libvirt.virDomain]:
    """A domain with snapshots, one after the other."""
    connection = libvirt.open(DEMO)  # of a file: no other connection shares its domains
    domain = connection.lookupByName(NAME)
    for name in names:
        xml = f"<domainsnapshot><name>{name}</name><description>of {name}</description>"
        domain.snapshotCreateXML(f"{xml}</domainsnapshot>", 0)
    return connection, domain


def by_name(found: tuple[Snapshot, ...]) -> dict[str, Snapshot]:
    return {one.name: one for one in found}


def test_each_has_its_parent_its_note_and_its_state() -> None:
    connection, domain = made("first", "second")
    found = by_name(snapshots(connection, domain))
    assert set(found) == {"first", "second"}
    assert (found["second"].parent, found["first"].parent) == ("first", "")
    assert (found["second"].note, found["second"].state) == ("of second", "running")
    assert found["second"].taken is not None
    assert [one.name for one in found.values() if one.current] == ["second"]


def test_the_current_one_follows_a_revert_and_a_deleted_one_is_left_out() -> None:
    connection, domain = made("first", "second", "third")
    domain.revertToSnapshot(domain.snapshotLookupByName("first", 0), 0)
    domain.snapshotLookupByName("second", 0).delete(0)
    found = by_name(snapshots(connection, domain))
    assert {name: one.parent for name, one in found.items()} == {"first": "", "third": "first"}
    assert [one.name for one in found.values() if one.current] == ["first"]


def test_without_any_there_is_none() -> None:
    connection, domain = made()
    assert snapshots(connection, domain) == ()


def test_the_query_is_answered_and_a_domain_that_is_gone_is_said() -> None:
    with listening(DEMO) as client:
        client.listed()
        key = client.the_domain(NAME).key
        assert client.answer(SnapshotsQuery(key), SnapshotsResult).snapshots == ()
        gone = client.answer(SnapshotsQuery(ObjectId(key.host, GONE)), SnapshotsResult)
        assert isinstance(gone.error, NotFound)


def test_the_figures_of_all_domains_of_a_host() -> None:
    connection, domain = made("first", "second")
    found = dict(snapshot_summaries(connection))
    own = found[domain.UUIDString()]
    assert own.count == 2 and own.newest is not None
    for other in connection.listAllDomains(0):
        assert found[other.UUIDString()].count == other.snapshotNum(0)
