"""Restores of real backups: what is restored is what was there at that moment, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import listening
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.processes import wait_until
from virttui.libvirtxml.read import domain as facts_of

from .small_guests import MIB, DiskContent, back_up, content, define_small
from .test_backup import manifests, ok

pytestmark = pytest.mark.lab

GUEST = "web"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab whose guest `web` has a full and an incremental backup in the pool `spare`."""
    skip_without_root()
    with Lab(f"restore-{os.getpid()}") as host:
        guests.furnish_lab(host)
        host.virsh("pool-start", "spare")
        define_small(host, GUEST)
        yield host


@pytest.fixture(scope="module")
def moments(lab: Lab) -> dict[str, tuple[str, str]]:
    """What was on its two disks, by the id of the backup."""
    disks = DiskContent(lab, GUEST)
    found = {}
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: client.has_active_pool("spare"))
        for pattern in (1, 2):
            disks.write(pattern, pattern * 3 * MIB, MIB)
            disks.write(pattern, MIB, 65536, disk=1)
            ok(back_up(client, GUEST, "spare"))
            newest = manifests(spare(lab), GUEST)[-1]
            found[newest["id"]] = disks.sha256(), disks.sha256(1)
        disks.write(9, 0, 15 * MIB)
    return found


def spare(lab: Lab) -> Path:
    return lab.folder / "lib" / "spare"


def virttui(lab: Lab, *arguments: str) -> subprocess.CompletedProcess[str]:
    command, *others = arguments
    return subprocess.run(
        [sys.executable, "-m", "virttui", command, "-c", lab.uri, *others],
        check=False, capture_output=True, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip


def test_each_moment_becomes_a_domain_of_its_own(
    lab: Lab, moments: dict[str, tuple[str, str]]
) -> None:
    before = lab.virsh("list", "--all", "--name").split()
    dry = virttui(lab, "restore", GUEST, "--pool", "default", "--dry-run")
    assert dry.returncode == 0 and "a new domain" in dry.stdout, dry
    assert lab.virsh("list", "--all", "--name").split() == before
    origin = facts_of(lab.virsh("dumpxml", GUEST))
    for id, (vda, vdb) in moments.items():
        name = f"back-{id[9:15]}"
        options = ("--id", id, "--pool", "default", "--as", name, "--json")
        done = virttui(lab, "restore", GUEST, *options)
        assert done.returncode == 0, done
        assert json.loads(done.stdout)["state"] == "done"
        images = guests.pool_folder(lab)
        assert content(images / f"{name}-{id}-vda.qcow2") == vda
        assert content(images / f"{name}-{id}-vdb.img", format="raw") == vdb
        xml = lab.virsh("dumpxml", name)
        restored = facts_of(xml)
        assert {one.mac for one in restored.nics}.isdisjoint(one.mac for one in origin.nics)
        assert "<link state='down'/>" in xml
        assert [one.target for one in restored.disks] == ["vda", "vdb", "hda"]
        assert lab.virsh("domstate", name).strip() == "shut off"
    lab.virsh("start", name)
    taken = virttui(lab, "restore", GUEST, "--pool", "default", "--as", name)
    assert taken.returncode == 1 and "already" in taken.stderr


def test_one_disk_becomes_a_volume(lab: Lab, moments: dict[str, tuple[str, str]]) -> None:
    id = next(iter(moments))
    done = virttui(lab, "restore", GUEST, "--id", id, "--pool", "default", "--disk", "vda")
    assert done.returncode == 0, done
    volume = guests.pool_folder(lab) / f"{GUEST}-{id}-restored-vda.qcow2"
    assert content(volume) == moments[id][0]
    wrong = virttui(lab, "restore", GUEST, "--disk", "vdz", "--dry-run")
    assert wrong.returncode == 1 and "vdz is not in the backup" in wrong.stderr


def test_a_domain_gets_its_disks_of_then_and_keeps_those_of_now(
    lab: Lab, moments: dict[str, tuple[str, str]]
) -> None:
    vda, _ = list(moments.values())[-1]
    options = ("--in-place", "--pool", "default", "--disk", "vda")
    runs = virttui(lab, "restore", GUEST, *options)
    assert runs.returncode == 1 and "runs" in runs.stdout, runs
    lab.virsh("destroy", GUEST)
    wait_until(lambda: lab.virsh("domstate", GUEST).strip() == "shut off", 60, "it is off")
    of_now = content(guests.pool_folder(lab) / f"{GUEST}.qcow2")
    done = virttui(lab, "restore", GUEST, *options)
    assert done.returncode == 0, done
    sources = {one.target: one.source for one in facts_of(lab.virsh("dumpxml", GUEST)).disks}
    restored = Path(sources["vda"]).name
    assert content(guests.pool_folder(lab) / restored) == vda
    assert sources["vdb"].endswith(f"{GUEST}.raw")
    assert content(guests.pool_folder(lab) / f"{GUEST}.qcow2") == of_now
    lab.virsh("start", GUEST)
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: client.has_active_pool("spare"))
        assert "full backup" in ok(back_up(client, GUEST, "spare")), "its bitmaps are gone"


OVMF = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")


@pytest.mark.skipif(not OVMF.exists(), reason="firmware: apt install ovmf")
def test_the_variables_of_its_firmware_come_back(lab: Lab) -> None:
    define_small(lab, "uefi", raw=False, start=False)
    firmware = (
        f"<loader readonly='yes' type='pflash'>{OVMF}</loader>"
        "<nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'/></os>"
    )
    definition = lab.virsh("dumpxml", "uefi").replace("</os>", firmware)
    lab.virsh("define", "/dev/stdin", text=definition)
    # Paused: libvirt makes the variables at the start, and no instruction is run.
    lab.virsh("start", "uefi", "--paused")
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: client.has_active_pool("spare"))
        ok(back_up(client, "uefi", "spare"))
    manifest = manifests(spare(lab), "uefi")[0]
    (saved,) = manifest["files"]
    variables = lab.folder / "lib" / "qemu" / "nvram"
    (original,) = variables.glob("uefi*")
    assert (spare(lab) / saved["volume"]).read_bytes() == original.read_bytes()
    done = virttui(lab, "restore", "uefi", "--pool", "default", "--as", "second")
    assert done.returncode == 0, done
    (restored,) = variables.glob("second*")
    assert restored.read_bytes() == original.read_bytes()
    assert restored.name in lab.virsh("dumpxml", "second")


def test_what_does_not_verify_is_not_restored(
    lab: Lab, moments: dict[str, tuple[str, str]]
) -> None:
    first, last = list(moments)
    manifest = manifests(spare(lab), GUEST)[0]
    assert manifest["id"] == first
    file = spare(lab) / manifest["disks"][0]["volume"]
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    before = sorted(one.name for one in guests.pool_folder(lab).iterdir())
    refused = virttui(lab, "restore", GUEST, "--id", last, "--pool", "default", "--as", "never")
    assert refused.returncode == 1 and "not good" in refused.stdout, refused
    assert sorted(one.name for one in guests.pool_folder(lab).iterdir()) == before
    assert "never" not in lab.virsh("list", "--all", "--name").split()
