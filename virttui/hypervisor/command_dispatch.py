"""The actions lane: one function a verb, each returning what came of it in a few words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libvirt

from virttui.hypervisor.commands import block_jobs, lifecycle, nwfilters, pools, volumes
from virttui.hypervisor.commands.define import define
from virttui.hypervisor.commands.edit import edit
from virttui.hypervisor.commands.network_records import update
from virttui.hypervisor.commands.reattach_nics import plug
from virttui.hypervisor.commands.secrets import set_value, undefine
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection import translate
from virttui.hypervisor.provision import (
    copy_between_hosts,
    export_archive,
    leftovers,
    run,
    upload_download,
)
from virttui.hypervisor.queries.delete_plan import count, snapshots_of
from virttui.hypervisor.queries.documents import stored
from virttui.hypervisor.queries.file_users import FileUsers
from virttui.libvirtxml.tags import NAMESPACE, PREFIX, read_tags, tags_xml
from virttui.model.commands import Command, Verb
from virttui.model.documents import Document
from virttui.model.errors import NotFound, Refused
from virttui.model.identity import Kind
from virttui.persistence import definition_history


def execute(connection: Any, command: Command, control: TaskControl) -> str:
    """Carry out ``command``; returns words for its end. Raises libvirtError or Trouble.

    What takes long tells by ``rope`` how far it is, and can be ended by it.
    """
    if command.verb in _ENDABLE:
        return _ENDABLE[command.verb](connection, command, control)
    return _carry_out(connection, command)


def _carry_out(connection: Any, command: Command) -> str:
    """What is one call or a few.

    The object is looked up by UUID anew, so that nothing ever happens to another one that took
    the name meanwhile.
    """
    kind, verb, uuid = command.target.kind, command.verb, command.target.key.uuid
    writer = _WRITERS.get((kind, verb)) or _WRITERS.get((None, verb))
    if writer is not None:
        return writer(connection, command)
    if kind is Kind.DOMAIN:
        domain = connection.lookupByUUIDString(uuid)
        if verb is Verb.DELETE:
            return _delete(connection, domain, command)
        if verb is Verb.RENAME:
            _keep(domain, command)
            domain.rename(command.new_name, 0)
            return f"is {command.new_name} now"
        if verb is Verb.TAG:
            return _tag(domain, command)
        if verb is Verb.ABORT_JOB:
            return _abort(connection, domain, command)
        return lifecycle.domain_verb(connection, domain, command)
    if kind is Kind.NETWORK:
        thing = connection.networkLookupByUUIDString(uuid)
    elif kind is Kind.POOL:
        thing = connection.storagePoolLookupByUUIDString(uuid)
    else:
        raise Refused(f"a {kind} cannot be asked to {verb}")
    if verb is Verb.DELETE:
        return _delete_thing(thing, command)
    return lifecycle.thing_verb(thing, command)


_WRITERS: dict[tuple[Kind | None, Verb], Callable[[Any, Command], str]] = {
    (None, Verb.DEFINE): define,
    (None, Verb.EDIT): edit,
    (None, Verb.ADD_RECORD): update,
    (None, Verb.DELETE_RECORD): update,
    (None, Verb.SET_VALUE): set_value,
    (Kind.NETWORK, Verb.REATTACH_NICS): plug,
    (Kind.SECRET, Verb.DELETE): undefine,
    (Kind.DOMAIN, Verb.REMOVE_INCOMPLETE): leftovers.clear,
    (Kind.DOMAIN, Verb.FINISH_JOB): block_jobs.finish,
    (Kind.DOMAIN, Verb.RESIZE): volumes.grow_disk,
    (Kind.NWFILTER, Verb.DELETE): nwfilters.undefine,
    (Kind.VOLUME, Verb.CREATE): volumes.create,
    (Kind.VOLUME, Verb.CLONE): volumes.clone,
    (Kind.VOLUME, Verb.RESIZE): volumes.resize,
    (Kind.VOLUME, Verb.WIPE): volumes.wipe,
    (Kind.VOLUME, Verb.DELETE): volumes.delete,
    (Kind.POOL, Verb.BUILD): pools.build,
    (Kind.POOL, Verb.REFRESH): pools.refresh,
    (Kind.POOL, Verb.DELETE_POOL_TARGET): pools.erase,
}
"""What looks its object up itself: verbs of one kind, or of any."""
_ENDABLE: dict[Verb, Callable[[Any, Command, TaskControl], str]] = {
    Verb.UPLOAD: upload_download.upload,
    Verb.DOWNLOAD: upload_download.download,
    Verb.COPY_TO_HOST: copy_between_hosts.relay,
    Verb.PROVISION: run.make,
    Verb.ARCHIVE: export_archive.archive,
    Verb.BLOCK_COPY: block_jobs.move,
    Verb.BLOCK_COMMIT: block_jobs.commit,
    Verb.BLOCK_PULL: block_jobs.pull,
}


def _abort(connection: Any, domain: Any, command: Command) -> str:
    """End the domain's own job, or the block job of one of its disks; never another that came."""
    disk = command.disk
    if disk:
        told = domain.blockJobInfo(disk, 0)
        _same_job(command.job, translate.BLOCK_JOBS.get(told.get("type", 0), "") if told else "")
        domain.blockJobAbort(disk, 0)
        return f"its job on {disk} is ended"
    operation = domain.jobStats().get("operation", 0)
    _same_job(command.job, translate.OPERATIONS.get(operation, ""))
    dumps = operation == libvirt.VIR_DOMAIN_JOB_OPERATION_DUMP
    # Measured: the daemon of 9.0 goes down, and with it every connection to that host.
    if dumps and connection.getLibVersion() // 1000 == 9000:
        raise Refused(
            "it is being dumped, and libvirt 9.0 crashes when a dump is ended",
            advice="wait for its end, or update libvirt",
        )
    domain.abortJob()
    return "its job is ended"


def _same_job(meant: str, found: str) -> None:
    """Raises Refused when the job that was meant has ended meanwhile."""
    if meant and found and meant != found:
        raise Refused(f"that job has ended; it has another now: {found}")
    if meant and not found:
        raise Refused("that job has ended already")


def _tag(domain: Any, command: Command) -> str:
    """Add and drop tags of ours in the metadata, now and for the next boot."""
    flags = 0
    if domain.isPersistent():
        flags |= libvirt.VIR_DOMAIN_AFFECT_CONFIG
    if domain.isActive():
        flags |= libvirt.VIR_DOMAIN_AFFECT_LIVE
    element = libvirt.VIR_DOMAIN_METADATA_ELEMENT
    try:
        one = flags & libvirt.VIR_DOMAIN_AFFECT_CONFIG or flags
        known = read_tags(domain.metadata(element, NAMESPACE, one))
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN_METADATA:
            raise
        known = ()
    tags = (set(known) | set(command.add_tags)) - set(command.drop_tags)
    if domain.isPersistent():
        _keep(domain, command)
    domain.setMetadata(element, tags_xml(tags) if tags else None, PREFIX, NAMESPACE, flags)
    return f"is tagged {' '.join(sorted(tags))}" if tags else "has no tags now"


def _delete(connection: Any, domain: Any, command: Command) -> str:
    """Storage first, the definition last: what is left over can then still be named by it."""
    if domain.isActive():
        raise Refused("it runs", advice="shut it down first, then delete it")
    # Whatever would stop the last step is told before the first.
    if not command.with_saved and count(domain.hasManagedSaveImage):
        raise Refused("it has a saved state", advice="delete it together with its saved state")
    if not command.with_snapshots and snapshots_of(domain):
        raise Refused("it has snapshots", advice="delete it together with its snapshots")
    _keep(domain, command)
    _delete_volumes(connection, domain, command)
    _undefine(domain, command)
    number = len(command.volumes)
    return (
        f"is deleted, with {number} volume{'s' if number > 1 else ''}" if number else "is deleted"
    )


def _keep(thing: Any, command: Command) -> None:
    """Keep the definition that goes or changes, so that it can be put back. Raises Refused."""
    target = command.target
    xml, _ = stored(thing, target.kind)
    if xml:
        definition_history.keep(
            Document(target.kind, target.key, thing.name()), command.verb.value, xml
        )


def _delete_thing(thing: Any, command: Command) -> str:
    """Drop a network's or pool's definition; a pool's volumes stay where they are."""
    if thing.isActive():
        raise Refused("it is active", advice="stop it first, then delete it")
    _keep(thing, command)
    thing.undefine()
    return "is deleted"


def _undefine(domain: Any, command: Command) -> None:
    """Drop the definition, with as many of libvirt's precautions as the driver knows.

    Drivers without firmware files or checkpoints refuse the flags about them by name.
    """
    flags = 0
    if command.with_saved:
        flags |= libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    if command.with_snapshots:
        flags |= libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    checkpoints = libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA if command.with_snapshots else 0
    nvram = (
        libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
        if command.with_nvram
        else libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
    )
    for extra in (checkpoints | nvram, checkpoints, nvram):
        try:
            domain.undefineFlags(flags | extra)
        except libvirt.libvirtError as error:
            if "unsupported flags" not in error.get_error_message():
                raise
        else:
            return
    domain.undefineFlags(flags)


def _delete_volumes(connection: Any, domain: Any, command: Command) -> None:
    """Delete the volumes named, unless another domain or overlay came to use one meanwhile.

    Raises Refused that says what was deleted before it; the definition is kept then.
    """
    if not command.volumes:
        return
    _refresh_pools(connection, command.volumes)
    uses = FileUsers(connection, without=domain.UUIDString())
    for path in command.volumes:
        if others := uses.of(path, beside=command.volumes):
            raise Refused(f"{path} is used by {', '.join(sorted(others))}; nothing was deleted")
        volumes.agreed(command, uses.not_known(path))
    gone: list[str] = []
    for path in command.volumes:
        # Reading every definition takes a while, and somebody may have started it meanwhile.
        if domain.isActive():
            raise Refused(f"it was started meanwhile{_deleted(gone)}", advice="shut it down first")
        try:
            connection.storageVolLookupByPath(path).delete(0)
        except libvirt.libvirtError as error:
            if not connection.isAlive():
                raise
            why = translate.trouble(error)
            if isinstance(why, NotFound):
                continue
            raise Refused(
                f"{path} could not be deleted, the definition is kept{_deleted(gone)}",
                advice=why.advice,
                said=why.said,
            ) from error
        gone.append(path)


def _deleted(paths: list[str]) -> str:
    return f"; deleted before it: {', '.join(paths)}" if paths else "; nothing was deleted"


def _refresh_pools(connection: Any, paths: tuple[str, ...]) -> None:
    """Have the pools of ``paths`` look again: overlays made behind libvirt's back count too."""
    seen: set[str] = set()
    for path in paths:
        try:
            pool = connection.storageVolLookupByPath(path).storagePoolLookupByVolume()
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
                raise
            continue
        if pool.name() not in seen:
            seen.add(pool.name())
            pool.refresh(0)
