"""Clones: the source domain, the hosts and pools they can go to, and the plan.

``virttui.planning.clone`` makes the fields and the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from virttui.model.commands import Command
from virttui.model.identity import ObjectId
from virttui.model.secret_value import hides


class DiskCloneMode(StrEnum):
    """Ways to give a clone a disk of its source."""

    FULL = "full"
    REFLINK = "reflink"
    LINKED = "linked"
    BASE = "base"
    SEED = "new seed"
    SHARE = "share"
    SKIP = "skip"


@hides("files")
class CloudInitSeed(Struct, frozen=True):
    """The files of a cloud-init seed by name. They hold password hashes, so no ``repr`` shows them.

    ``static``: the seed sets addresses that only one guest can have.
    """

    files: tuple[tuple[str, bytes], ...]
    static: bool = False


class SourceDisk(Struct, frozen=True):
    """A disk with a medium in it, as the definition of the next boot has it. Sizes are bytes.

    ``path`` is its place (for what is no file, a text that begins with the server), ``kind``
    libvirt's type of it (file, block, network, nvme …), ``pool`` the key of the pool that holds it
    as ``volume``, None where no pool does. ``format`` is the one its domain reads;
    ``detected_format`` the one its pool detects, which a guest can forge. ``shared``: it is
    read-only or shareable; ``live``: the running domain has it. ``other_users`` are the others that
    use it. ``backing`` is the path of its backing file, ``backing_users`` those that can write to
    that. ``seed`` is its content if it is a cloud-init seed.
    """

    target: str
    device: str
    path: str
    format: str
    detected_format: str = ""
    pool: ObjectId | None = None
    pool_name: str = ""
    pool_type: str = ""
    volume: str = ""
    capacity: int = 0
    allocation: int = 0
    backing: str = ""
    backing_format: str = ""
    backing_users: tuple[str, ...] = ()
    shared: bool = False
    live: bool = False
    other_users: tuple[str, ...] = ()
    seed: CloudInitSeed | None = None
    kind: str = "file"


@hides("xml")
class CloneSource(Struct, frozen=True):
    """The domain to clone, and facts that rule some ways out.

    ``xml`` is the definition of its next boot with its passwords, so no ``repr`` shows it.
    ``nvram`` is the path of its NVRAM, "" where there is none (yet). ``volumes`` are the names of
    all volumes of its host, by the UUID of their pool. ``sysprep``: its host is this computer, and
    virt-sysprep is installed. ``snapshot`` is the name of the external snapshot whose moment it is,
    "" for now: ``xml`` is of that moment then, and each disk's ``backing`` the file that holds it.
    """

    key: ObjectId
    name: str
    xml: str
    active: bool = False
    persistent: bool = True
    disks: tuple[SourceDisk, ...] = ()
    snapshots: int = 0
    saved: bool = False
    agent: bool = False
    nvram: str = ""
    volumes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sysprep: bool = False
    snapshot: str = ""

    @property
    def called(self) -> str:
        """Its name in sentences."""
        return f"{self.snapshot} of {self.name}" if self.snapshot else self.name


class CloneTargetHost(Struct, frozen=True):
    """A host that clones can go to. ``names_elsewhere`` maps names of domains to other hosts.

    ``pools`` are the active ones, ``volumes`` the names in them as far as they are known, by the
    UUID of the pool, ``networks`` the names of its networks, None where they are not known;
    ``local``: it is this computer.
    """

    host: str
    name: str
    uri: str
    pools: tuple[CloneTargetPool, ...] = ()
    names: frozenset[str] = frozenset()
    names_elsewhere: Mapping[str, str] = field(default_factory=dict)
    networks: frozenset[str] | None = frozenset()
    volumes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    local: bool = False


class CloneTargetPool(Struct, frozen=True):
    """A pool that new volumes can go to; ``path`` is the folder or volume group of its volumes."""

    key: ObjectId
    name: str
    type: str
    path: str
    available: int


class IdentityReset(Struct, frozen=True):
    """An identifier that must differ between guests, whether a clone gets its own, and the
    method."""

    identifier: str
    method: str
    is_reset: bool = True


class ClonePreview(Struct, frozen=True):
    """The clones that the form describes so far, by name, before the commands are worked out.

    ``meaning`` is a sentence; ``lines`` describe each disk of the first clone, ``further_lines``
    those of the next few. ``checks`` are sentences about checks that passed, ``notes`` warnings.
    ``identity_resets`` are the identifiers of each clone. ``volumes`` counts the new volumes of all
    clones, ``copied_bytes`` the bytes to copy; ``cancellable``: a running copy can be cancelled at
    once.
    """

    names: tuple[str, ...]
    meaning: str
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    further_lines: tuple[tuple[str, ...], ...] = ()
    checks: tuple[str, ...] = ()
    identity_resets: tuple[IdentityReset, ...] = ()
    volumes: int = 0
    copied_bytes: int = 0
    cancellable: bool = True


class ClonePlan(Struct, frozen=True):
    """The commands that create the clones, in order; ``result_lines`` describe what will exist
    then.

    ``in_sequence``: each command needs the one before it.
    """

    commands: tuple[Command, ...]
    preview: ClonePreview
    result_lines: tuple[str, ...]
    in_sequence: bool = False
