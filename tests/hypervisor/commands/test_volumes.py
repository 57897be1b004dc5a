"""Volumes on the in-process test driver: made, refused, deleted."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tests.fleet_client import RecordingClient, listening
from virttui.demo import demo_hosts
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import NotFound, Refused, Unsupported
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Pool, Volume
from virttui.model.queries import VolumesQuery, VolumesResult
from virttui.model.tasks import Task, TaskState
from virttui.model.volumes import NewVolume, VolumeOperation

DEMO = demo_hosts()[0].uri
MIB = 1024**2


class Shelf:
    """One pool of a host, and what is asked of its volumes."""

    def __init__(self, client: RecordingClient, name: str) -> None:
        self._client, self._serial = client, 7000
        client.listed()
        found = client.wait(lambda: client.pool(name), what="the pool")
        assert isinstance(found, Pool)
        self.pool = found

    def volumes(self) -> dict[str, Volume]:
        """The volumes as they are now."""
        self._serial += 1
        asked = VolumesQuery(self.pool.key, serial=self._serial)
        return {one.name: one for one in self._client.answer(asked, VolumesResult).volumes}

    def put(self, verb: Verb, name: str, **work: Any) -> Task:
        """Ask for a verb on a volume, and wait for its end."""
        return self._client.done(self.begin(verb, name, **work), 60)

    def begin(self, verb: Verb, name: str, despite: tuple[str, ...] = (), **work: Any) -> int:
        """Ask for a verb on a volume."""
        known = self.volumes().get(name)
        path = known.path if known is not None else f"{self.pool.key.uuid}/{name}"
        target = Target(Kind.VOLUME, ObjectId(self.pool.key.host, path), name)
        volume = VolumeOperation(self.pool.key, self.pool.name, **work)
        return self._client.fleet.submit([Command(verb, target, replace(volume, despite=despite))])[
            0
        ]


def test_a_volume_is_made_and_deleted() -> None:
    with listening(DEMO) as client:
        shelf = Shelf(client, "default")
        before = shelf.pool.volumes or 0
        made = shelf.put(Verb.CREATE, "new", new=NewVolume("new", MIB, "qcow2", 0))
        assert made.state is TaskState.DONE and made.words.startswith("created: /")
        assert shelf.volumes()["new"].capacity == MIB
        client.wait(
            lambda: (now := client.pool("default")) and now.volumes == before + 1,
            what="the pool is read again",
        )
        again = shelf.put(Verb.CREATE, "new", new=NewVolume("new", MIB, "qcow2", 0))
        assert again.state is TaskState.FAILED
        assert shelf.put(Verb.DELETE, "new").words == "is deleted"
        assert "new" not in shelf.volumes()
        assert isinstance(shelf.put(Verb.DELETE, "new").trouble, NotFound)


def test_what_is_used_is_not_deleted_and_names_its_users() -> None:
    with listening(DEMO) as client:
        shelf = Shelf(client, "default")
        paths = {
            disk.source: domain.name
            for domain in client.inventory().domains.values()
            for disk in domain.disks
        }
        used = next(one for one in shelf.volumes().values() if one.path in paths)
        task = shelf.put(Verb.DELETE, used.name)
        assert isinstance(task.trouble, Refused)
        assert f"is used by {paths[used.path]}" in task.trouble.message
        assert used.name in shelf.volumes()


def test_a_driver_that_cannot_resize_says_so() -> None:
    with listening(DEMO) as client:
        shelf = Shelf(client, "default")
        shelf.put(Verb.CREATE, "new", new=NewVolume("new", MIB, "raw", 0))
        task = shelf.put(Verb.RESIZE, "new", capacity=2 * MIB)
        assert isinstance(task.trouble, Unsupported)
        shrunk = shelf.put(Verb.RESIZE, "new", capacity=MIB // 2)
        assert isinstance(shrunk.trouble, Refused), "not without being told to"
        assert "larger" in shrunk.trouble.message


def test_a_volume_is_copied_beside_itself() -> None:
    with listening(DEMO) as client:
        shelf = Shelf(client, "default")
        name = next(iter(shelf.volumes()))
        new = NewVolume("copy", shelf.volumes()[name].capacity, "qcow2", 0)
        assert shelf.put(Verb.CLONE, name, new=new).words.startswith("copied: ")
        assert "copy" in shelf.volumes()
