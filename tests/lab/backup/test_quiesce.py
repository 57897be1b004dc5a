"""A guest whose agent holds its writes is whole in its backup, and goes on writing."""

from __future__ import annotations

import os

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import listening
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.processes import run

from .small_guests import back_up
from .test_backup import manifests, ok

pytestmark = pytest.mark.lab


def test_a_file_system_that_is_written_to_is_whole_in_its_backup() -> None:
    skip_without_root()
    with Lab(f"quiesce-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        lab.virsh("pool-start", "spare")
        guests.define_guest(lab, "web", words=("write",))
        guests.wait_booted(lab, "web")
        with listening(lab.uri) as client:
            client.listed()
            client.wait(lambda: client.has_active_pool("spare"))
            client.wait(lambda: (found := client.domain("web")) and found.agent, what="its agent")
            words = ok(back_up(client, "web", "spare"))
            assert "quiesced" in words and "writes were held" in words
        spare = lab.folder / "lib" / "spare"
        (manifest,) = manifests(spare, "web")
        assert manifest["consistency"] == "quiesced" and 0 < manifest["frozen_seconds"] < 30
        raw = spare / "content"
        run(
            "qemu-img",
            "convert",
            "-O",
            "raw",
            str(spare / manifest["disks"][0]["volume"]),
            str(raw),
        )
        # A file system that was not held has a journal that is to be played first.
        assert "needs_recovery" not in run("dumpe2fs", "-h", str(raw))
        run("e2fsck", "-f", "-n", str(raw))
        status = lab.virsh("qemu-agent-command", "web", '{"execute": "guest-fsfreeze-status"}')
        assert "thawed" in status
