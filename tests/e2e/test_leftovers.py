"""Killed in the middle of a clone: the next run says so, lists what is left, and takes it away."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.lab.clones import pool_files, random_volume, stopped_domain
from tests.lab.daemon import Lab

from .conftest import Start

pytestmark = pytest.mark.lab


def test_a_killed_run_leaves_nothing_unlisted(start: Start, new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("killing")
    random_volume(lab, "web-01.qcow2", 500)
    stopped_domain(lab, "web-01", "web-01.qcow2")
    before = pool_files(lab)
    it = start("-c", lab.uri)
    it.wait_for(r"▌[* ]?web-01 +○ off")
    it.press("C")
    it.wait_for("full to default")
    it.press("enter")
    it.wait_for("a Create it")
    it.press("a")
    it.wait_for(lambda: "web-02.qcow2" in pool_files(lab), why="the copy to begin")
    it.child.signal(signal.SIGKILL)
    it.exit_status()
    assert "web-02.qcow2" in pool_files(lab)

    again = start("-c", lab.uri, size=(80, 24))
    again.wait_for("making web-02 was interrupted; :leftovers shows")
    again.press(":", "leftovers", "enter")
    again.wait_for("y Remove 1 item")
    assert "web-02.qcow2 in default" in again.text
    again.press("enter")
    again.wait_gone("y Remove")
    assert "web-02.qcow2" in pool_files(lab), "Cancel is the default"
    again.press(":", "leftovers", "enter")
    again.wait_for("y Remove 1 item")
    again.press("y")
    again.wait_for("is removed")
    assert pool_files(lab) == before
