"""Locks between all processes of this user: one writes an object at a time.

A lock is the kernel's, on a file below the state folder; it ends with its process.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from virttui.local.private_files import make_private
from virttui.model.errors import Busy, Refused
from virttui.model.identity import ObjectId
from virttui.persistence.file_names import folder_name
from virttui.settings import state_folder

# Writing takes milliseconds; who takes longer hangs.
PATIENCE = 10.0
RETRY_INTERVAL = 0.01


@contextmanager
def exclusive_write(key: ObjectId) -> Iterator[None]:
    """Hold the lock of ``key``'s UUID, on all hosts: one machine's host can have several ids.

    Blocks until it is free. Raises Busy after 10 s, Refused when there can be no lock.
    """
    path = state_folder() / "turns" / folder_name(key.uuid)
    number = _open(path)
    try:
        _lock(number)
        yield
    finally:
        os.close(number)


def _open(path: Path) -> int:
    try:
        make_private(path.parent)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Refused(
            f"the lock {path} cannot be created; nothing was changed",
            advice="free some space there, or take ownership of it",
            libvirt_message=str(error),
        ) from error


def _lock(number: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Busy("another virttui of yours is writing it; nothing was changed") from None
            time.sleep(RETRY_INTERVAL)
        else:
            return
