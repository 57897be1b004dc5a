"""Volumes copied within one host, and files that no pool holds.

libvirt copies a volume in one call that tells nothing and cannot be ended (9.0). So a second
connection makes that call, and how far it is is read from the volume meanwhile. A copy that is
streamed through this machine can be ended at once.
"""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from hashlib import sha256

import libvirt
from msgspec.structs import replace

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.calls import or_none, xml_of
from virttui.hypervisor.connection.connect import in_process
from virttui.hypervisor.connection.streams import BREAKS
from virttui.hypervisor.connection.types import Connection, PoolHandle, VolumeHandle
from virttui.hypervisor.provision.copy_between_hosts import pass_on
from virttui.hypervisor.provision.upload_download import delete_partial_volume, length_of
from virttui.libvirtxml import read
from virttui.libvirtxml.build import element
from virttui.model.errors import Cancelled, Refused
from virttui.model.provision.plan import FileCopy
from virttui.model.volumes import NewVolume
from virttui.planning.network_pool.volume import volume_xml

# Seconds between two looks at how far a copy is.
EVERY = 0.3


def copy(
    connection: Connection,
    host: str,
    pool: PoolHandle,
    new: NewVolume,
    original: VolumeHandle,
    control: TaskControl,
) -> VolumeHandle:
    """Have libvirt copy a volume; returns the new one.

    Raises Cancelled when cancelled, once libvirt has ended it: the new volume is deleted then.
    """
    if in_process(connection.getURI()):
        # Another connection would know nothing of what is on this one.
        return pool.createXMLFrom(volume_xml(new), original, 0)
    call = _Call(host, pool.UUIDString(), new, original, control)
    total, name = int(original.info()[2]), new.name
    cancelled = False
    call.start()
    while not call.done.wait(EVERY):
        volume = or_none(connection, lambda: pool.storageVolLookupByName(name))
        so_far = or_none(connection, volume.info) if volume is not None else None
        try:
            control.reach(min(int(so_far[2]), total) if so_far else 0, total)
        except Cancelled:
            cancelled = True
    if call.error is not None and not cancelled:
        raise call.error
    cancelled = cancelled or control.rest(0)
    created = or_none(connection, lambda: pool.storageVolLookupByName(name))
    if cancelled:
        if created is not None:
            created.delete(0)
        raise Cancelled("cancelled")
    return created if created is not None else pool.storageVolLookupByName(name)


class _Call(threading.Thread):
    """The one call of a copy, on a connection and a thread of its own."""

    def __init__(
        self, host: str, pool: str, new: NewVolume, original: VolumeHandle, control: TaskControl
    ) -> None:
        super().__init__(name=f"copy {new.name}", daemon=True)
        self._host, self._pool, self._new, self._control = host, pool, new, control
        self._from = (original.storagePoolLookupByVolume().UUIDString(), original.name())
        self.done = threading.Event()
        self.error: Exception | None = None

    def run(self) -> None:
        """Make the call."""
        try:
            with self._control.visit(self._host) as connection:
                pool, name = self._from
                origin = connection.storagePoolLookupByUUIDString(pool)
                original = origin.storageVolLookupByName(name)
                into = connection.storagePoolLookupByUUIDString(self._pool)
                into.createXMLFrom(volume_xml(self._new), original, 0)
        except BREAKS as error:  # the thread that waits raises it
            self.error = error
        finally:
            self.done.set()


def reflink(pool: PoolHandle, new: NewVolume, original: VolumeHandle) -> VolumeHandle:
    """Copy a volume by sharing its blocks. Raises Refused where its file system cannot."""
    flag = libvirt.VIR_STORAGE_VOL_CREATE_REFLINK
    try:
        return pool.createXMLFrom(volume_xml(new), original, flag)
    except libvirt.libvirtError as error:
        message = error.get_error_message()
        if "failed to clone files" in message:
            why = f"the file system of {pool.name()} cannot share blocks between files"
        elif "unsupported flags" in message:
            why = f"libvirt makes no reflink of {original.name()}: only of raw files"
        else:
            raise
        raise Refused(why, advice="choose full, or linked", libvirt_message=message) from error


def as_it_is(new: NewVolume, length: int, *, files: bool) -> NewVolume:
    """A volume that takes content byte by byte: libvirt finds out by itself what is in it then."""
    if not files:
        return new
    return replace(new, capacity=length, format="raw", allocation=0, backing="", backing_format="")


# -- files that no pool holds --------------------------------------------------------------------

_one_at_a_time = threading.RLock()
"""Two pools cannot be of one folder."""


def copy_file(connection: Connection, host: str, what: FileCopy, control: TaskControl) -> bool:
    """Copy a file by way of a pool of its folder, which is there for that moment alone.

    False when there is no such file. Raises Refused when the new one is there already.
    """
    if what.host == host:
        with folder(connection, what.source) as pool:
            original = file_in(connection, pool, what.source)
            if original is None:
                return False
            beside = posixpath.dirname(what.source) == posixpath.dirname(what.path)
            with nullcontext(pool) if beside else folder(connection, what.path) as into:
                _absent(connection, into, what.path)
                into.createXMLFrom(volume_xml(_new(what.path, original)), original, 0)
        return True
    with control.visit(what.host) as there, folder(there, what.source) as pool:
        original = file_in(there, pool, what.source)
        if original is None:
            return False
        length = length_of(original)
        with folder(connection, what.path) as into:
            _absent(connection, into, what.path)
            new = as_it_is(_new(what.path, original), length, files=True)
            volume = into.createXML(volume_xml(new), 0)
            try:
                pass_on((there, original), (connection, volume), length, control)
            except BREAKS as error:
                delete_partial_volume(volume, what.path, error)
                raise
    return True


@contextmanager
def new_file(connection: Connection, path: str, length: int) -> Iterator[VolumeHandle]:
    """A new file in no pool, as a volume to be written to. Raises Refused when it is there."""
    with folder(connection, path) as pool:
        _absent(connection, pool, path)
        new = NewVolume(posixpath.basename(path), length, "raw", 0)
        yield pool.createXML(volume_xml(new), 0)


@contextmanager
def old_file(connection: Connection, path: str) -> Iterator[VolumeHandle | None]:
    """A file in no pool, as a volume to be read, None where there is no such file."""
    with folder(connection, path) as pool:
        yield file_in(connection, pool, path)


def delete_file(connection: Connection, path: str) -> None:
    """Delete a file that was copied; one that is gone is well."""
    with folder(connection, path) as pool:
        volume = file_in(connection, pool, path)
        if volume is not None:
            volume.delete(0)


def _new(path: str, original: VolumeHandle) -> NewVolume:
    found = read.volume(xml_of(original))
    return NewVolume(posixpath.basename(path), found.capacity, found.format or "raw")


def file_in(connection: Connection, pool: PoolHandle, path: str) -> VolumeHandle | None:
    """A file as a volume of the pool of its folder, or None."""
    return or_none(connection, lambda: pool.storageVolLookupByName(posixpath.basename(path)))


def _absent(connection: Connection, pool: PoolHandle, path: str) -> None:
    if file_in(connection, pool, path) is not None:
        raise Refused(f"{path} is there already", advice="choose another name, or delete it")


@contextmanager
def folder(connection: Connection, path: str) -> Iterator[PoolHandle]:
    """A pool of the folder of a file: the one that is there, else one for the moment.

    One that a run left that was killed is known by its name, and goes this time.
    """
    where = posixpath.dirname(path)
    name = f"virttui-{sha256(where.encode()).hexdigest()[:16]}"
    with _one_at_a_time:
        pool = pool_of_folder(connection, where)
        if pool is not None:
            pool.refresh(0)
        if pool is not None and pool.name() != name:
            yield pool
            return
        if pool is None:
            xml = element(
                "pool",
                element("name", text=name),
                element("target", element("path", text=where)),
                type="dir",
            )
            pool = connection.storagePoolCreateXML(xml, 0)
        try:
            yield pool
        finally:
            with suppress(libvirt.libvirtError):
                pool.destroy()


def pool_of_folder(connection: Connection, folder: str) -> PoolHandle | None:
    """The active pool whose volumes are in a folder, or None."""
    flags = libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE
    for pool in connection.listAllStoragePools(flags):
        xml = or_none(connection, partial(pool.XMLDesc, 0))
        if xml and posixpath.normpath(read.pool(xml).path or "-") == posixpath.normpath(folder):
            return pool
    return None
