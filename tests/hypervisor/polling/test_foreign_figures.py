"""Figures that a guest's agent tells are held against what can be."""

from __future__ import annotations

import math
from typing import Any

import pytest

from virttui.hypervisor.polling.details_reader import guest_info_of
from virttui.hypervisor.polling.guest_agent import mounts

HUGE = 2**62


def guest_info(**root: Any) -> dict[str, Any]:
    """``guestInfo`` of a guest with a good file system and the one that is given."""
    good = {"mountpoint": "/srv", "total-bytes": 100, "used-bytes": 40, "fstype": "ext4"}
    files = (good, {"mountpoint": "/", "fstype": "ext4", **root})
    named = {f"fs.{n}.{key}": value for n, one in enumerate(files) for key, value in one.items()}
    return {"fs.count": 2, **named}


@pytest.mark.parametrize(
    ("used", "total"),
    [(HUGE, 1), (-1, 100), (5, -5), (2**64, 2**65), ("4", "5"), (None, 5), (5, None)],
)
def test_a_file_system_that_cannot_be_is_not_known(used: Any, total: Any) -> None:
    raw = guest_info(**{"used-bytes": used, "total-bytes": total})
    assert [one.mountpoint for one in mounts(raw)] == ["/srv"]
    disks = guest_info_of(raw).disks
    assert disks is not None
    good, bad = disks
    assert good.fill == 0.4 and (bad.used, bad.total, bad.fill) == (None, None, None)


def test_a_file_system_without_a_mount_has_a_name() -> None:
    disks = guest_info_of(guest_info(mountpoint="", name="sda1")).disks
    assert disks is not None and disks[1].mount == "sda1"
    disks = guest_info_of(guest_info(mountpoint="")).disks
    assert disks is not None and disks[1].mount == "without a name"


@pytest.mark.parametrize("load", [math.nan, math.inf, -1.0, 1e300, "a"])
def test_a_load_that_cannot_be_is_not_known(load: Any) -> None:
    assert guest_info_of({"load.1m": load}).load is None
    assert guest_info_of({"load.1m": 0.5}).load == 0.5


@pytest.mark.parametrize("moment", [-5, 2**62, math.nan, math.inf, "a", None])
def test_a_moment_that_cannot_be_is_none(moment: Any) -> None:
    guest = guest_info_of({"user.count": 1, "user.0.name": "root", "user.0.login-time": moment})
    assert guest.users == (("root", 0.0),)
