"""Many at once: one confirmation, one sheet, and only what failed again."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.arguments import arguments_of
from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.commands import BatchPolicy, DeleteDomainArguments, TagArguments, Verb
from virttui.model.domains.delete_plan import DeletePlan, DomainStorage
from virttui.model.domains.jobs import Job
from virttui.model.errors import Refused
from virttui.model.identity import ObjectId
from virttui.model.tasks import Task, TaskState
from virttui.panes.tag_input import TagChange, change_of, tag_error

G = 1024**3


async def mark(ui: RunningApp, *names: str) -> None:
    ui.view_state.view.cursor.marks |= {fleet.key(name) for name in names}
    ui.view_state.arrange()


def task(ui: RunningApp, place: int, state: TaskState, **more: Any) -> Task:
    """The task of the command with that place, as a fleet tells it."""
    command = ui.backend.commands[place]
    ended = fleet.NOW if state.ended else None
    base = Task(100 + place, command, state, fleet.NOW - 6, fleet.EPOCH - 6, ended, batch=7)
    return replace(base, **more)


async def shut_down(ui: RunningApp, *names: str) -> None:
    await mark(ui, *names)
    await ui.press("S", "y")
    assert sorted(c.target.name for c in ui.backend.commands) == sorted(names)


async def test_the_sheet_follows_the_batch_to_its_end() -> None:
    async with running_app() as ui:
        await shut_down(ui, "web-01", "web-02", "dns-01")
        await ui.publish(*[task(ui, n, TaskState.RUNNING) for n in range(3)])
        title = str(ui.app.screen.query_one("#box").border_title)
        assert title == "shut down: 0 of 3"
        trouble = Refused("its guest ignores it", advice="D forces it off")
        await ui.publish(
            task(ui, 0, TaskState.DONE, words="is off"),
            task(ui, 1, TaskState.FAILED, trouble=trouble),
            task(ui, 2, TaskState.DONE, words="is off"),
        )
        assert str(ui.app.screen.query_one("#box").border_title) == "shut down: 2 ok, 1 failed"
        lines = ui.text("body").splitlines()
        assert "web-02" in lines[0] and "its guest ignores it" in lines[0], "failures first"
        assert "D forces it off" in ui.text("body")
        assert "is off after 6 s" in ui.text("body")


async def test_only_what_failed_is_asked_again() -> None:
    async with running_app() as ui:
        await shut_down(ui, "web-01", "web-02")
        await ui.publish(
            task(ui, 0, TaskState.FAILED, trouble=Refused("no")), task(ui, 1, TaskState.DONE)
        )
        await ui.press("r")
        assert [c.target.name for c in ui.backend.commands[2:]] == ["web-01"]
        await ui.press("escape")
        assert ui.app.screen is ui.console


async def test_what_failed_can_be_marked() -> None:
    async with running_app() as ui:
        await shut_down(ui, "web-01", "web-02")
        await ui.publish(
            task(ui, 0, TaskState.FAILED, trouble=Refused("no")), task(ui, 1, TaskState.DONE)
        )
        await ui.press("m")
        assert ui.view_state.view.cursor.marks == {fleet.key("web-01")}
        assert "1 marked" in ui.text("rule")


async def test_a_batch_is_one_row_of_the_tasks_and_opens_again() -> None:
    async with running_app() as ui:
        await shut_down(ui, "web-01", "web-02", "ci-runner-01")
        await ui.publish(*[task(ui, n, TaskState.DONE, words="is off") for n in range(3)])
        await ui.press("escape", "5")
        rows = [row for row in ui.view_state.view.listing.rows if row.batch]
        assert len(rows) == 1
        assert "3 domains" in ui.text("table") and "3 ok" in ui.text("table")
        ui.view_state.view.cursor.jump(rows[0].key, ui.view_state.height)
        await ui.press("enter")
        assert "is off after 6 s" in ui.text("body")


async def test_the_pace_is_chosen_in_the_confirmation() -> None:
    async with running_app() as ui:
        await mark(ui, "web-01", "web-02")
        await ui.press("R")
        assert "f [ ] stop at the first failure" in ui.text("body")
        assert "o [ ] one at a time" in ui.text("body")
        await ui.press("f", "o", "y")
        assert ui.backend.paces == [BatchPolicy(stop_at_failure=True, one_by_one=True)]
        assert {c.verb for c in ui.backend.commands} == {Verb.REBOOT}


async def test_what_cannot_be_or_was_left_out_is_told_as_skipped() -> None:
    async with running_app() as ui:
        await mark(ui, "web-01", "web-02", "legacy-crm-2011")
        await ui.press("S", "space", "y")
        assert [c.target.name for c in ui.backend.commands] == ["web-02"]


async def test_one_that_the_user_left_out_is_told_as_that() -> None:
    async with running_app() as ui:
        await mark(ui, "web-01", "web-02", "dns-01")
        await ui.press("S", "space", "y")
        left = {"web-01", "web-02", "dns-01"} - {c.target.name for c in ui.backend.commands}
        (skipped,) = (line for line in ui.text("body").splitlines() if "skipped" in line)
        assert left.pop() in skipped and "skipped: you left it out" in skipped


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_many_are_deleted_with_their_disks_in_one_list(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        ui.backend.plan = DeletePlan(
            (
                DomainStorage("vda", "/srv/old-wiki.qcow2", "default", 4 * G),
                DomainStorage("vdb", "/srv/shared.raw", "default", 2 * G, also=("crm",)),
                DomainStorage("vdc", "/srv/old-wiki-seed.iso", "default", 1024, shared=True),
                DomainStorage("vdd", "/srv/other-seed.iso", "default", 1024, shared=True),
            )
        )
        await mark(ui, "old-wiki", "crm-test")
        await ui.press("U")
        body = ui.text("body")
        assert "Delete these 2 domains: their definitions and" in body
        assert "[x] vda  old-wiki.qcow2" in body and "[ ] vdb  shared.raw" in body
        assert "4.0G of data in 2 volumes will be gone for good" in body
        await ui.press("enter", "y")
        assert not ui.backend.commands, "the words are missing"
        await ui.press("ctrl+u")
        await ui.type("2 domains")
        await ui.press("enter")
        assert {c.target.name for c in ui.backend.commands} == {"old-wiki", "crm-test"}
        for command in ui.backend.commands:
            assert command.verb is Verb.DELETE
            arguments = arguments_of(command, DeleteDomainArguments)
            assert "/srv/old-wiki.qcow2" in arguments.volumes
            assert "/srv/shared.raw" not in arguments.volumes
            assert "/srv/other-seed.iso" not in arguments.volumes
        (own,) = (c for c in ui.backend.commands if c.target.name == "old-wiki")
        assert "/srv/old-wiki-seed.iso" in arguments_of(own, DeleteDomainArguments).volumes, (
            "a seed goes with its domain"
        )


async def test_many_are_deleted_without_their_disks_and_one_is_left_out() -> None:
    async with running_app((80, 24)) as ui:
        ui.backend.plan = DeletePlan((DomainStorage("vda", "/srv/a.qcow2", "default", 4 * G),))
        await mark(ui, "old-wiki", "crm-test", "web-01")
        await ui.press("U")
        assert "left out: web-01" in ui.text("body")
        await ui.press("tab", "d")
        assert "all storage stays" in ui.text("body")
        await ui.press("space", "y")
        (command,) = ui.backend.commands
        assert (
            command.verb is Verb.DELETE and not arguments_of(command, DeleteDomainArguments).volumes
        )


async def test_many_are_not_deleted_before_their_hosts_answered() -> None:
    async with running_app((80, 24)) as ui:
        ui.backend.mute = True
        await mark(ui, "old-wiki", "crm-test")
        await ui.press("U", "y", "enter")
        assert not ui.backend.commands


async def test_what_waits_can_be_dropped_from_the_sheet() -> None:
    async with running_app() as ui:
        await shut_down(ui, "web-01", "web-02")
        await ui.publish(task(ui, 0, TaskState.RUNNING), task(ui, 1, TaskState.WAITING))
        await ui.press("X")
        assert ui.backend.cancelled == [101]


async def test_tags_of_one_domain_are_edited() -> None:
    async with running_app() as ui:
        ui.view_state.view.cursor.jump(fleet.key("web-01"), ui.view_state.height)
        await ui.press("T")
        await ui.press("end", *["backspace"] * 3)
        await ui.type("new")
        await ui.press("enter")
        (command,) = ui.backend.commands
        arguments = arguments_of(command, TagArguments)
        assert (command.verb, arguments.add, arguments.remove) == (
            Verb.TAG, ("new",), ("web",),
        )  # fmt: skip


async def test_tags_of_many_are_added_and_dropped() -> None:
    async with running_app() as ui:
        await mark(ui, "web-01", "gitlab")
        await ui.press("T")
        assert "shop on 1" in ui.text("body")
        await ui.type("new -web")
        await ui.press("enter")
        found = {
            (c.target.name, arguments_of(c, TagArguments).add, arguments_of(c, TagArguments).remove)
            for c in ui.backend.commands
        }
        assert found == {
            ("web-01", ("new",), ("web",)), ("gitlab", ("new",), ("web",)),
        }  # fmt: skip


async def test_a_word_that_can_be_no_tag_is_told() -> None:
    async with running_app() as ui:
        ui.view_state.view.cursor.jump(fleet.key("gitlab"), ui.view_state.height)
        await ui.press("T")
        await ui.type("a:b")
        assert "a:b: a tag has no : in it" in ui.text("foot")
        await ui.press("enter")
        assert not ui.backend.commands


def test_what_was_typed_becomes_a_change() -> None:
    assert change_of("a b", ("b", "c")) == TagChange(("a",), ("c",))
    assert change_of("+a -b, c", None) == TagChange(("a", "c"), ("b",))
    assert not change_of("b c", ("c", "b"))
    assert tag_error("fine ok-1") == ""
    assert tag_error("x" * 33).endswith("at most 32 letters")


async def test_a_batch_is_retried_from_its_row() -> None:
    async with running_app() as ui:
        await shut_down(ui, "web-01", "web-02", "dns-01")
        no = Refused("no")
        await ui.publish(
            task(ui, 0, TaskState.FAILED, trouble=no),
            task(ui, 1, TaskState.FAILED, trouble=no),
            task(ui, 2, TaskState.DONE),
        )
        failed = {c.target.name for c in ui.backend.commands[:2]}
        await ui.press("escape", "5")
        row = next(row for row in ui.view_state.view.listing.rows if row.batch)
        ui.view_state.view.cursor.jump(row.key, ui.view_state.height)
        await ui.press("r")
        assert {c.target.name for c in ui.backend.commands[3:]} == failed


async def test_a_job_of_others_is_shown_and_ended_after_asking() -> None:
    async with running_app() as ui:
        inventory = fleet.inventory("kvm01")
        key = fleet.key("gitlab")
        job = Job(key, "gitlab", "dump", progress=0.62, seconds_left=40.0, rate=110e6,
                  remaining=5 << 30,
                  started_at=fleet.NOW - 65, started_epoch=fleet.EPOCH - 65)  # fmt: skip
        await ui.publish(replace(inventory, jobs=(job,)))
        assert "» dump 62%" in ui.text("table")
        await ui.press("5")
        assert "1 of other clients" in ui.text("rule")
        line = ui.text("table").splitlines()[1]
        assert "dump" in line and "» 62%" in line and "5.0G left" in line and "others" in line
        await ui.press("X")
        assert "End the dump of gitlab?" in ui.text("body")
        await ui.press("y")
        (command,) = ui.backend.commands
        assert (command.verb, command.target.key) == (Verb.ABORT_JOB, key)


async def test_a_retry_keeps_its_pace_and_asks_again() -> None:
    async with running_app() as ui:
        await mark(ui, "web-01", "web-02")
        await ui.press("R", "o", "f", "y")
        await ui.publish(
            task(ui, 0, TaskState.FAILED, trouble=Refused("no")),
            task(ui, 1, TaskState.FAILED, trouble=Refused("no")),
        )
        await ui.press("r")
        assert "again, one by one" in ui.text("body")
        await ui.press("y")
        assert ui.backend.paces[-1] == BatchPolicy(stop_at_failure=True, one_by_one=True)


async def test_marks_that_a_filter_hides_are_not_forgotten_by_a_key() -> None:
    async with running_app() as ui:
        await mark(ui, "web-01", "web-02")
        await ui.press("slash")
        await ui.type("gitlab")
        await ui.press("enter", "p")
        assert "2 marked rows are hidden by the filter" in ui.text("answer")
        assert not ui.backend.commands, "the row under the cursor was not meant"


async def test_x_takes_back_ones_own_task_and_leaves_a_job_of_others() -> None:
    async with running_app() as ui:
        key = fleet.key("gitlab")
        job = Job(key, "gitlab", "backup", started_at=fleet.NOW - 5, started_epoch=fleet.EPOCH - 5)
        waits = fleet.task(9, Verb.PAUSE, "gitlab", TaskState.WAITING, 1)
        await ui.publish(waits, replace(fleet.inventory("kvm01"), jobs=(job,)))
        await ui.press("5")
        ui.view_state.view.cursor.jump(ObjectId("kvm01", "task 9"), ui.view_state.height)
        await ui.press("X")
        assert ui.backend.cancelled == [9] and ui.app.screen is ui.console


async def test_x_on_a_batch_drops_what_waits() -> None:
    async with running_app() as ui:
        await shut_down(ui, "web-01", "web-02", "dns-01")
        await ui.publish(
            task(ui, 0, TaskState.FAILED, trouble=Refused("no")),
            task(ui, 1, TaskState.WAITING),
            task(ui, 2, TaskState.WAITING),
        )
        await ui.press("escape", "5")
        row = next(row for row in ui.view_state.view.listing.rows if row.batch)
        ui.view_state.view.cursor.jump(row.key, ui.view_state.height)
        await ui.press("X")
        assert ui.backend.cancelled == [101, 102]


async def test_a_reason_is_told_whole_under_the_list() -> None:
    async with running_app((80, 24)) as ui:
        await shut_down(ui, "web-01", "web-02")
        why = "the file " + "/a-long-folder" * 12 + "/x.qcow2 is not there"
        trouble = Refused(
            why, advice="see that its pool is on", libvirt_message="libvirt's own words"
        )
        await ui.publish(
            task(ui, 1, TaskState.DONE), task(ui, 0, TaskState.FAILED, trouble=trouble)
        )
        shown = "".join(ui.text("body").split())
        for words in (why, "see that its pool is on", "libvirt's own words"):
            assert "".join(words.split()) in shown
        await ui.press("enter")
        assert "5 shows all" in ui.text("answer"), "what has no room says where it is whole"
