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


async def volumes(ui: RunningApp, name: str = "") -> None:
    """Open the pool ``default`` of kvm01, with the cursor on a volume."""
    ui.backend.volumes = fleet.volumes()
    await ui.press("3")
    assert ui.view_state.view.cursor.jump(POOL, ui.view_state.height)
    await ui.press("enter")
    await ui.wait_for(lambda: "gitlab.qcow2" in ui.text("lower"), "the volumes")
    if name:
        key = next(one.key for one in ui.view_state.view.listing.rows if one.volume.name == name)
        assert ui.view_state.view.cursor.jump(key, ui.view_state.height)
        ui.console.paint()


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_a_volume_is_made_from_a_form(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        await volumes(ui)
        await ui.press("n")
        assert "its name is missing" in ui.screen_text()
        await ui.type("gitlab.qcow2")
        assert "gitlab.qcow2 is there already" in ui.screen_text()
        await ui.press("enter")
        assert ui.backend.commands == []
        for _ in range(len("gitlab.qcow2")):
            await ui.press("backspace")
        await ui.type("web.qcow2")
        await ui.press("tab", "tab")
        await ui.type("base-debian12.qcow2")
        await ui.press("tab", "enter")
        (command,) = ui.backend.commands
        assert command.verb is Verb.CREATE and command.target.name == "web.qcow2"
        work = arguments_of(command, VolumeOperation)
        new = work.new
        assert new is not None
        assert (new.capacity, new.format) == (4 * G, "qcow2"), "as large as what lies under it"
        assert new.backing == "/srv/default/base-debian12.qcow2"
        assert work.pool == POOL


async def test_an_empty_pool_takes_a_first_volume() -> None:
    async with running_app() as ui:
        await ui.press("3")
        assert ui.view_state.view.cursor.jump(POOL, ui.view_state.height)
        await ui.press("enter")
        await ui.press("n")
        assert "new volume in default" in ui.painted()


async def test_a_volume_grows_by_so_much_more() -> None:
    async with running_app((80, 24)) as ui:
        await volumes(ui, "gitlab.qcow2")
        await ui.press("z")
        assert "gitlab runs on it and sees it grow at once" in ui.screen_text()
        await ui.type("20G")
        assert "it can only grow" in ui.screen_text()
        await ui.press("enter")
        assert ui.backend.commands == []
        for _ in range(3):
            await ui.press("backspace")
        await ui.type("+30G")
        await ui.press("enter")
        (command,) = ui.backend.commands
        work = arguments_of(command, VolumeOperation)
        assert work is not None and work.capacity == 150 * G
        assert work.running_domain == "gitlab" and not work.allow_shrink


async def test_a_smaller_size_wants_the_name() -> None:
    async with running_app((80, 24)) as ui:
        await volumes(ui, "old-crm-2009.raw")
        await ui.press("z")
        await ui.type("20G")
        assert "Cuts off its last 60.0G" in ui.screen_text()
        await ui.press("enter")
        assert "Shrink old-crm-2009.raw on kvm01 from 80.0G to 20.0G?" in ui.screen_text()
        await ui.press("enter", "y")
        assert ui.backend.commands == [], "neither enter nor y is enough"
        await ui.press("backspace")
        await ui.type("old-crm-2009.raw")
        await ui.press("enter")
        (command,) = ui.backend.commands
        work = arguments_of(command, VolumeOperation)
        assert work is not None
        assert work.allow_shrink and work.capacity == 20 * G


async def test_what_is_used_is_not_deleted() -> None:
    async with running_app() as ui:
        await volumes(ui, "gitlab.qcow2")
        await ui.press("U")
        assert "gitlab.qcow2 is used by gitlab" in ui.text("answer")
        await volumes(ui, "base-debian12.qcow2")
        await ui.press("U")
        assert "is used by 1 overlay" in ui.text("answer")
        assert ui.backend.commands == []


def times_asked(ui: RunningApp) -> int:
    """How often the volumes of a pool were asked for."""
    return sum(isinstance(one, VolumesQuery) for one in ui.backend.queries)


async def test_an_open_pool_is_read_again_when_others_changed_it() -> None:
    async with running_app() as ui:
        await volumes(ui, "old-crm-2009.raw")
        asked, now = times_asked(ui), fleet.inventory("kvm01")
        await ui.publish(now)
        assert times_asked(ui) == asked, "nothing is another"
        pool = replace(now.pools[POOL.uuid], volumes=65)
        await ui.publish(replace(now, pools={**now.pools, POOL.uuid: pool}))
        assert times_asked(ui) == asked + 1


async def test_what_is_deleted_is_named_first_and_read_again_after() -> None:
    async with running_app() as ui:
        await volumes(ui, "old-crm-2009.raw")
        await ui.press("U")
        await ui.type("old-crm-2009.raw")
        await ui.press("enter")
        (command,) = ui.backend.commands
        assert command.verb is Verb.DELETE and arguments_of(
            command, VolumeOperation
        ) == VolumeOperation(POOL, "default")
        begun = Task(100, command, TaskState.RUNNING, fleet.NOW - 3, fleet.EPOCH - 3)
        await ui.publish(begun)
        assert "task: delete 3s" in ui.text("lower")
        await ui.press("U")
        assert "delete is running on old-crm-2009.raw" in ui.text("answer")
        asked = times_asked(ui)
        ui.backend.volumes = tuple(v for v in fleet.volumes() if "crm" not in v.name)
        await ui.publish(replace(begun, state=TaskState.DONE, ended_at=fleet.NOW))
        assert times_asked(ui) == asked + 1
        await ui.wait_for(lambda: "old-crm" not in ui.text("lower"), "it is gone")


async def test_what_is_not_known_of_its_users_is_said_before_it_is_deleted() -> None:
    async with running_app() as ui:
        await volumes(ui, "old-crm-2009.raw")
        words = "what is in the pool far, which is off"
        query = FileUsersQuery(ObjectId("kvm01", ""))
        await ui.publish(FileUsersResult(query, unknown=(("", words),)))
        await ui.wait_for(lambda: "not known" in ui.text("lower"), "it is said")
        await ui.press("U")
        said = " ".join(ui.text("body").split())
        assert f"Not known: {words}." in said
        await ui.type("old-crm-2009.raw")
        await ui.press("enter")
        (command,) = ui.backend.commands
        assert arguments_of(command, VolumeOperation).despite == (words,)


async def test_marked_volumes_are_deleted_together_without_those_in_use() -> None:
    async with running_app() as ui:
        await volumes(ui)
        await ui.press("asterisk")
        await ui.press("U")
        text = ui.screen_text()
        assert "Delete 2 volumes of default on kvm01? 4 volumes in use stay." in text
        assert "seed-web-01.iso" in text and "gitlab.qcow2" not in text.split("Delete 2")[1]
        await ui.type("2 volumes")
        await ui.press("enter")
        names = {command.target.name for command in ui.backend.commands}
        assert names == {"old-crm-2009.raw", "seed-web-01.iso"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, with one image."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "gitlab.qcow2").touch()
    return tmp_path


async def test_an_upload_of_what_is_not_there_stays_in_its_form(home: Path) -> None:
    async with running_app((80, 24)) as ui:
        await volumes(ui)
        await ui.press("i")
        await ui.type("~/no.qcow2")
        await ui.press("enter")
        # Where the line breaks depends on the length of the path.
        await ui.wait_for(lambda: "No such file" in " ".join(ui.text("foot").split()))
        await ui.type("~/gitlab.qcow2")
        await ui.press("down")
        assert ui.app.screen.query_one(Input).value == "gitlab.qcow2", "it follows the file"
        await ui.type("copy.qcow2")
        await ui.press("enter")
        await ui.wait_for(lambda: ui.backend.commands, "it is uploaded")
        assert ui.app.screen is ui.console


async def test_a_name_that_was_only_looked_at_follows_the_file(home: Path) -> None:
    async with running_app((80, 24)) as ui:
        await volumes(ui)
        await ui.press("i")
        await ui.type("~/u")
        await ui.press("down", "end", "x", "backspace", "up", "end")
        await ui.type("p.img")
        await ui.press("down")
        assert ui.app.screen.query_one(Input).value == "up.img"


async def test_a_download_over_a_file_stays_in_its_form(home: Path) -> None:
    async with running_app((80, 24)) as ui:
        await volumes(ui, "gitlab.qcow2")
        await ui.press("e", "enter")
        await ui.wait_for(lambda: "is there already" in ui.text("foot"), "why")
        await ui.type("~/nowhere/x")
        await ui.press("enter")
        await ui.wait_for(lambda: "there is no folder" in ui.text("foot"), "why not there")
        assert not ui.backend.commands


async def test_a_file_of_this_machine_is_uploaded(home: Path) -> None:
    async with running_app((80, 24)) as ui:
        await volumes(ui)
        await ui.press("i")
        assert "the file is missing" in ui.screen_text()
        await ui.type("~/gitlab.qcow2")
        assert "gitlab.qcow2 is there already" in ui.screen_text()
        await ui.press("tab")
        for _ in range(len("gitlab.qcow2")):
            await ui.press("backspace")
        await ui.type("copy")
        await ui.press("enter")
        await ui.wait_for(lambda: ui.backend.commands, "its command")
        (command,) = ui.backend.commands
        assert command.verb is Verb.UPLOAD and command.target.name == "copy"
        work = arguments_of(command, VolumeOperation)
        assert work is not None and work.file == "~/gitlab.qcow2"
        assert work.files


async def test_a_download_tells_how_far_it_is_and_can_be_ended(home: Path) -> None:
    (home / "gitlab.qcow2").unlink()
    async with running_app() as ui:
        await volumes(ui, "gitlab.qcow2")
        await ui.press("e")
        assert "gitlab runs on it" in ui.screen_text()
        await ui.press("enter")
        await ui.wait_for(lambda: ui.backend.commands, "its command")
        (command,) = ui.backend.commands
        work = arguments_of(command, VolumeOperation)
        assert command.verb is Verb.DOWNLOAD and work is not None
        assert work.file == "~/gitlab.qcow2"
        far = Progress(30 * G, 120 * G, G / 2)
        task = Task(100, command, TaskState.RUNNING, fleet.NOW - 60, fleet.EPOCH - 60)
        await ui.publish(replace(task, progress=far))
        assert "task: download 25%" in ui.text("lower")
        await ui.press("5")
        row = next(line for line in ui.painted().splitlines() if "download" in line)
        assert "25%" in row and "90.0G left" in row and "3m 0s" in row
        await ui.press("g")
        assert "30.0G of 120G at 537M/s, 3 min left; X ends it" in ui.text("answer")
        await ui.press("X")
        assert ui.backend.cancelled == [100]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_volume_is_copied_to_another_pool(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        await volumes(ui, "gitlab.qcow2")
        await ui.press("o")
        assert "gitlab-clone.qcow2" in ui.screen_text() and "gitlab runs on it" in ui.painted()
        ui.backend.volumes = ()
        await ui.type("nvme")
        await ui.press("tab", "enter")
        (command,) = ui.backend.commands
        assert command.verb is Verb.CLONE and command.target.name == "gitlab.qcow2"
        work = arguments_of(command, VolumeOperation)
        assert work is not None and work.new is not None and work.target_pool_name == "nvme"
        assert (work.new.format, work.new.capacity) == ("", 120 * G)
        assert work.target_pool is not None and work.target_pool != POOL and work.pool == POOL


async def test_a_volume_is_copied_to_another_host() -> None:
    async with running_app() as ui:
        await volumes(ui, "web-01.qcow2")
        await ui.press("o")
        await ui.type("default on kvm02")
        await ui.press("tab")
        shown = " ".join(ui.painted().split())
        assert "streamed through this machine" in shown and "file is /srv/default/base" in shown
        assert "format" not in ui.text("foot"), "it is copied as it is"
        await ui.press("enter")
        (command,) = ui.backend.commands
        work = arguments_of(command, VolumeOperation)
        assert (
            command.verb is Verb.COPY_TO_HOST and work is not None and work.target_pool is not None
        )
        assert work.target_pool.host == "kvm02" and work.target_pool_name == "default on kvm02"
        assert virsh(command, "A").count(" && ") == 2 and work.target_uri in virsh(command, "A")


async def test_a_wipe_wants_the_name() -> None:
    async with running_app() as ui:
        await volumes(ui, "gitlab.qcow2")
        await ui.press("W")
        assert "gitlab.qcow2 is used by gitlab" in ui.text("answer")
        await volumes(ui, "old-crm-2009.raw")
        await ui.press("W")
        assert "80.0G of data will be overwritten with zeros" in ui.screen_text()
        await ui.press("y", "enter")
        assert ui.backend.commands == []
        await ui.press("backspace")
        await ui.type("old-crm-2009.raw")
        await ui.press("enter")
        (command,) = ui.backend.commands
        assert command.verb is Verb.WIPE


async def test_orphans_are_those_that_nobody_uses() -> None:
    async with running_app() as ui:
        await ui.press("colon")
        await ui.type("orphans")
        await ui.press("enter")
        assert "select a pool first" in ui.text("answer")
        ui.backend.volumes = fleet.volumes()
        await ui.press("3")
        assert ui.view_state.view.cursor.jump(POOL, ui.view_state.height)
        await ui.press("colon")
        await ui.type("orphans")
        await ui.press("enter")
        await ui.wait_for(lambda: ui.view_state.view.listing.rows, "the volumes")
        shown = {row.volume.name for row in ui.view_state.view.listing.rows}
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
    async with running_app() as ui:
        inventory = ui.view_state.fleet_state.inventories["kvm01"]
        pool = replace(inventory.pools[POOL.uuid], path="/srv/default")
        await ui.publish(replace(inventory, pools={**inventory.pools, POOL.uuid: pool}))
        await volumes(ui)
        over = Volume("over.qcow2", "/srv/default/over.qcow2", "qcow2", G, G, backing)
        ui.backend.volumes = (*fleet.volumes(), over)
        await ui.press("ctrl+r")
        await ui.wait_for(lambda: "over.qcow2" in ui.text("lower"), "the volume")
        assert ("missing: lost-base.qcow2" in ui.text("lower")) is lost


async def test_a_volume_that_could_not_be_made_is_back_in_its_form() -> None:
    async with running_app((80, 24)) as ui:
        await volumes(ui)
        await ui.press("n")
        await ui.type("web.qcow2")
        await ui.press("enter")
        await ui.press("W", "U", "D")
        await ui.end(Refused("pool default has no room left"))
        assert "no room left" in ui.screen_text() and "new volume" in ui.painted()
        await ui.press("up")
        await ui.press("down")
        assert ui.app.screen.query_one(Input).value == "web.qcow2"
        assert len(ui.backend.commands) == 1
        await ui.press("enter")
        ui.backend.volumes = (*fleet.volumes(), replace(fleet.volumes()[0], name="web.qcow2",
                                path="/srv/default/web.qcow2"))  # fmt: skip
        await ui.end(ago=0)
        await ui.wait_for(lambda: ui.app.screen is ui.console, "it is there")
        assert ui.view_state.view.row.volume.name == "web.qcow2", "the cursor is on it"
