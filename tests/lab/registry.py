"""Which labs are up: one small JSON file each in /run/virttui-labs, for root alone."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from .processes import alive, inhabitants, status

FOLDER = Path("/run/virttui-labs")


@dataclass(frozen=True, slots=True)
class Record:
    """What another process needs to find a lab again.

    `keeper` is the process that holds the namespaces (0 before it runs). A lab with an `owner`, a
    process by number and start time, is abandoned once that process is gone; one without stays.
    """

    name: str
    folder: Path
    keeper: int = 0
    owner: int = 0
    owner_started: int = 0

    @property
    def abandoned(self) -> bool:
        """Whether nobody will take this lab down any more, or nothing is left of it."""
        if self.owner:
            return not alive(self.owner, self.owner_started)
        return self.keeper not in inhabitants(self.folder)


def owned(name: str, folder: Path) -> Record:
    """A new record whose owner is this process."""
    now = status(os.getpid())
    return Record(name, folder, owner=os.getpid(), owner_started=now[1] if now else 0)


@contextlib.contextmanager
def locked(record: Record) -> Iterator[bool]:
    """Keep other processes out of this block, so that two do not take down the same lab.

    Gives whether the lab is still entered: another process may have taken it down meanwhile. The
    lock is held on the lab's own folder, so that labs do not wait for each other.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(FileNotFoundError):  # what is left then is the entry alone
            folder = os.open(record.folder, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, folder)
            fcntl.flock(folder, fcntl.LOCK_EX)
        entered = find(record.name)
        yield entered is not None and entered.folder == record.folder


def claim(record: Record) -> bool:
    """Enter a new lab; False when its name is taken."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    FOLDER.chmod(0o700)
    draft = _draft(record)
    try:
        os.link(draft, _path(record.name))
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def update(record: Record) -> None:
    """Replace the entry of a lab."""
    _draft(record).replace(_path(record.name))


def forget(name: str) -> None:
    """Remove the entry of a lab, if there is one."""
    _path(name).unlink(missing_ok=True)


def find(name: str) -> Record | None:
    """The entry of a lab, or None."""
    try:
        fields = json.loads(_path(name).read_text())
    except FileNotFoundError:
        return None
    return Record(**{**fields, "folder": Path(fields["folder"])})


def records() -> list[Record]:
    """Every entry, by name."""
    found = (find(path.stem) for path in sorted(FOLDER.glob("*.json")))
    return [record for record in found if record]


def _path(name: str) -> Path:
    return FOLDER / f"{name}.json"


def _draft(record: Record) -> Path:
    """The entry written whole beside its place, so that a reader never sees half of it."""
    draft = FOLDER / f".{record.name}.{os.getpid()}"
    draft.write_text(json.dumps({**asdict(record), "folder": str(record.folder)}) + "\n")
    return draft
