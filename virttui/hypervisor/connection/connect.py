"""Open a connection so that it never draws on the terminal, and learn what it can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import libvirt
from msgspec import Struct

from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import UNSUPPORTED, or_none_on
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.connection.uris import authority, quiet_uri, split_uri, transport

KEEPALIVE_SECONDS = 4
KEEPALIVE_COUNT = 2


class ConnectionInfo(Struct, frozen=True):
    """The facts about a host that are read when its first connection opens.

    ``bulk`` says that one call gives the counters of all domains; ``events`` that the driver
    tells of changes; ``here`` that the host is this machine; ``memory_total`` is in bytes.
    """

    driver: str
    hypervisor: str
    libvirt: str
    hostname: str
    here: bool
    bulk: bool
    events: bool
    cpus: int | None = None
    memory_total: int | None = None


def in_process(uri: str) -> bool:
    """Return true if the driver runs in this process: its connections share no state."""
    parts = split_uri(uri)
    return parts.scheme in ("test", "mock") and not parts.netloc


def is_here(uri: str) -> bool:
    """Return true if ``uri`` reaches a daemon of this machine by its own socket."""
    return not authority(uri) and transport(uri) in ("", "unix")


@contextmanager
def visit(uri: str) -> Iterator[Connection]:
    """A connection to ``uri`` for as long as it is wanted. Raises OperationError."""
    connection = connect(uri, read_only=False)
    try:
        yield connection
    finally:
        with suppress(libvirt.libvirtError):
            connection.close()


def connect(uri: str, *, read_only: bool) -> Connection:
    """A new connection to ``uri``. Raises OperationError that says what stands in the way."""
    flags = libvirt.VIR_CONNECT_RO if read_only else 0
    try:
        connection: Connection = libvirt.openAuth(
            quiet_uri(uri) or None, [[], _no_answer, None], flags
        )
    except libvirt.libvirtError as error:
        raise translate.opening(error, uri) from error
    # An in-process driver has no connection that could die, and says so.
    with suppress(libvirt.libvirtError):
        connection.setKeepAlive(KEEPALIVE_SECONDS, KEEPALIVE_COUNT)
    return connection


def _no_answer(_credentials: object, _context: object) -> int:
    """Refuse every question of a login: there is nobody at a prompt of libvirt's."""
    return -1


def learn(connection: Connection, uri: str, *, events: bool) -> ConnectionInfo:
    """Ask ``connection`` who it is. Raises libvirtError when it breaks while being asked."""
    driver = connection.getType()
    cpus, memory = _node(connection)
    version = _version(or_none_on(UNSUPPORTED, connection.getVersion))
    return ConnectionInfo(
        driver=driver,
        hypervisor=f"{_driver_name(driver)} {version}".strip(),
        libvirt=_version(or_none_on(UNSUPPORTED, connection.getLibVersion)),
        hostname=or_none_on(UNSUPPORTED, connection.getHostname) or "",
        here=is_here(uri) and driver.lower() != "test",
        bulk=_gives_bulk(connection),
        events=events,
        cpus=cpus,
        memory_total=memory,
    )


def _node(connection: Connection) -> tuple[int | None, int | None]:
    info = or_none_on(UNSUPPORTED, connection.getInfo)
    return (info[2], info[1] * 1024 * 1024) if info else (None, None)


def _gives_bulk(connection: Connection) -> bool:
    """Return true if network counters come in bulk; the request touches no monitor."""
    groups = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_INTERFACE
    flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS
    try:
        connection.getAllDomainStats(groups, flags)
    except libvirt.libvirtError as error:
        if not connection.isAlive():
            raise
        del error
        return False
    return True


def _version(number: int | None) -> str:
    """libvirt's 9000000-style numbers as "9.0.0"."""
    if not number:
        return ""
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"


def _driver_name(driver: str) -> str:
    return {"TEST": "test driver"}.get(driver, driver)
