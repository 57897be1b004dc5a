"""What undoes a revert that was made by new overlays: the definitions that it replaced.

``reverts/HOST/UUID-MOMENT.json``, written before anything is changed: the definition of the domain,
that of the snapshot, and for each disk the file that was in use and the one that takes its place.
They may hold passwords, so only their owner can read them.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
from msgspec import Struct

from virttui.local.private_files import write_private
from virttui.model.errors import Refused
from virttui.model.identity import ObjectId
from virttui.persistence.file_names import folder_name
from virttui.settings import state_folder


class SwappedOverlay(Struct, frozen=True):
    """One disk: ``before`` was in use until the revert, ``after`` took its place."""

    target: str
    before: str
    after: str


class RevertRecord(Struct, frozen=True):
    """One revert. ``definition`` and ``snapshot_definition`` are what it replaced."""

    host: str
    uuid: str
    name: str
    snapshot: str
    epoch: float
    definition: str
    snapshot_definition: str
    overlays: tuple[SwappedOverlay, ...]

    @property
    def key(self) -> ObjectId:
        """The domain."""
        return ObjectId(self.host, self.uuid)


def write_record(record: RevertRecord) -> Path:
    """Write it whole, before the revert. Raises Refused."""
    file = f"{folder_name(record.uuid)}-{time.time_ns() // 1000}.json"
    path = _folder(record.host) / file
    try:
        write_private(path, msgspec.json.encode(record).decode())
    except OSError as error:
        raise Refused(
            f"what undoes the revert could not be saved in {path.parent}; nothing was changed",
            advice="free some space there, or take ownership of it",
            libvirt_message=str(error),
        ) from error
    return path


def records_of(key: ObjectId) -> tuple[tuple[Path, RevertRecord], ...]:
    """Return the reverts of a domain that can be undone, newest first; other files are ignored.

    Raises OSError.
    """
    try:
        paths = sorted(_folder(key.host).iterdir(), reverse=True)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    found = []
    for path in paths:
        if not path.name.startswith(folder_name(key.uuid)):
            continue
        try:
            record = msgspec.json.decode(path.read_bytes(), type=RevertRecord)
        except (OSError, msgspec.DecodeError):
            continue
        if record.key == key:
            found.append((path, record))
    return tuple(found)


def forget(path: Path) -> None:
    """Forget one that was undone, or did not begin."""
    path.unlink(missing_ok=True)


def _folder(host: str) -> Path:
    return state_folder() / "reverts" / folder_name(host)
