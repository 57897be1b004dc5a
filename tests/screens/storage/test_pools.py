"""Pools under the hands: who is on one before it stops, and its place made and removed."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.arguments import arguments_of
from tests.scenes.running_app import RunningApp, running_app
from virttui.modals.base.confirm import ConfirmDialog
from virttui.modals.base.type_to_confirm import TypeToConfirmDialog
from virttui.model.commands import BuildPoolArguments, Verb
from virttui.model.inventory import Disk, Pool
from virttui.panes.storage import pool_users


async def on(ui: RunningApp, **changes: Any) -> Pool:
    """Put the cursor on a pool that nobody uses, changed."""
    inventory = next(iter(ui.view_state.fleet_state.inventories.values()))
    pool = next(p for p in inventory.pools.values() if not pool_users.users(p, inventory))
    pool = replace(pool, **changes)
    await ui.press("3")
    await ui.publish(replace(inventory, pools={**inventory.pools, pool.key.uuid: pool}))
    assert ui.view_state.view.cursor.jump(pool.key, ui.view_state.height)
    ui.console.paint()
    return pool


async def test_who_is_on_a_pool_is_listed_before_it_stops() -> None:
    async with running_app((80, 24)) as ui:
        inventory = next(iter(ui.view_state.fleet_state.inventories.values()))
        pool = next(p for p in inventory.pools.values() if p.active)
        running = next(d for d in inventory.domains.values() if d.state.runs)
        off = next(d for d in inventory.domains.values() if not d.state.active)
        named = Disk("vdx", source="data", pool=pool.name)
        users = {d.key.uuid: replace(d, disks=(*d.disks, named)) for d in (running, off)}
        await ui.press("3")
        await ui.publish(replace(inventory, domains={**inventory.domains, **users}))
        assert ui.view_state.view.cursor.jump(pool.key, ui.view_state.height)
        ui.console.paint()
        await ui.press("S")
        assert isinstance(ui.app.screen, ConfirmDialog)
        said = " ".join(ui.text("body").split())
        assert "cannot start until this pool is active again" in said and "running domain" in said
        assert ui.app.screen.query_one("#body").region.bottom <= 24
        seen = ui.text("body")
        for _ in range(30):
            await ui.press("down")
            seen += ui.text("body")
        assert running.name[:8] in seen and off.name[:8] in seen
        await ui.press("escape")
        assert ui.backend.commands == []


@pytest.mark.parametrize(("type", "safely"), [("dir", False), ("fs", True), ("logical", True)])
async def test_a_place_is_prepared_without_losing_anything(type: str, safely: bool) -> None:
    async with running_app((80, 24)) as ui:
        await on(ui, state="inactive", type=type, devices=("/dev/sdb",))
        await ui.press("B")
        assert isinstance(ui.app.screen, ConfirmDialog)
        assert ("/dev/sdb" in ui.text("body")) == safely
        await ui.press("enter")
        assert ui.backend.commands == [], "it begins on Cancel"
        await ui.press("B", "y")
        (command,) = ui.backend.commands
        arguments = arguments_of(command, BuildPoolArguments)
        assert (command.verb, arguments.no_overwrite, arguments.overwrite) == (
            Verb.BUILD, safely, False,
        )  # fmt: skip


async def test_formatting_and_removing_want_the_name() -> None:
    async with running_app((80, 24)) as ui:
        pool = await on(ui, state="inactive", type="fs", devices=("/dev/sdb",))
        for key, words in (("O", "All that is on /dev/sdb will be gone"), ("X", "must be empty")):
            await ui.press(key)
            assert isinstance(ui.app.screen, TypeToConfirmDialog)
            assert words in " ".join(ui.text("body").split())
            await ui.press("y", "enter")
            assert isinstance(ui.app.screen, TypeToConfirmDialog)
            await ui.press("ctrl+u")
            await ui.type(pool.name)
            await ui.press("enter")
        over, gone = ui.backend.commands
        arguments = arguments_of(over, BuildPoolArguments)
        assert over.verb is Verb.BUILD and arguments.overwrite and not arguments.no_overwrite
        assert gone.verb is Verb.DELETE_POOL_TARGET and gone.target.key == pool.key


@pytest.mark.parametrize(("changes", "key", "words"), [
    ({"state": "running", "type": "dir"}, "B", "only when off"),
    ({"state": "running", "type": "dir"}, "X", "only when off"),
    ({"state": "inactive", "type": "dir"}, "O", "cannot format the target of a dir pool"),
    ({"state": "inactive", "type": "rbd"}, "B", "cannot build the target of a rbd pool"),
    ({"state": "inactive", "type": "logical"}, "O", "names no device"),
    ({"state": "inactive", "type": "disk"}, "X", "cannot delete the target of a disk pool"),
])  # fmt: skip
async def test_what_cannot_be_is_said(changes: dict[str, Any], key: str, words: str) -> None:
    async with running_app((120, 36)) as ui:
        await on(ui, **changes)
        await ui.press(key)
        assert ui.app.screen is ui.console
        assert words in ui.text("answer") and ui.backend.commands == []


async def test_a_place_that_is_used_is_not_even_asked_about() -> None:
    async with running_app((80, 24)) as ui:
        pool = await on(ui, state="inactive", type="dir")
        inventory = ui.view_state.fleet_state.inventories[pool.key.host]
        domain = next(iter(inventory.domains.values()))
        used = replace(domain, disks=(Disk("vdx", source=f"{pool.path}/x.qcow2"),))
        await ui.publish(replace(inventory, domains={**inventory.domains, domain.key.uuid: used}))
        await ui.press("X")
        assert ui.app.screen is ui.console
        assert f"is used by {domain.name}" in ui.text("answer")
