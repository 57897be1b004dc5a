"""Revert to the newest external snapshot of a domain that is off, where libvirt cannot.

A new overlay is put on the images of that moment; the snapshot is redefined with it as current, the
domain is defined with it. The overlay with what was written since stays as a file that nothing
names; what was replaced is written to the state folder before anything is changed, so that it can
be put back.
"""

from __future__ import annotations

import posixpath
import time
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial

import libvirt

from virttui.formatting import listed
from virttui.hypervisor.connection.calls import or_none, xml_of
from virttui.hypervisor.connection.types import Connection, DomainHandle, VolumeHandle
from virttui.hypervisor.provision.journaled_volume import noted
from virttui.hypervisor.queries.documents import NO_PASSWORDS, stored
from virttui.libvirtxml.disks.chains import chains
from virttui.libvirtxml.snapshots.overlays import (
    domain_with_overlays,
    format_then,
    snapshot_with_overlays,
)
from virttui.model.commands import Command
from virttui.model.domains.snapshots import Snapshot
from virttui.model.errors import OperationError, PartiallyDone, Refused
from virttui.model.identity import Kind, ObjectId
from virttui.model.volumes import NewVolume, free_name
from virttui.persistence.revert_records import (
    RevertRecord,
    SwappedOverlay,
    forget,
    records_of,
    write_record,
)
from virttui.planning.network_pool.volume import volume_xml

_BREAKS = (libvirt.libvirtError, OperationError)
_REDEFINE = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT


def revert_by_overlay(connection: Connection, command: Command, snapshot: Snapshot) -> str:
    """Go back; returns words on the files that stay. Raises libvirtError, OperationError.

    Where a step fails, what was done is undone.
    """
    key = command.target.key
    domain = connection.lookupByUUIDString(key.uuid)
    handle = domain.snapshotLookupByName(snapshot.name, 0)
    before, whole = stored(domain, Kind.DOMAIN)
    if not whole or not before:
        raise Refused(NO_PASSWORDS)
    moment = handle.getXMLDesc(libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE)
    swaps: list[SwappedOverlay] = []
    with ExitStack() as journals:
        made: list[VolumeHandle] = []
        path = None
        try:
            for disk in snapshot.kept_disks:
                present = connection.storageVolLookupByPath(disk.overlay)
                pool = present.storagePoolLookupByVolume()
                name = free_name(present.name(), {one.name() for one in pool.listAllVolumes(0)})
                new = NewVolume(
                    name,
                    present.info()[1],
                    "qcow2",
                    0,
                    backing=disk.source,
                    backing_format=format_then(moment, disk.target),
                )
                journals.enter_context(noted(connection, key, pool, name, "reverting to"))
                made.append(pool.createXML(volume_xml(new), 0))
                swaps.append(SwappedOverlay(disk.target, disk.overlay, made[-1].path()))
            after = {one.target: one.after for one in swaps}
            path = write_record(
                RevertRecord(
                    key.host,
                    key.uuid,
                    domain.name(),
                    snapshot.name,
                    time.time(),
                    before,
                    moment,
                    tuple(swaps),
                )
            )
            _go_to(connection, domain, snapshot_with_overlays(moment, after),
                   domain_with_overlays(before, after), after)  # fmt: skip
        except _BREAKS:
            if connection.isAlive():
                _put_back(connection, domain, moment, before)
                for volume in made:
                    or_none(connection, partial(volume.delete, 0))
                if path is not None:
                    forget(path)
            raise
    kept = listed([posixpath.basename(one.before) for one in swaps])
    return f"what was written since stays in {kept}; :undo revert puts it back"


def _go_to(
    connection: Connection,
    domain: DomainHandle,
    moment: str,
    definition: str,
    files: Mapping[str, str],
) -> None:
    """Redefine the snapshot and the domain, and read both back. Raises PartiallyDone."""
    domain.snapshotCreateXML(moment, int(_REDEFINE))
    connection.defineXMLFlags(definition, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
    now = {
        chain.disk: chain.layers[0].source
        for chain in chains(xml_of(domain, libvirt.VIR_DOMAIN_XML_INACTIVE))
    }
    wrong = [target for target, path in files.items() if now.get(target) != path]
    if wrong:
        raise PartiallyDone(f"libvirt took the definition, and {listed(wrong)} did not move")


def _put_back(connection: Connection, domain: DomainHandle, moment: str, definition: str) -> None:
    or_none(connection, partial(domain.snapshotCreateXML, moment, int(_REDEFINE)))
    or_none(connection, partial(connection.defineXMLFlags, definition, 0))


# -- undoing it --------------------------------------------------------------------------------


def undo(connection: Connection, command: Command) -> str:
    """Put back what the last revert by overlays of a domain replaced; returns words.

    The overlay that the revert made is deleted where nothing was written to it since: it stays as
    a file else. Raises Refused where there is none, or the domain went on to other files.
    """
    key = command.target.key
    found = records_of(ObjectId(key.host, key.uuid))
    if not found:
        raise Refused("no revert of it can be undone: nothing of one is kept")
    path, record = found[0]
    domain = connection.lookupByUUIDString(key.uuid)
    if domain.isActive():
        raise Refused("its last revert is undone only while it is off", advice="S shuts it down")
    now = {chain.disk: chain.layers[0].source for chain in chains(xml_of(domain))}
    elsewhere = [one.target for one in record.overlays if now.get(one.target) != one.after]
    if elsewhere:
        raise Refused(
            f"{listed(elsewhere)} went on to another file since the revert; nothing was changed"
        )
    for one in record.overlays:
        if or_none(connection, partial(connection.storageVolLookupByPath, one.before)) is None:
            raise Refused(f"{one.before} is in no active pool any more; nothing was changed")
    _go_to(
        connection, domain, record.snapshot_definition, record.definition,
        {one.target: one.before for one in record.overlays},
    )  # fmt: skip
    forget(path)
    left = listed([posixpath.basename(one.after) for one in record.overlays])
    return f"is as before its revert to {record.snapshot}; {left} is left, and nothing names it"
