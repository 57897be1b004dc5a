"""What pools could be made of: where to look, what was found, and what fields make of it."""

from __future__ import annotations

import pytest

from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.model.provision.network_pool import (
    FoundPoolSources,
    NetworkPoolContext,
    PoolSource,
    PoolSourceSearch,
)
from virttui.planning.network_pool import pool, pool_sources

UUID = "1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9"
SHARES = (PoolSource(dir="/export/vms", format="nfs"), PoolSource(dir="gv0", format="glusterfs"))


@pytest.mark.parametrize(("entered", "where"), [
    ({"type": "dir"}, None),
    ({"type": "netfs"}, None),
    ({"type": "netfs", "host": "a b"}, None),
    ({"type": "netfs", "host": "nas01"}, PoolSourceSearch("netfs", "nas01")),
    ({"type": "iscsi", "host": "san:3260"}, PoolSourceSearch("iscsi", "san:3260")),
    ({"type": "iscsi-direct", "host": "san"}, None),
    ({"type": "iscsi-direct", "host": "san", "initiator": "not one"}, None),
    ({"type": "iscsi-direct", "host": "san", "initiator": "iqn.2026-01.lab:k"},
     PoolSourceSearch("iscsi-direct", "san", "iqn.2026-01.lab:k")),
    ({"type": "gluster", "host": "g1"}, PoolSourceSearch("gluster", "g1")),
    ({"type": "logical"}, PoolSourceSearch("logical")),
    ({"type": "logical", "build": "format"}, None),
    ({"type": "rbd", "host": "mon1"}, None),
])  # fmt: skip
def test_where_is_looked(entered: dict[str, str], where: PoolSourceSearch | None) -> None:
    assert pool.source_query(entered, NetworkPoolContext(UUID)) == where


def test_libvirt_is_told_where_to_look() -> None:
    assert pool_sources.query_xml(PoolSourceSearch("logical")) == ""
    told = pool_sources.query_xml(
        PoolSourceSearch("iscsi-direct", "[fd00::1]:3260", "iqn.2026-01.lab:k")
    )
    assert " ".join(told.split()) == (
        "<source> <host name='fd00::1' port='3260'/> <initiator> "
        "<iqn name='iqn.2026-01.lab:k'/> </initiator> </source>"
    )


def test_what_libvirt_found_is_read_once_each() -> None:
    group = (
        "<source><device path='/dev/sdb'/><device path='/dev/sdc'/>"
        "<name>vg0</name><format type='lvm2'/></source>"
    )
    share = "<source><host name='nas'/><dir path='/export/vms'/><format type='nfs'/></source>"
    assert pool_sources.parse_sources(f"<sources>{group}{share}{group}<source/></sources>") == (
        PoolSource("vg0", format="lvm2", devices=("/dev/sdb", "/dev/sdc")),
        PoolSource(dir="/export/vms", format="nfs"),
        PoolSource(),
    )
    for error in ("<pool/>", "no XML"):
        with pytest.raises(InvalidInput):
            pool_sources.parse_sources(error)


def field(name: str, sought: FoundPoolSources | None, **entered: str) -> FormField:
    wanted = pool.form_fields(entered, NetworkPoolContext(UUID, source_result=sought))
    return next(one for one in wanted if one.name == name)


def test_what_was_found_is_offered_and_never_taken_by_itself() -> None:
    nfs = {"type": "netfs", "host": "nas01"}
    share = field("dir", FoundPoolSources(SHARES, done=True), **nfs)
    assert share.options == (Option("/export/vms", "nfs"), Option("gv0", "glusterfs"))
    assert share.value == "" and share.note == "2 found on nas01"
    chosen = field("format", FoundPoolSources(SHARES, done=True), dir="gv0", **nfs)
    assert chosen.value == "glusterfs", "it is mounted as it was found"
    group = FoundPoolSources((PoolSource("vg0", devices=("/dev/sdb", "/dev/sdc")),), done=True)
    assert field("source", group, type="logical").options == (Option("vg0", "/dev/sdb /dev/sdc"),)
    target = FoundPoolSources((PoolSource(devices=("iqn.2026-01.lab:vms",)),), done=True)
    assert field("iqn", target, type="iscsi", host="s").options[0].name == "iqn.2026-01.lab:vms"
    assert field(
        "source", FoundPoolSources((PoolSource("gv0", "/"),), done=True), type="gluster"
    ).options


def test_a_field_says_how_far_the_search_is() -> None:
    nfs = {"type": "netfs", "host": "nas01"}
    assert field("dir", None, **nfs).note == "on the server, as /export/vms"
    assert field("dir", FoundPoolSources(), **nfs).note == "looking on nas01"
    assert field("dir", FoundPoolSources(done=True), **nfs).note == "none found on nas01"
    assert field("dir", FoundPoolSources(error="no showmount", done=True), **nfs).note == (
        "not known: see below"
    )
