"""What is behind a URL, put into a volume as it comes: by this machine, kept nowhere else."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from contextlib import closing
from typing import Any

from virttui.hypervisor.rope import Rope
from virttui.hypervisor.transfer import BLOCK, BREAKS, abort
from virttui.model.errors import BadInput

PATIENCE = 30.0
"""Seconds a server may say nothing."""


def fetch(connection: Any, volume: Any, url: str, size: int, sha256: str, rope: Rope) -> None:
    """Fill a volume of ``size`` bytes. Raises BadInput when what comes is not what was told."""
    stream, check, done = connection.newStream(0), hashlib.sha256(), 0
    try:
        with closing(_opened(url)) as answer:
            volume.upload(stream, 0, size, 0)
            while data := _read(answer, url):
                done += len(data)
                if done > size:
                    raise BadInput(f"{url} is longer than its server said")
                check.update(data)
                _send(stream, data)
                rope.advance(len(data), size)
        if done != size:
            raise BadInput(f"{url} ended after {done} of {size} bytes")
        if sha256 and check.hexdigest() != sha256:
            raise BadInput(f"{url} is not what its distribution lists: another SHA-256")
        stream.finish()
    except BREAKS:
        abort(stream)
        raise


def _opened(url: str) -> Any:
    request = urllib.request.Request(url, headers={"User-Agent": "virttui"})
    try:
        return urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        error.close()
        raise BadInput(f"{url}: its server says {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise BadInput(f"{url}: {getattr(error, 'reason', error)}") from error


def _read(answer: Any, url: str) -> bytes:
    try:
        data: bytes = answer.read(BLOCK)
    except (OSError, http.client.HTTPException) as error:
        raise BadInput(f"{url}: {error or type(error).__name__}") from error
    return data


def _send(stream: Any, data: bytes) -> None:
    place = 0
    while place < len(data):
        place += stream.send(data[place:])
