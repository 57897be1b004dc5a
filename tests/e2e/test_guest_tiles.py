"""The screens of real guests as tiles: each is looked at, and one that hangs stops no other."""

from __future__ import annotations

import pytest

from tests.conftest import BOOTED, OFF
from tests.lab.console import Console
from tests.lab.daemon import Lab

from .conftest import Start

pytestmark = pytest.mark.lab


def test_a_hung_guest_stops_no_other_screen(start: Start, lab: Lab) -> None:
    it = start("-c", lab.uri, size=(120, 36))
    for name in BOOTED:
        it.wait_for(rf"{name} +● running")
    it.press("*")
    it.wait_for(r"\d marked")
    it.press("v")
    it.wait_for("━━ screens")
    for name in BOOTED:
        it.wait_for(rf"─ {name} +● running ")
        it.wait_for(rf"[│▌ ]{name} login:")
    it.wait_for(rf"{OFF} +○ off")
    it.wait_for("It is off, so it has no screen")
    lab.freeze_guest("beta")
    try:
        it.wait_for(r"beta +\? silent \d+s .*s old")
        it.wait_for("1 without an answer ─ 1 off")
        it.wait_for(r"[│▌ ]beta login:", why="what it showed last stays")
        for name in (one for one in BOOTED if one != "beta"):
            with Console(lab, name) as console:
                console.run("echo; echo seen $((6 * 7)) on $(hostname) >/dev/tty1")
            it.wait_for(f"seen 42 on {name}")
    finally:
        lab.thaw_guest("beta")
    it.wait_for(r"beta +● running +login ─+ now")
    it.press("g")
    it.wait_for(rf"━━ {OFF} ")
    it.press("right", "enter")
    it.wait_for("━━ its screen")
    it.press("escape")
    it.wait_for("━━ screens")
    it.press("escape")
    it.wait_for(r"\d marked")
    it.press("q")
    assert it.exit_status() == 0
