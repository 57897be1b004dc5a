"""What is being made right now, so that nothing of it is unlisted when virttui ends in between.

One file a machine, or a volume that is made by itself (then without a UUID),
``making/HOST/UUID-MOMENT.jsonl``: who it is, then a line for each piece, written before it is made.
Its writer holds a lock on it, which ends with its process: a journal that nobody holds tells of
what was cut off. It holds names and no definition, so no password.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from virttui.local.private_files import make_private, write_private
from virttui.model.errors import Refused
from virttui.model.identity import ObjectId
from virttui.model.provision.plan import CreatedResource, ResourceKind
from virttui.persistence.file_names import folder_name
from virttui.settings import state_folder

MAKING = "making"


@dataclass(frozen=True, slots=True)
class InterruptedJournal:
    """A journal that nobody writes any more. ``was_starting`` says that it would have been started.

    ``operation`` is what was done to it: "making", "uploading" …
    """

    path: Path
    key: ObjectId
    name: str
    started_epoch: float
    was_starting: bool
    resources: tuple[CreatedResource, ...]
    operation: str = MAKING


class Journal:
    """The journal of one machine, from before its first piece to its end. Raises Refused."""

    def __init__(self, key: ObjectId, name: str, *, runs: bool = False, what: str = MAKING) -> None:
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

    def note(self, piece: CreatedResource) -> None:
        """This piece, which is not there, is made next. Raises Refused.

        What an older journal has of that name is gone, then: it tells of it no more.
        """
        try:
            if piece.kind is not ResourceKind.DEFINITION:
                _strike(self._host, piece)
            self._append(_record(piece))
        except OSError as error:
            raise self._refused(error) from error

    def close(self, *, done: bool) -> None:
        """Nothing is made any more. ``done``: nothing is left that would have to be listed."""
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
    told = {"part": piece.kind.value, "name": piece.name}
    return {**told, "pool": piece.pool, "pool_name": piece.pool_name}


def _strike(host: str, piece: CreatedResource) -> None:
    """Take a piece out of what was cut off. Raises OSError."""
    for cut in cut_off(host):
        gone = [one for one in cut.resources if _same(one, piece)]
        if len(gone) == len(cut.resources):
            cut.path.unlink(missing_ok=True)
        elif gone:
            head = cut.path.read_text(encoding="utf-8").partition("\n")[0]
            left = [json.dumps(_record(one)) for one in cut.resources if one not in gone]
            write_private(cut.path, "".join(f"{line}\n" for line in (head, *left)))


def _same(one: CreatedResource, other: CreatedResource) -> bool:
    return (one.kind, one.name, one.pool) == (other.kind, other.name, other.pool)


def cut_off(host: str) -> tuple[InterruptedJournal, ...]:
    """The journals of a host that nobody writes any more, oldest first. Raises OSError."""
    try:
        paths = sorted(_folder(host).glob("*.jsonl"), key=lambda path: path.name.rpartition("-")[2])
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return tuple(found for path in paths if (found := _read(path, host)) is not None)


def forget(host: str, id: str) -> None:
    """Drop a journal by the name of its file. Raises OSError."""
    folder = _folder(host)
    for path in folder.glob("*.jsonl"):
        if path.name == id:
            path.unlink(missing_ok=True)


def _folder(host: str) -> Path:
    return state_folder() / "making" / folder_name(host)


def _read(path: Path, host: str) -> InterruptedJournal | None:
    """What a journal tells; None for one that is being written, or is none of ours."""
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
    pieces = tuple(piece for one in records if (piece := _piece(one)) is not None)
    what = head.get("what")
    what = what if isinstance(what, str) and what else MAKING
    return InterruptedJournal(path, key, name, epoch, head.get("runs") is True, pieces, what)


def _records(text: str) -> Iterator[Mapping[str, Any]]:
    """The lines that were written whole."""
    for line in text.split("\n"):
        with contextlib.suppress(ValueError, RecursionError):
            record = json.loads(line)
            if isinstance(record, dict):
                yield record


def _piece(record: Mapping[str, Any]) -> CreatedResource | None:
    words = [record.get(name) for name in ("name", "pool", "pool_name")]
    if record.get("part") not in set(ResourceKind) or not all(
        isinstance(word, str) for word in words
    ):
        return None
    name, pool, pool_name = map(str, words)
    return CreatedResource(ResourceKind(record["part"]), name, pool, pool_name)
