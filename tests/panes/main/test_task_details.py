"""The likely cause of a failed task is its pool only where the message is about that."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from virttui.hypervisor.connection.error_causes import cause_of
from virttui.model.commands import Verb
from virttui.model.domains.diagnosis import Diagnosis
from virttui.model.errors import Refused
from virttui.model.inventory import Inventory
from virttui.model.tasks import TaskState
from virttui.panes.main.task_details import likely

FILE = "/srv/backup/crm.qcow2"


def causes(said: str, inventory: Inventory, found: Diagnosis | None = None) -> str:
    trouble = Refused("it failed", advice="look at it", libvirt_message=said)
    task = fleet.task(7, Verb.START, "legacy-crm-2011", TaskState.FAILED, 1, trouble=trouble)
    return likely(task, inventory, found)[0]


@pytest.mark.parametrize(
    "said",
    [f"Cannot access storage file '{FILE}' (as uid:64055, gid:994): Permission denied",
     f"Failed to get lock: using the image [{FILE}]", "internal error: something odd"],
)  # fmt: skip
def test_a_pool_that_is_off_is_not_blamed_for_all(said: str) -> None:
    log = (f"-blockdev {FILE}", "Could not open '/elsewhere': No such file or directory")
    found = Diagnosis(log, "a log", (), "")
    assert causes(said, fleet.inventory("kvm01"), found) == ""


def test_a_pool_that_is_off_is_blamed_for_a_file_that_is_not_there() -> None:
    said = f"Cannot access storage file '{FILE}': No such file or directory"
    assert "is off on kvm01" in causes(said, fleet.inventory("kvm01"))


def test_so_it_is_for_what_its_log_says_of_a_backing_file() -> None:
    told = cause_of(f"Could not open backing file: Could not open '{FILE}': No such file")
    assert told is not None
    found = Diagnosis((), "a log", (), told[0])
    assert "is off on kvm01" in causes("process exited", fleet.inventory("kvm01"), found)


def test_a_full_pool_is_blamed_for_no_space_alone() -> None:
    base = fleet.inventory("kvm01")
    pools = {
        uuid: replace(pool, state="running", available=0) if pool.name == "backup" else pool
        for uuid, pool in base.pools.items()
    }
    full = replace(base, pools=pools)
    assert "is full" in causes(f"cannot write to '{FILE}': No space left on device", full)
    assert causes(f"Could not open '{FILE}': Permission denied", full) == ""
