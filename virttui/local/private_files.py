"""Files of ours: written whole under another name, and only then put in their place."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_DRAFT = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
"""A draft is a new file, or it is none: what lies at its name already is not opened."""


def write_private(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, for its owner alone, whole or not at all. Raises OSError."""
    make_private(path.parent)
    write_whole(path, text.encode(), mode=0o600)


def write_whole(path: Path, data: bytes, *, mode: int = 0o666, replace: bool = True) -> None:
    """Write a file so that it is there whole or not at all, with ``mode`` as umask lets it.

    Without ``replace`` a file that came to that name meanwhile stays. Raises OSError.
    """
    draft = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}")
    number = os.open(draft, _DRAFT, mode)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.rename(path)
        else:
            _place(draft, path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def _place(draft: Path, path: Path) -> None:
    """Give a draft its name unless that is taken. Raises FileExistsError, and other OSErrors."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        os.close(os.open(path, _DRAFT, 0o600))
        draft.rename(path)
    else:
        draft.unlink(missing_ok=True)


def make_private(folder: Path) -> None:
    """Make the folder, and those above it that are missing, for their owner alone.

    Raises OSError.
    """
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


@contextlib.contextmanager
def own_folder(above: Path, prefix: str) -> Iterator[Path]:
    """A private folder below ``above`` that is gone afterwards; those of a crash go before.

    Raises OSError.
    """
    make_private(above)
    # One at a time: a folder that was just made is not locked yet, as if its owner were gone.
    turn = os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        _sweep(above, prefix)
        mine = Path(tempfile.mkdtemp(prefix=prefix, dir=above))
        lock = _folder(mine)
        fcntl.flock(lock, fcntl.LOCK_EX)
    finally:
        os.close(turn)
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)
        os.close(lock)


def _sweep(above: Path, prefix: str) -> None:
    """Take away folders whose owner is gone: nobody holds a lock on them any more."""
    for old in above.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            lock = _folder(old)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(old, ignore_errors=True)
            finally:
                os.close(lock)


def _folder(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
