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
    async with running_app((80, 24)) as made:
        await made.press("slash")
        await made.type("web")
        assert set(made.names()) == {"web-01", "web-02", "web-03"}
        assert made.text("note").strip() == "3 of 45"
        await made.press("enter")
        assert "domains 3 of 45 ─ /web" in made.text("rule")
        await made.press("escape")
        assert len(made.names()) == 45


async def test_escape_drops_a_filter_that_is_typed() -> None:
    async with running_app() as made:
        await made.press("slash")
        await made.type("web")
        await made.press("escape")
        assert len(made.names()) == 45
        assert made.app.focused is None


async def test_errors_are_told_in_place_and_the_last_valid_filter_holds() -> None:
    async with running_app((80, 24)) as made:
        await made.press("slash")
        await made.type("host:kvm* cpu>50")
        names = made.names()
        await made.type(" cpu>>5")
        assert "a number must follow >" in made.text("note")
        assert made.names() == names


async def test_filtered_to_nothing_is_said() -> None:
    async with running_app() as made:
        await made.press("slash")
        await made.type("web-9x")
        await made.press("enter")
        assert "no match for /web-9x among 45. esc clears the filter" in made.text("table")


async def test_earlier_filters_come_back() -> None:
    async with running_app() as made:
        await made.press("slash")
        await made.type("web")
        await made.press("enter", "escape", "slash", "up")
        assert made.app.screen.query_one(Input).value == "web"


async def test_the_command_line_completes_and_runs() -> None:
    async with running_app((80, 24)) as made:
        made.put_cursor("gitlab")
        await made.press("colon")
        await made.type("shut")
        assert "shut down" in made.text("popup")
        assert "on gitlab" in made.text("note")
        await made.press("tab")
        assert made.app.screen.query_one(Input).value == "shut down"
        await made.press("enter")
        assert [c.verb for c in made.backend.commands] == [Verb.SHUTDOWN]


async def test_commands_of_the_line_itself() -> None:
    async with running_app() as made:
        await command(made, "sort name")
        assert "sort name▲" in made.text("rule")
        await command(made, "eyes off")
        assert "attention first" not in made.text("rule")
        assert made.names()[0] == "build-arm64-01"
        await command(made, "eyes on")
        assert made.names()[0] == "db-replica-02"
        await command(made, "show events")
        assert made.view_state.pane == "events"
        await command(made, "nonsense")
        assert "no command is called nonsense" in made.text("answer")
        await command(made, "demo")
        await made.wait_for(lambda: len(made.backends) == 2, "the demo")
        assert made.backends[0].stopped
        assert made.backend.hosts[0].uri == "test:///demo"


async def test_q_on_the_command_line_quits() -> None:
    async with running_app() as made:
        await command(made, "q")
        assert made.app._exit


async def command(made: RunningApp, words: str) -> None:
    await made.press("colon")
    await made.type(words)
    await made.press("enter")


async def test_a_refused_command_says_why() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.press("colon")
        await made.type("rename")
        assert "only when off" in made.text("popup")
        await made.press("enter")
        assert "rename: only when off: gitlab is running" in made.text("answer")


async def test_the_palette_does_and_goes() -> None:
    async with running_app() as made:
        await made.press("ctrl+p")
        await made.type("nvme")
        assert "pool, kvm01" in made.text("foot")
        await made.press("enter")
        assert made.view_state.pane == "storage"
        assert made.view_state.view.row.pool.name == "nvme"
        await made.press("ctrl+p")
        await made.type("freeze")
        await made.press("enter")
        assert made.view_state.frozen_at is not None


@pytest.mark.parametrize("sign", ["slash", "colon"])
async def test_no_key_of_the_map_fires_in_the_prompt(sign: str) -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.press("space", sign)
        marks = set(made.view_state.view.cursor.marks)
        for key in EVERY_KEY:
            if key in STEERING:
                continue
            await made.press(key)
            assert made.app.screen is made.console, key
            assert isinstance(made.app.focused, Input), key
        assert made.backend.commands == []
        assert made.backend.refreshed == 0
        assert made.view_state.pane == "domains"
        assert made.view_state.view.cursor.marks == marks
        assert made.view_state.frozen_at is None
        assert not made.app._exit


@pytest.mark.parametrize("opening", [("r",), ("U",), ("ctrl+p",)])
async def test_no_key_of_the_map_fires_in_a_form(opening: tuple[str, ...]) -> None:
    async with running_app() as made:
        made.backend.plan = PLAN
        made.put_cursor("old-wiki")
        await made.press(*opening)
        await made.wait_for(lambda: isinstance(made.app.focused, Input), "the field")
        sheet = made.app.screen
        for key in EVERY_KEY:
            if key in STEERING:
                continue
            await made.press(key)
            assert made.app.screen is sheet, key
        assert made.backend.commands == []
        assert made.view_state.pane == "domains"
        assert not made.app._exit


PLAN = look.PLAN


async def test_modals_swallow_the_keys_of_the_console() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.press("D")
        sheet = made.app.screen
        for key in set(EVERY_KEY) - {"escape", "enter", "q", "y", "n"}:
            await made.press(key)
            assert made.app.screen is sheet, key
        assert made.backend.commands == []
        assert fleet.key("gitlab") == made.view_state.view.cursor.cursor


async def test_keys_may_come_faster_than_they_are_told() -> None:
    async with running_app() as made:
        await burst(made, "slash", *"web", "enter")
        assert set(made.names()) == {"web-01", "web-02", "web-03"}
        assert made.app.focused is None
        made.put_cursor("web-01")
        await burst(made, "colon", *"pause", "enter")
        assert [c.verb for c in made.backend.commands] == [Verb.PAUSE]
        await burst(made, "D", "y", "y", "j", "y")
        await burst(made, "escape", "escape")
        assert [c.verb for c in made.backend.commands][1:] == [Verb.FORCE_OFF]


async def burst(made: RunningApp, *keys: str) -> None:
    """All keys at once, as a paste or a slow link brings them."""
    for key in keys:
        made.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await made.settle()


@pytest.mark.parametrize("opening", ["question_mark", "ctrl+p", "colon", "slash", "D", "y"])
async def test_what_is_opened_and_left_at_once_leaves_nothing_behind(opening: str) -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await burst(made, opening, "escape", "3")
        assert made.app.screen is made.console
        assert made.view_state.pane == "storage"
        assert made.backend.commands == []


async def test_editing_keys_keep_their_order_in_a_burst() -> None:
    async with running_app() as made:
        await burst(made, "slash", "w", "x", "backspace", "e", "b", "home", "delete", "end")
        assert made.app.screen.query_one(Input).value == "eb"
        await burst(made, "escape")
        made.put_cursor("old-wiki")
        await burst(made, "r", "escape", "r")
        await burst(made, "end", "2", "enter")
        assert [arguments_of(c, RenameArguments).new_name for c in made.backend.commands] == [
            "old-wiki2"
        ]
