"""Programs of this machine at work for us: no shell, no input, ended with all that they began."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO


def begin(
    arguments: Sequence[str],
    stdout: int | IO[str],
    stderr: int | IO[bytes],
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own. Raises OSError where it cannot be."""
    return subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=environment,
        start_new_session=True,
    )


@contextmanager
def running(child: subprocess.Popen[bytes], patience: float = 0.0) -> Iterator[None]:
    """Whatever ends the block ends the program, which is asked first for ``patience`` seconds."""
    with child:
        try:
            yield
        finally:
            if child.poll() is None:
                end(child, patience)


def end(child: subprocess.Popen[bytes], patience: float) -> None:
    """End a program and all that it began; it is asked first for ``patience`` seconds."""
    if patience:
        _signal(child, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.wait(patience)
            return
    _signal(child, signal.SIGKILL)
    child.wait()


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def output(child: subprocess.Popen[bytes], each: float) -> Iterator[bytes]:
    """The output until it closes; nothing whenever nothing came for ``each`` seconds."""
    out = child.stdout
    while out is not None:
        ready, _, _ = select.select([out], [], [], each)
        data = os.read(out.fileno(), 4096) if ready else b""
        if ready and not data:
            return
        yield data
