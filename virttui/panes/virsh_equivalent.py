"""The virsh lines that do, or show, the same by hand."""

from __future__ import annotations

import re
import shlex

from virttui.actions.target import ActionTarget
from virttui.model.backup.arguments import DeleteBackupArguments, VerifyArguments
from virttui.model.backup.restore import RestoreArguments
from virttui.model.commands import (
    BuildPoolArguments,
    Command,
    DefineArguments,
    DeleteDomainArguments,
    EditArguments,
    JobArguments,
    LiveChange,
    LiveOperation,
    RenameArguments,
    StartArguments,
    Verb,
)
from virttui.model.domains.consoles import ConsoleFileArguments
from virttui.model.domains.disk_jobs import DiskJob
from virttui.model.domains.guest_agent import (
    PasswordArguments,
    ShutdownArguments,
    SshKeyArguments,
)
from virttui.model.domains.guest_screen import KeysArguments
from virttui.model.domains.jobs import Job
from virttui.model.domains.snapshot_deletion import SnapshotDeletion
from virttui.model.identity import Kind, ObjectId
from virttui.model.network_records import NetworkRecord
from virttui.model.provision.plan import (
    CreatedResource,
    IncompleteDomain,
    ProvisionPlan,
    ResourceKind,
)
from virttui.model.snapshots.changes import RevertArguments, TakeSnapshotArguments
from virttui.model.volumes import VolumeOperation
from virttui.panes.virsh_equivalent_snapshot import snapshot_lines, undone_lines
from virttui.panes.virsh_equivalent_volume import disk_line, far_lines, volume_line, word_of

VIRSH: dict[Verb, tuple[str, ...]] = {
    Verb.START: ("start",),
    Verb.RESUME: ("resume",),
    Verb.PAUSE: ("suspend",),
    Verb.SHUTDOWN: ("shutdown",),
    Verb.REBOOT: ("reboot",),
    Verb.RESET: ("reset",),
    Verb.FORCE_OFF: ("destroy",),
    Verb.INJECT_NMI: ("inject-nmi",),
    Verb.STOP: ("destroy",),
    Verb.SAVE: ("managedsave",),
    Verb.REMOVE_SAVED_STATE: ("managedsave-remove",),
    Verb.AUTOSTART_ON: ("autostart",),
    Verb.AUTOSTART_OFF: ("autostart", "--disable"),
    Verb.RENAME: ("domrename",),
    Verb.DELETE: ("undefine",),
    Verb.ABORT_JOB: ("domjobabort",),
    Verb.TAG: ("metadata", "--uri", "urn:virttui:tags", "--key", "virttui", "--edit"),
    Verb.DEFINE: ("define",),
    Verb.EDIT: ("edit",),
    Verb.ADD_RECORD: ("update", "add-last"),
    Verb.DELETE_RECORD: ("update", "delete"),
    Verb.SET_VALUE: ("set-value", "--interactive"),
    Verb.BUILD: ("build",),
    Verb.REFRESH: ("refresh",),
    Verb.FINISH_JOB: ("blockjob",),
    Verb.DELETE_POOL_TARGET: ("delete",),
    Verb.TRIM: ("domfstrim",),
    Verb.FREEZE: ("domfsfreeze",),
    Verb.THAW: ("domfsthaw",),
    Verb.SET_TIME: ("domtime", "--now"),
    Verb.SET_PASSWORD: ("set-user-password",),
    Verb.CHANGE_SSH_KEYS: ("set-user-sshkeys",),
    Verb.SET_DISPLAY_PASSWORD: ("update-device", "graphics.xml", "--live"),
    Verb.SEND_KEYS: ("send-key", "--codeset", "linux"),
    Verb.KEEP_CONSOLE: ("console",),
    Verb.DELETE_SNAPSHOTS: ("snapshot-delete",),
    Verb.BACK_UP: ("backup-begin", "--backupxml", "backup.xml", "--reuse-external"),
    Verb.SNAPSHOT: ("snapshot-create-as",),
    Verb.REVERT: ("snapshot-revert",),
}
"""The virsh command of each verb, without the prefix of its kind of object."""
_VOLUME = "its volume operation (virsh_equivalent_volume.volume_line)"
_DISK = "its disk job (virsh_equivalent_volume.disk_line)"
WITHOUT_WORD: dict[Verb, str] = {
    Verb.CREATE: _VOLUME,
    Verb.RESIZE: _VOLUME,
    Verb.UPLOAD: _VOLUME,
    Verb.DOWNLOAD: _VOLUME,
    Verb.CLONE: _VOLUME,
    Verb.WIPE: _VOLUME,
    Verb.COPY_TO_HOST: _VOLUME,
    Verb.BLOCK_COPY: _DISK,
    Verb.BLOCK_COMMIT: _DISK,
    Verb.BLOCK_PULL: _DISK,
    Verb.PROVISION: "its plan: virt-install's line, or the definition",
    Verb.REMOVE_INCOMPLETE: "the resources that are left, one line each",
    Verb.ARCHIVE: "the definition alone: virsh writes no archive",
    Verb.RESTORE: "its plan: the definition",
    Verb.VERIFY_BACKUP: "the list of the volumes that it reads",
    Verb.DELETE_BACKUP: "the list of the volumes that it deletes from",
    Verb.UNDO_REVERT: "the definitions that the revert replaced, from their record",
    Verb.REATTACH_NICS: "several lines by way of a network without members",
}
"""Verbs whose line is made of more than a word, and what it is made of."""
_REATTACH_LINES = (
    ("net-create", "parking.xml"),
    ("update-device", "DOMAIN", "nic-on-parking.xml", "--live"),
    ("update-device", "DOMAIN", "nic.xml", "--live"),
    ("net-destroy", "parking"),
)
"""Only another bridge makes libvirt move a NIC: to a network that nobody is on, and back."""
_PREFIX = {
    Kind.DOMAIN: "",
    Kind.NETWORK: "net-",
    Kind.POOL: "pool-",
    Kind.NWFILTER: "nwfilter-",
    Kind.SECRET: "secret-",
    Kind.INTERFACE: "iface-",
}


_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


def called(name: str, key: ObjectId) -> str:
    """The name of an object for virsh: its name, or its UUID where that is safer.

    virsh takes a word for an ID first, then for a UUID, then for a name, and for an option when it
    begins with a dash: `destroy 3` is for the domain with ID 3, whatever is called 3.
    """
    doubtful = name.isdecimal() or name.startswith("-") or not name or _UUID.fullmatch(name)
    return key.uuid if doubtful and key.uuid else name


def virsh(command: Command, uri: str) -> str:
    """The line that does the same by hand, quoted for a shell."""
    arguments = command.arguments
    if isinstance(arguments, ProvisionPlan | EditArguments) and arguments.equivalent_command:
        return arguments.equivalent_command
    return " && ".join(map(shlex.join, _lines(command, uri)))


def _target(command: Command) -> str:
    return called(command.target.name, command.target.key)


def _lines(command: Command, uri: str) -> list[list[str]]:
    """The lines that do the same by hand, each whole."""
    target, begin = command.target, ["virsh", "-c", uri]
    match command.arguments:
        case ProvisionPlan():
            return [[*begin, "define", f"{target.name}.xml"]]
        case IncompleteDomain(resources=resources):
            return [[*begin, *_cleared(piece)] for piece in resources]
        case DefineArguments() as definition:
            return [[*begin, *line] for line in _definition_lines(definition)]
        case VolumeOperation() as work:
            far = ["virsh", "-c", work.target_uri]
            there = [[*far, *line] for line in far_lines(command, work)]
            return [[*begin, *volume_line(command, work)], *there]
        case ConsoleFileArguments(device=device):
            return [[*begin, *VIRSH[command.verb], _target(command), "--devname", device]]
        case SnapshotDeletion(names=names):
            word = VIRSH[command.verb]
            return [[*begin, *word, _target(command), word_of("snapshotname", n)] for n in names]
        case TakeSnapshotArguments() | RevertArguments() as wanted:
            return [[*begin, *line] for line in snapshot_lines(_target(command), wanted)]
        case DiskJob() as work:
            return [[*begin, *disk_line(command.verb, _target(command), work)]]
    if command.verb in WITHOUT_WORD:
        return [[*begin, *line] for line in _lines_without_word(command)]
    return [[*begin, *_plain_line(command)]]


def _lines_without_word(command: Command) -> list[list[str]]:
    """The commands of the verbs that are no single command of virsh's."""
    match command.arguments:
        case RestoreArguments(plan=plan):
            return [["define", f"{plan.name}.xml"]]
        case VerifyArguments(pool_name=pool) | DeleteBackupArguments(pool_name=pool):
            return [["vol-list", word_of("pool", pool)]]
    if command.verb is Verb.UNDO_REVERT:
        return undone_lines(_target(command))
    if command.verb is Verb.REATTACH_NICS:
        return [list(line) for line in _REATTACH_LINES]
    return [["dumpxml", "--inactive", "--security-info", _target(command)]]


def _cleared(piece: CreatedResource) -> list[str]:
    """The command that removes one resource of an interrupted creation."""
    if piece.kind is ResourceKind.VOLUME:
        return ["vol-delete", word_of("vol", piece.name), "--pool", piece.pool_name]
    if piece.kind is ResourceKind.DEFINITION:
        return ["undefine", word_of("domain", piece.name)]
    return ["vol-delete", word_of("vol", piece.name)]


def _plain_line(command: Command) -> list[str]:
    """One command of virsh's for a verb on a domain, network, pool or filter."""
    word, *options = VIRSH[command.verb]
    match command.arguments:
        case NetworkRecord() as record if not record.kind.live:
            word, options = "edit", []
        case NetworkRecord() as record:
            options += [record.kind.value.removesuffix("-record"), record.xml, "--live", "--config",
                        *_parent(record)]  # fmt: skip
        case JobArguments(disk=disk) if disk:
            word = "blockjob"
            options = [disk, "--pivot" if command.verb is Verb.FINISH_JOB else "--abort"]
        case StartArguments(attach_consoles=True):
            options.insert(0, "--console")
        case KeysArguments(strokes=strokes):
            # Of a text that is typed nothing is told: it may be a password.
            options += [str(code) for code in strokes[0]] if len(strokes) == 1 else ["KEYCODES"]
        case RenameArguments(new_name=name):
            options.insert(0, word_of("new-name", name))
        case DeleteDomainArguments() as delete:
            options += ["--managed-save"] if delete.with_saved else []
            options += ["--nvram"] if delete.with_nvram else []
            options += ["--snapshots-metadata"] if delete.with_snapshots else []
            options += ["--storage", ",".join(delete.volumes)] if delete.volumes else []
        case ShutdownArguments() | PasswordArguments() | SshKeyArguments() as inside:
            options += _inside(inside)
        case BuildPoolArguments() as build:
            options += ["--no-overwrite"] if build.no_overwrite else []
            options += ["--overwrite"] if build.overwrite else []
    return [_PREFIX.get(command.target.kind, "") + word, _target(command), *options]


def _inside(arguments: ShutdownArguments | PasswordArguments | SshKeyArguments) -> list[str]:
    """The options of what an agent does; a password is never in a line."""
    match arguments:
        case ShutdownArguments(by_agent=by_agent):
            return ["--mode", "agent"] if by_agent else []
        case PasswordArguments(user=user, is_hashed=is_hashed):
            return [word_of("user", user), "PASSWORD", *(["--encrypted"] if is_hashed else [])]
        case SshKeyArguments(user=user, remove=remove):
            remaining = ["--remove"] if remove else []
            return [word_of("user", user), "--file", "keys.pub", *remaining]


def _parent(record: NetworkRecord) -> list[str]:
    return ["--parent-index", str(record.parent)] if record.parent >= 0 else []


def _definition_lines(definition: DefineArguments) -> list[list[str]]:
    """The commands that define the document from a file, then those that change the live domain."""
    lines, document = [], definition.document
    file, uuid = f"{document.name.replace('/', '_')}.xml", document.key.uuid
    validate = ["--validate"] if definition.validate else []
    if definition.when.stores and document.kind is Kind.SNAPSHOT:
        lines.append(["snapshot-create", uuid, file, "--redefine", *validate])
    elif definition.when.stores and document.kind is Kind.SAVED_IMAGE:
        lines.append(["managedsave-define", uuid, file])
    elif definition.when.stores:
        lines.append([f"{_PREFIX.get(document.kind, '')}define", file, *validate])
    if definition.when.now:
        lines += [
            _step_line(step, called(document.name, document.key)) for step in definition.steps
        ]
    return lines


def _step_line(step: LiveChange, name: str) -> list[str]:
    if step.op in (LiveOperation.ATTACH, LiveOperation.DETACH, LiveOperation.UPDATE):
        file = f"{step.what.replace(' ', '-').replace('/', '_')}.xml"
        return [f"{step.op.value}-device", name, file, "--live"]
    if step.op is LiveOperation.MEMORY:
        return ["setmem", name, f"{step.value}b", "--live"]
    if step.op is LiveOperation.VCPUS:
        return ["setvcpus", name, step.value, "--live"]
    title = ["--title"] if step.op is LiveOperation.TITLE else []
    return ["desc", name, "--live", *title, "--new-desc", step.value]


def virsh_job(job: Job, uri: str) -> str:
    """The line that shows a job of libvirt's, quoted for a shell."""
    name = called(job.name, job.key)
    tail = ["blockjob", name, job.disk] if job.disk else ["domjobinfo", name]
    return shlex.join(["virsh", "-c", uri, *tail])


def virsh_info(subject: ActionTarget) -> str:
    """The line that shows an object by hand, quoted for a shell."""
    word = {Kind.DOMAIN: "dominfo", Kind.NETWORK: "net-info", Kind.POOL: "pool-info"}
    show = word.get(subject.kind)
    tail = [show, called(subject.name, subject.key)] if show else ["nodeinfo"]
    return shlex.join(["virsh", "-c", subject.host.uri, *tail])
