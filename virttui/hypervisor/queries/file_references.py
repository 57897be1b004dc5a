"""The files that domains of a host and snapshots refer to: every reference counts as a
use, whether it runs or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import libvirt

from virttui.hypervisor.connection.calls import listed, or_none, xml_of
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.libvirtxml import read
from virttui.libvirtxml.snapshots.read import snapshot as read_snapshot
from virttui.model.errors import InvalidInput
from virttui.model.inventory import Disk

_NOT_FOUND = (libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT)


class FileReference(NamedTuple):
    """Somebody names a volume of ``pool``, or with "" a path; ``who`` is in words.

    ``follows`` says that it is read as an image, which may name others. ``stays``: it is the file
    of an external snapshot, which nobody writes to. ``domain`` is libvirt's.
    """

    who: str
    pool: str
    place: str
    follows: bool
    domain: DomainHandle | None = None
    stays: bool = False

    def size(self, connection: Connection) -> int | None:
        """The bytes that a guest sees of it: of what is no image, how long its file is.

        None where libvirt does not tell.
        """
        if self.domain is None:
            return None
        sizes = or_none(connection, partial(self.domain.blockInfo, self.place))
        return int(sizes[0]) if sizes else None


def namings(
    connection: Connection, without: str, cannot: Callable[[str], None]
) -> tuple[FileReference, ...]:
    """Everything that domains, but for the one of a UUID, and their snapshots name.

    ``cannot`` is told in words what could not be read. Raises libvirtError.
    """
    domains = connection.listAllDomains(0)
    flags = libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT
    snapped = or_none(connection, lambda: connection.listAllDomains(flags))
    found: list[FileReference] = []
    for some, ask, what in (
        (domains, of_domain, "disks"),
        (domains if snapped is None else snapped, of_snapshots, "snapshots"),
    ):
        for domain in some:
            if domain.UUIDString() == without:
                continue
            try:
                found += ask(domain)
            except InvalidInput:
                cannot(f"the {what} of {domain.name()}: its definition cannot be read")
            except libvirt.libvirtError as error:
                if error.get_error_code() not in _NOT_FOUND:
                    raise
    return tuple(found)


def of_domain(domain: DomainHandle) -> Iterator[FileReference]:
    """The files in both definitions of a domain: its disks with their backing files, where they are
    told, its kernel and firmware, images that it mounts."""
    who = domain.name()
    for flags in (0, libvirt.VIR_DOMAIN_XML_INACTIVE):
        xml = xml_of(domain, flags)
        followed = {(one.pool, one.source) for one in read.domain(xml).disks if _followed(one)}
        for pool, place in read.sources(xml):
            if place:
                yield FileReference(who, pool, place, (pool, place) in followed, domain)
        for path in read.other_files(xml):
            yield FileReference(who, "", path, False, domain)


def _followed(disk: Disk) -> bool:
    return disk.format not in ("", "raw")


def of_snapshots(domain: DomainHandle) -> Iterator[FileReference]:
    """The files that snapshots of a domain need: disks before the snapshot, and their memory."""
    for snapshot in listed(partial(domain.listAllSnapshots, 0)):
        who, xml = f"snapshot {snapshot.getName()} of {domain.name()}", snapshot.getXMLDesc(0)
        then = read_snapshot(xml)
        stay = {disk.source for disk in then.kept_disks if disk.how == "external"}
        for pool, place in read.snapshot_sources(xml):
            if place:
                yield FileReference(who, pool, place, True, stays=place in stay)
