"""``--keep`` from the command line: a preview first, and then exactly that, of real backups."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import skip_without_root
from tests.lab import guests
from tests.lab.daemon import Lab

from .small_guests import define_small
from .test_backup import checkpoints, files_of

pytestmark = pytest.mark.lab

NAME = "kept"


@pytest.fixture
def lab() -> Iterator[Lab]:
    skip_without_root()
    with Lab(f"retention-{os.getpid()}") as host:
        guests.furnish_lab(host)
        define_small(host, NAME)
        yield host


def told(lab: Lab, *arguments: str, status: int = 0) -> str:
    """What the program prints; its exit status must be so."""
    done = subprocess.run(
        [sys.executable, "-m", "virttui", *arguments, "-c", lab.uri],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stderr + done.stdout
    return done.stdout


def test_a_preview_says_what_goes_and_nothing_else_goes(lab: Lab) -> None:
    for mode in ("--full", "--full", "--incremental"):
        told(lab, "backup", NAME, "--pool", "default", mode)
    before = files_of(lab, "default", NAME)

    unread: list[dict[str, Any]] = json.loads(
        told(lab, "verify", NAME, "--keep", "last 1", "--dry-run", "--json")
    )
    assert [one["goes"] for one in unread] == [False] * 3
    assert all("not verified" in one["kept_because"] for one in unread)

    told(lab, "verify", NAME)
    preview = told(lab, "verify", NAME, "--keep", "last 1", "--dry-run")
    ids = [one["id"] for one in unread]
    assert "the rule keeps 2; 1 goes, " in preview
    assert f"{ids[2]}  goes" in preview and f"{ids[1]}  stays: {ids[0]} needs it" in preview
    assert [*files_of(lab, "default", NAME)] == [
        *sorted([*before, *(f"{NAME}-{id}.verified.json" for id in ids)])
    ]

    done = json.loads(told(lab, "verify", NAME, "--keep", "last 1", "--json"))
    assert {one["id"]: one["deleted"] for one in done} == dict(
        zip(ids, (False, False, True), strict=True)
    )
    left = files_of(lab, "default", NAME)
    assert left and not [name for name in left if ids[2] in name]
    assert len(checkpoints(lab, NAME)) == 2
    # What stays is whole, and the next one follows it.
    told(lab, "verify", NAME)
    after = json.loads(
        told(
            lab, "backup", NAME, "--pool", "default", "--incremental", "--keep", "last 2", "--json"
        )
    )
    assert after[0]["backup"]["parent"] == ids[0]
    assert [one["goes"] for one in after[0]["retention"]] == [False] * 3


def test_nothing_goes_when_anything_failed(lab: Lab) -> None:
    for _ in range(2):
        told(lab, "backup", NAME, "--pool", "default", "--full")
    told(lab, "verify", NAME)
    disk = sorted(guests.pool_folder(lab).glob(f"{NAME}-2*-vda.qcow2"))[-1]
    with disk.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))
    told(lab, "verify", NAME, "--keep", "last 1", status=1)
    assert len([name for name in files_of(lab, "default", NAME) if "backup.json" in name]) == 2
