"""Answers to questions: what goes with a domain, why one failed; who uses which storage."""

from __future__ import annotations

import posixpath
from typing import Any

import libvirt

from virttui.definitions import read
from virttui.definitions.sources import is_path, lookup_path
from virttui.hypervisor.calls import named, or_none
from virttui.hypervisor.diagnosis import diagnose
from virttui.model.errors import BadInput
from virttui.model.inventory import Volume
from virttui.model.news import Answer, Ask, DeletePlan, Question, Storage


def answer(connection: Any, uri: str, question: Question) -> Answer:
    """Answer one question. Raises libvirtError or Trouble; the caller makes an answer of it."""
    domain = connection.lookupByUUIDString(question.key.uuid)
    if question.ask is Ask.WHY:
        return Answer(question, diagnosis=diagnose(connection, uri, domain))
    return Answer(question, plan=delete_plan(connection, domain))


def volumes(pool: Any) -> tuple[Volume, ...]:
    """The volumes of a pool by name. One that vanishes is left out."""
    known = named(pool)
    found: list[Volume] = []
    for name, volume in known.volumes:
        try:
            found.append(read.volume(volume.XMLDesc(0)))
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
                raise
        except BadInput:
            found.append(Volume(name=name, path=""))
    return (*found, *known.rest)


def delete_plan(connection: Any, domain: Any) -> DeletePlan:
    """Every piece of storage of ``domain``, with who else on this host uses it."""
    facts = read.domain(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    users = users_of_paths(connection, without=domain.UUIDString())
    storage: list[Storage] = []
    for disk in facts.disks:
        if not disk.source:
            continue
        volume = _volume_of(connection, disk.pool, disk.source)
        path = volume.path() if volume is not None else disk.source
        others = users.get(posixpath.normpath(path) if is_path(path) else path, ())
        storage.append(
            Storage(
                target=disk.target,
                path=path,
                pool=volume.storagePoolLookupByVolume().name() if volume is not None else "",
                allocation=volume.info()[2] if volume is not None else 0,
                volume=volume is not None,
                shared=disk.shareable or disk.read_only or disk.device in ("cdrom", "floppy"),
                also=tuple(sorted(others)),
            )
        )
    return DeletePlan(
        storage=tuple(storage),
        snapshots=snapshots_of(domain),
        saved=bool(count(domain.hasManagedSaveImage)),
        nvram=facts.nvram,
    )


def users_of_paths(
    connection: Any, *, without: str, beside: frozenset[str] = frozenset()
) -> dict[str, set[str]]:
    """Storage path -> names of the domains whose definition names it, directly or by pool.

    Both definitions count, the live one and the one of the next boot, with their backing files, and
    those that snapshots keep. A volume that backs another one of an active pool counts as used by
    that one, unless its path is in ``beside``. Paths are libvirt's own where a pool holds them,
    else normalized; two names of one file outside of pools (symbolic links) are not seen to be one.
    """
    users: dict[str, set[str]] = {}
    for domain in connection.listAllDomains(0):
        if domain.UUIDString() == without:
            continue
        for pool, place in disks_of(domain):
            if place:
                users.setdefault(path_of(connection, pool, place), set()).add(domain.name())
    for path, words in held_paths(connection, without=without):
        users.setdefault(path, set()).add(words)
    for pool in connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE):
        for volume in volumes(pool):
            if volume.backing and posixpath.normpath(volume.path) not in beside:
                backing = posixpath.normpath(volume.backing)
                users.setdefault(backing, set()).add(f"overlay {volume.name}")
    return users


def disks_of(domain: Any) -> set[tuple[str, str]]:
    """What a domain's disks name, by pool ("" for paths) and place, in both of its definitions.

    One that goes meanwhile or makes no sense has none to tell.
    """
    found: set[tuple[str, str]] = set()
    try:
        for flags in (0, libvirt.VIR_DOMAIN_XML_INACTIVE):
            found.update(read.sources(domain.XMLDesc(flags)))
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
            raise
    except BadInput:
        pass
    return found


def held_paths(connection: Any, *, without: str = "") -> tuple[tuple[str, str], ...]:
    """The paths that snapshots of domains need, each with who, in words; none where there are none.

    An external snapshot is the file that was written to before it, and the memory beside it.
    """
    flags = libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT
    domains = or_none(connection, lambda: connection.listAllDomains(flags)) or ()
    found = {
        (path_of(connection, pool, place), words)
        for domain in domains
        if domain.UUIDString() != without
        for words, pool, place in _held_by(domain)
    }
    return tuple(sorted(found))


def _held_by(domain: Any) -> set[tuple[str, str, str]]:
    found: set[tuple[str, str, str]] = set()
    try:
        for snapshot in domain.listAllSnapshots(0):
            words = f"snapshot {snapshot.getName()} of {domain.name()}"
            told = read.snapshot_sources(snapshot.getXMLDesc(0))
            found.update((words, pool, place) for pool, place in told if place)
    except libvirt.libvirtError as error:
        gone = (libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT)
        if error.get_error_code() not in gone:
            raise
    except BadInput:
        pass
    return found


def path_of(connection: Any, pool: str, place: str) -> str:
    """The one path of a disk's source: its volume's where a pool holds it, else normalized."""
    volume = _volume_of(connection, pool, place)
    path = str(volume.path()) if volume is not None else place
    return posixpath.normpath(path) if is_path(path) else path


def _volume_of(connection: Any, pool: str, source: str) -> Any | None:
    """The volume behind a disk's source, or None where no pool holds it."""
    try:
        if pool:
            return connection.storagePoolLookupByName(pool).storageVolLookupByName(source)
        return connection.storageVolLookupByPath(lookup_path(source))
    except libvirt.libvirtError:
        if not connection.isAlive():
            raise
        return None


def snapshots_of(domain: Any) -> int:
    """Snapshots and checkpoints: libvirt drops the definition only together with both."""
    try:
        checkpoints = len(domain.listAllCheckpoints(0))
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
            raise
        checkpoints = 0
    return count(domain.snapshotNum) + checkpoints


def count(ask: Any) -> int:
    """A count, or 0 where the driver keeps none."""
    try:
        return int(ask(0))
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
            raise
        return 0
