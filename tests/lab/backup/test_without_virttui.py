"""The lines of the documentation bring a backup back with ``qemu-img`` and ``virsh`` alone."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import listening
from tests.lab import guests
from tests.lab.daemon import Lab

from .small_guests import MIB, DiskContent, back_up, content, define_small
from .test_backup import manifests, ok
from .test_restore import virttui

pytestmark = pytest.mark.lab

GUIDE = Path(__file__).parents[3] / "docs" / "backup.md"


def lines() -> list[str]:
    """The lines of the section, one command each."""
    section = GUIDE.read_text().partition("## Back without VirtTUI")[2].partition("\n## ")[0]
    found = re.search(r"^```\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1].splitlines()


def test_a_chain_that_was_copied_elsewhere_comes_back_by_hand() -> None:
    skip_without_root()
    with Lab(f"by-hand-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        lab.virsh("pool-start", "spare")
        define_small(lab, "web-03", raw=False)
        disks = DiskContent(lab, "web-03")
        with listening(lab.uri) as client:
            client.listed()
            client.wait(lambda: client.has_active_pool("spare"))
            disks.write(1, 0, MIB)
            ok(back_up(client, "web-03", "spare"))
            disks.write(2, 3 * MIB, 2 * MIB)
            assert "incremental" in ok(back_up(client, "web-03", "spare"))
        images, spare = guests.pool_folder(lab), lab.folder / "lib" / "spare"
        id = manifests(spare, "web-03")[-1]["id"]
        # Somewhere else altogether: the files of a chain find each other by their names.
        vault = lab.folder / "lib" / "copied"
        shutil.copytree(spare, vault)
        shutil.rmtree(spare)
        for line in lines():
            command = line.replace("20261129T010000Z", id)
            # virsh of the lab speaks to the daemon of the lab.
            lab.inside("sh", "-c", f"cd /var/lib/libvirt/copied && {command}")
        assert content(images / "web-03-back.qcow2") == disks.sha256()
        lab.virsh("start", "web-03-back")
        assert "web-03-back" in lab.virsh("list", "--name").split()

        # The same with VirtTUI on a host that never knew the domain: the files are enough.
        lab.virsh("destroy web-03; undefine web-03 --checkpoints-metadata")
        lab.virsh("pool-create-as", "copied", "dir", "--target", "/var/lib/libvirt/copied")
        options = ("--from", "copied", "--pool", "default", "--as", "again")
        done = virttui(lab, "restore", "web-03", *options)
        assert done.returncode == 0, done
        assert content(images / f"again-{id}-vda.qcow2") == disks.sha256()
