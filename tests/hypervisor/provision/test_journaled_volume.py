"""A volume that is made by itself is noted until it is whole, on the in-process test driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libvirt
import pytest

from virttui.demo import demo_hosts
from virttui.hypervisor.provision.journaled_volume import noted
from virttui.hypervisor.provision.leftovers import leftovers
from virttui.model.errors import Cancelled, PartiallyDone
from virttui.model.identity import ObjectId
from virttui.model.provision.plan import CreatedResource, ResourceKind
from virttui.model.volumes import NewVolume
from virttui.persistence import provision_journal
from virttui.planning.network_pool.volume import volume_xml

HOST = ObjectId("kvm01", "")
NEW = volume_xml(NewVolume("image", 1024**2, "raw", 0))


@pytest.fixture
def connection() -> Iterator[Any]:
    with libvirt.open(demo_hosts()[0].uri) as opened:
        yield opened


@pytest.fixture
def pool(connection: Any) -> Any:
    return connection.storagePoolLookupByName("default")


def test_what_is_whole_is_noted_no_more(connection: Any, pool: Any) -> None:
    with noted(connection, HOST, pool, "image", "uploading"):
        pool.createXML(NEW, 0)
        assert provision_journal.interrupted_journals(HOST.host) == (), "it is at work"
    assert leftovers(connection, HOST.host) == ()


def test_what_is_not_whole_and_could_not_be_deleted_is_listed(connection: Any, pool: Any) -> None:
    with pytest.raises(PartiallyDone), noted(connection, HOST, pool, "image", "uploading"):
        pool.createXML(NEW, 0)
        raise PartiallyDone("image is not whole")
    (one,) = leftovers(connection, HOST.host)
    assert (one.name, one.operation) == ("image", "uploading")
    assert [piece.words for piece in one.resources] == ["image in default"]
    pool.storageVolLookupByName("image").delete(0)
    assert (
        leftovers(connection, HOST.host) == ()
        and provision_journal.interrupted_journals(HOST.host) == ()
    )


def test_what_was_taken_away_is_not_listed(connection: Any, pool: Any) -> None:
    with pytest.raises(Cancelled), noted(connection, HOST, pool, "image", "uploading"):
        raise Cancelled("cancelled")
    assert provision_journal.interrupted_journals(HOST.host) == ()


def test_a_volume_that_is_there_already_is_never_noted(connection: Any, pool: Any) -> None:
    pool.createXML(NEW, 0)
    with (
        pytest.raises(libvirt.libvirtError, match="exists"),
        noted(connection, HOST, pool, "image", "uploading"),
    ):
        pool.createXML(NEW, 0)
    with pytest.raises(PartiallyDone), noted(connection, HOST, pool, "image", "uploading"):
        raise PartiallyDone("whatever is said")
    assert leftovers(connection, HOST.host) == ()


def test_what_was_made_anew_is_no_leftover_of_before(connection: Any, pool: Any) -> None:
    before = provision_journal.Journal(ObjectId("kvm01", "a-uuid"), "web-02")
    for name in ("image", "other"):
        before.note(CreatedResource(ResourceKind.VOLUME, name, pool.UUIDString(), pool.name()))
    before.close(done=False)
    with noted(connection, HOST, pool, "image", "uploading"):
        pool.createXML(NEW, 0)
    pool.createXML(volume_xml(NewVolume("other", 1024**2, "raw", 0)), 0)
    (one,) = leftovers(connection, HOST.host)
    assert [piece.name for piece in one.resources] == ["other"]
