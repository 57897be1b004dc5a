"""The filter, the command line and the palette; and that letters in a field are only letters."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from tests.arguments import arguments_of
from tests.scenes import fleet, look
from tests.scenes.running_app import RunningApp, running_app
from virttui.actions.registry import ACTIONS
from virttui.model.commands import RenameArguments, Verb

EVERY_KEY = sorted({key for action in ACTIONS for key in action.keys})
STEERING = {"escape", "enter", "tab", "shift+tab", "up", "down"}


async def test_the_filter_narrows_as_it_is_typed() -> None:
    async with running_app((80, 24)) as ui:
        await ui.press("slash")
        await ui.type("web")
        assert set(ui.names()) == {"web-01", "web-02", "web-03"}
        assert ui.text("note").strip() == "3 of 45"
        await ui.press("enter")
        assert "domains 3 of 45 ─ /web" in ui.text("rule")
        await ui.press("escape")
        assert len(ui.names()) == 45


async def test_escape_drops_a_filter_that_is_typed() -> None:
    async with running_app() as ui:
        await ui.press("slash")
        await ui.type("web")
        await ui.press("escape")
        assert len(ui.names()) == 45
        assert ui.app.focused is None


async def test_errors_are_told_in_place_and_the_last_valid_filter_holds() -> None:
    async with running_app((80, 24)) as ui:
        await ui.press("slash")
        await ui.type("host:kvm* cpu>50")
        names = ui.names()
        await ui.type(" cpu>>5")
        assert "a number must follow >" in ui.text("note")
        assert ui.names() == names


async def test_filtered_to_nothing_is_said() -> None:
    async with running_app() as ui:
        await ui.press("slash")
        await ui.type("web-9x")
        await ui.press("enter")
        assert "no match for /web-9x among 45. esc clears the filter" in ui.text("table")


async def test_earlier_filters_come_back() -> None:
    async with running_app() as ui:
        await ui.press("slash")
        await ui.type("web")
        await ui.press("enter", "escape", "slash", "up")
        assert ui.app.screen.query_one(Input).value == "web"


async def test_the_command_line_completes_and_runs() -> None:
    async with running_app((80, 24)) as ui:
        ui.put_cursor("gitlab")
        await ui.press("colon")
        await ui.type("shut")
        assert "shut down" in ui.text("popup")
        assert "on gitlab" in ui.text("note")
        await ui.press("tab")
        assert ui.app.screen.query_one(Input).value == "shut down"
        await ui.press("enter")
        assert [c.verb for c in ui.backend.commands] == [Verb.SHUTDOWN]


async def test_commands_of_the_line_itself() -> None:
    async with running_app() as ui:
        await command(ui, "sort name")
        assert "sort name▲" in ui.text("rule")
        await command(ui, "eyes off")
        assert "attention first" not in ui.text("rule")
        assert ui.names()[0] == "build-arm64-01"
        await command(ui, "eyes on")
        assert ui.names()[0] == "db-replica-02"
        await command(ui, "show events")
        assert ui.view_state.pane == "events"
        await command(ui, "nonsense")
        assert "no command is called nonsense" in ui.text("answer")
        await command(ui, "demo")
        await ui.wait_for(lambda: len(ui.backends) == 2, "the demo")
        assert ui.backends[0].stopped
        assert ui.backend.hosts[0].uri == "test:///demo"


async def test_q_on_the_command_line_quits() -> None:
    async with running_app() as ui:
        await command(ui, "q")
        assert ui.app._exit


async def command(ui: RunningApp, words: str) -> None:
    await ui.press("colon")
    await ui.type(words)
    await ui.press("enter")


async def test_a_refused_command_says_why() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await ui.press("colon")
        await ui.type("rename")
        assert "only when off" in ui.text("popup")
        await ui.press("enter")
        assert "rename: only when off: gitlab is running" in ui.text("answer")


async def test_the_palette_does_and_goes() -> None:
    async with running_app() as ui:
        await ui.press("ctrl+p")
        await ui.type("nvme")
        assert "pool, kvm01" in ui.text("foot")
        await ui.press("enter")
        assert ui.view_state.pane == "storage"
        assert ui.view_state.view.row.pool.name == "nvme"
        await ui.press("ctrl+p")
        await ui.type("freeze")
        await ui.press("enter")
        assert ui.view_state.frozen_at is not None


@pytest.mark.parametrize("sign", ["slash", "colon"])
async def test_no_key_of_the_map_fires_in_the_prompt(sign: str) -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await ui.press("space", sign)
        marks = set(ui.view_state.view.cursor.marks)
        for key in EVERY_KEY:
            if key in STEERING:
                continue
            await ui.press(key)
            assert ui.app.screen is ui.console, key
            assert isinstance(ui.app.focused, Input), key
        assert ui.backend.commands == []
        assert ui.backend.refreshed == 0
        assert ui.view_state.pane == "domains"
        assert ui.view_state.view.cursor.marks == marks
        assert ui.view_state.frozen_at is None
        assert not ui.app._exit


@pytest.mark.parametrize("opening", [("r",), ("U",), ("ctrl+p",)])
async def test_no_key_of_the_map_fires_in_a_form(opening: tuple[str, ...]) -> None:
    async with running_app() as ui:
        ui.backend.plan = PLAN
        ui.put_cursor("old-wiki")
        await ui.press(*opening)
        await ui.wait_for(lambda: isinstance(ui.app.focused, Input), "the field")
        sheet = ui.app.screen
        for key in EVERY_KEY:
            if key in STEERING:
                continue
            await ui.press(key)
            assert ui.app.screen is sheet, key
        assert ui.backend.commands == []
        assert ui.view_state.pane == "domains"
        assert not ui.app._exit


PLAN = look.PLAN


async def test_modals_swallow_the_keys_of_the_console() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await ui.press("D")
        sheet = ui.app.screen
        for key in set(EVERY_KEY) - {"escape", "enter", "q", "y", "n"}:
            await ui.press(key)
            assert ui.app.screen is sheet, key
        assert ui.backend.commands == []
        assert fleet.key("gitlab") == ui.view_state.view.cursor.cursor


async def test_keys_may_come_faster_than_they_are_told() -> None:
    async with running_app() as ui:
        await burst(ui, "slash", *"web", "enter")
        assert set(ui.names()) == {"web-01", "web-02", "web-03"}
        assert ui.app.focused is None
        ui.put_cursor("web-01")
        await burst(ui, "colon", *"pause", "enter")
        assert [c.verb for c in ui.backend.commands] == [Verb.PAUSE]
        await burst(ui, "D", "y", "y", "j", "y")
        await burst(ui, "escape", "escape")
        assert [c.verb for c in ui.backend.commands][1:] == [Verb.FORCE_OFF]


async def burst(ui: RunningApp, *keys: str) -> None:
    """All keys at once, as a paste or a slow link brings them."""
    for key in keys:
        ui.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await ui.settle()


@pytest.mark.parametrize("opening", ["question_mark", "ctrl+p", "colon", "slash", "D", "y"])
async def test_what_is_opened_and_left_at_once_leaves_nothing_behind(opening: str) -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await burst(ui, opening, "escape", "3")
        assert ui.app.screen is ui.console
        assert ui.view_state.pane == "storage"
        assert ui.backend.commands == []


async def test_editing_keys_keep_their_order_in_a_burst() -> None:
    async with running_app() as ui:
        await burst(ui, "slash", "w", "x", "backspace", "e", "b", "home", "delete", "end")
        assert ui.app.screen.query_one(Input).value == "eb"
        await burst(ui, "escape")
        ui.put_cursor("old-wiki")
        await burst(ui, "r", "escape", "r")
        await burst(ui, "end", "2", "enter")
        assert [arguments_of(c, RenameArguments).new_name for c in ui.backend.commands] == [
            "old-wiki2"
        ]
