"""A new domain of an external snapshot's moment; the source runs on, untouched."""

from __future__ import annotations

import itertools

import pytest

from tests.fleet_client import RecordingClient
from tests.lab import clones
from virttui.model.queries import CloneSourceQuery, CloneSourceResult

from .conftest import Make
from .deletions import delete, planned
from .disks import DiskGuest

pytestmark = pytest.mark.lab

SERIALS = itertools.count(70_000)


def listed(client: RecordingClient, guest: DiskGuest) -> None:
    guest.lab.virsh("pool-refresh", "default")
    client.wait(lambda: client.domain(guest.name), what=f"{guest.name} is listed")


def disk_of(guest: DiskGuest, name: str) -> str:
    """The name of a clone's disk file."""
    return guest.lab.virsh("domblklist", name).split()[1].rpartition("/")[2]


def test_full_and_linked_of_a_domain_that_runs(client: RecordingClient, make: Make) -> None:
    guest = make(chain=3)
    guest.write(3, 4)
    listed(client, guest)
    before, content = guest.files(), guest.content()
    definition = guest.lab.virsh("dumpxml", "--inactive", guest.name)
    for number, how in ((1, "full to default"), (2, "full to default"), (2, "base to default")):
        clone = f"{guest.name}-{'copy' if how[0] == 'f' else 'linked'}{number}"
        made = clones.plan(client, guest.name, clone, f"s{number}", disk_vda=how)
        assert f"{clone} is created from s{number} of {guest.name}." == made.preview.meaning
        assert any("boots as after a power cut" in note for note in made.preview.notes)
        clones.assert_done(clones.run_clones(client, made))
        held = guest.content(disk_of(guest, clone), 4)
        assert held == [one if one <= number else 0 for one in (1, 2, 3, 4)], how
        assert disk_of(guest, clone).endswith(".qcow2")
    assert guest.running and guest.content() == content and before <= guest.files()
    assert guest.lab.virsh("dumpxml", "--inactive", guest.name) == definition
    # The file that the linked one lies on is nobody's to change now.
    assert "is used by" in planned(client, guest, "s2").refusal
    assert "is used by" in planned(client, guest, "s1").refusal
    assert not planned(client, guest, "s3").refusal
    for name in ("copy1", "copy2", "linked2"):
        guest.lab.virsh("undefine", f"{guest.name}-{name}", "--storage", "vda")
    assert delete(client, guest, "s1", "s2", "s3").words == "deleted s3, s2 and s1"


def test_what_cannot_be_cloned_says_why(client: RecordingClient, make: Make) -> None:
    guest = make()
    guest.lab.virsh("snapshot-create-as", guest.name, "inside")
    listed(client, guest)
    query = CloneSourceQuery(client.target(guest.name).key, "inside", serial=next(SERIALS))
    answer = client.answer(query, CloneSourceResult)
    assert answer.error is not None and "lies inside the images" in answer.error.message
