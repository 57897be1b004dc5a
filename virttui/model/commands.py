"""Requests: what the hands ask of a host. Frozen, named after libvirt's own verbs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from virttui.model.documents import Document
from virttui.model.domains.disk_jobs import DiskJob
from virttui.model.identity import Kind, ObjectId
from virttui.model.network_records import NetworkRecord
from virttui.model.provision.plan import IncompleteDomain, ProvisionPlan
from virttui.model.secret_value import SecretBytes
from virttui.model.volumes import VolumeOperation


class Verb(StrEnum):
    """What may be asked of a domain, network, pool or volume."""

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

    @property
    def transfer(self) -> bool:
        """Whether it moves the content of volumes through this program."""
        return _LONG.get(self) is LongRunning.TRANSFER

    @property
    def block_job(self) -> bool:
        """Whether QEMU does it to a disk of a running guest; other commands go on beside it."""
        return _LONG.get(self) is LongRunning.BLOCK_JOB

    @property
    def cancellable(self) -> bool:
        """Whether it can be ended while it runs; such a command also reports its progress."""
        return self in _LONG

    @property
    def ends_with_program(self) -> bool:
        """Whether its work is done by this program, and is undone when the program ends."""
        return self.cancellable and not self.block_job


class LongRunning(StrEnum):
    """The kinds of commands that can be cancelled while they run."""

    TRANSFER = "transfer"
    BLOCK_JOB = "block job"
    PROVISION = "provision"


_LONG = {
    Verb.UPLOAD: LongRunning.TRANSFER,
    Verb.DOWNLOAD: LongRunning.TRANSFER,
    Verb.COPY_TO_HOST: LongRunning.TRANSFER,
    Verb.BLOCK_COPY: LongRunning.BLOCK_JOB,
    Verb.BLOCK_COMMIT: LongRunning.BLOCK_JOB,
    Verb.BLOCK_PULL: LongRunning.BLOCK_JOB,
    Verb.PROVISION: LongRunning.PROVISION,
    Verb.ARCHIVE: LongRunning.PROVISION,
}


class ApplyWhen(StrEnum):
    """When a change takes effect."""

    NEXT_BOOT = "next boot"
    LIVE = "live"
    BOTH = "both"

    @property
    def stores(self) -> bool:
        """Whether the definition of the next boot changes."""
        return self is not ApplyWhen.LIVE

    @property
    def now(self) -> bool:
        """Whether the running domain changes."""
        return self is not ApplyWhen.NEXT_BOOT


class LiveOperation(StrEnum):
    """What can be done to a running domain by a part of its definition."""

    ATTACH = "attach"
    DETACH = "detach"
    UPDATE = "update"
    MEMORY = "memory"
    VCPUS = "vcpus"
    TITLE = "title"
    DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class LiveChange:
    """One change to a running domain.

    ``what`` names it for people ("disk vdb"). ``xml`` is the whole device element of ATTACH,
    DETACH and UPDATE (the two last as the live definition has it); ``value`` is bytes for MEMORY,
    a number for VCPUS, the text for TITLE and DESCRIPTION.
    """

    op: LiveOperation
    what: str
    xml: str = field(default="", repr=False)
    value: str = ""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A change of a definition by name, without its text: ``memory`` to 2147483648.

    ``what`` names the change, ``device`` which device ("vda", "nic1", a MAC address), ``values``
    what is wanted. What each means is in ``virttui.libvirtxml.edits.apply``.
    """

    what: str
    device: str = ""
    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def value(self, name: str = "", default: str = "") -> str:
        """The value called ``name``; "" is the only or main one."""
        return dict(self.values).get(name, default)


@dataclass(frozen=True, slots=True)
class Target:
    """What a command is for. The name is for people; the key decides."""

    kind: Kind
    key: ObjectId
    name: str


@dataclass(frozen=True, slots=True)
class Command:
    """One verb on one target.

    ``new_name`` goes with RENAME. ``volumes`` goes with DELETE: the paths of the storage
    volumes to delete after the definition; ``with_saved``, ``with_nvram`` and
    ``with_snapshots`` say what else libvirt may drop. ``add_tags`` and ``drop_tags`` go with TAG;
    ``disk`` and ``job`` with ABORT_JOB and FINISH_JOB: the disk whose block job is meant ("" for
    the domain's own job) and what the job does, so that no other one is ended.

    MAKE makes a domain by its ``recipe``; the target's UUID is the one in the recipe's definition.
    CLEAR takes away what is left of one that was cut off: the pieces of ``leftover``, and no other.

    ARCHIVE writes a domain that is off into ``file``, a path of this machine.

    ``disk_work`` goes with what is done to a disk of a running domain: MOVE, COMMIT, PULL, RESIZE.

    ADD_RECORD and DROP_RECORD change a network by ``record``, live and for its next start.

    PLUG puts what runs on a network back onto its bridge.

    BUILD prepares the place of a pool: with ``no_overwrite`` nothing that holds data is formatted,
    with ``overwrite`` anything is. ERASE takes the place of a pool away.

    SET_VALUE gives a secret the value that is ``sealed``; it can be carried out once.

    Verbs on a volume go with ``volume``. The key of a volume that is there is its path.
    ``despite`` goes with what loses volumes: what was agreed not to be known of their uses.

    DEFINE writes ``xml`` as ``document``, if what is stored is still ``base`` (None: it must not
    exist), held against libvirt's schema with ``validate``; ``steps`` are what the running domain
    is changed by. EDIT reads the definition, changes it by ``edit`` and writes it back; ``line``
    does the same by hand, "" where that is not known. Both follow ``when``. No text is shown by
    ``repr``: it may hold passwords.
    """

    verb: Verb
    target: Target
    new_name: str = ""
    volumes: tuple[str, ...] = ()
    despite: tuple[str, ...] = ()
    with_saved: bool = False
    with_nvram: bool = False
    with_snapshots: bool = False
    add_tags: tuple[str, ...] = ()
    drop_tags: tuple[str, ...] = ()
    disk: str = ""
    job: str = ""
    document: Document | None = None
    xml: str = field(default="", repr=False)
    base: str | None = field(default=None, repr=False)
    validate: bool = True
    steps: tuple[LiveChange, ...] = ()
    edit: SettingChange | None = None
    line: str = ""
    when: ApplyWhen = ApplyWhen.NEXT_BOOT
    record: NetworkRecord | None = None
    no_overwrite: bool = False
    overwrite: bool = False
    sealed: SecretBytes | None = field(default=None, compare=False)
    volume: VolumeOperation | None = None
    disk_work: DiskJob | None = None
    plan: ProvisionPlan | None = None
    leftover: IncompleteDomain | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class DiskJobOption:
    """One kind of work that a disk of a running domain can have, with a word about it."""

    verb: Verb
    disk: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class BatchPolicy:
    """How commands that were given together are worked through.

    ``one_by_one`` begins the next when the guest of the one before answers (its agent is
    connected again), or when ``patience`` seconds have passed.
    """

    stop_at_failure: bool = False
    one_by_one: bool = False
    patience: float = 120.0


IN_PARALLEL = BatchPolicy()
