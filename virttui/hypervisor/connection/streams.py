"""libvirt's streams: what can come between their beginning and their end, and short reads."""

from __future__ import annotations

import logging

import libvirt

from virttui.hypervisor.connection.types import Connection, StreamHandle, VolumeHandle
from virttui.model.errors import OperationError

log = logging.getLogger(__name__)

# What can come between a beginning and an end; what was begun is then taken away.
BREAKS = (libvirt.libvirtError, OperationError, OSError)


def abort(stream: StreamHandle) -> None:
    """End a stream that will not be finished; one that broke has ended already."""
    try:
        stream.abort()
    except libvirt.libvirtError as error:
        log.debug("ending a stream: %s", error)


def head(connection: Connection, volume: VolumeHandle, length: int, place: int = 0) -> bytes:
    """The first bytes of a volume, or those from ``place`` on; fewer at its end."""
    stream, data = connection.newStream(0), bytearray()
    try:
        volume.download(stream, place, length, 0)
        while len(data) < length and (part := stream.recv(length - len(data))):
            data += part
        stream.finish()
    except BREAKS:
        abort(stream)
        raise
    return bytes(data)
