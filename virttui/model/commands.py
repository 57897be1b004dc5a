"""Commands for a host: a verb, its target and the arguments of the verb."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from virttui.model.backup.arguments import (
    BackupArguments,
    DeleteBackupArguments,
    VerifyArguments,
)
from virttui.model.backup.restore import RestoreArguments
from virttui.model.documents import Document
from virttui.model.domains.consoles import ConsoleFileArguments
from virttui.model.domains.disk_jobs import DiskJob
from virttui.model.domains.guest_agent import (
    PasswordArguments,
    ShutdownArguments,
    SshKeyArguments,
)
from virttui.model.domains.guest_screen import DisplayPasswordArguments, KeysArguments
from virttui.model.domains.snapshot_deletion import SnapshotDeletion
from virttui.model.identity import Kind, ObjectId
from virttui.model.network_records import NetworkRecord
from virttui.model.provision.plan import IncompleteDomain, ProvisionPlan
from virttui.model.secret_value import SecretBytes, hides
from virttui.model.snapshots.changes import RevertArguments, TakeSnapshotArguments
from virttui.model.volumes import VolumeOperation


class Verb(StrEnum):
    """The operations on domains, networks, pools and volumes."""

    START = "start"
    RESUME = "resume"
    PAUSE = "pause"
    SHUTDOWN = "shut down"
    REBOOT = "reboot"
    RESET = "reset"
    FORCE_OFF = "force off"
    INJECT_NMI = "inject NMI"
    SAVE = "save"
    REMOVE_SAVED_STATE = "drop saved state"
    AUTOSTART_ON = "autostart on"
    AUTOSTART_OFF = "autostart off"
    RENAME = "rename"
    DELETE = "delete"
    STOP = "stop"
    TAG = "tag"
    ABORT_JOB = "abort job"
    DEFINE = "define"
    EDIT = "edit"
    ADD_RECORD = "add record"
    DELETE_RECORD = "drop record"
    SET_VALUE = "set value"
    CREATE = "create"
    RESIZE = "resize"
    UPLOAD = "upload"
    DOWNLOAD = "download"
    CLONE = "clone"
    WIPE = "wipe"
    BUILD = "build"
    REFRESH = "refresh"
    BLOCK_COPY = "move disk"
    BLOCK_COMMIT = "commit"
    BLOCK_PULL = "pull"
    FINISH_JOB = "finish job"
    COPY_TO_HOST = "copy"
    PROVISION = "make"
    REMOVE_INCOMPLETE = "take away"
    ARCHIVE = "archive"
    DELETE_POOL_TARGET = "remove place"
    REATTACH_NICS = "plug in"
    TRIM = "trim"
    FREEZE = "hold writes"
    THAW = "let go"
    SET_TIME = "set time"
    SET_PASSWORD = "set password"
    CHANGE_SSH_KEYS = "change ssh keys"
    SEND_KEYS = "send keys"
    SET_DISPLAY_PASSWORD = "set display password"
    KEEP_CONSOLE = "keep console"
    DELETE_SNAPSHOTS = "delete snapshots"
    BACK_UP = "back up"
    VERIFY_BACKUP = "verify"
    DELETE_BACKUP = "delete backup"
    RESTORE = "restore"
    SNAPSHOT = "snapshot"
    REVERT = "revert"
    UNDO_REVERT = "undo revert"

    @property
    def label(self) -> str:
        """Its text on the screen; the value is what records, files and the command line have."""
        return _LABELS.get(self, self.value)

    @property
    def transfer(self) -> bool:
        """True if it moves the content of volumes through this program."""
        return _LONG.get(self) is LongRunning.TRANSFER

    @property
    def block_job(self) -> bool:
        """True if it is a QEMU block job on a running guest; other commands run beside it."""
        return _LONG.get(self) is LongRunning.BLOCK_JOB

    @property
    def runs_beside(self) -> bool:
        """True if other commands on the same object run while it does."""
        beside = (LongRunning.BLOCK_JOB, LongRunning.FREEZE, LongRunning.WATCHING)
        return _LONG.get(self) in beside

    @property
    def watches(self) -> bool:
        """True if it changes nothing, and lasts until it is ended."""
        return _LONG.get(self) is LongRunning.WATCHING

    @property
    def cancellable(self) -> bool:
        """True if it can be cancelled while it runs; it then also reports its progress."""
        return self in _LONG

    @property
    def ends_with_program(self) -> bool:
        """True if this program does the work, which is undone when the program ends."""
        return _LONG.get(self) in (LongRunning.TRANSFER, LongRunning.PROVISION)


class LongRunning(StrEnum):
    """The kinds of commands that can be cancelled while they run."""

    TRANSFER = "transfer"
    BLOCK_JOB = "block job"
    PROVISION = "provision"
    FREEZE = "freeze"
    TYPING = "typing"
    WATCHING = "watching"


_LABELS = {
    Verb.DELETE_RECORD: "delete record",
    Verb.PROVISION: "create",
    Verb.REMOVE_INCOMPLETE: "clean up",
    Verb.DELETE_POOL_TARGET: "delete target",
    Verb.REATTACH_NICS: "reattach NICs",
    Verb.FREEZE: "hold",
    Verb.SET_PASSWORD: "password",
    Verb.SET_DISPLAY_PASSWORD: "display password",
    Verb.CHANGE_SSH_KEYS: "ssh keys",
    Verb.KEEP_CONSOLE: "console",
    Verb.BACK_UP: "backup",
}

_LONG = {
    Verb.UPLOAD: LongRunning.TRANSFER,
    Verb.DOWNLOAD: LongRunning.TRANSFER,
    Verb.COPY_TO_HOST: LongRunning.TRANSFER,
    Verb.BLOCK_COPY: LongRunning.BLOCK_JOB,
    Verb.BLOCK_COMMIT: LongRunning.BLOCK_JOB,
    Verb.BLOCK_PULL: LongRunning.BLOCK_JOB,
    Verb.DELETE_SNAPSHOTS: LongRunning.BLOCK_JOB,
    Verb.PROVISION: LongRunning.PROVISION,
    Verb.ARCHIVE: LongRunning.PROVISION,
    Verb.BACK_UP: LongRunning.PROVISION,
    Verb.VERIFY_BACKUP: LongRunning.PROVISION,
    Verb.RESTORE: LongRunning.PROVISION,
    Verb.FREEZE: LongRunning.FREEZE,
    Verb.SEND_KEYS: LongRunning.TYPING,
    Verb.KEEP_CONSOLE: LongRunning.WATCHING,
}


class ApplyWhen(StrEnum):
    """When a change takes effect."""

    NEXT_BOOT = "next boot"
    LIVE = "live"
    BOTH = "both"

    @property
    def stores(self) -> bool:
        """True if the definition of the next boot changes."""
        return self is not ApplyWhen.LIVE

    @property
    def now(self) -> bool:
        """True if the running domain changes."""
        return self is not ApplyWhen.NEXT_BOOT


class LiveOperation(StrEnum):
    """The changes of a running domain that a part of its definition describes."""

    ATTACH = "attach"
    DETACH = "detach"
    UPDATE = "update"
    MEMORY = "memory"
    VCPUS = "vcpus"
    TITLE = "title"
    DESCRIPTION = "description"


@hides("xml")
class LiveChange(Struct, frozen=True):
    """One change to a running domain.

    ``what`` names it for people ("disk vdb"). ``xml`` is the whole device element of ATTACH,
    DETACH and UPDATE (the two last as the live definition has it); ``value`` is bytes for MEMORY,
    a number for VCPUS, the text for TITLE and DESCRIPTION.
    """

    op: LiveOperation
    what: str
    xml: str = ""
    value: str = ""


@hides("values")
class SettingChange(Struct, frozen=True):
    """A change of a definition by name, without its text: ``memory`` to 2147483648.

    ``what`` names the change, ``device`` which device ("vda", "nic1", a MAC address), ``values``
    what is wanted. What each means is in ``virttui.libvirtxml.edits.apply``.
    """

    what: str
    device: str = ""
    values: tuple[tuple[str, str], ...] = ()

    def value(self, name: str = "", default: str = "") -> str:
        """The value called ``name``; "" is the only or main one."""
        return dict(self.values).get(name, default)


class Target(Struct, frozen=True):
    """The object of a command. ``key`` identifies it; ``name`` is for people."""

    kind: Kind
    key: ObjectId
    name: str


# -- the arguments of verbs ----------------------------------------------------------------


class StartArguments(Struct, frozen=True):
    """START of a domain: whether its open consoles are attached before its first instruction."""

    attach_consoles: bool = False


class RenameArguments(Struct, frozen=True):
    """RENAME: the new name of a domain."""

    new_name: str


class DeleteDomainArguments(Struct, frozen=True):
    """DELETE of a domain: what else is deleted.

    ``volumes`` are paths. A domain with a saved state or snapshots is deleted only ``with_saved``
    or ``with_snapshots``; its NVRAM stays unless ``with_nvram``. ``despite`` are the reasons, in
    words, why users of the volumes may be unknown, which the user has accepted.
    """

    volumes: tuple[str, ...] = ()
    despite: tuple[str, ...] = ()
    with_saved: bool = False
    with_nvram: bool = False
    with_snapshots: bool = False


class TagArguments(Struct, frozen=True):
    """TAG: the tags that a domain gets and loses."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class JobArguments(Struct, frozen=True):
    """ABORT_JOB and FINISH_JOB: the job that is meant.

    ``disk`` is the target of the disk whose block job it is, "" for the job of the domain itself.
    ``operation`` is what the job does, so that no other job is ended; "" ends any.
    """

    disk: str = ""
    operation: str = ""


@hides("xml", "base")
class DefineArguments(Struct, frozen=True):
    """DEFINE: a definition, as text, and changes of the running domain.

    ``xml`` is written as ``document`` if the stored definition is still ``base``; None means that
    there must be none. ``validate`` checks it against libvirt's schema. ``steps`` change the
    running domain. ``when`` says which of the two is done, or both. ``repr`` shows no definition,
    since it may hold passwords.
    """

    document: Document
    xml: str = ""
    base: str | None = None
    validate: bool = True
    steps: tuple[LiveChange, ...] = ()
    when: ApplyWhen = ApplyWhen.NEXT_BOOT


class EditArguments(Struct, frozen=True):
    """EDIT: a change by name, made in the definition as it is when the command is carried out.

    ``equivalent_command`` is the shell command that does the same, "" where it is not known.
    """

    change: SettingChange
    when: ApplyWhen = ApplyWhen.NEXT_BOOT
    equivalent_command: str = ""


class BuildPoolArguments(Struct, frozen=True):
    """BUILD: how the target of a pool is prepared.

    With ``no_overwrite`` nothing that holds data is formatted; with ``overwrite`` anything is.
    ``despite`` is as in ``DeleteDomainArguments``.
    """

    no_overwrite: bool = False
    overwrite: bool = False
    despite: tuple[str, ...] = ()


class DeletePoolTargetArguments(Struct, frozen=True):
    """DELETE_POOL_TARGET: the reasons why users may be unknown, which the user has accepted."""

    despite: tuple[str, ...] = ()


class ArchiveArguments(Struct, frozen=True):
    """ARCHIVE: the file on this computer that a domain is written into; the domain must be off."""

    file: str


Arguments = (
    StartArguments
    | RenameArguments
    | RestoreArguments
    | DeleteDomainArguments
    | TagArguments
    | JobArguments
    | DefineArguments
    | EditArguments
    | BuildPoolArguments
    | DeletePoolTargetArguments
    | ArchiveArguments
    | BackupArguments
    | ConsoleFileArguments
    | DeleteBackupArguments
    | DiskJob
    | DisplayPasswordArguments
    | IncompleteDomain
    | KeysArguments
    | NetworkRecord
    | PasswordArguments
    | ProvisionPlan
    | RevertArguments
    | SecretBytes
    | ShutdownArguments
    | SnapshotDeletion
    | SshKeyArguments
    | VerifyArguments
    | TakeSnapshotArguments
    | VolumeOperation
)
"""The arguments of all verbs.

Verbs on a volume have a ``VolumeOperation``; BLOCK_COPY, BLOCK_COMMIT, BLOCK_PULL and RESIZE of a
domain a ``DiskJob``. ADD_RECORD and DELETE_RECORD have the ``NetworkRecord``, SET_VALUE the value
of the secret. PROVISION has the plan; the UUID of the target is the one in its definition.
REMOVE_INCOMPLETE has the resources that are deleted; no others are.
"""


class Command(Struct, frozen=True):
    """One verb on one target, with the arguments of the verb; None where it has none.

    ``hypervisor.commands.registry`` says which class of arguments belongs to which verb. The key of
    a volume that exists is its path.
    """

    verb: Verb
    target: Target
    arguments: Arguments | None = None


class DiskJobOption(Struct, frozen=True):
    """One kind of work that a disk of a running domain can have, with a word about it."""

    verb: Verb
    disk: str
    note: str = ""


class BatchPolicy(Struct, frozen=True):
    """How commands that were given together are worked through.

    ``one_by_one`` begins the next when the guest of the one before answers (its agent is
    connected again), or when ``patience`` seconds have passed.
    """

    stop_at_failure: bool = False
    one_by_one: bool = False
    patience: float = 120.0


IN_PARALLEL = BatchPolicy()
