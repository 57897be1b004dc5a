"""virt-sysprep on the disks of a clone that has not run yet: what told guests apart is made anew.

It is a program of this machine, so the host has to be this machine. Only what names a guest is
reset; users, keys and logs stay.
"""

from __future__ import annotations

import shutil

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.provision import subprocesses
from virttui.model.provision.plan import Sysprep

PROGRAM = "virt-sysprep"
OPERATIONS = "machine-id,ssh-hostkeys,dhcp-client-state,net-hostname,udev-persistent-net,customize"
# Not every guest makes its host keys at its next boot; this runs in the guest's own files.
KEYS = "if command -v ssh-keygen; then ssh-keygen -A; fi"


def there() -> bool:
    """Return true if this machine has virt-sysprep."""
    return shutil.which(PROGRAM) is not None


def arguments(what: Sysprep) -> list[str]:
    """The whole line, as arguments."""
    line = [PROGRAM, "--operations", OPERATIONS, "--hostname", what.host, "--run-command", KEYS]
    for path, format in what.disks:
        line += ["--format", format, "--add", path]
    return line


def sysprep(what: Sysprep, control: TaskControl) -> None:
    """Run it. Raises Refused with what it said last, Cancelled when ended by hand."""
    subprocesses.run(arguments(what), control, "clone it without sysprep, and reset it yourself")
