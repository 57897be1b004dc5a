"""The storage of a domain, and everything else that is deleted with it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class StorageRole(StrEnum):
    """The role of a piece of storage in a domain: the disk itself, or a file that it is made of."""

    DISK = "disk"
    DATA = "its data"
    UNDER = "under it"
    SNAPSHOT = "for a snapshot"


class DomainStorage(Struct, frozen=True):
    """One piece of storage that a domain uses, for the dialog that deletes the domain.

    ``target`` is the disk that it belongs to. ``also`` names who else uses the same file.
    ``volume`` is false for a path that is in no pool of the host: VirtTUI never deletes it.
    ``allocation`` is in bytes.
    """

    target: str
    path: str
    pool: str = ""
    allocation: int = 0
    volume: bool = True
    shared: bool = False
    also: tuple[str, ...] = ()
    role: StorageRole = StorageRole.DISK


class DeletePlan(Struct, frozen=True):
    """Everything that is lost when a domain is deleted.

    ``snapshots`` is their number, ``saved``: there is a saved state, ``nvram`` is the path of its
    NVRAM. ``unknown`` are sentences about possible other users of its storage that could not be
    checked.
    """

    storage: tuple[DomainStorage, ...] = ()
    snapshots: int = 0
    saved: bool = False
    nvram: str = ""
    unknown: tuple[str, ...] = ()
