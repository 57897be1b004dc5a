"""Volumes that are small files: manifests, what a verification found, firmware variables."""

from __future__ import annotations

import libvirt

from virttui.hypervisor.connection.calls import or_none_on
from virttui.hypervisor.connection.streams import BREAKS, abort, head
from virttui.hypervisor.connection.types import Connection, PoolHandle, VolumeHandle
from virttui.hypervisor.provision.upload_download import (
    BLOCK,
    delete_partial_volume,
    length_of,
    send_all,
)
from virttui.model.errors import InvalidInput, Refused
from virttui.model.volumes import NewVolume
from virttui.planning.network_pool.volume import volume_xml


def find_volume(pool: PoolHandle, name: str) -> VolumeHandle | None:
    """The volume of a name, None where the pool has none. Raises libvirtError."""
    return or_none_on((libvirt.VIR_ERR_NO_STORAGE_VOL,), lambda: pool.storageVolLookupByName(name))


def write_volume(connection: Connection, pool: PoolHandle, name: str, data: bytes) -> None:
    """Make a volume of some bytes, and read it back. Raises Refused where it is not what was sent.

    What is not whole is deleted; PartiallyDone names one that could not be.
    """
    volume = pool.createXML(volume_xml(NewVolume(name, len(data), "raw", 0)), 0)
    stream = connection.newStream(0)
    try:
        try:
            volume.upload(stream, 0, len(data), 0)
            for start in range(0, len(data), BLOCK):
                send_all(stream, data[start : start + BLOCK])
            stream.finish()
        except BREAKS:
            abort(stream)
            raise
        if read_volume(connection, volume, len(data)) != data:
            raise Refused(f"{name} in {pool.name()} does not hold what was written to it")
    except BREAKS as error:
        delete_partial_volume(volume, f"{name} in {pool.name()}", error)
        raise


def read_volume(connection: Connection, volume: VolumeHandle, most: int) -> bytes:
    """All bytes of a volume. Raises InvalidInput where they are more than ``most``."""
    length = length_of(volume)
    if length > most:
        raise InvalidInput(f"it is {length} bytes long, and at most {most} are expected")
    return head(connection, volume, length) if length else b""
