"""The page of a domain's backups in the running app."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.planning.backup.examples import DAY, GIB, backup_id, stored
from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.backup.arguments import (
    BackupMode,
    BackupPlan,
    DeleteBackupArguments,
    PlannedDisk,
    VerifyArguments,
)
from virttui.model.backup.manifest import BackupKind, LeftOut, StoredBackup
from virttui.model.backup.restore import RestoreArguments
from virttui.model.commands import Verb
from virttui.model.errors import HostLost
from virttui.model.inventory import Pool
from virttui.model.queries import BackupPlanQuery, BackupsQuery, BackupsResult
from virttui.screens.backup.screen import BackupsScreen

NAME = "web-01"
XML = "<domain><name>web-01</name><devices/></domain>"
PLAN = BackupPlan(
    "20261129T010000Z",
    BackupKind.INCREMENTAL,
    "web-01-20261129T010000Z",
    disks=(
        PlannedDisk("vda", BackupKind.INCREMENTAL, 10 * GIB, "qcow2", "/i/a", "v", estimate=GIB),
        PlannedDisk("vdb", BackupKind.FULL, GIB, "raw", "/i/b", "w", estimate=GIB,
                    reason="it is raw: it is copied in full each time"),
    ),
    left_out=(LeftOut("tpm", "libvirt does not hand out the state of a TPM"),),
    available=20 * GIB,
)  # fmt: skip


def of_scene(ui: RunningApp, backup: StoredBackup, age: float) -> StoredBackup:
    """A backup of the domain of the scene, in a pool of its host, so many days old."""
    key = fleet.key(NAME)
    pool = scene_pool(ui)
    begun = fleet.EPOCH - age * DAY
    manifest = replace(
        backup.manifest, uuid=key.uuid, domain=NAME, begun=begun, ended=begun + 65, definition=XML
    )
    return replace(backup, manifest=manifest, pool=pool.key.uuid, pool_name=pool.name)


def scene_pool(ui: RunningApp) -> Pool:
    """A pool of files on the host of the domain."""
    inventory = ui.app.fleet_state().inventories[fleet.key(NAME).host]
    return next(one for one in inventory.pools.values() if one.type == "dir" and one.active)


def chain(ui: RunningApp) -> tuple[StoredBackup, ...]:
    return (
        of_scene(ui, stored(1, good=True), 3),
        of_scene(ui, stored(2, 1, good=True), 2),
        of_scene(ui, stored(3, 2, missing=("web-x.qcow2",)), 1),
    )


async def opened(ui: RunningApp, *, empty: bool = False) -> BackupsScreen:
    ui.backend.backups = () if empty else chain(ui)
    ui.backend.backup_plan = PLAN
    ui.put_cursor(NAME)
    await ui.press("B")
    await ui.wait_for(lambda: isinstance(ui.top(), BackupsScreen), "the page")
    page = ui.top()
    assert isinstance(page, BackupsScreen)
    await ui.frame()
    return page


async def test_the_newest_is_first_and_what_is_broken_says_so() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        lines = ui.text("page").splitlines()
        assert lines[0].startswith("━━ backups 3 ") and "last good 2d ago" in lines[0]
        assert [("broken" in one, "full" in one) for one in lines[2:5]] == [
            (True, False), (False, False), (False, True),
        ]  # fmt: skip
        assert "web-x.qcow2 is not in the pool: it cannot" in ui.text("page")
        await ui.press("G")
        assert "needs      nothing: it is full" in ui.text("page")
        assert "2 later ones, worth nothing without it" in ui.text("page")


async def test_what_the_next_one_would_do_stands_there_before_the_key() -> None:
    async with running_app((120, 36)) as ui:
        page = await opened(ui)
        text = ui.text("page")
        assert "vda        incremental, about 1.0G" in text and "it is raw" in text
        assert "together   2.0G" in text and "20.0G free" in text and "tpm" in text
        await ui.press("n")
        assert f"Back up {NAME} into" in ui.painted() and "Cancel" in ui.painted()
        await ui.press("enter")
        assert not ui.backend.commands, "Cancel is under the cursor"
        await ui.press("n", "y")
        (command,) = ui.backend.commands
        assert command.verb is Verb.BACK_UP and command.target.name == NAME
        assert command.arguments == page.view_state.arguments()


async def test_mode_and_pool_are_chosen_and_the_plan_is_made_anew() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press("m")
        last = ui.backend.queries_of(BackupPlanQuery)[-1]
        assert last.arguments.mode is BackupMode.FULL
        await ui.press("e")
        assert "back up into" in ui.painted()
        await ui.press("escape")
        ui.backend.backup_plan = replace(PLAN, blockers=("it does not fit into it",))
        await ui.press("m", "n")
        assert "it does not fit into it" in ui.text("answer")
        assert not ui.backend.commands


async def test_one_is_verified_and_one_is_deleted_with_those_that_need_it() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press("j", "V")
        (verify,) = ui.backend.commands
        assert isinstance(verify.arguments, VerifyArguments)
        assert verify.arguments.ids == (backup_id(2),)
        await ui.press("U")
        assert "Delete 2 backups" in ui.painted() and "so they go with it" in ui.painted()
        await ui.press("enter")
        assert len(ui.backend.commands) == 1, "the name is wanted"
        await ui.press(*NAME, "enter")
        delete = ui.backend.commands[-1]
        assert isinstance(delete.arguments, DeleteBackupArguments)
        assert delete.arguments.ids == (backup_id(2), backup_id(3))


async def test_a_restore_is_a_new_domain_unless_it_is_chosen_otherwise() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press("r")
        assert "restore: web-x.qcow2 is not in the pool" in ui.text("answer")
        await ui.press("j", "r")
        assert "new domain" in ui.painted() and "read all of it, and compare" in ui.painted()
        await ui.press("enter")
        assert "a new domain?" in ui.painted() and "Nothing is made until" in ui.painted()
        await ui.press("enter")
        assert not ui.backend.commands
        await ui.press("r", "enter", "y")
        (restore,) = ui.backend.commands
        assert restore.verb is Verb.RESTORE and isinstance(restore.arguments, RestoreArguments)
        assert restore.arguments.id == backup_id(2)
        assert restore.target.key.uuid != restore.arguments.uuid == fleet.key(NAME).uuid
        assert restore.arguments.plan.replaces_xml is None


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60), (40, 10)])
async def test_it_fills_every_size(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        await opened(ui)
        for key in ("G", "g", "tab", "pagedown", "ctrl+u", "tab"):
            await ui.press(key)
            painted = ui.painted().splitlines()
            assert len(painted) == size[1] and {len(line) for line in painted} == {size[0]}


async def test_none_and_an_error_are_said() -> None:
    async with running_app((80, 24)) as ui:
        page = await opened(ui, empty=True)
        assert f"no backup of {NAME}" in ui.text("page")
        await ui.press("r", "U", "V", "y")
        assert not ui.backend.commands
        query = BackupsQuery(page.view_state.key)
        await ui.publish(BackupsResult(query, error=HostLost("kvm01 does not answer now")))
        assert "kvm01 does not answer now" in ui.painted()


async def test_hostile_manifests_are_made_visible() -> None:
    async with running_app((120, 36)) as ui:
        page = await opened(ui)
        hostile = of_scene(ui, stored(9), 0)
        left_out = (LeftOut("vdb\x1b[2J", "a\u202eb\x07"),)
        manifest = replace(hostile.manifest, left_out=left_out, host="\x1b]0;x\x07", libvirt="9")
        query = BackupsQuery(page.view_state.key)
        unreadable = ("evil\x1b[31m.backup.json in \u202epool: it is none",)
        await ui.publish(
            BackupsResult(
                query, backups=(replace(hostile, manifest=manifest),), unreadable=unreadable
            )
        )
        assert not {"\x1b", "\u202e", "\x07"} & set(ui.painted())


async def test_nothing_is_changed_where_the_run_is_read_only() -> None:
    async with running_app((120, 36)) as ui:
        page = await opened(ui)
        page.view_state.read_only = True
        await ui.press("n", "U", "V", "r")
        assert "read-only" in ui.text("answer") and not ui.backend.commands


async def test_several_domains_are_backed_up_at_once_into_a_pool_that_each_host_has() -> None:
    async with running_app((120, 36)) as ui:
        ui.put_cursor(NAME)
        await ui.press("space")
        other = next(
            one.name
            for one in ui.app.fleet_state().inventories[fleet.key(NAME).host].domains.values()
            if one.state.active and one.name != NAME and one.silent_at is None
        )
        ui.put_cursor(other)
        await ui.press("space")
        await ui.type(":back up")
        await ui.press("enter")
        await ui.wait_for(lambda: "back up into" in ui.painted(), "the pools")
        await ui.press("enter")
        assert "Back up 2 domains into" in ui.painted() and other[:6] in ui.painted()
        await ui.press("y")
        assert {one.target.name for one in ui.backend.commands} == {NAME, other}
        assert {one.verb for one in ui.backend.commands} == {Verb.BACK_UP}
