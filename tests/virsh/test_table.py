"""Every command of the installed virsh has its place in the table, and the table is true."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from virttui import palette
from virttui.__main__ import _parser
from virttui.actions.action import PANES
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionContext
from virttui.commandline.parser import _OWN
from virttui.commandline.virsh import ASKS, REFUSED, catalogue
from virttui.commandline.virsh_reads import ALWAYS, LOOKS

HERE = Path(__file__).parent
COMMAND_LINE = HERE.parents[1] / "docs" / "command-line.md"
# Old names that virsh still understands and does not list.
OLD_NAMES = {"nodedev-dettach"}


def table() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in (HERE / "table.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, means = line.split(maxsplit=1)
            assert name not in found, f"{name} appears twice"
            found[name] = means
    return found


TABLE = table()
OWN = {name: means for name, means in TABLE.items() if not means.startswith("virsh: ")}


def shell_commands() -> set[str]:
    """The commands of ``virttui`` itself."""
    for action in _parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return set(action.choices)
    raise AssertionError("there are no commands")


@pytest.mark.skipif(shutil.which("virsh") is None, reason="virsh is not installed")
def test_every_command_of_the_installed_virsh_is_in_the_table() -> None:
    told = subprocess.run(["virsh", "help"], capture_output=True, text=True, check=True).stdout
    installed = {one.name for one in catalogue(told)}
    assert len(installed) > 200
    assert not installed - set(TABLE), "say in table.txt what does these"


@pytest.mark.parametrize(("name", "means"), OWN.items(), ids=OWN)
def test_what_the_table_names_exists(name: str, means: str) -> None:
    kind, what = means.split()
    words = {entry.value for pane in PANES for entry in palette.commands(ActionContext(pane), ())}
    known = {
        "action": set(BY_ID),
        "pane": set(PANES),
        "command": set(_OWN) | shell_commands() | words,
    }
    assert what in known[kind], f"{name}: there is no {means}"


def test_what_is_left_to_virsh_says_why() -> None:
    for name, means in TABLE.items():
        if name not in OWN:
            assert len(means.removeprefix("virsh: ")) > 10, name
            assert ("refuses it" in means) == (name in REFUSED), name


def test_what_is_refused_or_asks_is_a_command() -> None:
    assert not (set(REFUSED) | ASKS) - set(TABLE) - OLD_NAMES
    assert not set(REFUSED) & ASKS
    assert not (ALWAYS | set(LOOKS)) - set(TABLE)
    assert not (ALWAYS | set(LOOKS)) & (set(REFUSED) | ASKS) and not ALWAYS & set(LOOKS)


def test_the_documentation_counts_them() -> None:
    refused = len(set(REFUSED) - set(OWN))
    text = re.sub(r"\s+", " ", COMMAND_LINE.read_text())
    assert (
        f"{len(OWN)} of {len(TABLE)} virsh commands have an action of their own; the others run "
        f"with `:virsh`, but for {refused} of its own shell"
    ) in text
