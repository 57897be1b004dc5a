"""A machine made from its recipe: volumes, definition, start; undone in turn when one fails.

The definition is written only where its name and UUID are free at that moment. What could not be
undone is named.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import libvirt

from virttui.definitions.volumes import volume_xml
from virttui.hypervisor import copying, translate
from virttui.hypervisor.arriving import send_part, spend, unpacked
from virttui.hypervisor.cloning import untouched
from virttui.hypervisor.mirroring import Mirror, mirror
from virttui.hypervisor.relay import pass_on
from virttui.hypervisor.rope import Rope
from virttui.hypervisor.transfer import BLOCK, BREAKS, abort, file_size, length_of, send_file
from virttui.model.commands import Command
from virttui.model.errors import BadInput, PartlyDone, Refused, Trouble
from virttui.model.recipes import FileCopy, Recipe, VolumeStep
from virttui.parcels.converting import scratch

log = logging.getLogger(__name__)

Undo = list[tuple[str, Callable[[], object]]]
"""What is taken away again when something fails, each by its name, in the order it was made."""


def make(connection: Any, command: Command, rope: Rope) -> str:
    """Make a machine. Raises Cancelled when ended by hand; nothing of it is left then.

    PartlyDone names what could not be undone, whatever the reason was.
    """
    recipe = command.recipe
    if recipe is None:
        raise BadInput("no recipe was given")
    _free(connection, recipe)
    undo: Undo = []
    untouched(connection, recipe.untouched)
    try:
        for step in recipe.volumes:
            if step.part is not None:
                _part(connection, recipe, step, rope, undo)
            elif step.disk_of is None:
                _volume(connection, step, rope, undo)
        _mirrors(connection, recipe, rope, undo)
        if recipe.nvram is not None:
            _nvram(connection, command.target.key.host, recipe.nvram, rope, undo)
        # Somebody may have begun to write to a base while the rest was copied.
        untouched(connection, recipe.untouched)
        _define(connection, recipe, undo)
        if recipe.start:
            domain = connection.lookupByName(recipe.name)
            domain.create()
    except BREAKS as error:
        _undo(connection, undo, error)
        raise
    finally:
        spend(step.part for step in recipe.volumes)
    made = f"is made, with {len(recipe.volumes)} volumes" if recipe.volumes else "is made"
    made = made.replace("1 volumes", "1 volume")
    return f"{made}, and runs" if recipe.start else made


def _free(connection: Any, recipe: Recipe) -> None:
    """Raises Refused when its name is taken: before anything is made, and right before it is."""
    try:
        connection.lookupByName(recipe.name)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
            raise
        return
    raise Refused(f"{recipe.name} is there already", advice="choose another name")


def _volume(connection: Any, step: VolumeStep, rope: Rope, undo: Undo) -> None:
    """Make one volume; what was begun can be undone from its first moment on."""
    pool = connection.storagePoolLookupByUUIDString(step.pool.uuid)
    name = f"{step.new.name} in {step.pool_name}"
    _absent(pool, step)
    rope.reach(0, 0)
    if step.copy_of is not None and step.copy_of[0].host == step.pool.host:
        key, source = step.copy_of
        source_pool = connection.storagePoolLookupByUUIDString(key.uuid)
        original = source_pool.storageVolLookupByName(source)
        if step.streamed:
            _stream(connection, connection, (pool, step), original, rope, undo)
            return
        if step.reflink:
            volume = copying.reflink(pool, step.new, original)
        else:
            volume = copying.copy(connection, step.pool.host, pool, step.new, original, rope)
        undo.append((name, lambda: volume.delete(0)))
        return
    if step.copy_of is not None:
        key, source = step.copy_of
        with rope.visit(key.host) as there:
            original = there.storagePoolLookupByUUIDString(key.uuid).storageVolLookupByName(source)
            _stream(connection, there, (pool, step), original, rope, undo)
        return
    volume = _empty(connection, step, undo)
    if step.file:
        send_file(connection, volume, step.file, rope)
    elif step.content:
        _write(connection, volume, step.content, rope)


def _part(connection: Any, recipe: Recipe, step: VolumeStep, rope: Rope, undo: Undo) -> None:
    """Make a volume of a part of a file, converted first where it has to be."""
    pool = connection.storagePoolLookupByUUIDString(step.pool.uuid)
    _absent(pool, step)
    if step.part is None:
        return
    with ExitStack() as stack:
        folder = stack.enter_context(scratch(recipe.scratch)) if step.part.convert else Path()
        part = unpacked(step.part, folder, rope)
        rope.reach(0, 0)
        new = copying.as_it_is(step.new, part.size, files=step.files)
        volume = pool.createXML(volume_xml(new), 0)
        undo.append((f"{new.name} in {step.pool_name}", lambda: volume.delete(0)))
        if step.part.convert:
            send_file(connection, volume, part.path, rope)
        else:
            send_part(connection, volume, part, rope)


def _stream(
    connection: Any, there: Any, into: tuple[Any, VolumeStep], original: Any, rope: Rope, undo: Undo
) -> None:
    """Copy a volume as it is, byte by byte."""
    pool, step = into
    length = length_of(original)
    new = copying.as_it_is(step.new, length, files=step.files)
    volume = pool.createXML(volume_xml(new), 0)
    undo.append((f"{new.name} in {step.pool_name}", lambda: volume.delete(0)))
    pass_on((there, original), (connection, volume), length, rope)


def _mirrors(connection: Any, recipe: Recipe, rope: Rope, undo: Undo) -> None:
    """Copy disks of a running domain, all of them as they are at one moment."""
    mirrors: list[Mirror] = []
    uuid = ""
    for step in recipe.volumes:
        if step.disk_of is not None:
            uuid, disk = step.disk_of
            _absent(connection.storagePoolLookupByUUIDString(step.pool.uuid), step)
            # Its size now: it may have grown since it was looked at.
            capacity = int(connection.lookupByUUIDString(uuid).blockInfo(disk)[0])
            sized = replace(step, new=replace(step.new, capacity=capacity))
            volume = _empty(connection, sized, undo)
            mirrors.append(Mirror(disk, volume, step.new.format))
    if mirrors:
        mirror(connection, uuid, mirrors, rope)


def _nvram(connection: Any, host: str, what: FileCopy, rope: Rope, undo: Undo) -> None:
    """Copy the variables of its firmware, where the source has some already."""
    if what.part is not None:
        with copying.new_file(connection, what.path, what.part.size) as volume:
            undo.append((what.path, lambda: copying.delete_file(connection, what.path)))
            send_part(connection, volume, what.part, rope)
    elif copying.copy_file(connection, host, what, rope):
        undo.append((what.path, lambda: copying.delete_file(connection, what.path)))


def _empty(connection: Any, step: VolumeStep, undo: Undo) -> Any:
    """A new volume with nothing in it yet."""
    flags = libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA if step.new.metadata else 0
    pool = connection.storagePoolLookupByUUIDString(step.pool.uuid)
    new = step.new
    if step.file:
        # How large it is only the file itself tells.
        new = replace(new, capacity=file_size(step.file))
    volume = pool.createXML(volume_xml(new), flags)
    undo.append((f"{step.new.name} in {step.pool_name}", lambda: volume.delete(0)))
    return volume


def _absent(pool: Any, step: VolumeStep) -> None:
    try:
        pool.storageVolLookupByName(step.new.name)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
            raise
        return
    raise Refused(f"{step.new.name} is in {step.pool_name} already", advice="choose another name")


def _write(connection: Any, volume: Any, content: bytes, rope: Rope) -> None:
    """Write content that is in memory."""
    stream = connection.newStream(0)
    try:
        volume.upload(stream, 0, len(content), 0)
        place = 0
        while place < len(content):
            sent = stream.send(content[place : place + BLOCK])
            place += sent
            rope.advance(sent, len(content))
        stream.finish()
    except BREAKS:
        abort(stream)
        raise


def _define(connection: Any, recipe: Recipe, undo: Undo) -> None:
    _free(connection, recipe)
    domain = connection.defineXMLFlags(recipe.xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
    undo.append((f"the definition of {recipe.name}", lambda: _undefine(domain)))
    if recipe.autostart:
        domain.setAutostart(1)


def _undefine(domain: Any) -> None:
    """Take a definition away that was just made, with the NVRAM that its start may have made."""
    if domain.isActive():
        domain.destroy()
    for flags in (libvirt.VIR_DOMAIN_UNDEFINE_NVRAM, 0):
        try:
            domain.undefineFlags(flags)
        except libvirt.libvirtError as error:
            if "unsupported flags" not in error.get_error_message():
                raise
        else:
            return


def _undo(connection: Any, undo: Undo, why: BaseException) -> None:
    """Take away what was made, last first. Raises PartlyDone that names what is left."""
    left: list[str] = []
    for name, take_away in reversed(undo):
        try:
            take_away()
        except libvirt.libvirtError as error:
            log.debug("undoing %s: %s", name, error)
            left.append(name)
    if not left:
        return
    said = why.sentence if isinstance(why, Trouble) else str(why)
    if isinstance(why, libvirt.libvirtError):
        said = translate.trouble(why, alive=bool(connection.isAlive())).sentence
    raise PartlyDone(
        f"{said}; could not be taken away: {', '.join(left)}",
        advice="delete it when the host answers",
    ) from why
