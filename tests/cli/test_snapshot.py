"""``virttui snapshot`` on libvirt's test driver: what is planned, taken and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from virttui.cli.snapshots.take import SnapshotRequest, take_snapshots
from virttui.demo import demo_hosts
from virttui.model.backend import HostSpec
from virttui.settings import Settings

QCOW2 = """\
<node>
  <domain type='test'><name>box</name><memory>8192</memory><os><type>hvm</type></os>
    <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
      <source file='/none/box.qcow2'/><target dev='vda' bus='virtio'/></disk></devices>
  </domain>
</node>
"""


@pytest.fixture
def hosts(tmp_path: Path) -> list[HostSpec]:
    """One host with one domain, on a qcow2 disk."""
    file = tmp_path / "node.xml"
    file.write_text(QCOW2)
    return [HostSpec("box-host", f"test://{file}")]


def test_a_dry_run_says_what_would_be_taken(
    hosts: list[HostSpec], capsys: pytest.CaptureFixture[str]
) -> None:
    request = SnapshotRequest(("box",), called="before", dry_run=True, as_json=True)
    assert take_snapshots(hosts, Settings(), request) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["domain"], told["snapshot"], told["done"]) == ("box", "before", False)
    assert told["error"] is None and told["kind"] in ("internal", "external")
    assert any("not known: no pool" in one for one in told["warnings"])


def test_what_is_no_domain_or_has_no_such_disk_is_refused(
    hosts: list[HostSpec], capsys: pytest.CaptureFixture[str]
) -> None:
    assert take_snapshots(hosts, Settings(), SnapshotRequest(("nobody",))) == 1
    assert "no domain is called nobody" in capsys.readouterr().err
    without = SnapshotRequest(("box",), without=("vdz",))
    assert take_snapshots(hosts, Settings(), without) == 1
    assert "box has no disk vdz" in capsys.readouterr().err


def test_what_cannot_be_taken_is_told_for_each_domain(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a/b"
    demo = demo_hosts()[:1]
    request = SnapshotRequest(("web-01",), called=name, dry_run=True)
    assert take_snapshots(demo, Settings(), request) == 1
    assert "web-01: " in capsys.readouterr().out
