"""Who has a console, as far as libvirt says."""

from __future__ import annotations

from virttui.hypervisor.consoles.console_worker import holder


def test_a_lock_file_names_its_process_and_else_nobody_is_named() -> None:
    locked = (
        "operation failed: Requested device '/dev/pts/2' is locked by lock file "
        "'/var/lock/LCK.._pts_2' held by process 4299"
    )
    assert holder(locked).startswith("process 4299 on its host has it")
    open_elsewhere = "operation failed: Active console session exists for this domain"
    assert holder(open_elsewhere) == "it is open elsewhere; libvirt does not say who has it"
