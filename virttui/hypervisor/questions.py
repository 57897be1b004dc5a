"""Answers to questions: the volumes of a pool, and what goes when a domain goes."""

from __future__ import annotations

from typing import Any

import libvirt

from virttui.definitions import read
from virttui.model.errors import BadInput
from virttui.model.inventory import Volume
from virttui.model.news import Answer, Ask, DeletePlan, Question, Storage


def answer(connection: Any, question: Question) -> Answer:
    """Answer one question. Raises libvirtError or Trouble; the caller makes an answer of it."""
    if question.ask is Ask.VOLUMES:
        pool = connection.storagePoolLookupByUUIDString(question.key.uuid)
        return Answer(question, volumes=volumes(pool))
    domain = connection.lookupByUUIDString(question.key.uuid)
    return Answer(question, plan=delete_plan(connection, domain))


def volumes(pool: Any) -> tuple[Volume, ...]:
    """The volumes of a pool by name. One that vanishes or cannot be parsed is left out."""
    found: list[Volume] = []
    for volume in pool.listAllVolumes(0):
        try:
            found.append(read.volume(volume.XMLDesc(0)))
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
                raise
        except BadInput:
            found.append(Volume(name=volume.name(), path=""))
    return tuple(sorted(found, key=lambda volume: volume.name))


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
        storage.append(
            Storage(
                target=disk.target,
                path=path,
                pool=volume.storagePoolLookupByVolume().name() if volume is not None else "",
                allocation=volume.info()[2] if volume is not None else 0,
                volume=volume is not None,
                shared=disk.shareable or disk.read_only or disk.device in ("cdrom", "floppy"),
                also=tuple(sorted(users.get(path, ()))),
            )
        )
    return DeletePlan(
        storage=tuple(storage),
        snapshots=count(domain.snapshotNum),
        saved=bool(count(domain.hasManagedSaveImage)),
        nvram=facts.nvram,
    )


def users_of_paths(connection: Any, *, without: str) -> dict[str, set[str]]:
    """Storage path -> names of the domains whose definition names it, directly or by pool.

    A volume that backs another one of the same pool counts as used by that one.
    """
    users: dict[str, set[str]] = {}
    for domain in connection.listAllDomains(0):
        if domain.UUIDString() == without:
            continue
        for disk in _disks(domain):
            volume = _volume_of(connection, disk.pool, disk.source) if disk.pool else None
            path = volume.path() if volume is not None else disk.source
            if path:
                users.setdefault(path, set()).add(domain.name())
    for pool in connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE):
        for volume in volumes(pool):
            if volume.backing:
                users.setdefault(volume.backing, set()).add(f"overlay {volume.name}")
    return users


def _disks(domain: Any) -> tuple[Any, ...]:
    """Disks of another domain; one that goes or makes no sense meanwhile has none to tell."""
    try:
        return read.domain(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)).disks
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
            raise
        return ()
    except BadInput:
        return ()


def _volume_of(connection: Any, pool: str, source: str) -> Any | None:
    """The volume behind a disk's source, or None where no pool holds it."""
    try:
        if pool:
            return connection.storagePoolLookupByName(pool).storageVolLookupByName(source)
        return connection.storageVolLookupByPath(source)
    except libvirt.libvirtError:
        if not connection.isAlive():
            raise
        return None


def count(ask: Any) -> int:
    """A count, or 0 where the driver keeps none."""
    try:
        return int(ask(0))
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
            raise
        return 0
