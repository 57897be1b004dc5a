"""Requests: what the hands ask of a host. Frozen, named after libvirt's own verbs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from virttui.model.identity import Key, Kind


class Verb(StrEnum):
    """What may be asked of a domain, network or pool."""

    START = "start"
    RESUME = "resume"
    PAUSE = "pause"
    SHUTDOWN = "shut down"
    REBOOT = "reboot"
    RESET = "reset"
    FORCE_OFF = "force off"
    SAVE = "save"
    DROP_SAVE = "drop saved state"
    AUTOSTART_ON = "autostart on"
    AUTOSTART_OFF = "autostart off"
    RENAME = "rename"
    DELETE = "delete"
    STOP = "stop"
    TAG = "tag"
    ABORT_JOB = "abort job"


@dataclass(frozen=True, slots=True)
class Target:
    """What a command is for. The name is for people; the key decides."""

    kind: Kind
    key: Key
    name: str


@dataclass(frozen=True, slots=True)
class Command:
    """One verb on one target.

    ``new_name`` goes with RENAME. ``volumes`` goes with DELETE: the paths of the storage
    volumes to delete after the definition; ``with_saved``, ``with_nvram`` and
    ``with_snapshots`` say what else libvirt may drop. ``add_tags`` and ``drop_tags`` go with TAG;
    ``disk`` and ``job`` with ABORT_JOB: the disk whose block job is meant ("" for the domain's own
    job) and what the job does, so that no other one is ended.
    """

    verb: Verb
    target: Target
    new_name: str = ""
    volumes: tuple[str, ...] = ()
    with_saved: bool = False
    with_nvram: bool = False
    with_snapshots: bool = False
    add_tags: tuple[str, ...] = ()
    drop_tags: tuple[str, ...] = ()
    disk: str = ""
    job: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How commands that were given together are worked through.

    ``one_by_one`` begins the next when the guest of the one before answers (its agent is
    connected again), or when ``patience`` seconds have passed.
    """

    stop_at_failure: bool = False
    one_by_one: bool = False
    patience: float = 120.0


AT_ONCE = Pace()
