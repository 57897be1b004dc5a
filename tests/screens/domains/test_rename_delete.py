"""Rename and delete: what is asked, what is missing, what comes of it."""

from __future__ import annotations

from msgspec.structs import replace
from textual.widgets import Input

from tests.arguments import arguments_of
from tests.scenes import fleet, look
from tests.scenes.running_app import RunningApp, running_app
from virttui.modals.domains.delete import DeleteDialog
from virttui.modals.domains.rename import RenameDialog, name_error
from virttui.model.commands import DeleteDomainArguments, RenameArguments, Verb
from virttui.model.domains.delete_plan import DeletePlan, DomainStorage, StorageRole
from virttui.model.errors import TimedOut
from virttui.model.identity import ObjectId
from virttui.model.queries import DeletePlanQuery, DeletePlanResult


async def test_rename() -> None:
    async with running_app() as ui:
        ui.put_cursor("old-wiki")
        await ui.press("r")
        assert isinstance(ui.app.screen, RenameDialog)
        await ui.press("enter")
        assert "is its name already" in ui.text("foot")
        await ui.press("end")
        await ui.type("-2")
        await ui.press("enter")
        (command,) = ui.backend.commands
        assert (command.verb, arguments_of(command, RenameArguments).new_name) == (
            Verb.RENAME,
            "old-wiki-2",
        )
        assert command.target.key == fleet.key("old-wiki")


async def test_a_value_that_is_there_already_is_replaced_by_the_first_letter() -> None:
    async with running_app() as ui:
        ui.put_cursor("old-wiki")
        await ui.press("r")
        field = ui.app.screen.query_one(Input)
        assert field.selected_text == "old-wiki"
        await ui.press("n", "w")
        assert field.value == "nw"
        await ui.press("escape", "r", "right", "2")
        assert ui.app.screen.query_one(Input).value == "old-wiki2"
        await ui.press("escape", "r", "home", "x")
        assert ui.app.screen.query_one(Input).value == "xold-wiki"
        await ui.press("escape", "r", "backspace")
        assert ui.app.screen.query_one(Input).value == ""
        assert ui.backend.commands == []


async def test_rename_is_left_by_escape() -> None:
    async with running_app() as ui:
        ui.put_cursor("old-wiki")
        await ui.press("r", "x", "escape")
        assert ui.app.screen is ui.console
        assert ui.backend.commands == []


def test_names_that_cannot_be_taken() -> None:
    taken = {"a", "b"}
    assert name_error("", "a", taken, "kvm01") == "needs a name"
    assert name_error("a", "a", taken, "kvm01") == "this is its name already"
    assert name_error("b", "a", taken, "kvm01") == "kvm01 already has a domain of that name"
    assert name_error("x/y", "a", taken, "kvm01")
    assert name_error("x\x1b", "a", taken, "kvm01")
    assert name_error(" x", "a", taken, "kvm01")
    assert name_error("x y", "a", taken, "kvm01") == ""


async def deleting(ui: RunningApp, plan: DeletePlan, name: str = "legacy-crm-2011") -> None:
    ui.backend.plan = plan
    ui.put_cursor(name)
    await ui.press("U")
    assert isinstance(ui.app.screen, DeleteDialog)


async def test_deleting_storage_asks_for_the_name() -> None:
    async with running_app((80, 24)) as ui:
        await deleting(ui, look.PLAN)
        body = ui.text("body")
        assert "[x] definition" in body
        assert "[x] vda  crm.qcow2" in body
        assert "[ ] vdb  crm-data.raw" in body
        assert "also in crm-test" in body
        assert "38.2G of data will be gone for good" in body
        assert "Delete with 38.2G" in ui.text("foot")
        assert "needs the name" in ui.text("foot")
        await ui.press("enter")
        assert ui.backend.commands == []
        await ui.type("legacy-crm-20")
        assert ui.text("note").strip() == "2 more letters"
        await ui.type("x")
        assert ui.text("note").strip() == "not its name"
        await ui.press("backspace")
        await ui.type("11")
        await ui.press("enter")
        (command,) = ui.backend.commands
        assert command.verb is Verb.DELETE
        arguments = arguments_of(command, DeleteDomainArguments)
        assert arguments.volumes == ("/srv/default/crm.qcow2",)
        assert (arguments.with_nvram, arguments.with_snapshots, arguments.with_saved) == (
            True, True, False,
        )  # fmt: skip


async def test_without_storage_y_deletes_the_definition_alone() -> None:
    async with running_app((80, 24)) as ui:
        await deleting(ui, look.PLAN)
        await ui.press("tab", "space")
        assert "No data is deleted: all storage stays." in ui.text("body")
        parent = ui.app.screen.query_one(Input).parent
        assert parent is not None and not parent.display
        await ui.press("enter")
        assert ui.backend.commands == []
        await deleting(ui, look.PLAN)
        await ui.press("tab", "space", "y")
        (command,) = ui.backend.commands
        assert arguments_of(command, DeleteDomainArguments).volumes == ()


async def test_shared_storage_can_be_ticked_by_hand() -> None:
    async with running_app((80, 24)) as ui:
        await deleting(ui, look.PLAN)
        await ui.press("tab", "down", "space")
        assert "118G of data will be gone" in ui.text("body")


async def test_storage_outside_pools_stays() -> None:
    async with running_app((80, 24)) as ui:
        plan = DeletePlan((DomainStorage("vda", "/dev/sdb1", volume=False),))
        await deleting(ui, plan)
        assert "[ ] vda  sdb1" in ui.text("body")
        assert "in no pool, stays" in ui.text("body")
        await ui.press("down", "space", "y")
        (command,) = ui.backend.commands
        assert arguments_of(command, DeleteDomainArguments).volumes == ()


async def test_what_its_disks_lie_on_is_named_and_stays_unless_ticked() -> None:
    plan = DeletePlan(
        (
            DomainStorage("vda", "/srv/default/a.s1", "default", 1024**3),
            DomainStorage("vda", "/srv/default/a.raw", "default", 1024**3, role=StorageRole.DATA),
            DomainStorage(
                "vda", "/srv/default/a.qcow2", "default", 1024**3, role=StorageRole.UNDER
            ),
        ),
        unknown=("what is in the pool far, which is off",),
    )
    async with running_app((80, 24)) as ui:
        await deleting(ui, plan)
        shown = ui.text("body")
        assert "[ ] vda  a.qcow2" in shown and "under it, stays in default" in shown
        assert "[x] vda  a.raw" in shown and "its data, default" in shown
        assert "Not known: what is in the pool far, which is off." in shown
        await ui.type("legacy-crm-2011")
        await ui.press("enter")
        (command,) = ui.backend.commands
        assert arguments_of(command, DeleteDomainArguments).volumes == (
            "/srv/default/a.s1",
            "/srv/default/a.raw",
        )
        assert arguments_of(command, DeleteDomainArguments).despite == plan.unknown


async def test_nothing_is_deleted_while_its_storage_is_not_known() -> None:
    async with running_app((80, 24)) as ui:
        ui.backend.mute = True
        await deleting(ui, DeletePlan())
        await ui.press("y")
        assert ui.app.screen is not ui.console
        assert ui.backend.commands == []
        (query,) = ui.backend.queries_of(DeletePlanQuery)
        late = replace(query, serial=query.serial + 1)
        ui.backend.publish(DeletePlanResult(late, plan=DeletePlan()))
        await ui.settle()
        assert "asking kvm01 which storage it uses" in ui.text("body")
        ui.backend.publish(DeletePlanResult(query, error=TimedOut("kvm01 does not answer")))
        await ui.settle()
        assert "nothing is deleted" in ui.text("body")
        await ui.press("y", "escape")
        assert ui.backend.commands == []


async def test_deleting_a_network_takes_its_definition_alone() -> None:
    async with running_app() as ui:
        await ui.press("2")
        ui.view_state.view.cursor.jump(ObjectId("kvm01", "net-lab"), 8)
        await ui.press("U")
        assert "Delete network lab on kvm01?" in ui.text("body")
        await ui.press("y")
        assert [c.verb for c in ui.backend.commands] == [Verb.DELETE]


async def test_a_long_list_of_disks_is_scrolled() -> None:
    disks = tuple(
        DomainStorage(f"vd{chr(97 + n)}", f"/srv/default/disk-{n}.qcow2", "default", 1024**3)
        for n in range(26)
    )
    async with running_app((80, 24)) as ui:
        await deleting(ui, DeletePlan(disks))
        assert len(ui.text("body").splitlines()) <= 20
        await ui.press("tab", *["down"] * 25)
        assert "disk-25" in ui.text("body")
        assert ui.app.screen.query_one("#foot").region.bottom <= 23
