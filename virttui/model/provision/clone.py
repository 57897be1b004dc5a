"""Domains to be cloned: what one is made of, where its clones can go, what is to be made.

``virttui.planning.clone`` makes the plan; this is what it, a host and a form say to
each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from virttui.model.commands import Command
from virttui.model.identity import ObjectId


class DiskCloneMode(StrEnum):
    """What becomes of a disk in a clone."""

    FULL = "full"
    REFLINK = "reflink"
    LINKED = "linked"
    BASE = "base"
    SEED = "new seed"
    SHARE = "share"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class CloudInitSeed:
    """What is in a seed of cloud-init: its files by name. No ``repr``: there are hashes in them.

    ``static`` says that it gives addresses that only one guest can have.
    """

    files: tuple[tuple[str, bytes], ...] = field(repr=False)
    static: bool = False


@dataclass(frozen=True, slots=True)
class SourceDisk:
    """One disk with something in it, as the definition of the next boot has it. Sizes in bytes.

    ``path`` is where it lies (for what is no file a text that begins with what serves it), ``kind``
    libvirt's word for what it is (file, block, network, nvme …), ``pool`` the key of the pool that
    holds it as ``volume``, None where none does. ``format`` is what its domain reads it as;
    ``seen`` is what its pool takes it for, which a guest may have written itself. ``shared`` says
    that it is read-only or made to be shared; ``live`` that the running domain has it. ``also`` are
    the others that use it. ``backing`` is the path of what it lies on, ``backing_users`` who could
    write to that. ``seed``
    is what it tells cloud-init, where it is such a disk.
    """

    target: str
    device: str
    path: str
    format: str
    seen: str = ""
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
    also: tuple[str, ...] = ()
    seed: CloudInitSeed | None = None
    kind: str = "file"


@dataclass(frozen=True, slots=True)
class CloneSource:
    """A domain that is to be cloned, and what stands in the way of some ways to do it.

    ``xml`` is the definition of its next boot with its passwords, so no ``repr`` shows it.
    ``nvram`` is the path of its firmware's variables, "" where there are none (yet).
    ``volumes`` are the names of all volumes of its host, by the UUID of their pool.
    ``sysprep`` says that its host is this machine, which has virt-sysprep.
    """

    key: ObjectId
    name: str
    xml: str = field(repr=False)
    active: bool = False
    persistent: bool = True
    disks: tuple[SourceDisk, ...] = ()
    snapshots: int = 0
    saved: bool = False
    agent: bool = False
    nvram: str = ""
    volumes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sysprep: bool = False


@dataclass(frozen=True, slots=True)
class CloneTargetHost:
    """A host that clones can go to. Names that are ``elsewhere`` are another host's.

    ``pools`` are those that are active, ``volumes`` the names in them as far as they are known, by
    the UUID of the pool, ``networks`` the names of its networks, None where they are not known;
    ``local`` says that it is this machine.
    """

    host: str
    name: str
    uri: str
    pools: tuple[CloneTargetPool, ...] = ()
    names: frozenset[str] = frozenset()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    networks: frozenset[str] | None = frozenset()
    volumes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    local: bool = False


@dataclass(frozen=True, slots=True)
class CloneTargetPool:
    """A pool that volumes can be made in; ``path`` is the folder or group of its volumes."""

    key: ObjectId
    name: str
    type: str
    path: str
    available: int


@dataclass(frozen=True, slots=True)
class IdentityReset:
    """Something that tells guests apart: whether a clone has its own, and by what."""

    what: str
    by: str
    done: bool = True


@dataclass(frozen=True, slots=True)
class ClonePreview:
    """What a form comes to before it is worked out: the clones by name, and what to know of them.

    ``meaning`` is a sentence, ``lines`` say what each disk of the first becomes, ``more`` those of
    the next few. ``checks`` were made and are well, ``notes`` say what could surprise. ``renewed``
    is what each has of its own. ``volumes`` is how many are made in all, ``copied`` the bytes that
    are copied; ``ends`` says that a copy at work can be broken off.
    """

    names: tuple[str, ...]
    meaning: str
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    more: tuple[tuple[str, ...], ...] = ()
    checks: tuple[str, ...] = ()
    renewed: tuple[IdentityReset, ...] = ()
    volumes: int = 0
    copied: int = 0
    ends: bool = True


@dataclass(frozen=True, slots=True)
class ClonePlan:
    """The commands that make clones, in their order, and what will be there, line by line.

    ``stepwise`` says that each command wants the one before.
    """

    commands: tuple[Command, ...]
    outline: ClonePreview
    made: tuple[str, ...]
    stepwise: bool = False
