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


async def command(made: RunningApp, words: str) -> None:
    await made.press("colon")
    await made.type(words)
    await made.press("enter")


def asked(made: RunningApp) -> list[tuple[Verb, str]]:
    return [(one.verb, one.target.name) for one in made.backend.commands]


async def test_a_named_target_is_acted_on_wherever_the_cursor_is() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.press("3")
        await command(made, "shutdown web-01")
        assert asked(made) == [(Verb.SHUTDOWN, "web-01")]
        assert made.view_state.pane == "storage"


async def test_several_targets_are_listed_in_one_confirm() -> None:
    async with running_app() as made:
        await command(made, "shutdown kvm0?/web-* gitlab")
        assert isinstance(made.app.screen, ConfirmDialog)
        for name in ("web-01", "web-02", "web-03", "gitlab"):
            assert name in made.text("body")
        await made.press("y")
        assert {name for _, name in asked(made)} == {"web-01", "web-02", "web-03", "gitlab"}


async def test_what_always_asks_asks_and_marks_are_left_alone() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.press("space")
        await command(made, "force off web-02")
        assert "Force off web-02 on kvm02?" in made.text("body")
        await made.press("y")
        assert asked(made) == [(Verb.FORCE_OFF, "web-02")]
        assert made.view_state.view.cursor.marks == {fleet.key("gitlab")}


async def test_those_that_cannot_are_left_out_with_the_reason() -> None:
    async with running_app() as made:
        await command(made, "shutdown web-01 old-wiki")
        assert "Shut down web-01 on kvm01?" in made.text("body")
        assert "old-wiki is off: skipped" in made.text("body")


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
    async with running_app() as made:
        await command(made, line)
        assert said in made.text("answer")
        assert made.backend.commands == []


async def test_networks_and_pools_are_named_too() -> None:
    async with running_app() as made:
        await command(made, "stop net mgmt")
        await made.press("y")
        await command(made, "start lab")
        await command(made, "autostart --off pool nvme")
        assert [(c.verb, c.target.kind) for c in made.backend.commands] == [
            (Verb.STOP, Kind.NETWORK),
            (Verb.START, Kind.NETWORK),
            (Verb.AUTOSTART_OFF, Kind.POOL),
        ]


async def test_delete_and_rename_by_name() -> None:
    async with running_app() as made:
        await command(made, "rename old-wiki new-wiki")
        assert arguments_of(made.backend.commands[0], RenameArguments).new_name == "new-wiki"
        await command(made, "delete crm-test")
        assert isinstance(made.app.screen, DeleteDialog)


async def test_a_read_only_run_refuses_named_targets() -> None:
    async with running_app(read_only=True) as made:
        await command(made, "force off web-01")
        assert "force off: this run is read-only" in made.text("answer")


async def test_go_puts_the_cursor_there() -> None:
    async with running_app() as made:
        await command(made, "go nvme")
        assert made.view_state.pane == "storage" and made.view_state.view.row.pool.name == "nvme"


async def test_tab_completes_word_by_word() -> None:
    async with running_app() as made:
        await made.press("colon")
        field = made.app.screen.query_one(Input)
        await made.type("shut")
        await made.press("tab", "tab")
        assert field.value == "shut down "
        await made.type("web")
        assert "running on kvm01" in made.text("popup")
        await made.press("down", "tab")
        assert field.value == "shut down web-02"
        await made.press("tab")
        await made.type("web-01")
        assert "on 2: web-02 and web-01" in made.text("note")
        await made.press("enter")
        assert isinstance(made.app.screen, ConfirmDialog)


async def test_enter_on_half_a_name_does_nothing_but_say_so() -> None:
    async with running_app() as made:
        await made.press("colon")
        await made.type("reset web-0")
        assert made.text("note").strip() == ""
        await made.press("enter")
        assert "no domain is called web-0" in made.text("note")
        assert isinstance(made.app.focused, Input)
        await made.type("x")
        assert "no domain is called web-0x" in made.text("note")


async def test_earlier_lines_come_back_also_in_the_next_run() -> None:
    async with running_app() as made:
        await command(made, "sort name")
        await command(made, "eyes off")
        await command(made, "virsh secret-set-value x --file y")
        await made.press("escape", "colon", "up")
        field = made.app.screen.query_one(Input)
        assert field.value == "eyes off"
        await made.press("up")
        assert field.value == "sort name"
        await made.press("down")
        assert field.value == "eyes off"

        def kept() -> list[str]:
            memory = PromptHistory(made.console.prompts._memory._folder)
            memory.load()
            return memory.earlier(":")

        await made.wait_for(lambda: set(kept()) == {"sort name", "eyes off"}, "the file")
    async with running_app() as made:
        await made.wait_for(lambda: made.console.prompts._memory.earlier(":"), "what is kept")
        await made.press("colon", "up")
        assert made.app.screen.query_one(Input).value in ("eyes off", "sort name")


# -- export ------------------------------------------------------------------------------------


async def test_the_list_on_screen_is_exported(tmp_path: Path) -> None:
    async with running_app() as made:
        await made.press("slash")
        await made.type("web-0")
        await made.press("enter")
        await command(made, "sort name")
        path = tmp_path / "out.csv"
        await command(made, f"export {path}")
        await made.wait_for(path.exists, "the file")
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["name"] for row in rows] == ["web-01", "web-02", "web-03"]
        assert rows[0]["cpu_share"] == "0.38"
        assert rows[0]["memory_bytes"] == str(8 * 1024**3)
        await made.wait_for(lambda: f"3 rows in {path}" in made.text("answer"), "what was done")


async def test_a_file_that_exists_is_replaced_only_after_a_yes(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    async with running_app() as made:
        for key, kept in (("n", True), ("y", False)):
            await command(made, f"export {path}")
            await made.wait_for(lambda: isinstance(made.app.screen, ConfirmDialog), "the question")
            assert "Replace" in made.text("body")
            await made.press(key)
            if not kept:
                await made.wait_for(lambda: path.read_text() != "old", "the file")
            assert (path.read_text() == "old") is kept
        assert len([json.loads(line) for line in path.read_text().splitlines()]) == 45


async def test_the_history_of_the_selected_domain(tmp_path: Path) -> None:
    async with running_app() as made:
        trail = fleet.trail(fleet.key("db-primary-01"))
        inventory = next(one for one in fleet.inventories() if one.host.id == "kvm01")
        await made.publish(replace(inventory, trail=trail))
        made.put_cursor("db-primary-01")
        path = tmp_path / "trail.csv"
        await command(made, f"export history {path}")
        await made.wait_for(path.exists, "the file")
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(trail.at)
        assert rows[-1]["time"].endswith("Z") and float(rows[-1]["cpu_share"]) > 0
        made.put_cursor("gitlab")
        await command(made, f"export history {path}")
        assert "no history of a selected domain" in made.text("answer")


@pytest.mark.parametrize(
    ("where", "said"),
    [("/nonexistent/x.csv", "cannot be written"), ("~nobody-here/x.csv", "is not a user's home")],
)
async def test_a_file_that_cannot_be_written_is_told(where: str, said: str) -> None:
    async with running_app() as made:
        await command(made, f"export {where}")
        await made.wait_for(lambda: said in made.text("answer"), said)


async def test_every_pane_is_exported(tmp_path: Path) -> None:
    messages: list[FleetMessage] = [*fleet.inventories(), *fleet.tasks(), *fleet.host_events()]
    async with running_app(messages=messages) as made:
        for pane in ("domains", "networks", "storage", "hosts", "tasks", "events"):
            await command(made, f"show {pane}")
            path = tmp_path / f"{pane}.jsonl"
            await command(made, f"export {path}")
            await made.wait_for(path.exists, pane)
            rows = [json.loads(line) for line in path.read_text().splitlines()]
            assert len(rows) == len(made.view_state.view.listing.rows)
        assert json.loads((tmp_path / "hosts.jsonl").read_text().splitlines()[0])["host_cpus"]


async def test_events_are_exported_by_their_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running_app(messages=[*fleet.inventories(), *fleet.host_events()]) as made:
        await made.press("6", "e")
        assert made.app.screen.query_one("#field Input", Input).value.startswith("virttui-events-")
        await made.press("enter")
        await made.wait_for(lambda: list(tmp_path.glob("virttui-events-*.csv")), "the file")


async def test_a_word_that_is_no_command_runs_nothing_else() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.type(":snapshot")
        await made.press("enter")
        assert made.app.screen is made.console
        assert ":virsh snapshot-create-as" in made.text("answer")


async def test_down_without_a_list_keeps_what_is_typed() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.type(":set title x")
        await made.press("down")
        field = made.console.query_one("Prompt Input", Input)
        assert field.value == "set title x"
        await made.press("escape")
        await made.type(":set title before")
        await made.press("escape", "colon")
        await made.type("set title x")
        await made.press("up", "down")
        assert field.value == "set title x", "an earlier line comes and goes"


async def test_paths_are_completed_on_the_line(tmp_path: Path) -> None:
    (tmp_path / "alpha.ova").touch()
    async with running_app() as made:
        await made.type(f":import {tmp_path}/al")
        popup = made.console.query_one("#popup")
        await made.wait_for(
            lambda: popup.display and "alpha.ova" in made.text("popup"), "what it could become"
        )
        await made.press("tab")
        field = made.console.query_one("Prompt Input", Input)
        assert field.value == f"import {tmp_path}/alpha.ova"
