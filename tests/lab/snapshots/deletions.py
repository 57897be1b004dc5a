"""Deletions of snapshots asked for in the lab, and what is left of them."""

from __future__ import annotations

import itertools

from tests.fleet_client import RecordingClient
from virttui.model.commands import Command, Verb
from virttui.model.domains.snapshot_deletion import DeletionPlan, DeletionWay, SnapshotDeletion
from virttui.model.identity import ObjectId
from virttui.model.provision.plan import IncompleteDomain
from virttui.model.queries import (
    IncompleteDomainsQuery,
    IncompleteDomainsResult,
    SnapshotFilesQuery,
    SnapshotFilesResult,
)
from virttui.model.tasks import Task
from virttui.planning.snapshots.delete import plan

from .disks import DiskGuest

SERIALS = itertools.count(1)


def known(client: RecordingClient, guest: DiskGuest) -> SnapshotFilesResult:
    client.wait(lambda: client.domain(guest.name), what=f"{guest.name} is listed")
    query = SnapshotFilesQuery(client.target(guest.name).key, serial=next(SERIALS))
    answer = client.answer(query, SnapshotFilesResult)
    assert answer.error is None and answer.files is not None, answer
    return answer


def planned(client: RecordingClient, guest: DiskGuest, *names: str) -> DeletionPlan:
    answer = known(client, guest)
    assert answer.files is not None
    return plan(names, answer.snapshots, answer.files)


def begin(client: RecordingClient, guest: DiskGuest, *names: str) -> int:
    """Have snapshots deleted, with all that the plan says will be lost."""
    made = planned(client, guest, *names)
    lost = [step for step in made.steps if step.way is DeletionWay.DISCARD]
    agreed = tuple(path for step in lost for path in step.remove)
    work = SnapshotDeletion(made.names or names, agreed)
    return client.fleet.submit([Command(Verb.DELETE_SNAPSHOTS, client.target(guest.name), work)])[0]


def delete(client: RecordingClient, guest: DiskGuest, *names: str) -> Task:
    return client.done(begin(client, guest, *names))


def incomplete(client: RecordingClient) -> tuple[IncompleteDomain, ...]:
    """What ``:leftovers`` lists."""
    query = IncompleteDomainsQuery(ObjectId(client.hosts[0], ""), serial=next(SERIALS))
    answer = client.answer(query, IncompleteDomainsResult)
    assert answer.error is None, answer
    return answer.incomplete
