"""Take turns with every other run of this user: one writes an object at a time.

A lock of the kernel's on a file below the state folder; it ends with its process.
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
LOOK_AGAIN = 0.01


@contextmanager
def turn(key: ObjectId) -> Iterator[None]:
    """Hold what is known by ``key``, on whatever host: its name there may be another elsewhere.

    Blocks until it is free. Raises Busy after 10 s, Refused when there can be no lock.
    """
    path = state_folder() / "turns" / folder_name(key.uuid)
    number = _open(path)
    try:
        _take(number)
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


def _take(number: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise Busy("another virttui of yours is writing it; nothing was changed") from None
            time.sleep(LOOK_AGAIN)
        else:
            return
