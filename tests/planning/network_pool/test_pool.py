"""A pool's form: the fields of each type, XML that libvirt's schema allows."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from virttui.libvirtxml.schema.validate import validate
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind
from virttui.model.provision.network_pool import (
    HostEnvironment,
    NetworkPoolContext,
    NetworkPoolPlan,
)
from virttui.planning.network_pool import pool

UUID = "1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9"
SITE = NetworkPoolContext(
    UUID, names=frozenset({"default", "pool1"}), used_folders=(("/srv/images", "default"),)
)  # fmt: skip

SOURCES = {
    "dir": ({}, ""),
    "fs": (
        {"device": "/dev/sdb1", "format": "xfs"},
        "<device path='/dev/sdb1'/> <format type='xfs'/>",
    ),
    "netfs": (
        {"host": "nas01:2049", "dir": "/export/vms"},
        "<host name='nas01' port='2049'/> <dir path='/export/vms'/> <format type='auto'/>",
    ),
    "logical": (
        {"source": "vg0", "build": "format", "devices": "/dev/sdb /dev/sdc"},
        "<device path='/dev/sdb'/> <device path='/dev/sdc'/> <name>vg0</name> "
        "<format type='lvm2'/>",
    ),
    "disk": ({"device": "/dev/sdb"}, "<device path='/dev/sdb'/> <format type='gpt'/>"),
    "iscsi": (
        {"host": "[fd00::1]:3260", "iqn": "iqn.2026-01.lab:vms"},
        "<host name='fd00::1' port='3260'/> <device path='iqn.2026-01.lab:vms'/>",
    ),
    "iscsi-direct": (
        {"host": "san", "iqn": "iqn.2026-01.lab:vms", "initiator": "iqn.2026-01.lab:kvm01"},
        "<host name='san'/> <device path='iqn.2026-01.lab:vms'/> <initiator> "
        "<iqn name='iqn.2026-01.lab:kvm01'/> </initiator>",
    ),
    "scsi": ({"adapter": "scsi_host2"}, "<adapter type='scsi_host' name='scsi_host2'/>"),
    "mpath": ({}, ""),
    "rbd": (
        {"source": "vms", "host": "mon1 mon2:6789", "user": "libvirt", "secret": UUID},
        "<name>vms</name> <host name='mon1'/> <host name='mon2' port='6789'/> "
        f"<auth type='ceph' username='libvirt'> <secret uuid='{UUID}'/> </auth>",
    ),
    "zfs": ({"source": "tank"}, "<name>tank</name>"),
    "gluster": (
        {"host": "g1", "source": "vms"},
        "<host name='g1'/> <dir path='/'/> <name>vms</name>",
    ),
}


def planned(site: NetworkPoolContext = SITE, **entered: str) -> NetworkPoolPlan:
    """What a form comes to, after it was held against the schema."""
    made = pool.plan(entered, site)
    assert validate(made.xml, Kind.POOL, None).problems == (), made.xml
    assert made.meaning
    return made


@pytest.mark.parametrize("type", SOURCES)
def test_each_type_has_its_source(type: str) -> None:
    entered, source = SOURCES[type]
    made = planned(SITE, type=type, **entered)
    inner = made.xml.partition("<source>")[2].partition("</source>")[0]
    assert " ".join(inner.split()) == source


def test_a_folder_is_made_and_the_pool_started() -> None:
    made = planned()
    assert (made.build, made.no_overwrite, made.start, made.autostart) == (True, False, True, True)
    assert (
        made.xml
        == f"""\
<pool type='dir'>
  <name>pool2</name>
  <uuid>{UUID}</uuid>
  <target>
    <path>/srv/libvirt/pool2</path>
  </target>
</pool>"""
    )


def test_nothing_is_prepared_on_a_device_unless_it_is_asked_for() -> None:
    assert not planned(type="disk", device="/dev/sdb").build
    asked = planned(type="disk", device="/dev/sdb", build="format")
    assert asked.build and asked.no_overwrite
    group = {one.name for one in pool.form_fields({"type": "logical"}, SITE)}
    assert "devices" not in group


def test_only_types_that_this_libvirt_has_are_offered() -> None:
    site = replace(SITE, host_environment=HostEnvironment(pools=("dir", "rbd", "vstorage")))
    options = next(one for one in pool.form_fields({}, site) if one.name == "type").options
    assert [one.name for one in options] == ["dir", "rbd"]
    none = replace(SITE, host_environment=HostEnvironment(pools=()))
    with pytest.raises(InvalidInput, match="type is missing"):
        pool.plan({}, none)


def test_disks_of_the_host_are_offered_and_none_is_proposed() -> None:
    disks = (Option("/dev/sda", "500 GB ACME"), Option("/dev/sdb", "2000 GB ACME"))
    site = replace(SITE, host_environment=HostEnvironment(disks=disks, adapters=("scsi_host2",)))
    device = next(one for one in pool.form_fields({"type": "disk"}, site) if one.name == "device")
    assert device.options == disks and device.value == ""
    adapter = next(one for one in pool.form_fields({"type": "scsi"}, site) if one.name == "adapter")
    assert [one.name for one in adapter.options] == ["scsi_host2"]


@pytest.mark.parametrize("type", SOURCES)
def test_a_word_about_each_field_fits_beside_it(type: str) -> None:
    for build in ("yes", "no", "format"):
        for wanted in pool.form_fields({"type": type, "build": build, "user": "x"}, SITE):
            for words in (wanted.note, *(option.note for option in wanted.options)):
                assert len(words) <= 31, words


@pytest.mark.parametrize(("entered", "words"), [
    ({"name": "default"}, "there is a pool default already"),
    ({"target": "/srv/images/"}, "/srv/images is that of the pool default"),
    ({"target": "images"}, "is not a path"),
    ({"type": "fs"}, "device is missing"),
    ({"type": "netfs", "host": "a b", "dir": "/x"}, "a b is not a server"),
    ({"type": "netfs", "host": "nas:99999", "dir": "/x"}, "is not a server"),
    ({"type": "netfs", "host": "nas", "dir": "x"}, "x is not a path"),
    ({"type": "logical", "source": "vg0", "build": "format"}, "device is missing"),
    ({"type": "rbd", "source": "v", "host": "m", "user": "u", "secret": "x"}, "not a UUID"),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_words(entered: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        pool.plan(entered, SITE)
    assert words in refused.value.message
