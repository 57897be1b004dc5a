"""The files that the header of an image means by its words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virttui.libvirtxml.disks.backing_files import backing_path, named_paths
from virttui.libvirtxml.read import other_files

IMAGE = "/srv/images/top.qcow2"


@pytest.mark.parametrize(
    ("named", "path"),
    [
        ("base.qcow2", "/srv/images/base.qcow2"),
        ("../images/./base.qcow2", "/srv/images/base.qcow2"),
        ("/srv//other/base.qcow2", "/srv/other/base.qcow2"),
        ("file:/srv/base.qcow2", "/srv/base.qcow2"),
        ("file:base.qcow2", "/srv/images/base.qcow2"),
        ("host_device:/dev/vg0/base", "/dev/vg0/base"),
        ("./a:b.qcow2", "/srv/images/a:b.qcow2"),
        (
            'json:{"driver":"qcow2","file":{"driver":"file","filename":"/srv/j.qcow2"}}',
            "/srv/j.qcow2",
        ),
        ('json:{"file.filename":"j.qcow2","driver":"qcow2"}', "/srv/images/j.qcow2"),
        ('json:{"driver":"raw","file":{"driver":"host_device","filename":"/dev/sdb"}}', "/dev/sdb"),
    ],
)
def test_every_way_to_name_a_file(named: str, path: str) -> None:
    assert backing_path(named, IMAGE) == path


@pytest.mark.parametrize(
    "named",
    ["", "nbd://host/export", "rbd:pool/image", "https://h/x.qcow2", "ssh://h/x",
     'json:{"driver":"nbd","server":{"type":"unix","path":"/run/nbd.sock"}}'],
)  # fmt: skip
def test_what_is_on_a_server_is_no_file(named: str) -> None:
    assert named_paths(named, IMAGE) == ()


@pytest.mark.parametrize("named", ["json:", "json:{", "json:[1]", "json:" + "[" * 50_000])
def test_what_makes_no_sense_is_not_taken_for_nothing(named: str) -> None:
    assert named_paths(named, IMAGE) is None


@given(
    st.recursive(st.text() | st.none(), lambda one: st.dictionaries(st.text(), one) | st.lists(one))
)
def test_any_json_is_read_or_refused(told: object) -> None:
    found = named_paths(f"json:{json.dumps(told)}", IMAGE)
    assert found is None or all(one.startswith("/") for one in found)


def test_what_a_domain_names_beside_its_disks() -> None:
    xml = """<domain><os><loader readonly='yes'>/usr/share/OVMF.fd</loader>
      <kernel>/srv/vmlinuz</kernel>
      <initrd>/srv/initrd</initrd><nvram type='file'><source file='/srv/vars.fd'/></nvram></os>
      <devices><filesystem type='file'><source file='/srv/root.img'/></filesystem></devices>
    </domain>"""
    assert set(other_files(xml)) == {
        "/usr/share/OVMF.fd", "/srv/vmlinuz", "/srv/initrd", "/srv/vars.fd", "/srv/root.img",
    }  # fmt: skip
