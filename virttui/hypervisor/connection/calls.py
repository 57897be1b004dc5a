"""Calls of libvirt's that may have no answer, or one that Python cannot read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol, TypeVar

import libvirt

from virttui.formatting import counted
from virttui.hypervisor.connection.types import Connection, PoolHandle, VolumeHandle
from virttui.model.inventory import Volume

T = TypeVar("T")

UNSUPPORTED = frozenset(
    {
        libvirt.VIR_ERR_NO_SUPPORT,
        libvirt.VIR_ERR_OPERATION_DENIED,
        libvirt.VIR_ERR_ACCESS_DENIED,
    }
)
"""Codes of calls that a driver lacks, or that a connection may not make."""
UNAVAILABLE = UNSUPPORTED | {
    libvirt.VIR_ERR_INVALID_ARG,
    libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED,
    libvirt.VIR_ERR_OPERATION_INVALID,
    libvirt.VIR_ERR_NO_DOMAIN,
}
"""The same, and codes of calls that a domain cannot answer now."""


class HasXml(Protocol):
    """An object of libvirt's that has a definition."""

    def XMLDesc(self, flags: int = 0) -> str:
        """The definition."""


def or_none(connection: Connection, ask: Callable[[], T]) -> T | None:
    """The answer, or None where there is none to give; a broken connection is raised."""
    try:
        return ask()
    except libvirt.libvirtError:
        if not connection.isAlive():
            raise
        return None


@contextmanager
def ignoring(*codes: int) -> Iterator[None]:
    """Ignore an error of libvirt with one of ``codes``; every other error is raised."""
    try:
        yield
    except libvirt.libvirtError as error:
        if error.get_error_code() not in codes:
            raise


def or_none_on(codes: Collection[int], ask: Callable[[], T]) -> T | None:
    """The answer, or None on an error with one of ``codes``; every other error is raised."""
    try:
        return ask()
    except libvirt.libvirtError as error:
        if error.get_error_code() not in codes:
            raise
        return None


def or_none_unless_gone(ask: Callable[[], T]) -> T | None:
    """The answer, or None where a driver has none now. Raises libvirtError for a deleted domain."""
    try:
        return ask()
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            raise
        return None


def listed(ask: Callable[[], list[T]]) -> list[T]:
    """Every object of a kind; none where the driver knows of no such. Raises libvirtError.

    A daemon that is down, or lets nobody look, has not said that there are none.
    """
    return or_none_on((libvirt.VIR_ERR_NO_SUPPORT,), ask) or []


def xml_of(thing: HasXml, flags: int = 0) -> str:
    """The XML of an object, to be read and never to be written back.

    A name in it may come from a file or a device, and be any bytes: libvirt tells them as they are,
    and its Python binding raises. What is no UTF-8 is shown as such, and the rest is as it was.
    """
    try:
        return str(thing.XMLDesc(flags))
    except UnicodeDecodeError as error:
        return error.object.decode("utf-8", "replace")


class NamedVolumes(NamedTuple):
    """The volumes of a pool by name, and how many more have a name that is no UTF-8."""

    volumes: list[tuple[str, VolumeHandle]]
    unnamed: int

    @property
    def rest(self) -> tuple[Volume, ...]:
        """A row for those without a name that can be read: they are there, and take space."""
        if not self.unnamed:
            return ()
        whose = "whose name is" if self.unnamed == 1 else "whose names are"
        return (
            Volume(name=f"{counted(self.unnamed, 'file')} {whose} no UTF-8", path="", known=False),
        )


def named(pool: PoolHandle) -> NamedVolumes:
    """The volumes of a pool, sorted by name.

    A file's name may be any bytes. libvirt tells them, and its Python binding raises
    UnicodeDecodeError, of each call that has that name in its answer.
    """
    found, unnamed = [], 0
    for volume in pool.listAllVolumes(0):
        try:
            found.append((volume.name(), volume))
        except UnicodeDecodeError:
            unnamed += 1
    return NamedVolumes(sorted(found, key=lambda one: one[0]), unnamed)


def volume_names(connection: Connection, pool: PoolHandle) -> tuple[str, ...] | None:
    """The names of a pool's volumes that can be read; None where it does not tell."""
    known: NamedVolumes | None = or_none(connection, lambda: named(pool))
    return None if known is None else tuple(name for name, _ in known.volumes)
