"""Programs of this machine at work for a command, ended by its rope."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.local import subprocesses
from virttui.model.errors import Cancelled, Refused

EVERY, PATIENCE = 0.2, 5.0
"""Seconds between two looks whether it is to end; for it to do so by itself."""


def run(arguments: Sequence[str], control: TaskControl, advice: str) -> None:
    """Run a program to its end. Raises Refused with what it said last, Cancelled by hand."""
    program = arguments[0]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            child = subprocesses.begin(arguments, output, subprocess.STDOUT)
        except OSError as error:
            raise Refused(f"{program} does not run: {error.strerror}") from error
        with subprocesses.running(child, PATIENCE):
            while (status := child.poll()) is None:
                if control.rest(EVERY):
                    raise Cancelled("cancelled")
        output.seek(0)
        message = output.read()[-10_000:].strip()
    if status:
        last = message.splitlines()[-1] if message else f"it ended with {status}"
        raise Refused(f"{program} failed: {last[:300]}", advice=advice, libvirt_message=message)
