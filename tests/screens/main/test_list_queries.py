"""The column BACKUP: asked for while it is wanted, and again once a backup was taken."""

from __future__ import annotations

from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.backup.arguments import BackupArguments
from virttui.model.backup.last import LastBackup
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import Refused
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import LastBackupsQuery, LastBackupsResult
from virttui.model.tasks import Task, TaskState

HOUR = 3600.0


def asked(ui: RunningApp) -> list[str]:
    """The hosts that were asked, in order."""
    return [query.key.host for query in ui.backend.queries_of(LastBackupsQuery)]


async def tell(ui: RunningApp, *backups: tuple[str, LastBackup]) -> None:
    """Answer for kvm01."""
    query = LastBackupsQuery(ObjectId("kvm01", ""))
    found = tuple((fleet.key(name).uuid, one) for name, one in backups)
    await ui.publish(LastBackupsResult(query, backups=found))


async def test_nothing_is_asked_while_nobody_wants_it() -> None:
    async with running_app() as ui:
        await ui.publish(*fleet.inventories())
        assert asked(ui) == []
        await ui.press("slash")
        await ui.type("backup")
        await ui.press("enter")
        await ui.publish(*fleet.inventories())
        assert asked(ui) == [], "a plain word is looked for in what is known"


async def test_a_filter_finds_what_has_no_backup_or_an_old_one() -> None:
    async with running_app() as ui:
        await ui.press("slash")
        await ui.type("backup>1d host:kvm01")
        await ui.press("enter")
        await ui.publish(*fleet.inventories())
        assert asked(ui).count("kvm01") == 1
        everything = [row for row in ui.view_state.fleet_state.domains if row.host == "kvm01"]
        await tell(
            ui,
            ("web-01", LastBackup(fleet.EPOCH - 2 * HOUR, True, "vault")),
            ("legacy-crm-2011", LastBackup(fleet.EPOCH - 50 * HOUR, True, "vault")),
        )
        assert "web-01" not in ui.names() and "legacy-crm-2011" in ui.names()
        assert len(ui.names()) == len(everything) - 1, "those without any are found, too"


async def test_the_column_says_how_old_it_is_and_is_asked_anew_after_a_backup() -> None:
    async with running_app(size=(200, 60)) as ui:
        await ui.type(":sort backup")
        await ui.press("enter")
        await ui.publish(*fleet.inventories())
        before = asked(ui).count("kvm01")
        assert before == 1
        await tell(ui, ("web-01", LastBackup(fleet.EPOCH - 2 * HOUR, True, "vault")))
        ui.put_cursor("web-01")
        await ui.frame()
        line = next(line for line in ui.painted().splitlines() if "web-01 " in line)
        assert " 2h" in line and "BACKUP" in ui.painted()
        assert " none " in ui.painted()
        pool = ObjectId("kvm01", "pool-default")
        target = Target(Kind.DOMAIN, fleet.key("web-01"), "web-01")
        command = Command(Verb.BACK_UP, target, BackupArguments(pool, "default"))
        task = Task(7, command, TaskState.RUNNING, fleet.NOW, fleet.EPOCH)
        await ui.publish(task, *fleet.inventories())
        assert asked(ui).count("kvm01") == before
        await ui.publish(replace(task, state=TaskState.DONE, ended_at=fleet.NOW))
        await ui.publish(*fleet.inventories())
        assert asked(ui).count("kvm01") == before + 1


async def test_a_host_that_refuses_leaves_the_cells_unknown_and_says_nothing() -> None:
    async with running_app() as ui:
        query = LastBackupsQuery(ObjectId("kvm01", ""))
        await ui.publish(LastBackupsResult(query, error=Refused("may not be read")))
        assert "may not be read" not in ui.painted()
        assert "kvm01" not in ui.view_state.fleet_state.backups
