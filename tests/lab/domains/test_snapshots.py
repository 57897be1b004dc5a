"""Snapshots of real guests, made by others, are told as they are."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.model.commands import Arguments, Command, Verb
from virttui.model.domains.snapshots import Snapshot, SnapshotKind
from virttui.model.queries import (
    SnapshotContextQuery,
    SnapshotContextResult,
    SnapshotsQuery,
    SnapshotsResult,
)
from virttui.model.snapshots.changes import SnapshotContext
from virttui.model.tasks import TaskState
from virttui.persistence.snapshot_screenshots import kept_screenshots
from virttui.planning.snapshots import revert
from virttui.planning.snapshots.revert import RevertChoices
from virttui.planning.snapshots.take import plan

pytestmark = pytest.mark.lab

GUEST = "web"
SERIALS = itertools.count(1)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab with one booted guest on a qcow2 disk."""
    skip_without_root()
    with Lab(f"snapshots-{os.getpid()}") as host:
        guests.furnish_lab(host)
        guests.define_guest(host, GUEST)
        guests.wait_booted(host, GUEST)
        yield host


def asked(client: RecordingClient) -> dict[str, Snapshot]:
    """The snapshots of the guest by name, asked for anew."""
    query = SnapshotsQuery(client.target(GUEST).key, serial=next(SERIALS))
    answer = client.answer(query, SnapshotsResult)
    assert answer.error is None
    return {one.name: one for one in answer.snapshots}


def context(client: RecordingClient) -> SnapshotContext:
    """What decides about its snapshots, asked for anew."""
    query = SnapshotContextQuery(client.target(GUEST).key, serial=next(SERIALS))
    found = client.answer(query, SnapshotContextResult).context
    assert found is not None
    return found


def do(client: RecordingClient, verb: Verb, arguments: Arguments) -> str:
    """Do something to the guest, and return what is said of it."""
    command = Command(verb, client.target(GUEST), arguments)
    task = client.done(client.fleet.submit([command])[0], 90)
    assert task.state is TaskState.DONE, task
    return task.words


def test_a_revert_with_memory_goes_on_and_the_clock_is_set_by_the_agent(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        wanted = plan(context(client), {"name": "warm", "kind": "internal"})
        assert wanted.screenshot
        assert "it stood still for" in do(client, Verb.SNAPSHOT, wanted)
        assert kept_screenshots(client.target(GUEST).key, ["warm"])
        now = context(client)
        choices = RevertChoices(first=False, set_clock=True)
        back = revert.plan(now, revert.snapshot_named(now, "warm"), choices, "")
        words = do(client, Verb.REVERT, back)
        assert "is back at warm" in words and "has the time of this computer" in words
        assert lab.virsh("domstate", GUEST).strip() == "running"
        lab.virsh("snapshot-delete", GUEST, "warm")


def test_internal_and_external_ones_with_and_without_memory(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        assert asked(client) == {}

        lab.virsh("snapshot-create-as", GUEST, "whole", "before the upgrade")
        whole = asked(client)["whole"]
        assert (whole.kind, whole.memory, whole.state) == (
            SnapshotKind.INTERNAL, "internal", "running",
        )  # fmt: skip
        assert whole.note == "before the upgrade" and whole.current
        assert [disk.target for disk in whole.kept_disks] == ["vda"]
        assert whole.written_after is None
        lab.virsh("snapshot-delete", GUEST, "whole")

        lab.virsh("snapshot-create-as", GUEST, "first", "--disk-only")
        lab.virsh("pool-refresh", "default")
        memory = f"file={lab.folder}/lib/images/{GUEST}.mem"
        lab.virsh("snapshot-create-as", GUEST, "second", "--memspec", memory)
        lab.virsh("pool-refresh", "default")
        found = asked(client)
        assert {name: one.parent for name, one in found.items()} == {"first": "", "second": "first"}
        assert [one.name for one in found.values() if one.current] == ["second"]
        first, second = found["first"], found["second"]
        assert first.kind is second.kind is SnapshotKind.EXTERNAL
        assert (first.memory, first.state) == ("no", "disk-snapshot")
        assert (second.memory, second.state) == ("external", "running")
        assert second.memory_file.endswith(f"{GUEST}.mem")
        (before,), (after,) = first.kept_disks, second.kept_disks
        assert before.source.endswith(f"{GUEST}.qcow2") and before.overlay.endswith(".first")
        assert after.source == before.overlay and after.overlay.endswith(".second")
        assert first.written_after is not None and first.written_after > 0

        held = do(client, Verb.SNAPSHOT, plan(context(client), {"name": "third"}))
        assert "third is taken, external; its writes were held for" in held
        assert asked(client)["third"].state == "disk-snapshot"
