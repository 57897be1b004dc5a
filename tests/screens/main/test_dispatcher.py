"""Each action has a handler on every screen that it belongs to."""

from __future__ import annotations

import pytest

from virttui.actions.action import PANES, Action
from virttui.actions.registry import ACTIONS, ALIASES, BY_ID, LINE_COMMANDS
from virttui.screens.main.domain_screen import DomainPageActions
from virttui.screens.main.line_commands import LineCommands
from virttui.screens.main.list_actions import ListActions
from virttui.screens.main.object_actions import ObjectActions


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_has_a_handler(action: Action) -> None:
    namespace, _, name = action.handler.partition(".")
    assert namespace in ("view", "objects")
    if namespace == "objects":
        assert callable(getattr(ObjectActions, name))
        return
    if action.panes & set(PANES):
        assert callable(getattr(ListActions, name))
    if "details" in action.panes:
        assert callable(getattr(DomainPageActions, name))


@pytest.mark.parametrize("word", LINE_COMMANDS)
def test_every_word_of_the_command_line_has_a_handler(word: str) -> None:
    assert callable(getattr(LineCommands, LINE_COMMANDS[word]))


def test_other_words_mean_an_action() -> None:
    assert set(ALIASES.values()) <= BY_ID.keys()


def test_no_handler_is_left_without_an_action() -> None:
    named = {action.handler.partition(".")[2] for action in ACTIONS}
    others = {"go_to", "go_to_volume"}
    for view in (ListActions, DomainPageActions):
        assert {name for name in vars(view) if not name.startswith("_")} <= named | others
    words = {name for name in vars(LineCommands) if not name.startswith("_")}
    assert words == {*LINE_COMMANDS.values(), "run"}
