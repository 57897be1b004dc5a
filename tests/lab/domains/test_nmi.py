"""An NMI reaches the kernel of a guest that runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fleet_client import listening
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.processes import wait_until
from tests.patience import PATIENCE
from virttui.model.commands import Verb
from virttui.model.tasks import TaskState

pytestmark = pytest.mark.lab


def test_the_kernel_of_a_guest_logs_an_nmi(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("nmi")
    guests.define_guest(lab, "guest")
    guests.wait_booted(lab, "guest")
    before = guests.serial_log(lab, "guest").count("NMI")
    with listening(lab.uri) as client:
        client.listed()
        task = client.done(client.do(Verb.INJECT_NMI, "guest"))
        assert (task.state, task.words) == (TaskState.DONE, "got an NMI")

    def logged() -> bool:
        return guests.serial_log(lab, "guest").count("NMI") > before

    wait_until(logged, PATIENCE, "the guest to log the NMI", 0.1)
