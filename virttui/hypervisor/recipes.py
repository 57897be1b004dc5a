"""A machine made from its recipe: volumes, definition, start; undone in turn when one fails.

The definition is written only where its name and UUID are free at that moment. What could not be
undone is named. Each piece is noted in a journal before it is made, for the run that comes after.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import libvirt

from virttui.archive.journal import Journal
from virttui.definitions.volumes import volume_xml
from virttui.hypervisor import copying, translate, unpacking, writing
from virttui.hypervisor.bases import not_written_to
from virttui.hypervisor.cloning import untouched
from virttui.hypervisor.fetching import fetch
from virttui.hypervisor.mirroring import Mirror, mirror
from virttui.hypervisor.relay import pass_on
from virttui.hypervisor.rope import Rope
from virttui.hypervisor.sysprep import sysprep
from virttui.hypervisor.transfer import BLOCK, BREAKS, abort, file_size, length_of, send_file
from virttui.model.commands import Command
from virttui.model.errors import BadInput, HostLost, PartlyDone, Refused, Trouble
from virttui.model.recipes import FileCopy, Part, Piece, Recipe, RootFolder, VolumeStep

log = logging.getLogger(__name__)


class Undo:
    """What was made so far, in its order: noted before it is made, taken away when one fails."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._made: list[tuple[Piece, Callable[[], object]]] = []

    def begins(self, piece: Piece) -> None:
        """This is made next. Raises Refused where that cannot be noted."""
        self._journal.note(piece)

    def made(self, piece: Piece, take_away: Callable[[], object]) -> None:
        """It is there now."""
        self._made.append((piece, take_away))

    def all(self) -> list[str]:
        """Take away what was made, last first; returns what could not be."""
        left: list[str] = []
        for piece, take_away in reversed(self._made):
            try:
                take_away()
            except BREAKS as error:
                log.debug("undoing %s: %s", piece.words, error)
                left.append(piece.words)
        return left


def make(connection: Any, command: Command, rope: Rope) -> str:
    """Make a machine. Raises Cancelled when ended by hand; nothing of it is left then.

    PartlyDone names what could not be undone, whatever the reason was.
    """
    recipe = command.recipe
    if recipe is None:
        raise BadInput("no recipe was given")
    if recipe.over is None:
        _free(connection, recipe)
    untouched(connection, recipe.untouched)
    journal = Journal(command.target.key, recipe.name, runs=recipe.start)
    undo, whole = Undo(journal), False
    try:
        left = _carry_out(connection, command, recipe, rope, undo)
        whole = not left
    except BREAKS as error:
        left = undo.all()
        whole = not left
        if left:
            raise _partly(connection, left, error) from error
        raise
    finally:
        journal.close(done=whole)
    if recipe.over is not None:
        return f"goes on on {', '.join(step.new.name for step in recipe.volumes)}"
    volumes = sum(not step.passing for step in recipe.volumes)
    made = f"is made, with {volumes} volumes" if volumes else "is made"
    made = made.replace("1 volumes", "1 volume")
    made = f"{made}, and runs" if recipe.start else made
    return f"{made}; could not be deleted: {', '.join(left)}" if left else made


def _pass(connection: Any, recipe: Recipe) -> list[str]:
    """It has begun with what only its first start needs: from now on its definition is another.

    QEMU has read the kernel by then. Returns what could not be deleted.
    """
    connection.defineXMLFlags(recipe.xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
    left: list[str] = []
    for step in recipe.volumes:
        if step.passing:
            pool = connection.storagePoolLookupByUUIDString(step.pool.uuid)
            try:
                pool.storageVolLookupByName(step.new.name).delete(0)
            except libvirt.libvirtError as error:
                log.debug("deleting %s: %s", step.new.name, error)
                left.append(f"{step.new.name} in {step.pool_name}")
    return left


def _carry_out(
    connection: Any, command: Command, recipe: Recipe, rope: Rope, undo: Undo
) -> list[str]:
    """Make everything, in order; returns what only its start needed and could not be deleted."""
    if recipe.root is not None:
        _root(connection, recipe.root, rope, undo)
    for step in recipe.volumes:
        if step.disk_of is None:
            try:
                _volume(connection, step, rope, undo)
            except libvirt.libvirtError as error:
                said = error.get_error_message()
                if "No space left" not in said:
                    raise
                full = f"{step.pool_name} is full: {step.new.name} has no room there"
                advice = "free some space there, or choose another pool"
                raise Refused(full, advice=advice, said=said) from error
    _mirrors(connection, recipe, rope, undo)
    if recipe.nvram is not None:
        rope.check()
        _nvram(connection, command.target.key.host, recipe.nvram, rope, undo)
    if recipe.sysprep is not None:
        sysprep(recipe.sysprep, rope)
    # Somebody may have begun to write to a base while the rest was copied.
    untouched(connection, recipe.untouched)
    rope.check()
    if recipe.over is not None:
        writing.define(connection, replace(command, xml=recipe.xml, base=recipe.over))
        return []
    _define(connection, recipe, undo)
    if recipe.start:
        rope.check()
        connection.lookupByName(recipe.name).create()
    # A start takes a while, and was what the end by hand came in between.
    rope.check()
    return _pass(connection, recipe) if recipe.first else []


def _free(connection: Any, recipe: Recipe) -> None:
    """Raises Refused when its name is taken: before anything is made, and right before it is."""
    try:
        connection.lookupByName(recipe.name)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
            raise
        return
    raise Refused(f"{recipe.name} is there already", advice="choose another name")


def _piece(step: VolumeStep) -> Piece:
    return Piece(Part.VOLUME, step.new.name, step.pool.uuid, step.pool_name)


def _volume(connection: Any, step: VolumeStep, rope: Rope, undo: Undo) -> None:
    """Make one volume; what was begun can be undone from its first moment on."""
    pool = connection.storagePoolLookupByUUIDString(step.pool.uuid)
    rope.reach(0, 0)
    if step.copy_of is not None and step.copy_of[0].host == step.pool.host:
        key, source = step.copy_of
        source_pool = connection.storagePoolLookupByUUIDString(key.uuid)
        original = source_pool.storageVolLookupByName(source)
        if step.streamed:
            _stream(connection, connection, (pool, step), original, rope, undo)
            return
        _absent(pool, step, undo)
        if step.reflink:
            volume = copying.reflink(pool, step.new, original)
        else:
            volume = copying.copy(connection, step.pool.host, pool, step.new, original, rope)
        undo.made(_piece(step), lambda: volume.delete(0))
        return
    if step.copy_of is not None:
        key, source = step.copy_of
        with rope.visit(key.host) as there:
            try:
                origin = there.storagePoolLookupByUUIDString(key.uuid)
                original = origin.storageVolLookupByName(source)
                _stream(connection, there, (pool, step), original, rope, undo)
            except libvirt.libvirtError as error:
                if there.isAlive():
                    raise
                # The lane knows only whether its own host is there.
                said = error.get_error_message()
                words = "the connection to the host it is copied from broke"
                raise HostLost(words, advice="clone it again", said=said) from error
        return
    volume = _empty(connection, step, undo)
    if step.file:
        send_file(connection, volume, step.file, rope)
    elif step.url:
        fetch(connection, volume, step.url, step.new.capacity, step.sha256, rope)
    elif step.content:
        _write(connection, volume, step.content, rope)


def _stream(
    connection: Any, there: Any, into: tuple[Any, VolumeStep], original: Any, rope: Rope, undo: Undo
) -> None:
    """Copy a volume as it is, byte by byte."""
    pool, step = into
    length = length_of(original)
    new = copying.as_it_is(step.new, length, files=step.files)
    _absent(pool, step, undo)
    volume = pool.createXML(volume_xml(new), 0)
    undo.made(_piece(step), lambda: volume.delete(0))
    pass_on((there, original), (connection, volume), length, rope)


def _mirrors(connection: Any, recipe: Recipe, rope: Rope, undo: Undo) -> None:
    """Copy disks of a running domain, all of them as they are at one moment."""
    mirrors: list[Mirror] = []
    uuid = ""
    for step in recipe.volumes:
        if step.disk_of is not None:
            uuid, disk = step.disk_of
            # Its size now: it may have grown since it was looked at.
            capacity = int(connection.lookupByUUIDString(uuid).blockInfo(disk)[0])
            sized = replace(step, new=replace(step.new, capacity=capacity))
            volume = _empty(connection, sized, undo)
            mirrors.append(Mirror(disk, volume, step.new.format))
    if mirrors:
        mirror(connection, uuid, mirrors, rope)


def _root(connection: Any, root: RootFolder, rope: Rope, undo: Undo) -> None:
    """Unpack a container's root folder; from its first file on it is taken away on a failure."""
    if unpacking.place(connection, root).exists():
        raise Refused(f"{root.path} is there already", advice="name another folder")
    piece = Piece(Part.FOLDER, root.path)
    undo.begins(piece)
    undo.made(piece, lambda: unpacking.remove(connection, root))
    unpacking.unpack(connection, root, rope)


def _nvram(connection: Any, host: str, what: FileCopy, rope: Rope, undo: Undo) -> None:
    """Copy the variables of its firmware, where the source has some already."""
    piece = Piece(Part.FILE, what.path)
    undo.begins(piece)
    if copying.copy_file(connection, host, what, rope):
        undo.made(piece, lambda: copying.delete_file(connection, what.path))


def _empty(connection: Any, step: VolumeStep, undo: Undo) -> Any:
    """A new volume with nothing in it yet."""
    flags = libvirt.VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA if step.new.metadata else 0
    pool = connection.storagePoolLookupByUUIDString(step.pool.uuid)
    new = step.new
    if step.file:
        # How large it is only the file itself tells.
        new = replace(new, capacity=file_size(step.file))
    _absent(pool, step, undo)
    volume = pool.createXML(volume_xml(new), flags)
    undo.made(_piece(step), lambda: volume.delete(0))
    return volume


def _absent(pool: Any, step: VolumeStep, undo: Undo) -> None:
    """Raises Refused when its name is taken; else it is noted as what is made next."""
    try:
        pool.storageVolLookupByName(step.new.name)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
            raise
        undo.begins(_piece(step))
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
    own = [step.new.name for step in recipe.volumes]
    not_written_to(connection, None, recipe.xml, own=own)
    piece = Piece(Part.DEFINITION, recipe.name)
    undo.begins(piece)
    xml = recipe.first or recipe.xml
    domain = connection.defineXMLFlags(xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
    undo.made(piece, lambda: undefine(domain))
    if recipe.autostart:
        domain.setAutostart(1)


def undefine(domain: Any) -> None:
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


def _partly(connection: Any, left: list[str], why: BaseException) -> PartlyDone:
    """What is said when it failed, and not all of it could be taken away again."""
    said = why.sentence if isinstance(why, Trouble) else str(why)
    if isinstance(why, libvirt.libvirtError):
        said = translate.trouble(why, alive=bool(connection.isAlive())).sentence
    return PartlyDone(
        f"{said}; could not be taken away: {', '.join(left)}",
        advice=":leftovers lists it, and takes it away when the host answers",
    )
