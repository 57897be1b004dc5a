"""The ``:`` line: targets by name, completion word by word, errors in place, what is remembered."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from tests.arguments import arguments_of
from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.commandline.prompt_history import PromptHistory
from virttui.modals.base.confirm import ConfirmDialog
from virttui.modals.domains.delete import DeleteDialog
from virttui.model.commands import RenameArguments, Verb
from virttui.model.identity import Kind
from virttui.model.messages import FleetMessage


async def command(ui: RunningApp, words: str) -> None:
    await ui.press("colon")
    await ui.type(words)
    await ui.press("enter")


def asked(ui: RunningApp) -> list[tuple[Verb, str]]:
    return [(one.verb, one.target.name) for one in ui.backend.commands]


async def test_a_named_target_is_acted_on_wherever_the_cursor_is() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await ui.press("3")
        await command(ui, "shutdown web-01")
        assert asked(ui) == [(Verb.SHUTDOWN, "web-01")]
        assert ui.view_state.pane == "storage"


async def test_several_targets_are_listed_in_one_confirm() -> None:
    async with running_app() as ui:
        await command(ui, "shutdown kvm0?/web-* gitlab")
        assert isinstance(ui.app.screen, ConfirmDialog)
        for name in ("web-01", "web-02", "web-03", "gitlab"):
            assert name in ui.text("body")
        await ui.press("y")
        assert {name for _, name in asked(ui)} == {"web-01", "web-02", "web-03", "gitlab"}


async def test_what_always_asks_asks_and_marks_are_left_alone() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await ui.press("space")
        await command(ui, "force off web-02")
        assert "Force off web-02 on kvm02?" in ui.text("body")
        await ui.press("y")
        assert asked(ui) == [(Verb.FORCE_OFF, "web-02")]
        assert ui.view_state.view.cursor.marks == {fleet.key("gitlab")}


async def test_those_that_cannot_are_left_out_with_the_reason() -> None:
    async with running_app() as ui:
        await command(ui, "shutdown web-01 old-wiki")
        assert "Shut down web-01 on kvm01?" in ui.text("body")
        assert "old-wiki is off: skipped" in ui.text("body")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("start web-01", "start: web-01 is already running"),
        ("resume web-01", "pause: web-01 is not paused"),
        ("autostart --on web-01", "autostart: web-01 has it already"),
        ("rename web-01 x", "rename: only when off: web-01 is running"),
        ("rename old-wiki wiki", "rename: wiki: kvm01 already has a domain of that name"),
        ("start net kvm02/default", "start: default is already active"),
    ],
)
async def test_the_same_reasons_as_for_keys(line: str, said: str) -> None:
    async with running_app() as ui:
        await command(ui, line)
        assert said in ui.text("answer")
        assert ui.backend.commands == []


async def test_networks_and_pools_are_named_too() -> None:
    async with running_app() as ui:
        await command(ui, "stop net mgmt")
        await ui.press("y")
        await command(ui, "start lab")
        await command(ui, "autostart --off pool nvme")
        assert [(c.verb, c.target.kind) for c in ui.backend.commands] == [
            (Verb.STOP, Kind.NETWORK),
            (Verb.START, Kind.NETWORK),
            (Verb.AUTOSTART_OFF, Kind.POOL),
        ]


async def test_delete_and_rename_by_name() -> None:
    async with running_app() as ui:
        await command(ui, "rename old-wiki new-wiki")
        assert arguments_of(ui.backend.commands[0], RenameArguments).new_name == "new-wiki"
        await command(ui, "delete crm-test")
        assert isinstance(ui.app.screen, DeleteDialog)


async def test_a_read_only_run_refuses_named_targets() -> None:
    async with running_app(read_only=True) as ui:
        await command(ui, "force off web-01")
        assert "force off: this run is read-only" in ui.text("answer")


async def test_go_puts_the_cursor_there() -> None:
    async with running_app() as ui:
        await command(ui, "go nvme")
        assert ui.view_state.pane == "storage" and ui.view_state.view.row.pool.name == "nvme"


async def test_tab_completes_word_by_word() -> None:
    async with running_app() as ui:
        await ui.press("colon")
        field = ui.app.screen.query_one(Input)
        await ui.type("shut")
        await ui.press("tab", "tab")
        assert field.value == "shut down "
        await ui.type("web")
        assert "running on kvm01" in ui.text("popup")
        await ui.press("down", "tab")
        assert field.value == "shut down web-02"
        await ui.press("tab")
        await ui.type("web-01")
        assert "on 2: web-02 and web-01" in ui.text("note")
        await ui.press("enter")
        assert isinstance(ui.app.screen, ConfirmDialog)


async def test_enter_on_half_a_name_does_nothing_but_say_so() -> None:
    async with running_app() as ui:
        await ui.press("colon")
        await ui.type("reset web-0")
        assert ui.text("note").strip() == ""
        await ui.press("enter")
        assert "no domain is called web-0" in ui.text("note")
        assert isinstance(ui.app.focused, Input)
        await ui.type("x")
        assert "no domain is called web-0x" in ui.text("note")


async def test_earlier_lines_come_back_also_in_the_next_run() -> None:
    async with running_app() as ui:
        await command(ui, "sort name")
        await command(ui, "eyes off")
        await command(ui, "virsh secret-set-value x --file y")
        await ui.press("escape", "colon", "up")
        field = ui.app.screen.query_one(Input)
        assert field.value == "eyes off"
        await ui.press("up")
        assert field.value == "sort name"
        await ui.press("down")
        assert field.value == "eyes off"

        def remembered_lines() -> list[str]:
            memory = PromptHistory(ui.console.prompts._memory._folder)
            memory.load()
            return memory.earlier(":")

        await ui.wait_for(lambda: set(remembered_lines()) == {"sort name", "eyes off"}, "the file")
    async with running_app() as ui:
        await ui.wait_for(lambda: ui.console.prompts._memory.earlier(":"), "what is kept")
        await ui.press("colon", "up")
        assert ui.app.screen.query_one(Input).value in ("eyes off", "sort name")


# -- export ------------------------------------------------------------------------------------


async def test_the_list_on_screen_is_exported(tmp_path: Path) -> None:
    async with running_app() as ui:
        await ui.press("slash")
        await ui.type("web-0")
        await ui.press("enter")
        await command(ui, "sort name")
        path = tmp_path / "out.csv"
        await command(ui, f"export {path}")
        await ui.wait_for(path.exists, "the file")
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["name"] for row in rows] == ["web-01", "web-02", "web-03"]
        assert rows[0]["cpu_share"] == "0.38"
        assert rows[0]["memory_bytes"] == str(8 * 1024**3)
        await ui.wait_for(lambda: f"3 rows in {path}" in ui.text("answer"), "what was done")


async def test_a_file_that_exists_is_replaced_only_after_a_yes(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    async with running_app() as ui:
        for key, kept in (("n", True), ("y", False)):
            await command(ui, f"export {path}")
            await ui.wait_for(lambda: isinstance(ui.app.screen, ConfirmDialog), "the question")
            assert "Replace" in ui.text("body")
            await ui.press(key)
            if not kept:
                await ui.wait_for(lambda: path.read_text() != "old", "the file")
            assert (path.read_text() == "old") is kept
        assert len([json.loads(line) for line in path.read_text().splitlines()]) == 45


async def test_the_history_of_the_selected_domain(tmp_path: Path) -> None:
    async with running_app() as ui:
        trail = fleet.trail(fleet.key("db-primary-01"))
        inventory = next(one for one in fleet.inventories() if one.host.id == "kvm01")
        await ui.publish(replace(inventory, trail=trail))
        ui.put_cursor("db-primary-01")
        path = tmp_path / "trail.csv"
        await command(ui, f"export history {path}")
        await ui.wait_for(path.exists, "the file")
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(trail.at)
        assert rows[-1]["time"].endswith("Z") and float(rows[-1]["cpu_share"]) > 0
        ui.put_cursor("gitlab")
        await command(ui, f"export history {path}")
        assert "no history of a selected domain" in ui.text("answer")


@pytest.mark.parametrize(
    ("where", "said"),
    [("/nonexistent/x.csv", "cannot be written"), ("~nobody-here/x.csv", "is not a user's home")],
)
async def test_a_file_that_cannot_be_written_is_told(where: str, said: str) -> None:
    async with running_app() as ui:
        await command(ui, f"export {where}")
        await ui.wait_for(lambda: said in ui.text("answer"), said)


async def test_every_pane_is_exported(tmp_path: Path) -> None:
    messages: list[FleetMessage] = [*fleet.inventories(), *fleet.tasks(), *fleet.host_events()]
    async with running_app(messages=messages) as ui:
        for pane in ("domains", "networks", "storage", "hosts", "tasks", "events"):
            await command(ui, f"show {pane}")
            path = tmp_path / f"{pane}.jsonl"
            await command(ui, f"export {path}")
            await ui.wait_for(path.exists, pane)
            rows = [json.loads(line) for line in path.read_text().splitlines()]
            assert len(rows) == len(ui.view_state.view.listing.rows)
        assert json.loads((tmp_path / "hosts.jsonl").read_text().splitlines()[0])["host_cpus"]


async def test_events_are_exported_by_their_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running_app(messages=[*fleet.inventories(), *fleet.host_events()]) as ui:
        await ui.press("6", "e")
        assert ui.app.screen.query_one("#field Input", Input).value.startswith("virttui-events-")
        await ui.press("enter")
        await ui.wait_for(lambda: list(tmp_path.glob("virttui-events-*.csv")), "the file")


async def test_a_word_that_is_no_command_runs_nothing_else() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await ui.type(":migrate")
        await ui.press("enter")
        assert ui.app.screen is ui.console
        assert ":virsh migrate --live" in ui.text("answer")


async def test_down_without_a_list_keeps_what_is_typed() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await ui.type(":set title x")
        await ui.press("down")
        field = ui.console.query_one("Prompt Input", Input)
        assert field.value == "set title x"
        await ui.press("escape")
        await ui.type(":set title before")
        await ui.press("escape", "colon")
        await ui.type("set title x")
        await ui.press("up", "down")
        assert field.value == "set title x", "an earlier line comes and goes"


async def test_paths_are_completed_on_the_line(tmp_path: Path) -> None:
    (tmp_path / "alpha.ova").touch()
    async with running_app() as ui:
        await ui.type(f":import {tmp_path}/al")
        popup = ui.console.query_one("#popup")
        await ui.wait_for(
            lambda: popup.display and "alpha.ova" in ui.text("popup"), "what it could become"
        )
        await ui.press("tab")
        field = ui.console.query_one("Prompt Input", Input)
        assert field.value == f"import {tmp_path}/alpha.ova"
