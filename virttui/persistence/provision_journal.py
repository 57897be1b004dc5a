"""Journals of creations that are running, so that nothing is lost when VirtTUI is interrupted.

One file for each domain, or volume that is created by itself (then without a UUID),
``making/HOST/UUID-MOMENT.jsonl``: its identity, then a line for each resource, written before that
is created. Its writer holds a lock on it, which ends with its process: a journal without a lock was
interrupted. It holds names and no definition, so no password.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from virttui.local.private_files import make_private, write_private
from virttui.model.errors import Refused
from virttui.model.identity import ObjectId
from virttui.model.provision.plan import CreatedResource, ResourceKind
from virttui.persistence.file_names import folder_name
from virttui.settings import state_folder

CREATING = "making"


class InterruptedJournal(Struct, frozen=True):
    """A journal whose writer is gone. ``was_starting``: the domain was to be started.

    ``operation`` is the verb in messages: "making", "uploading" …
    """

    path: Path
    key: ObjectId
    name: str
    started_epoch: float
    was_starting: bool
    resources: tuple[CreatedResource, ...]
    operation: str = CREATING


class Journal:
    """The journal of one creation, from before its first resource to its end. Raises Refused."""

    def __init__(
        self, key: ObjectId, name: str, *, runs: bool = False, what: str = CREATING
    ) -> None:
        self._host, epoch = key.host, time.time()
        self._path = _folder(key.host) / f"{folder_name(key.uuid)}-{time.time_ns() // 1000}.jsonl"
        head = {"uuid": key.uuid, "name": name, "epoch": epoch, "runs": runs, "host": key.host}
        head["what"] = what
        try:
            make_private(self._path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            self._number = os.open(self._path, flags, 0o600)
        except OSError as error:
            raise self._refused(error) from error
        try:
            fcntl.flock(self._number, fcntl.LOCK_EX)
            self._append(head)
        except OSError as error:
            self.close(done=True)
            raise self._refused(error) from error

    def note(self, resource: CreatedResource) -> None:
        """Record that this resource is created next; it does not exist yet. Raises Refused.

        A resource of that name in an older journal no longer exists, so it is removed from there.
        """
        try:
            if resource.kind is not ResourceKind.DEFINITION:
                _remove_from_others(self._host, resource)
            self._append(_record(resource))
        except OSError as error:
            raise self._refused(error) from error

    def close(self, *, done: bool) -> None:
        """Close the journal. ``done``: nothing is left behind that would have to be listed."""
        if done:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
        os.close(self._number)

    def _append(self, record: Mapping[str, object]) -> None:
        os.write(self._number, (json.dumps(record) + "\n").encode())
        os.fsync(self._number)

    def _refused(self, error: OSError) -> Refused:
        return Refused(
            f"the journal cannot be written in {self._path.parent}; nothing more is created",
            advice="free some space there, or take ownership of it",
            libvirt_message=str(error),
        )


def _record(piece: CreatedResource) -> dict[str, str]:
    record = {"part": piece.kind.value, "name": piece.name}
    return {**record, "pool": piece.pool, "pool_name": piece.pool_name}


def _remove_from_others(host: str, resource: CreatedResource) -> None:
    """Remove a resource from interrupted journals. Raises OSError."""
    for journal in interrupted_journals(host):
        matching = [one for one in journal.resources if _same(one, resource)]
        if len(matching) == len(journal.resources):
            journal.path.unlink(missing_ok=True)
        elif matching:
            head = journal.path.read_text(encoding="utf-8").partition("\n")[0]
            remaining = [
                json.dumps(_record(one)) for one in journal.resources if one not in matching
            ]
            write_private(journal.path, "".join(f"{line}\n" for line in (head, *remaining)))


def _same(one: CreatedResource, other: CreatedResource) -> bool:
    return (one.kind, one.name, one.pool) == (other.kind, other.name, other.pool)


def interrupted_journals(host: str) -> tuple[InterruptedJournal, ...]:
    """Return the interrupted journals of a host, oldest first. Raises OSError."""
    try:
        paths = sorted(_folder(host).glob("*.jsonl"), key=lambda path: path.name.rpartition("-")[2])
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return tuple(found for path in paths if (found := _read(path, host)) is not None)


def delete_journal(host: str, id: str) -> None:
    """Delete a journal by the name of its file. Raises OSError."""
    folder = _folder(host)
    for path in folder.glob("*.jsonl"):
        if path.name == id:
            path.unlink(missing_ok=True)


def _folder(host: str) -> Path:
    return state_folder() / "making" / folder_name(host)


def _read(path: Path, host: str) -> InterruptedJournal | None:
    """Return a journal's content; None while it is being written, or for any other file."""
    try:
        with path.open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return None
            head, *records = list(_records(file.read()))
    except (OSError, ValueError):
        return None
    key, name = ObjectId(host, str(head.get("uuid", ""))), str(head.get("name", ""))
    epoch = head.get("epoch")
    if not name or not isinstance(epoch, float) or head.get("host") != host:
        return None
    resources = tuple(piece for one in records if (piece := _resource(one)) is not None)
    operation = head.get("what")
    operation = operation if isinstance(operation, str) and operation else CREATING
    return InterruptedJournal(
        path, key, name, epoch, head.get("runs") is True, resources, operation
    )


def _records(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the lines that were written completely."""
    for line in text.split("\n"):
        with contextlib.suppress(ValueError, RecursionError):
            record = json.loads(line)
            if isinstance(record, dict):
                yield record


def _resource(record: Mapping[str, Any]) -> CreatedResource | None:
    words = [record.get(name) for name in ("name", "pool", "pool_name")]
    if record.get("part") not in set(ResourceKind) or not all(
        isinstance(word, str) for word in words
    ):
        return None
    name, pool, pool_name = map(str, words)
    return CreatedResource(ResourceKind(record["part"]), name, pool, pool_name)
