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
    async with running_app() as made:
        made.put_cursor("old-wiki")
        await made.press("r")
        assert isinstance(made.app.screen, RenameDialog)
        await made.press("enter")
        assert "is its name already" in made.text("foot")
        await made.press("end")
        await made.type("-2")
        await made.press("enter")
        (command,) = made.backend.commands
        assert (command.verb, arguments_of(command, RenameArguments).new_name) == (
            Verb.RENAME,
            "old-wiki-2",
        )
        assert command.target.key == fleet.key("old-wiki")


async def test_a_value_that_is_there_already_is_replaced_by_the_first_letter() -> None:
    async with running_app() as made:
        made.put_cursor("old-wiki")
        await made.press("r")
        field = made.app.screen.query_one(Input)
        assert field.selected_text == "old-wiki"
        await made.press("n", "w")
        assert field.value == "nw"
        await made.press("escape", "r", "right", "2")
        assert made.app.screen.query_one(Input).value == "old-wiki2"
        await made.press("escape", "r", "home", "x")
        assert made.app.screen.query_one(Input).value == "xold-wiki"
        await made.press("escape", "r", "backspace")
        assert made.app.screen.query_one(Input).value == ""
        assert made.backend.commands == []


async def test_rename_is_left_by_escape() -> None:
    async with running_app() as made:
        made.put_cursor("old-wiki")
        await made.press("r", "x", "escape")
        assert made.app.screen is made.console
        assert made.backend.commands == []


def test_names_that_cannot_be_taken() -> None:
    taken = {"a", "b"}
    assert name_error("", "a", taken, "kvm01") == "needs a name"
    assert name_error("a", "a", taken, "kvm01") == "this is its name already"
    assert name_error("b", "a", taken, "kvm01") == "kvm01 already has a domain of that name"
    assert name_error("x/y", "a", taken, "kvm01")
    assert name_error("x\x1b", "a", taken, "kvm01")
    assert name_error(" x", "a", taken, "kvm01")
    assert name_error("x y", "a", taken, "kvm01") == ""


async def deleting(made: RunningApp, plan: DeletePlan, name: str = "legacy-crm-2011") -> None:
    made.backend.plan = plan
    made.put_cursor(name)
    await made.press("U")
    assert isinstance(made.app.screen, DeleteDialog)


async def test_deleting_storage_asks_for_the_name() -> None:
    async with running_app((80, 24)) as made:
        await deleting(made, look.PLAN)
        body = made.text("body")
        assert "[x] definition" in body
        assert "[x] vda  crm.qcow2" in body
        assert "[ ] vdb  crm-data.raw" in body
        assert "also in crm-test" in body
        assert "38.2G of data will be gone for good" in body
        assert "Delete with 38.2G" in made.text("foot")
        assert "needs the name" in made.text("foot")
        await made.press("enter")
        assert made.backend.commands == []
        await made.type("legacy-crm-20")
        assert made.text("note").strip() == "2 more letters"
        await made.type("x")
        assert made.text("note").strip() == "not its name"
        await made.press("backspace")
        await made.type("11")
        await made.press("enter")
        (command,) = made.backend.commands
        assert command.verb is Verb.DELETE
        arguments = arguments_of(command, DeleteDomainArguments)
        assert arguments.volumes == ("/srv/default/crm.qcow2",)
        assert (arguments.with_nvram, arguments.with_snapshots, arguments.with_saved) == (
            True, True, False,
        )  # fmt: skip


async def test_without_storage_y_deletes_the_definition_alone() -> None:
    async with running_app((80, 24)) as made:
        await deleting(made, look.PLAN)
        await made.press("tab", "space")
        assert "No data is deleted: all storage stays." in made.text("body")
        parent = made.app.screen.query_one(Input).parent
        assert parent is not None and not parent.display
        await made.press("enter")
        assert made.backend.commands == []
        await deleting(made, look.PLAN)
        await made.press("tab", "space", "y")
        (command,) = made.backend.commands
        assert arguments_of(command, DeleteDomainArguments).volumes == ()


async def test_shared_storage_can_be_ticked_by_hand() -> None:
    async with running_app((80, 24)) as made:
        await deleting(made, look.PLAN)
        await made.press("tab", "down", "space")
        assert "118G of data will be gone" in made.text("body")


async def test_storage_outside_pools_stays() -> None:
    async with running_app((80, 24)) as made:
        plan = DeletePlan((DomainStorage("vda", "/dev/sdb1", volume=False),))
        await deleting(made, plan)
        assert "[ ] vda  sdb1" in made.text("body")
        assert "in no pool, stays" in made.text("body")
        await made.press("down", "space", "y")
        (command,) = made.backend.commands
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
    async with running_app((80, 24)) as made:
        await deleting(made, plan)
        shown = made.text("body")
        assert "[ ] vda  a.qcow2" in shown and "under it, stays in default" in shown
        assert "[x] vda  a.raw" in shown and "its data, default" in shown
        assert "Not known: what is in the pool far, which is off." in shown
        await made.type("legacy-crm-2011")
        await made.press("enter")
        (command,) = made.backend.commands
        assert arguments_of(command, DeleteDomainArguments).volumes == (
            "/srv/default/a.s1",
            "/srv/default/a.raw",
        )
        assert arguments_of(command, DeleteDomainArguments).despite == plan.unknown


async def test_nothing_is_deleted_while_its_storage_is_not_known() -> None:
    async with running_app((80, 24)) as made:
        made.backend.mute = True
        await deleting(made, DeletePlan())
        await made.press("y")
        assert made.app.screen is not made.console
        assert made.backend.commands == []
        (query,) = made.backend.queries_of(DeletePlanQuery)
        late = replace(query, serial=query.serial + 1)
        made.backend.publish(DeletePlanResult(late, plan=DeletePlan()))
        await made.settle()
        assert "asking kvm01 which storage it uses" in made.text("body")
        made.backend.publish(DeletePlanResult(query, error=TimedOut("kvm01 does not answer")))
        await made.settle()
        assert "nothing is deleted" in made.text("body")
        await made.press("y", "escape")
        assert made.backend.commands == []


async def test_deleting_a_network_takes_its_definition_alone() -> None:
    async with running_app() as made:
        await made.press("2")
        made.view_state.view.cursor.jump(ObjectId("kvm01", "net-lab"), 8)
        await made.press("U")
        assert "Delete network lab on kvm01?" in made.text("body")
        await made.press("y")
        assert [c.verb for c in made.backend.commands] == [Verb.DELETE]


async def test_a_long_list_of_disks_is_scrolled() -> None:
    disks = tuple(
        DomainStorage(f"vd{chr(97 + n)}", f"/srv/default/disk-{n}.qcow2", "default", 1024**3)
        for n in range(26)
    )
    async with running_app((80, 24)) as made:
        await deleting(made, DeletePlan(disks))
        assert len(made.text("body").splitlines()) <= 20
        await made.press("tab", *["down"] * 25)
        assert "disk-25" in made.text("body")
        assert made.app.screen.query_one("#foot").region.bottom <= 23
