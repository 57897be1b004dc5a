"""Incomplete domains: resources of interrupted creations, found by their journals and removed.

Each piece is looked up when it is told and once more right before it goes; what anybody uses stays.
"""

from __future__ import annotations

import errno
import html
import logging
import posixpath
from collections.abc import Iterable, Mapping

import libvirt

from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.provision import container_root, copy_volume
from virttui.hypervisor.provision.run import undefine
from virttui.hypervisor.queries.delete_plan import disks_of, path_of
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.hypervisor.snapshots.leftovers import DELETING, unfinished_deletion
from virttui.libvirtxml.disks.chains import chains
from virttui.model.commands import Command
from virttui.model.errors import PartiallyDone, Refused
from virttui.model.provision.plan import CreatedResource, IncompleteDomain, ResourceKind, RootFolder
from virttui.persistence import provision_journal
from virttui.persistence.provision_journal import InterruptedJournal

log = logging.getLogger(__name__)


def leftovers(connection: Connection, host: str) -> tuple[IncompleteDomain, ...]:
    """The incomplete domains of a host, oldest first. A journal with nothing left is deleted."""
    found: list[IncompleteDomain] = []
    for journal in _journals(host):
        left = _inspect(connection, journal)
        if left.resources or left.kept_reasons or left.snapshots:
            found.append(left)
        else:
            _forget(host, left.id)
    return tuple(found)


def _journals(host: str) -> tuple[InterruptedJournal, ...]:
    try:
        return provision_journal.interrupted_journals(host)
    except OSError as error:
        raise Refused("its journal cannot be read", libvirt_message=str(error)) from error


def _forget(host: str, id: str) -> None:
    try:
        provision_journal.delete_journal(host, id)
    except OSError as error:
        log.warning("a journal cannot be dropped: %s", error)


def _inspect(connection: Connection, journal: InterruptedJournal) -> IncompleteDomain:
    """The resources of a journal that exist, and those that nothing uses."""
    if journal.operation == DELETING:
        return unfinished_deletion(connection, journal)
    domain = _domain(connection, journal.key.uuid)
    defined = [
        one
        for one in journal.resources
        if one.kind is ResourceKind.DEFINITION and domain is not None
    ]
    if defined and domain is not None and (domain.isActive() or not journal.was_starting):
        defined = []  # it is whole, but perhaps for what only its first start needed
    # What was to go on on other disks may have come that far, too.
    named = _Named(connection, domain) if domain is not None and not defined else None
    uses = FileUsers(connection, without=journal.key.uuid)
    resources, unowned = [*defined], []
    for piece in journal.resources:
        if piece.kind is ResourceKind.DEFINITION:
            continue
        path, why = _place(connection, piece, journal.key.uuid)
        if domain is not None and named is not None and path in named.copied_to:
            unowned.append(f"{piece.words} stays: a disk of {domain.name()} is copied to it")
            continue
        if named is not None and named.has(path or piece.name):
            continue
        others = uses.of(path) if path else set()
        if why or others:
            why = why or f"{', '.join(sorted(others))} has it"
            unowned.append(f"{piece.words} stays: {why}")
        elif path:
            resources.append(piece)
    state = tuple(resources), tuple(unowned), journal.operation
    return IncompleteDomain(
        journal.path.name, journal.key, journal.name, journal.started_epoch, *state
    )


class _Named:
    """The names in the definitions of a domain: disks, also by their pool, and any other path."""

    def __init__(self, connection: Connection, domain: DomainHandle) -> None:
        disks = disks_of(domain)
        self._disks = {path_of(connection, pool, place) for pool, place in disks if place}
        self.copied_to = {one.copied_to for one in chains(domain.XMLDesc(0)) if one.copied_to}
        """Where disks are copied to at this moment; they may go on there."""
        self._texts = [domain.XMLDesc(flags) for flags in (0, libvirt.VIR_DOMAIN_XML_INACTIVE)]

    def has(self, path: str) -> bool:
        """Return true if a path is named, or, in a pool that is off, the name of a volume."""
        quoted = html.escape(path, quote=False)
        return posixpath.normpath(path) in self._disks or any(quoted in one for one in self._texts)


def _domain(connection: Connection, uuid: str) -> DomainHandle | None:
    """The domain that it was for; None without one, and for a volume by itself."""
    if not uuid:
        return None
    return or_none(connection, lambda: connection.lookupByUUIDString(uuid))


def _place(connection: Connection, piece: CreatedResource, without: str) -> tuple[str, str]:
    """The path of a piece that is there, else ""; and why that cannot be told, or it stays.

    ``without`` is the UUID of the domain that it was made for.
    """
    if piece.kind is ResourceKind.FOLDER:
        return _folder(connection, piece, without)
    if piece.kind is ResourceKind.FILE:
        try:
            with copy_volume.folder(connection, piece.name) as holder:
                found = copy_volume.file_in(connection, holder, piece.name)
        except libvirt.libvirtError as error:
            if not connection.isAlive():
                raise
            missing = error.get_int1() == errno.ENOENT
            return "", "" if missing else translate.operation_error(error).message
        return (piece.name if found is not None else ""), ""
    pool = or_none(connection, lambda: connection.storagePoolLookupByUUIDString(piece.pool))
    if pool is None:
        return "", f"there is no pool {piece.pool_name} any more"
    if not pool.isActive():
        return "", f"{piece.pool_name} is off"
    or_none(connection, lambda: pool.refresh(0))
    volume = or_none(connection, lambda: pool.storageVolLookupByName(piece.name))
    return (volume.path() if volume is not None else ""), ""


def _folder(connection: Connection, piece: CreatedResource, without: str) -> tuple[str, str]:
    """The same of a container's root folder."""
    try:
        there = container_root.place(connection, RootFolder("", piece.name)).exists()
    except Refused as refused:
        return "", refused.message
    users = container_root.users(connection, piece.name, without)
    if there and users:
        return "", f"used by {', '.join(users)}"
    return (piece.name if there else ""), ""


def clear(connection: Connection, command: Command, incomplete: IncompleteDomain) -> str:
    """Take away what was agreed on, and is still nobody's. PartiallyDone names what could not
    be."""
    host = command.target.key.host
    journal = next((one for one in _journals(host) if one.path.name == incomplete.id), None)
    if journal is None:
        raise Refused("it is already gone, or is being created again")
    now = _inspect(connection, journal)
    removed: list[str] = []
    error: dict[str, str] = {}
    for piece in _in_order(now.resources):
        if piece not in incomplete.resources:
            continue
        if why := _why_not(connection, journal, piece):
            error[piece.words] = why
        else:
            removed.append(piece.words)
    if error:
        raise _partly(removed, error)
    if (
        set(now.resources) <= set(incomplete.resources)
        and not now.kept_reasons
        and not now.snapshots
    ):
        _forget(host, incomplete.id)
    return f"is removed: {', '.join(removed)}" if removed else "was already gone"


def _in_order(resources: Iterable[CreatedResource]) -> list[CreatedResource]:
    """Order the resources so that one that refers to others comes first."""
    return sorted(resources, key=lambda piece: piece.kind is not ResourceKind.DEFINITION)


def _why_not(connection: Connection, journal: InterruptedJournal, piece: CreatedResource) -> str:
    """Delete a piece; returns why it could not be, "" when it is gone."""
    try:
        _delete(connection, journal, piece)
    except libvirt.libvirtError as error:
        if not connection.isAlive():
            raise
        return translate.operation_error(error).message
    except (OSError, Refused) as error:
        return str(error)
    return ""


def _delete(connection: Connection, journal: InterruptedJournal, piece: CreatedResource) -> None:
    if piece.kind is ResourceKind.FILE:
        copy_volume.delete_file(connection, piece.name)
    elif piece.kind is ResourceKind.FOLDER:
        container_root.remove(connection, RootFolder("", piece.name))
    elif piece.kind is ResourceKind.VOLUME:
        pool = connection.storagePoolLookupByUUIDString(piece.pool)
        pool.storageVolLookupByName(piece.name).delete(0)
    else:
        undefine(connection.lookupByUUIDString(journal.key.uuid))


def _partly(removed: list[str], error: Mapping[str, str]) -> PartiallyDone:
    reasons = "; ".join(f"{words}: {why}" for words, why in error.items())
    before = f"; removed: {', '.join(removed)}" if removed else ""
    return PartiallyDone(f"{reasons}{before}", advice=":leftovers lists what is left")
