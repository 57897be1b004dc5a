"""Downloads: a URL is streamed into a volume through this machine, and not stored on it."""

from __future__ import annotations

import hashlib
from typing import Any

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.streams import BREAKS, abort
from virttui.hypervisor.connection.types import Connection, VolumeHandle
from virttui.hypervisor.provision.upload_download import BLOCK, send_all
from virttui.model.errors import InvalidInput

PATIENCE = 30.0
"""Seconds a server may say nothing."""


def fetch(
    connection: Connection,
    volume: VolumeHandle,
    url: str,
    size: int,
    sha256: str,
    control: TaskControl,
) -> None:
    """Fill a volume of ``size`` bytes. Raises InvalidInput when what comes is not what was told."""
    from virttui.local.http import opened

    stream, check, done = connection.newStream(0), hashlib.sha256(), 0
    try:
        with opened(url, PATIENCE) as answer:
            volume.upload(stream, 0, size, 0)
            while data := _read(answer, url):
                done += len(data)
                if done > size:
                    raise InvalidInput(f"{url} is longer than its server said")
                check.update(data)
                send_all(stream, data)
                control.advance(len(data), size)
        if done != size:
            raise InvalidInput(f"{url} ended after {done} of {size} bytes")
        if sha256 and check.hexdigest() != sha256:
            raise InvalidInput(f"{url} is not what its distribution lists: another SHA-256")
        stream.finish()
    except BREAKS:
        abort(stream)
        raise


def _read(answer: Any, url: str) -> bytes:
    from http.client import HTTPException

    try:
        data: bytes = answer.read(BLOCK)
    except (OSError, HTTPException) as error:
        raise InvalidInput(f"{url}: {error or type(error).__name__}") from error
    return data
