"""Volumes by keys: a form for a new one, sizes that are typed, names before anything is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from tests.arguments import arguments_of
from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.commands import Verb
from virttui.model.errors import Refused
from virttui.model.identity import ObjectId
from virttui.model.inventory import Volume
from virttui.model.queries import FileUsersQuery, FileUsersResult, VolumesQuery
from virttui.model.tasks import Progress, Task, TaskState
from virttui.model.volumes import VolumeOperation
from virttui.panes.virsh_equivalent import virsh

G = 1024**3
POOL = ObjectId("kvm01", "pool-default")


async def volumes(made: RunningApp, name: str = "") -> None:
    """Open the pool ``default`` of kvm01, with the cursor on a volume."""
    made.backend.volumes = fleet.volumes()
    await made.press("3")
    assert made.view_state.view.cursor.jump(POOL, made.view_state.height)
    await made.press("enter")
    await made.wait_for(lambda: "gitlab.qcow2" in made.text("lower"), "the volumes")
    if name:
        key = next(one.key for one in made.view_state.view.listing.rows if one.volume.name == name)
        assert made.view_state.view.cursor.jump(key, made.view_state.height)
        made.console.paint()


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_a_volume_is_made_from_a_form(size: tuple[int, int]) -> None:
    async with running_app(size) as made:
        await volumes(made)
        await made.press("n")
        assert "its name is missing" in made.screen_text()
        await made.type("gitlab.qcow2")
        assert "gitlab.qcow2 is there already" in made.screen_text()
        await made.press("enter")
        assert made.backend.commands == []
        for _ in range(len("gitlab.qcow2")):
            await made.press("backspace")
        await made.type("web.qcow2")
        await made.press("tab", "tab")
        await made.type("base-debian12.qcow2")
        await made.press("tab", "enter")
        (command,) = made.backend.commands
        assert command.verb is Verb.CREATE and command.target.name == "web.qcow2"
        work = arguments_of(command, VolumeOperation)
        new = work.new
        assert new is not None
        assert (new.capacity, new.format) == (4 * G, "qcow2"), "as large as what lies under it"
        assert new.backing == "/srv/default/base-debian12.qcow2"
        assert work.pool == POOL


async def test_an_empty_pool_takes_a_first_volume() -> None:
    async with running_app() as made:
        await made.press("3")
        assert made.view_state.view.cursor.jump(POOL, made.view_state.height)
        await made.press("enter")
        await made.press("n")
        assert "new volume in default" in made.painted()


async def test_a_volume_grows_by_so_much_more() -> None:
    async with running_app((80, 24)) as made:
        await volumes(made, "gitlab.qcow2")
        await made.press("z")
        assert "gitlab runs on it and sees it grow at once" in made.screen_text()
        await made.type("20G")
        assert "it can only grow" in made.screen_text()
        await made.press("enter")
        assert made.backend.commands == []
        for _ in range(3):
            await made.press("backspace")
        await made.type("+30G")
        await made.press("enter")
        (command,) = made.backend.commands
        work = arguments_of(command, VolumeOperation)
        assert work is not None and work.capacity == 150 * G
        assert work.running_domain == "gitlab" and not work.allow_shrink


async def test_a_smaller_size_wants_the_name() -> None:
    async with running_app((80, 24)) as made:
        await volumes(made, "old-crm-2009.raw")
        await made.press("z")
        await made.type("20G")
        assert "Cuts off its last 60.0G" in made.screen_text()
        await made.press("enter")
        assert "Shrink old-crm-2009.raw on kvm01 from 80.0G to 20.0G?" in made.screen_text()
        await made.press("enter", "y")
        assert made.backend.commands == [], "neither enter nor y is enough"
        await made.press("backspace")
        await made.type("old-crm-2009.raw")
        await made.press("enter")
        (command,) = made.backend.commands
        work = arguments_of(command, VolumeOperation)
        assert work is not None
        assert work.allow_shrink and work.capacity == 20 * G


async def test_what_is_used_is_not_deleted() -> None:
    async with running_app() as made:
        await volumes(made, "gitlab.qcow2")
        await made.press("U")
        assert "gitlab.qcow2 is used by gitlab" in made.text("answer")
        await volumes(made, "base-debian12.qcow2")
        await made.press("U")
        assert "is used by 1 overlay" in made.text("answer")
        assert made.backend.commands == []


def times_asked(made: RunningApp) -> int:
    """How often the volumes of a pool were asked for."""
    return sum(isinstance(one, VolumesQuery) for one in made.backend.queries)


async def test_an_open_pool_is_read_again_when_others_changed_it() -> None:
    async with running_app() as made:
        await volumes(made, "old-crm-2009.raw")
        asked, now = times_asked(made), fleet.inventory("kvm01")
        await made.publish(now)
        assert times_asked(made) == asked, "nothing is another"
        pool = replace(now.pools[POOL.uuid], volumes=65)
        await made.publish(replace(now, pools={**now.pools, POOL.uuid: pool}))
        assert times_asked(made) == asked + 1


async def test_what_is_deleted_is_named_first_and_read_again_after() -> None:
    async with running_app() as made:
        await volumes(made, "old-crm-2009.raw")
        await made.press("U")
        await made.type("old-crm-2009.raw")
        await made.press("enter")
        (command,) = made.backend.commands
        assert command.verb is Verb.DELETE and arguments_of(
            command, VolumeOperation
        ) == VolumeOperation(POOL, "default")
        begun = Task(100, command, TaskState.RUNNING, fleet.NOW - 3, fleet.EPOCH - 3)
        await made.publish(begun)
        assert "task: delete 3s" in made.text("lower")
        await made.press("U")
        assert "delete is running on old-crm-2009.raw" in made.text("answer")
        asked = times_asked(made)
        made.backend.volumes = tuple(v for v in fleet.volumes() if "crm" not in v.name)
        await made.publish(replace(begun, state=TaskState.DONE, ended_at=fleet.NOW))
        assert times_asked(made) == asked + 1
        await made.wait_for(lambda: "old-crm" not in made.text("lower"), "it is gone")


async def test_what_is_not_known_of_its_users_is_said_before_it_is_deleted() -> None:
    async with running_app() as made:
        await volumes(made, "old-crm-2009.raw")
        words = "what is in the pool far, which is off"
        query = FileUsersQuery(ObjectId("kvm01", ""))
        await made.publish(FileUsersResult(query, unknown=(("", words),)))
        await made.wait_for(lambda: "not known" in made.text("lower"), "it is said")
        await made.press("U")
        said = " ".join(made.text("body").split())
        assert f"Not known: {words}." in said
        await made.type("old-crm-2009.raw")
        await made.press("enter")
        (command,) = made.backend.commands
        assert arguments_of(command, VolumeOperation).despite == (words,)


async def test_marked_volumes_are_deleted_together_without_those_in_use() -> None:
    async with running_app() as made:
        await volumes(made)
        await made.press("asterisk")
        await made.press("U")
        text = made.screen_text()
        assert "Delete 2 volumes of default on kvm01? 4 volumes in use stay." in text
        assert "seed-web-01.iso" in text and "gitlab.qcow2" not in text.split("Delete 2")[1]
        await made.type("2 volumes")
        await made.press("enter")
        names = {command.target.name for command in made.backend.commands}
        assert names == {"old-crm-2009.raw", "seed-web-01.iso"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, with one image."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "gitlab.qcow2").touch()
    return tmp_path


async def test_an_upload_of_what_is_not_there_stays_in_its_form(home: Path) -> None:
    async with running_app((80, 24)) as made:
        await volumes(made)
        await made.press("i")
        await made.type("~/no.qcow2")
        await made.press("enter")
        # Where the line breaks depends on the length of the path.
        await made.wait_for(lambda: "No such file" in " ".join(made.text("foot").split()))
        await made.type("~/gitlab.qcow2")
        await made.press("down")
        assert made.app.screen.query_one(Input).value == "gitlab.qcow2", "it follows the file"
        await made.type("copy.qcow2")
        await made.press("enter")
        await made.wait_for(lambda: made.backend.commands, "it is uploaded")
        assert made.app.screen is made.console


async def test_a_name_that_was_only_looked_at_follows_the_file(home: Path) -> None:
    async with running_app((80, 24)) as made:
        await volumes(made)
        await made.press("i")
        await made.type("~/u")
        await made.press("down", "end", "x", "backspace", "up", "end")
        await made.type("p.img")
        await made.press("down")
        assert made.app.screen.query_one(Input).value == "up.img"


async def test_a_download_over_a_file_stays_in_its_form(home: Path) -> None:
    async with running_app((80, 24)) as made:
        await volumes(made, "gitlab.qcow2")
        await made.press("e", "enter")
        await made.wait_for(lambda: "is there already" in made.text("foot"), "why")
        await made.type("~/nowhere/x")
        await made.press("enter")
        await made.wait_for(lambda: "there is no folder" in made.text("foot"), "why not there")
        assert not made.backend.commands


async def test_a_file_of_this_machine_is_uploaded(home: Path) -> None:
    async with running_app((80, 24)) as made:
        await volumes(made)
        await made.press("i")
        assert "the file is missing" in made.screen_text()
        await made.type("~/gitlab.qcow2")
        assert "gitlab.qcow2 is there already" in made.screen_text()
        await made.press("tab")
        for _ in range(len("gitlab.qcow2")):
            await made.press("backspace")
        await made.type("copy")
        await made.press("enter")
        await made.wait_for(lambda: made.backend.commands, "its command")
        (command,) = made.backend.commands
        assert command.verb is Verb.UPLOAD and command.target.name == "copy"
        work = arguments_of(command, VolumeOperation)
        assert work is not None and work.file == "~/gitlab.qcow2"
        assert work.files


async def test_a_download_tells_how_far_it_is_and_can_be_ended(home: Path) -> None:
    (home / "gitlab.qcow2").unlink()
    async with running_app() as made:
        await volumes(made, "gitlab.qcow2")
        await made.press("e")
        assert "gitlab runs on it" in made.screen_text()
        await made.press("enter")
        await made.wait_for(lambda: made.backend.commands, "its command")
        (command,) = made.backend.commands
        work = arguments_of(command, VolumeOperation)
        assert command.verb is Verb.DOWNLOAD and work is not None
        assert work.file == "~/gitlab.qcow2"
        far = Progress(30 * G, 120 * G, G / 2)
        task = Task(100, command, TaskState.RUNNING, fleet.NOW - 60, fleet.EPOCH - 60)
        await made.publish(replace(task, progress=far))
        assert "task: download 25%" in made.text("lower")
        await made.press("5")
        row = next(line for line in made.painted().splitlines() if "download" in line)
        assert "25%" in row and "90.0G left" in row and "3m 0s" in row
        await made.press("g")
        assert "30.0G of 120G at 537M/s, 3 min left; X ends it" in made.text("answer")
        await made.press("X")
        assert made.backend.cancelled == [100]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_volume_is_copied_to_another_pool(size: tuple[int, int]) -> None:
    async with running_app(size) as made:
        await volumes(made, "gitlab.qcow2")
        await made.press("o")
        assert "gitlab-clone.qcow2" in made.screen_text() and "gitlab runs on it" in made.painted()
        made.backend.volumes = ()
        await made.type("nvme")
        await made.press("tab", "enter")
        (command,) = made.backend.commands
        assert command.verb is Verb.CLONE and command.target.name == "gitlab.qcow2"
        work = arguments_of(command, VolumeOperation)
        assert work is not None and work.new is not None and work.target_pool_name == "nvme"
        assert (work.new.format, work.new.capacity) == ("", 120 * G)
        assert work.target_pool is not None and work.target_pool != POOL and work.pool == POOL


async def test_a_volume_is_copied_to_another_host() -> None:
    async with running_app() as made:
        await volumes(made, "web-01.qcow2")
        await made.press("o")
        await made.type("default on kvm02")
        await made.press("tab")
        shown = " ".join(made.painted().split())
        assert "streamed through this machine" in shown and "file is /srv/default/base" in shown
        assert "format" not in made.text("foot"), "it is copied as it is"
        await made.press("enter")
        (command,) = made.backend.commands
        work = arguments_of(command, VolumeOperation)
        assert (
            command.verb is Verb.COPY_TO_HOST and work is not None and work.target_pool is not None
        )
        assert work.target_pool.host == "kvm02" and work.target_pool_name == "default on kvm02"
        assert virsh(command, "A").count(" && ") == 2 and work.target_uri in virsh(command, "A")


async def test_a_wipe_wants_the_name() -> None:
    async with running_app() as made:
        await volumes(made, "gitlab.qcow2")
        await made.press("W")
        assert "gitlab.qcow2 is used by gitlab" in made.text("answer")
        await volumes(made, "old-crm-2009.raw")
        await made.press("W")
        assert "80.0G of data will be overwritten with zeros" in made.screen_text()
        await made.press("y", "enter")
        assert made.backend.commands == []
        await made.press("backspace")
        await made.type("old-crm-2009.raw")
        await made.press("enter")
        (command,) = made.backend.commands
        assert command.verb is Verb.WIPE


async def test_orphans_are_those_that_nobody_uses() -> None:
    async with running_app() as made:
        await made.press("colon")
        await made.type("orphans")
        await made.press("enter")
        assert "select a pool first" in made.text("answer")
        made.backend.volumes = fleet.volumes()
        await made.press("3")
        assert made.view_state.view.cursor.jump(POOL, made.view_state.height)
        await made.press("colon")
        await made.type("orphans")
        await made.press("enter")
        await made.wait_for(lambda: made.view_state.view.listing.rows, "the volumes")
        shown = {row.volume.name for row in made.view_state.view.listing.rows}
        assert shown == {"old-crm-2009.raw", "seed-web-01.iso"}, "a backing file is in use"


@pytest.mark.parametrize(
    ("backing", "lost"),
    [
        ("/srv/default/lost-base.qcow2", True),
        ("/srv/default//base-debian12.qcow2", False),
        ("/elsewhere/base.qcow2", False),
    ],
)
async def test_a_missing_backing_file_is_told(backing: str, lost: bool) -> None:
    async with running_app() as made:
        inventory = made.view_state.fleet_state.inventories["kvm01"]
        pool = replace(inventory.pools[POOL.uuid], path="/srv/default")
        await made.publish(replace(inventory, pools={**inventory.pools, POOL.uuid: pool}))
        await volumes(made)
        over = Volume("over.qcow2", "/srv/default/over.qcow2", "qcow2", G, G, backing)
        made.backend.volumes = (*fleet.volumes(), over)
        await made.press("ctrl+r")
        await made.wait_for(lambda: "over.qcow2" in made.text("lower"), "the volume")
        assert ("missing: lost-base.qcow2" in made.text("lower")) is lost


async def test_a_volume_that_could_not_be_made_is_back_in_its_form() -> None:
    async with running_app((80, 24)) as made:
        await volumes(made)
        await made.press("n")
        await made.type("web.qcow2")
        await made.press("enter")
        await made.press("W", "U", "D")
        await made.end(Refused("pool default has no room left"))
        assert "no room left" in made.screen_text() and "new volume" in made.painted()
        await made.press("up")
        await made.press("down")
        assert made.app.screen.query_one(Input).value == "web.qcow2"
        assert len(made.backend.commands) == 1
        await made.press("enter")
        made.backend.volumes = (*fleet.volumes(), replace(fleet.volumes()[0], name="web.qcow2",
                                path="/srv/default/web.qcow2"))  # fmt: skip
        await made.end(ago=0)
        await made.wait_for(lambda: made.app.screen is made.console, "it is there")
        assert made.view_state.view.row.volume.name == "web.qcow2", "the cursor is on it"
