"""A night on call: real guests in the panes, keys that act on them, and every fault at once."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable

import pytest

from tests.conftest import BOOTED, OFF
from tests.lab import guests
from tests.lab.console import Console
from tests.lab.daemon import Lab
from tests.lab.guests import PASSWORD

from .conftest import Start
from .terminal import Terminal

pytestmark = pytest.mark.lab


def on(start: Start, *labs: Lab, size: tuple[int, int] = (160, 50)) -> Terminal:
    """The app on labs, its table full."""
    it = start(*(part for lab in labs for part in ("-c", lab.uri)), size=size)
    it.wait_for(r"alpha +● running .* \d+ [━╾─]* +\d+ +\S+M/256M")
    return it


def select(it: Terminal, name: str) -> None:
    """Put the cursor on a domain by filtering for it, then show all again."""
    it.press("/")
    it.wait_for("esc discard")
    it.press(name, "enter")
    it.wait_gone("esc discard")
    it.wait_for(rf"▌[* ]?{name} ")
    it.press("escape")
    it.wait_gone(f"/{name}")
    it.wait_for(rf"▌[* ]?{name} ")


def state(lab: Lab, name: str) -> str:
    return lab.virsh("domstate", name).strip()


def test_booted_guests_live_in_the_panes(start: Start, lab: Lab) -> None:
    it = on(start, lab)
    for name in BOOTED:
        it.wait_for(rf"{name} +● running .*\d+ +\S+M/256M .*192\.168\.122\.\d+")
    it.wait_for(rf"{OFF} +○ off")
    it.wait_for("● live")
    it.press("2")
    it.wait_for(r"default +● active +nat +virbr0 +192\.168\.122\.0/24")
    it.press("3")
    it.wait_for(r"default +● active +dir")
    it.press("enter")
    it.wait_for("data.qcow2 +qcow2")
    it.press("4")
    it.wait_for("QEMU")
    it.press("q")
    assert it.exit_status() == 0


def test_a_guest_is_started_shut_down_and_forced_off(start: Start, lab: Lab) -> None:
    it = on(start, lab)
    select(it, OFF)
    it.press("s")
    it.wait_for(f"{OFF} +● running")
    assert state(lab, OFF) == "running"
    guests.wait_booted(lab, OFF)
    it.press("S")
    it.wait_for(f"{OFF} +» shut down")
    it.wait_for(f"{OFF} +○ off")
    assert state(lab, OFF) == "shut off"
    it.press("s")
    it.wait_for(f"{OFF} +● running")
    it.press("D")
    it.wait_for("y Force off")
    assert OFF in it.text
    it.press("y")
    it.wait_for(f"{OFF} +○ off")
    assert state(lab, OFF) == "shut off"
    it.press("5")
    it.wait_for(lambda: len(re.findall(rf"{OFF} ", it.text)) >= 4, why="four tasks on it")
    it.press("6")
    it.wait_for(rf"{OFF} .*\byou\b")


def test_what_virsh_does_is_seen_at_once(start: Start, lab: Lab) -> None:
    it = on(start, lab)
    for command, shown in (
        ("suspend", "║ paused"),
        ("resume", "● running"),
    ):
        lab.virsh(command, "beta")
        it.wait_for(f"beta +{shown}")
    lab.virsh("start", OFF)
    it.wait_for(f"{OFF} +● running")
    lab.virsh("destroy", OFF)
    it.wait_for(f"{OFF} +○ off")
    guests.define_guest(lab, "visitor", start=False)
    it.wait_for("visitor +○ off")
    lab.virsh("undefine", "visitor")
    it.wait_gone("visitor +○")


def test_a_killed_libvirtd_comes_back_with_everything_held(start: Start, lab: Lab) -> None:
    it = on(start, lab)
    select(it, "gamma")
    # Everything is marked but gamma; unmarking it moves the cursor on to the row below.
    it.press("*", "space")
    it.wait_for("3 marked")
    it.wait_for(r"▌\*\w+ ")
    under = re.search(r"▌\*(\w+) ", it.text)
    assert under is not None
    lab.kill_daemon()
    try:
        it.wait_for("lost|not answering|gone")
        # Rows stay where they are, with their age at the right edge of STATE.
        it.wait_for(r"gamma +● running +\d+s")
        it.press("2")
        it.wait_for("MODE")
        it.press("1")
        it.wait_for("USED/MEM")
        it.press("s")
        it.wait_for("does not answer")
    finally:
        lab.start_daemon()
        # A starting libvirtd takes a pool for active when its folder is there; others count on it.
        lab.virsh("pool-destroy", "spare")
    it.press("ctrl+r")
    it.wait_for("● live")
    it.wait_gone(r"gamma +● running +\d+s")
    it.wait_for(r"alpha +● running .*\d+ +\S+M/256M")
    it.wait_for("3 marked")
    it.wait_for(rf"▌\*{under[1]} ")
    it.wait_for(r"(?m)^  gamma ")
    it.press("6")
    it.wait_for("live again|broke")


def test_a_frozen_libvirtd_freezes_nothing_here(start: Start, lab: Lab) -> None:
    it = on(start, lab)
    lab.freeze_daemon()
    try:
        it.wait_for("silent")
        it.wait_for(r"alpha +● running +\d+s")
        for key, shown in (("2", "MODE"), ("3", "POOL"), ("4", "live|silent"), ("1", "USED/MEM")):
            it.press(key)
            it.wait_for(shown)
        it.press("s", "j", "j", "k")
        it.press("q")
        assert it.exit_status() == 0, "all the time the daemon was frozen"
    finally:
        lab.thaw_daemon()


def test_a_frozen_libvirtd_that_wakes_is_live_again(start: Start, lab: Lab) -> None:
    it = on(start, lab)
    lab.freeze_daemon()
    try:
        it.wait_for("silent")
    finally:
        lab.thaw_daemon()
    it.wait_for("● live")
    it.wait_gone(r"alpha +● running +\d+s")


def test_a_frozen_guest_is_badged_and_the_others_go_on(start: Start, lab: Lab) -> None:
    it = on(start, lab)
    lab.freeze_guest("beta")
    try:
        it.wait_for(r"beta +\? silent \d+s")
        it.wait_for(r"! \d (needs? )?attention")
        it.wait_for(r"alpha +● running .*\d+ +\S+M/256M")
        lab.virsh("suspend", "gamma")
        it.wait_for("gamma +║ paused")
        lab.virsh("resume", "gamma")
        it.wait_for("gamma +● running")
    finally:
        lab.thaw_guest("beta")
    it.wait_for(r"beta +● running")


def test_a_host_that_dies_delays_no_other(
    start: Start, lab: Lab, new_lab: Callable[[str], Lab]
) -> None:
    other = new_lab("dying")
    guests.define_still(other, "still")
    it = on(start, lab, other)
    it.wait_for("still +║ paused")
    other.freeze_daemon()
    try:
        it.wait_for(r"still +║ paused +\d+s")
        lab.virsh("suspend", "alpha")
        it.wait_for("alpha +║ paused")
        lab.virsh("resume", "alpha")
        it.wait_for("alpha +● running")
    finally:
        other.thaw_daemon()
    it.press("q")
    assert it.exit_status(2) == 0


def test_a_console_there_and_back(start: Start, lab: Lab) -> None:
    it = on(start, lab)
    select(it, "alpha")
    it.press("c")
    it.wait_for("you type into alpha")
    it.press("\r")
    it.wait_for("alpha login:")
    it.press("root\r")
    it.wait_for("Password:")
    it.press(f"{PASSWORD}\r")
    it.wait_for("alpha:.*#")
    it.press("echo he''llo-$((40+2))\r")
    it.wait_for("hello-42")
    it.press("exit\r")
    it.wait_for("(?s)hello-42.*alpha login:")
    it.press("\x1d")
    it.wait_for("not typing")
    it.press("\x1d")
    it.wait_for(r"alpha +● running")
    with Console(lab, "alpha", force=False) as console:  # where nobody else has it, alone
        assert console.run("tty").strip() == "/dev/ttyS0"
    it.press("j", "k", "q")
    assert it.exit_status() == 0


def test_quitting_in_the_middle_of_anything(start: Start, lab: Lab) -> None:
    it = on(start, lab)
    it.press("/", "al", "escape", "q")
    assert it.exit_status(2) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_it_ends(start: Start, lab: Lab, number: signal.Signals) -> None:
    it = on(start, lab)
    it.child.signal(number)
    assert it.exit_status(3) == 0, "it left as by q: the terminal is whole"
