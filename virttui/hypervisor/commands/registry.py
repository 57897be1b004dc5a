"""Every verb once: the function that carries it out, and how the queue treats it.

A new verb is registered here, in ``model.commands.Verb`` and, with its virsh line, in
``panes.virsh_equivalent``; ``tests/hypervisor/test_registries.py`` names what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from virttui.hypervisor.backup.back_up import back_up
from virttui.hypervisor.backup.delete import delete_backups
from virttui.hypervisor.backup.restore import restore
from virttui.hypervisor.backup.verify import verify
from virttui.hypervisor.commands import (
    block_jobs,
    connection_lost,
    delete,
    lifecycle,
    network_records,
    nwfilters,
    pools,
    reattach_nics,
    secrets,
    volumes,
)
from virttui.hypervisor.commands.abort_job import abort_job
from virttui.hypervisor.commands.define import define
from virttui.hypervisor.commands.edit import edit
from virttui.hypervisor.commands.tags import tag
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.guest_agent import changes, freeze
from virttui.hypervisor.guest_screen.display_password import set_display_password
from virttui.hypervisor.guest_screen.send_keys import send_keys
from virttui.hypervisor.provision import (
    copy_between_hosts,
    export_archive,
    leftovers,
    run,
    upload_download,
)
from virttui.hypervisor.snapshots.delete import delete_snapshots
from virttui.hypervisor.snapshots.overlay_revert import undo
from virttui.hypervisor.snapshots.revert import revert
from virttui.hypervisor.snapshots.take import take
from virttui.model.backup.arguments import (
    BackupArguments,
    DeleteBackupArguments,
    VerifyArguments,
)
from virttui.model.backup.restore import RestoreArguments
from virttui.model.commands import (
    ArchiveArguments,
    Arguments,
    BuildPoolArguments,
    Command,
    DefineArguments,
    DeleteDomainArguments,
    DeletePoolTargetArguments,
    EditArguments,
    JobArguments,
    RenameArguments,
    StartArguments,
    TagArguments,
    Verb,
)
from virttui.model.domains.disk_jobs import DiskJob
from virttui.model.domains.guest_agent import (
    PasswordArguments,
    ShutdownArguments,
    SshKeyArguments,
)
from virttui.model.domains.guest_screen import DisplayPasswordArguments, KeysArguments
from virttui.model.domains.snapshot_deletion import SnapshotDeletion
from virttui.model.errors import HostLost, InvalidInput, Refused
from virttui.model.identity import Kind
from virttui.model.network_records import NetworkRecord
from virttui.model.provision.plan import IncompleteDomain, ProvisionPlan
from virttui.model.secret_value import SecretBytes
from virttui.model.snapshots.changes import RevertArguments, TakeSnapshotArguments
from virttui.model.volumes import VolumeOperation

A = TypeVar("A", bound=Arguments)

Function = Callable[[Connection, Command, TaskControl], str]
"""Carries out a command on a connection; returns what is so now, in a few words."""


class Executor(Struct, frozen=True):
    """How one verb is carried out.

    ``functions`` has a function for each kind of object, or under None one for every kind.
    ``skips_queue``: it does not wait for other commands at work on the same object, since it may be
    meant to end them; only for the same verb. ``extra_slot``: it may also use the slot that is
    kept beyond ``at_a_time``. ``waits_for_off``: the task ends when the domain is off, not when the
    call returns. ``changes_definition``: no event of libvirt's announces that the definition
    changed, so that it is read again. ``when_lost`` says what is known of it when the connection
    broke. Whether it can be cancelled tells ``Verb.cancellable``.
    """

    functions: Mapping[Kind | None, Function]
    skips_queue: bool = False
    extra_slot: bool = False
    waits_for_off: bool = False
    changes_definition: bool = False
    when_lost: Callable[[Command], HostLost] = connection_lost.unknown


def execute(connection: Connection, command: Command, control: TaskControl) -> str:
    """Carry out ``command``; returns words for its end. Raises libvirtError or OperationError.

    A cancellable command reports its progress to ``control`` and is ended by it.
    """
    functions, kind = VERBS[command.verb].functions, command.target.kind
    function = functions.get(kind) or functions.get(None)
    if function is None:
        raise Refused(f"a {kind} cannot be asked to {command.verb.label}")
    return function(connection, command, control)


def _arguments(command: Command, kind: type[A], default: A | None = None) -> A:
    """The arguments of a command, which must be of the class that belongs to its verb."""
    if isinstance(command.arguments, kind):
        return command.arguments
    if command.arguments is None and default is not None:
        return default
    raise InvalidInput(f"{command.verb.label} needs {kind.__name__}")


# The object is looked up by UUID anew, so that nothing ever happens to another one that took the
# name meanwhile.
def _find(connection: Connection, command: Command) -> Any:
    uuid = command.target.key.uuid
    if command.target.kind is Kind.NETWORK:
        return connection.networkLookupByUUIDString(uuid)
    if command.target.kind is Kind.POOL:
        return connection.storagePoolLookupByUUIDString(uuid)
    return connection.lookupByUUIDString(uuid)


def _plain(function: Callable[[Connection, Command], str]) -> Function:
    """A function that looks up its object itself and has no arguments."""
    return lambda connection, command, _control: function(connection, command)


def _with(
    kind: type[A], function: Callable[[Connection, Command, A], str], default: A | None = None
) -> Function:
    """A function that looks up its object itself; ``kind`` is the class of its arguments."""
    return lambda connection, command, _control: function(
        connection, command, _arguments(command, kind, default)
    )


def _long(
    kind: type[A], function: Callable[[Connection, Command, A, TaskControl], str]
) -> Function:
    """A function that can be cancelled and reports its progress."""
    return lambda connection, command, control: function(
        connection, command, _arguments(command, kind), control
    )


def _on(function: Callable[[Any], str]) -> Function:
    """A function of the libvirt object alone."""
    return lambda connection, command, _control: function(_find(connection, command))


def _on_with_command(function: Callable[[Any, Command], str]) -> Function:
    """A function of the libvirt object and the command."""
    return lambda connection, command, _control: function(_find(connection, command), command)


def _on_with_arguments(kind: type[A], function: Callable[[Any, Command, A], str]) -> Function:
    """A function of the libvirt object, the command and its arguments."""
    return lambda connection, command, _control: function(
        _find(connection, command), command, _arguments(command, kind)
    )


def _on_with_connection(function: Callable[[Any, Any], str]) -> Function:
    """A function of the connection and the libvirt object."""
    return lambda connection, command, _control: function(connection, _find(connection, command))


def _abort_job(connection: Connection, command: Command, arguments: JobArguments) -> str:
    return abort_job(connection, _find(connection, command), arguments)


def _delete_domain(
    connection: Connection, command: Command, arguments: DeleteDomainArguments
) -> str:
    return delete.delete_domain(connection, _find(connection, command), command, arguments)


def _shut_down_domain(
    connection: Connection, command: Command, arguments: ShutdownArguments
) -> str:
    return lifecycle.shutdown(_find(connection, command), command, arguments)


def _freeze(connection: Connection, command: Command, control: TaskControl) -> str:
    return freeze.freeze(_find(connection, command), control)


def _keep_console(_connection: Connection, command: Command, _control: TaskControl) -> str:
    """Refuse: it is no call. The program keeps the console that its page has open."""
    raise Refused(
        f"the console of {command.target.name} is kept by the page that shows it",
        advice="open its console and press e",
    )


def _start_domain(connection: Connection, command: Command, control: TaskControl) -> str:
    domain = _find(connection, command)
    if _arguments(command, StartArguments, StartArguments()).attach_consoles:
        return lifecycle.start_with_consoles(domain, control)
    return lifecycle.start(domain)


_START_OBJECT = _on(lifecycle.start_object)
_STOP_OBJECT = _on(lifecycle.stop_object)
_DELETE_OBJECT = _on_with_command(delete.delete_object)
_AUTOSTART: Mapping[Kind | None, Function] = dict.fromkeys(
    (Kind.DOMAIN, Kind.NETWORK, Kind.POOL), _on_with_command(lifecycle.autostart)
)

VERBS: dict[Verb, Executor] = {
    Verb.START: Executor(
        {
            Kind.DOMAIN: _start_domain,
            Kind.NETWORK: _START_OBJECT,
            Kind.POOL: _START_OBJECT,
        }
    ),
    Verb.RESUME: Executor({Kind.DOMAIN: _on_with_connection(lifecycle.resume)}),
    Verb.PAUSE: Executor({Kind.DOMAIN: _on(lifecycle.pause)}),
    Verb.SHUTDOWN: Executor(
        {Kind.DOMAIN: _with(ShutdownArguments, _shut_down_domain, ShutdownArguments())},
        waits_for_off=True,
    ),
    Verb.REBOOT: Executor({Kind.DOMAIN: _on(lifecycle.reboot)}),
    Verb.RESET: Executor({Kind.DOMAIN: _on(lifecycle.reset)}),
    Verb.FORCE_OFF: Executor(
        {Kind.DOMAIN: _on_with_command(lifecycle.force_off)}, skips_queue=True, extra_slot=True
    ),
    Verb.INJECT_NMI: Executor({Kind.DOMAIN: _on(lifecycle.inject_nmi)}),
    Verb.SAVE: Executor({Kind.DOMAIN: _on(lifecycle.save)}),
    Verb.REMOVE_SAVED_STATE: Executor({Kind.DOMAIN: _on(lifecycle.remove_saved_state)}),
    Verb.AUTOSTART_ON: Executor(_AUTOSTART),
    Verb.AUTOSTART_OFF: Executor(_AUTOSTART),
    Verb.RENAME: Executor({Kind.DOMAIN: _on_with_arguments(RenameArguments, lifecycle.rename)}),
    Verb.DELETE: Executor(
        {
            Kind.DOMAIN: _with(DeleteDomainArguments, _delete_domain, DeleteDomainArguments()),
            Kind.NETWORK: _DELETE_OBJECT,
            Kind.POOL: _DELETE_OBJECT,
            Kind.SECRET: _plain(secrets.undefine),
            Kind.NWFILTER: _plain(nwfilters.undefine),
            Kind.VOLUME: _with(VolumeOperation, volumes.delete),
        }
    ),
    Verb.STOP: Executor({Kind.NETWORK: _STOP_OBJECT, Kind.POOL: _STOP_OBJECT}),
    Verb.TAG: Executor({Kind.DOMAIN: _on_with_arguments(TagArguments, tag)}),
    Verb.ABORT_JOB: Executor(
        {Kind.DOMAIN: _with(JobArguments, _abort_job, JobArguments())}, skips_queue=True
    ),
    Verb.DEFINE: Executor({None: _with(DefineArguments, define)}, changes_definition=True),
    Verb.EDIT: Executor({None: _with(EditArguments, edit)}, changes_definition=True),
    Verb.ADD_RECORD: Executor({None: _with(NetworkRecord, network_records.update)}),
    Verb.DELETE_RECORD: Executor({None: _with(NetworkRecord, network_records.update)}),
    Verb.SET_VALUE: Executor({None: _with(SecretBytes, secrets.set_value)}),
    Verb.CREATE: Executor({Kind.VOLUME: _with(VolumeOperation, volumes.create)}),
    Verb.RESIZE: Executor(
        {
            Kind.DOMAIN: _with(DiskJob, volumes.grow_disk),
            Kind.VOLUME: _with(VolumeOperation, volumes.resize),
        }
    ),
    Verb.UPLOAD: Executor(
        {None: _long(VolumeOperation, upload_download.upload)}, when_lost=connection_lost.upload
    ),
    Verb.DOWNLOAD: Executor({None: _long(VolumeOperation, upload_download.download)}),
    Verb.CLONE: Executor({Kind.VOLUME: _with(VolumeOperation, volumes.clone)}),
    Verb.WIPE: Executor({Kind.VOLUME: _with(VolumeOperation, volumes.wipe)}),
    Verb.BUILD: Executor({Kind.POOL: _with(BuildPoolArguments, pools.build, BuildPoolArguments())}),
    Verb.REFRESH: Executor({Kind.POOL: _plain(pools.refresh)}),
    Verb.BLOCK_COPY: Executor(
        {None: _long(DiskJob, block_jobs.copy)},
        changes_definition=True,
        when_lost=connection_lost.block_job,
    ),
    Verb.BLOCK_COMMIT: Executor(
        {None: _long(DiskJob, block_jobs.commit)},
        changes_definition=True,
        when_lost=connection_lost.block_job,
    ),
    Verb.BLOCK_PULL: Executor(
        {None: _long(DiskJob, block_jobs.pull)},
        changes_definition=True,
        when_lost=connection_lost.block_job,
    ),
    Verb.DELETE_SNAPSHOTS: Executor(
        {Kind.DOMAIN: _long(SnapshotDeletion, delete_snapshots)},
        changes_definition=True,
        when_lost=connection_lost.delete_snapshots,
    ),
    Verb.FINISH_JOB: Executor(
        {Kind.DOMAIN: _with(JobArguments, block_jobs.finish)}, skips_queue=True
    ),
    Verb.COPY_TO_HOST: Executor(
        {None: _long(VolumeOperation, copy_between_hosts.relay)},
        when_lost=connection_lost.copy_to_host,
    ),
    Verb.PROVISION: Executor(
        {None: _long(ProvisionPlan, run.make)}, when_lost=connection_lost.provision
    ),
    Verb.REMOVE_INCOMPLETE: Executor({Kind.DOMAIN: _with(IncompleteDomain, leftovers.clear)}),
    Verb.ARCHIVE: Executor(
        {None: _long(ArchiveArguments, export_archive.archive)}, when_lost=connection_lost.archive
    ),
    Verb.DELETE_POOL_TARGET: Executor(
        {
            Kind.POOL: _with(
                DeletePoolTargetArguments, pools.delete_target, DeletePoolTargetArguments()
            )
        }
    ),
    Verb.REATTACH_NICS: Executor({Kind.NETWORK: _plain(reattach_nics.reattach)}),
    Verb.TRIM: Executor({Kind.DOMAIN: _on(changes.trim)}),
    Verb.FREEZE: Executor({Kind.DOMAIN: _freeze}, when_lost=connection_lost.freeze),
    Verb.THAW: Executor({Kind.DOMAIN: _on(freeze.thaw)}, skips_queue=True),
    Verb.SET_TIME: Executor({Kind.DOMAIN: _on(changes.set_time)}),
    Verb.SET_PASSWORD: Executor(
        {Kind.DOMAIN: _on_with_arguments(PasswordArguments, changes.set_password)}
    ),
    Verb.CHANGE_SSH_KEYS: Executor(
        {Kind.DOMAIN: _on_with_arguments(SshKeyArguments, changes.change_ssh_keys)}
    ),
    Verb.SET_DISPLAY_PASSWORD: Executor(
        {Kind.DOMAIN: _with(DisplayPasswordArguments, set_display_password)}
    ),
    Verb.SEND_KEYS: Executor({Kind.DOMAIN: _long(KeysArguments, send_keys)}),
    Verb.KEEP_CONSOLE: Executor({Kind.DOMAIN: _keep_console}),
    Verb.BACK_UP: Executor(
        {Kind.DOMAIN: _long(BackupArguments, back_up)}, when_lost=connection_lost.back_up
    ),
    Verb.VERIFY_BACKUP: Executor({Kind.DOMAIN: _long(VerifyArguments, verify)}),
    Verb.DELETE_BACKUP: Executor({Kind.DOMAIN: _with(DeleteBackupArguments, delete_backups)}),
    Verb.RESTORE: Executor(
        {Kind.DOMAIN: _long(RestoreArguments, restore)},
        changes_definition=True,
        when_lost=connection_lost.provision,
    ),
    Verb.SNAPSHOT: Executor(
        {Kind.DOMAIN: _with(TakeSnapshotArguments, take)}, changes_definition=True
    ),
    Verb.REVERT: Executor({Kind.DOMAIN: _with(RevertArguments, revert)}, changes_definition=True),
    Verb.UNDO_REVERT: Executor({Kind.DOMAIN: _plain(undo)}, changes_definition=True),
}
