"""What was typed in the workbench outlives the process."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from .conftest import Start
from .terminal import Terminal
from .test_demo import ready, select


def edit(it: Terminal) -> None:
    """Open a domain's XML and type at its first line."""
    select(ready(it), "web-04")
    it.press("x")
    it.wait_for("<domain type='test'")
    it.press("down", "end", "zzz-typed")
    it.wait_for("zzz-typed")


def draft_is_complete(home: Path) -> bool:
    """Whether a draft with all that was typed is in a file."""
    files = list(home.rglob("drafts/*/*.json"))
    return any("zzz-typed" in file.read_text() for file in files)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_a_draft_survives_its_process(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    first = start("--demo")
    edit(first)
    first.wait_for(lambda: draft_is_complete(tmp_path), why="the draft")
    first.child.signal(number)
    first.exit_status()
    again = start("--demo")
    again.wait_for("an unfinished edit of web-04")
    select(ready(again), "web-04")
    again.press("x")
    again.wait_for("Continue with the draft")
    again.press("g")
    again.wait_for("zzz-typed")
    again.wait_for("edited")
    again.press("escape", "q")
    assert again.exit_status() == 0


def test_a_title_is_changed_reviewed_written_and_put_back(start: Start) -> None:
    it = ready(start("--demo"))
    select(it, "web-04")
    it.press("x")
    it.wait_for("<domain type='test'")
    it.press("ctrl+f")
    it.wait_for("esc discard")
    it.press("</memory>", "enter")
    it.wait_for("f2 review")
    it.press("home", "<description>by hand</description>")
    it.wait_for("edited")
    it.press("\x1bOQ")
    it.wait_for("nothing is written until you press a")
    it.wait_for(r"\+.*<description>by hand</description>")
    it.press("a")
    it.wait_for("f2 review and apply")
    it.wait_for("as it is stored")
    it.press("\x1bOR")
    it.wait_for("before define")
    it.press("r")
    it.wait_for("nothing is written until you press a")
    it.press("a")
    it.wait_for("f2 review and apply")
    it.wait_for("as it is stored")
    # What is searched for goes first.
    it.press("escape", "escape", "q")
    assert it.exit_status() == 0
