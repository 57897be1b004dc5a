"""Programs of this machine at work for a command: no shell, no input, ended with all they began."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress

from virttui.hypervisor.rope import Rope
from virttui.model.errors import Cancelled, Refused

EVERY = 0.2


def run(arguments: Sequence[str], rope: Rope, advice: str) -> None:
    """Run a program to its end. Raises Refused with what it said last, Cancelled by hand."""
    program = arguments[0]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as told:
        try:
            child = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise Refused(f"{program} does not run: {error.strerror}") from error
        try:
            while (status := child.poll()) is None:
                if rope.rest(EVERY):
                    raise Cancelled("ended by hand")
        finally:
            _end(child)
        told.seek(0)
        said = told.read()[-10_000:].strip()
    if status:
        last = said.splitlines()[-1] if said else f"it ended with {status}"
        raise Refused(f"{program} failed: {last[:300]}", advice=advice, said=said)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End it with whatever it works in."""
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
