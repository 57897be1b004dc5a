"""The demo from first paint to last: panes, keys, dialogs, sizes."""

from __future__ import annotations

import random
import re

import pytest

from .conftest import Start
from .terminal import Terminal


def narrow(it: Terminal, words: str) -> None:
    """Filter, as hands do it: a letter after what the last one did is seen."""
    it.press("/")
    it.wait_for("esc discard")
    it.press(words, "enter")
    it.wait_gone("esc discard")


def select(it: Terminal, name: str) -> None:
    """Filter for one domain, which puts the cursor on it."""
    narrow(it, name)
    it.wait_for(rf"▌[* ]?{re.escape(name)}\b")


def ready(it: Terminal) -> Terminal:
    it.wait_for("db-primary-01")
    it.wait_for("● running")
    return it


def test_the_demo_opens_on_a_live_table(start: Start) -> None:
    it = ready(start("--demo", size=(160, 50)))
    assert "1 domains" in it.lines[0] and "6 events" in it.lines[0]
    assert it.line("NAME.*STATE.*CPU%.*USED/MEM.*READ.*WRITE.*RX.*TX")
    it.wait_for(r"db-primary-01 +● running .*\d+ .*\S+/128G")
    assert "all keys" in it.lines[-1] or "keys" in it.lines[-1]


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("2", r"NAME.*MODE.*BRIDGE"),
        ("3", r"POOL.*TYPE"),
        ("4", r"demo.*live"),
        ("5", "no tasks yet"),
        ("6", "WHO|no events yet"),
    ],
)
def test_every_pane_opens_by_its_number(start: Start, key: str, shown: str) -> None:
    it = ready(start("--demo"))
    it.press(key)
    it.wait_for(shown)
    it.press("1")
    it.wait_for("db-primary-01")


def test_help_lists_the_keys_and_goes_again(start: Start) -> None:
    it = ready(start("--demo"))
    it.press("?")
    it.wait_for(lambda: any("keys" in line for line in it.lines[:3]), why="a title with keys")
    it.wait_for("force off")
    it.press("escape")
    it.wait_for("db-primary-01")


def test_a_domain_is_started_paused_and_forced_off(start: Start) -> None:
    it = ready(start("--demo"))
    select(it, "web-04")
    it.wait_for("web-04 .*○ off")
    it.press("s")
    it.wait_for("web-04 .*● running")
    it.press("p")
    it.wait_for("web-04 .*║ paused")
    it.press("D")
    it.wait_for("y Force off")
    it.press("n")
    it.wait_gone("y Force off")
    assert it.line("web-04 .*║ paused")
    it.press("D")
    it.wait_for("y Force off")
    it.press("y")
    it.wait_for("web-04 .*○ off")
    it.press("5")
    it.wait_for("force off +.*done")


def test_enter_on_a_confirm_cancels(start: Start) -> None:
    it = ready(start("--demo"))
    select(it, "web-01")
    it.press("D")
    it.wait_for("y Force off")
    it.press("enter")
    it.wait_gone("y Force off")
    assert it.line("web-01 .*● running")


def test_bulk_names_every_target(start: Start) -> None:
    it = ready(start("--demo"))
    narrow(it, "web-0")
    it.wait_for("domains 4 of 25")
    it.press("*", "S")
    it.wait_for("y Shut down")
    for name in ("web-01", "web-02", "web-03"):
        assert name in it.text
    it.press("escape")
    it.wait_gone("y Shut down")


def test_a_key_that_cannot_be_done_says_why(start: Start) -> None:
    it = ready(start("--demo"))
    select(it, "web-01")
    it.press("s")
    it.wait_for("web-01 is already running|is already running")


def test_read_only_refuses_every_change(start: Start) -> None:
    it = ready(start("--demo", "-r"))
    it.wait_for("read-only")
    select(it, "web-04")
    for key, word in zip(
        "sDUar", ("start", "force off", "delete", "autostart", "rename"), strict=True
    ):
        it.press(key)
        it.wait_for(f"{word}: this run is read-only")
    assert it.line("web-04 .*○ off")


def test_letters_typed_into_a_filter_are_text(start: Start) -> None:
    it = ready(start("--demo"))
    it.press("/", "sSDqRZpwanxr")
    it.wait_for("/sSDqRZpwanxr")
    it.wait_for("no match for /")
    it.press("escape")
    it.wait_for("db-primary-01")
    assert it.child.status is None


def test_ctrl_c_and_ctrl_q_do_not_quit(start: Start) -> None:
    it = ready(start("--demo"))
    it.press("ctrl+c")
    it.wait_for("q quits")
    it.press("ctrl+q", "2")
    it.wait_for("MODE")
    it.press("q")
    assert it.exit_status() == 0


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 50), (200, 60), (40, 10), (61, 17)])
def test_every_size_is_drawn_whole(start: Start, size: tuple[int, int]) -> None:
    it = start("--demo", size=size)
    it.wait_for("legacy-crm-2011")
    assert len(it.lines) == size[1]
    assert it.lines[0].strip() and it.lines[-1].strip()


def test_too_small_a_terminal_says_what_is_needed(start: Start) -> None:
    it = start("--demo", size=(20, 5))
    it.wait_for(lambda: "40x10" in it.text and "20x5" in it.text, why="the size that is needed")
    it.resize(120, 36)
    it.wait_for("db-primary-01")
    it.resize(20, 5)
    it.wait_for("20x5")
    it.press("q")
    assert it.exit_status() == 0


def test_a_storm_of_sizes_leaves_a_whole_screen(start: Start) -> None:
    it = ready(start("--demo"))
    chance = random.Random(3)
    for _ in range(60):
        it.resize(chance.randrange(10, 240), chance.randrange(3, 80))
        if chance.random() < 0.3:
            it.press(chance.choice("jk123456"))
    # The page of a terminal that is too small takes keys for itself.
    it.resize(120, 36)
    it.wait_for(lambda: "1 domains" in it.lines[0] and "keys" in it.lines[-1], why="a whole screen")
    it.press("1")
    it.wait_for("db-primary-01")
    it.press("q")
    assert it.exit_status() == 0


@pytest.mark.parametrize("opening", ["?", "ctrl+p", ":", "/", "D", "y"])
def test_keys_typed_ahead_are_heard_in_order(start: Start, opening: str) -> None:
    it = ready(start("--demo"))
    it.press(opening, "escape", "q")
    assert it.exit_status() == 0


def test_triage_from_the_table_to_the_sheet(start: Start) -> None:
    """Only what needs attention, groups, tags of several, a batch in its sheet, its row, its
    log."""
    it = ready(start("--demo"))
    it.press("ctrl+z")
    it.wait_for("only what needs attention")
    it.wait_for("WHY")
    it.press("escape")
    it.wait_gone("only what needs attention")
    it.press("b", "h")
    it.wait_for(r"▼ .*domains, \d+ running")
    it.press("b", "n")
    narrow(it, "web-0 state:running")
    it.press("*", "T")
    it.wait_for("Tags to add")
    it.press("front", "enter")
    it.wait_for(r"tag: \d ok")
    it.press("enter", "escape")
    it.wait_gone("/web-0")
    narrow(it, "tag:front")
    it.wait_for(r"domains \d of")
    it.press("*", "p")
    it.wait_for("stop at the first failure")
    it.press("y")
    it.wait_for(r"pause: \d ok")
    it.press("enter", "5")
    it.wait_for(r"pause .*● done .*domains")
    it.press("enter")
    it.wait_for("is paused")
    it.press("escape", "q")
    assert it.exit_status() == 0


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"\xe9j",
        b"\xed\xa0\x80",
        b"\x1b[99999999999;1u",
        b"\x1b[1114112u",
        b"\x1b[55296u",
        b"\x1b[200~\xff\xfe\x1b[201~",
        random.Random(5).randbytes(4000).translate(None, b"qQ\x03\x11\x1a"),
    ],
    ids=["byte", "latin-1", "surrogate", "huge", "beyond", "half", "pasted", "random"],
)
def test_no_byte_from_the_terminal_ends_it(start: Start, data: bytes) -> None:
    it = start("--demo", "-r")
    it.wait_for("db-primary-01")
    it.child.write(data)
    it.child.write(b"\x1b[27u" * 6)
    it.press("?")
    it.wait_for("type search")
    assert it.child.status is None
    if data.startswith(b"\x1b[") and data.endswith(b"u"):
        it.press("escape")
        it.wait_gone("type search")
        assert it.line("━━ domains"), "no part of it was taken for a letter, which would act"
