"""A machine made from its recipe: volumes, definition, start; undone in turn when one fails.

The definition is written only where its name and UUID are free at that moment. What could not be
undone is named. Each piece is noted in a journal before it is made, for the run that comes after.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import libvirt

from virttui.hypervisor.commands import define
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.streams import BREAKS
from virttui.hypervisor.provision import steps
from virttui.hypervisor.provision.clone_source import untouched
from virttui.hypervisor.provision.send_file_part import spend
from virttui.hypervisor.provision.steps import RollbackLog
from virttui.hypervisor.provision.sysprep import sysprep
from virttui.hypervisor.queries.base_guard import not_written_to
from virttui.model.commands import Command
from virttui.model.errors import InvalidInput, OperationError, PartiallyDone, Refused
from virttui.model.provision.plan import CreatedResource, ProvisionPlan, ResourceKind
from virttui.persistence.provision_journal import Journal

log = logging.getLogger(__name__)


def make(connection: Any, command: Command, rope: TaskControl) -> str:
    """Make a machine. Raises Cancelled when ended by hand; nothing of it is left then.

    PartiallyDone names what could not be undone, whatever the reason was.
    """
    recipe = command.recipe
    if recipe is None:
        raise InvalidInput("no recipe was given")
    if recipe.over is None:
        _free(connection, recipe)
    untouched(connection, recipe.untouched)
    journal = Journal(command.target.key, recipe.name, runs=recipe.start)
    undo, whole = RollbackLog(journal), False
    try:
        left = _carry_out(connection, command, recipe, rope, undo)
        whole = not left
    except BREAKS as error:
        left = undo.all(alive=bool(connection.isAlive()))
        whole = not left
        if left:
            raise _partly(connection, left, error) from error
        raise
    finally:
        journal.close(done=whole)
        spend(step.part for step in recipe.volumes)
    if recipe.over is not None:
        return f"goes on on {', '.join(step.new.name for step in recipe.volumes)}"
    volumes = sum(not step.passing for step in recipe.volumes)
    made = f"created, with {volumes} volumes" if volumes else "created"
    made = made.replace("1 volumes", "1 volume")
    made = f"{made}, and started" if recipe.start else made
    return f"{made}; could not be deleted: {', '.join(left)}" if left else made


def _pass(connection: Any, recipe: ProvisionPlan) -> list[str]:
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
    connection: Any, command: Command, recipe: ProvisionPlan, rope: TaskControl, undo: RollbackLog
) -> list[str]:
    """Make everything, in order; returns what only its start needed and could not be deleted."""
    if recipe.root is not None:
        steps.root_folder(connection, recipe.root, rope, undo)
    for step in recipe.volumes:
        if step.disk_of is None:
            steps.volume(connection, recipe, step, rope, undo)
    steps.mirrors(connection, recipe, rope, undo)
    if recipe.nvram is not None:
        rope.check()
        steps.nvram(connection, command.target.key.host, recipe.nvram, rope, undo)
    if recipe.sysprep is not None:
        sysprep(recipe.sysprep, rope)
    # Somebody may have begun to write to a base while the rest was copied.
    untouched(connection, recipe.untouched)
    rope.check()
    if recipe.over is not None:
        define.define(connection, replace(command, xml=recipe.xml, base=recipe.over))
        return []
    _define(connection, recipe, undo)
    if recipe.start:
        rope.check()
        connection.lookupByName(recipe.name).create()
    # A start takes a while, and was what the end by hand came in between.
    rope.check()
    return _pass(connection, recipe) if recipe.first else []


def _free(connection: Any, recipe: ProvisionPlan) -> None:
    """Raises Refused when its name is taken: before anything is made, and right before it is."""
    try:
        connection.lookupByName(recipe.name)
    except libvirt.libvirtError as error:
        if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
            raise
        return
    raise Refused(f"{recipe.name} is there already", advice="choose another name")


def _define(connection: Any, recipe: ProvisionPlan, undo: RollbackLog) -> None:
    _free(connection, recipe)
    own = [step.new.name for step in recipe.volumes]
    not_written_to(connection, None, recipe.xml, own=own)
    piece = CreatedResource(ResourceKind.DEFINITION, recipe.name)
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


def _partly(connection: Any, left: list[str], why: BaseException) -> PartiallyDone:
    """What is said when it failed, and not all of it could be taken away again."""
    said = why.sentence if isinstance(why, OperationError) else str(why)
    if isinstance(why, libvirt.libvirtError):
        said = translate.trouble(why, alive=bool(connection.isAlive())).sentence
    return PartiallyDone(
        f"{said}; could not be taken away: {', '.join(left)}",
        advice=":leftovers lists it, and takes it away when the host answers",
    )
