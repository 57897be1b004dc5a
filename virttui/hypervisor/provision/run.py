"""A machine made from its recipe: volumes, definition, start; undone in turn when one fails.

The definition is written only where its name and UUID are free at that moment. What could not be
undone is named. Each piece is noted in a journal before it is made, for the run that comes after.
"""

from __future__ import annotations

import logging
from functools import partial

import libvirt

from virttui.hypervisor.commands import define
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import or_none_on
from virttui.hypervisor.connection.streams import BREAKS
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.provision import steps
from virttui.hypervisor.provision.clone_source import untouched
from virttui.hypervisor.provision.send_file_part import delete_temporary_files
from virttui.hypervisor.provision.steps import RollbackLog
from virttui.hypervisor.provision.sysprep import sysprep
from virttui.hypervisor.queries.base_guard import not_written_to
from virttui.model.commands import Command, DefineArguments
from virttui.model.documents import Document
from virttui.model.errors import OperationError, PartiallyDone, Refused
from virttui.model.identity import Kind
from virttui.model.provision.plan import CreatedResource, ProvisionPlan, ResourceKind
from virttui.persistence.provision_journal import Journal

log = logging.getLogger(__name__)


def make(
    connection: Connection, command: Command, plan: ProvisionPlan, control: TaskControl
) -> str:
    """Make a machine. Raises Cancelled when ended by hand; nothing of it is left then.

    PartiallyDone names what could not be undone, whatever the reason was.
    """
    if plan.replaces_xml is None:
        _free(connection, plan)
    untouched(connection, plan.read_only_bases)
    journal = Journal(command.target.key, plan.name, runs=plan.start)
    undo, whole = RollbackLog(journal), False
    try:
        left = _carry_out(connection, command, plan, control, undo)
        whole = not left
    except BREAKS as error:
        left = undo.all(alive=bool(connection.isAlive()))
        whole = not left
        if left:
            raise _partly(connection, left, error) from error
        raise
    finally:
        journal.close(done=whole)
        delete_temporary_files(step.slice for step in plan.volumes)
    if plan.replaces_xml is not None:
        return f"continues on {', '.join(step.new.name for step in plan.volumes)}"
    volumes = sum(not step.temporary for step in plan.volumes)
    summary = f"created, with {volumes} volumes" if volumes else "created"
    summary = summary.replace("1 volumes", "1 volume")
    summary = f"{summary}, and started" if plan.start else summary
    return f"{summary}; could not be deleted: {', '.join(left)}" if left else summary


def _pass(connection: Connection, plan: ProvisionPlan) -> list[str]:
    """It has begun with what only its first start needs: from now on its definition is another.

    QEMU has read the kernel by then. Returns what could not be deleted.
    """
    connection.defineXMLFlags(plan.xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
    left: list[str] = []
    for step in plan.volumes:
        if step.temporary:
            pool = connection.storagePoolLookupByUUIDString(step.pool.uuid)
            try:
                pool.storageVolLookupByName(step.new.name).delete(0)
            except libvirt.libvirtError as error:
                log.debug("deleting %s: %s", step.new.name, error)
                left.append(f"{step.new.name} in {step.pool_name}")
    return left


def _carry_out(
    connection: Connection,
    command: Command,
    plan: ProvisionPlan,
    control: TaskControl,
    undo: RollbackLog,
) -> list[str]:
    """Make everything, in order; returns what only its start needed and could not be deleted."""
    if plan.root is not None:
        steps.root_folder(connection, plan.root, control, undo)
    for step in plan.volumes:
        if step.mirror_of is None:
            steps.volume(connection, plan, step, control, undo)
    steps.mirrors(connection, plan, control, undo)
    if plan.nvram is not None:
        control.check()
        steps.nvram(connection, command.target.key.host, plan.nvram, control, undo)
    if plan.sysprep is not None:
        sysprep(plan.sysprep, control)
    # Somebody may have begun to write to a base while the rest was copied.
    untouched(connection, plan.read_only_bases)
    control.check()
    if plan.replaces_xml is not None:
        document = Document(Kind.DOMAIN, command.target.key, command.target.name)
        definition = DefineArguments(document, plan.xml, plan.replaces_xml)
        define.define(connection, command, definition)
        return []
    _define(connection, plan, undo)
    if plan.start:
        control.check()
        connection.lookupByName(plan.name).create()
    # A start takes a while, and was what the end by hand came in between.
    control.check()
    return _pass(connection, plan) if plan.first_boot_xml else []


def _free(connection: Connection, plan: ProvisionPlan) -> None:
    """Raises Refused when its name is taken: before anything is made, and right before it is."""
    look_up = partial(connection.lookupByName, plan.name)
    if or_none_on((libvirt.VIR_ERR_NO_DOMAIN,), look_up) is not None:
        raise Refused(f"{plan.name} is there already", advice="choose another name")


def _define(connection: Connection, plan: ProvisionPlan, undo: RollbackLog) -> None:
    _free(connection, plan)
    own = [step.new.name for step in plan.volumes]
    not_written_to(connection, None, plan.xml, own=own)
    piece = CreatedResource(ResourceKind.DEFINITION, plan.name)
    undo.begins(piece)
    xml = plan.first_boot_xml or plan.xml
    domain = connection.defineXMLFlags(xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
    undo.created(piece, lambda: undefine(domain))
    if plan.autostart:
        domain.setAutostart(1)


def undefine(domain: DomainHandle) -> None:
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


def _partly(connection: Connection, left: list[str], why: BaseException) -> PartiallyDone:
    """The error of a failed creation, some of which could not be removed again."""
    reason = why.message if isinstance(why, OperationError) else str(why)
    if isinstance(why, libvirt.libvirtError):
        reason = translate.operation_error(why, alive=bool(connection.isAlive())).message
    return PartiallyDone(
        f"{reason}; could not be removed: {', '.join(left)}",
        advice=":leftovers lists and removes it when the host answers",
    )
