"""virt-sysprep on the disks of a clone that has not run yet: what told guests apart is made anew.

It is a program of this machine, so the host has to be this machine. Only what names a guest is
reset; users, keys and logs stay.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress

from virttui.hypervisor.rope import Rope
from virttui.model.errors import Cancelled, Refused
from virttui.model.recipes import Sysprep

PROGRAM = "virt-sysprep"
OPERATIONS = "machine-id,ssh-hostkeys,dhcp-client-state,net-hostname,udev-persistent-net,customize"
# Not every guest makes its host keys at its next boot; this runs in the guest's own files.
KEYS = "if command -v ssh-keygen; then ssh-keygen -A; fi"
EVERY = 0.3


def there() -> bool:
    """Whether this machine has it."""
    return shutil.which(PROGRAM) is not None


def arguments(what: Sysprep) -> list[str]:
    """The whole line, as arguments."""
    line = [PROGRAM, "--operations", OPERATIONS, "--hostname", what.host, "--run-command", KEYS]
    for path, format in what.disks:
        line += ["--format", format, "--add", path]
    return line


def sysprep(what: Sysprep, rope: Rope) -> None:
    """Run it. Raises Refused with what it said last, Cancelled when ended by hand."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as told:
        try:
            run = subprocess.Popen(
                arguments(what),
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise Refused(f"{PROGRAM} does not run: {error.strerror}") from error
        try:
            while (status := run.poll()) is None:
                if rope.rest(EVERY):
                    raise Cancelled("ended by hand")
        finally:
            _end(run)
        told.seek(0)
        said = told.read()[-10_000:].strip()
    if status:
        last = said.splitlines()[-1] if said else f"it ended with {status}"
        advice = "clone it without, and reset it by hand"
        raise Refused(f"virt-sysprep failed: {last[:300]}", advice=advice, said=said)


def _end(run: subprocess.Popen[bytes]) -> None:
    """End it with the QEMU that it works in."""
    if run.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGTERM)
        try:
            run.wait(5)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
            run.wait()
