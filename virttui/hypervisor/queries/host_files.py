"""Files of a host, looked at from here where the host is this machine: what is the same file, and
what is in its first bytes.

They are looked at as libvirt's daemon sees them, through the root of its process: it may live in a
mount namespace of its own. Links are followed within that root.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from virttui.appliances.header_references import ReferencedFiles, referenced_files
from virttui.hypervisor.connection.connect import in_process, is_here
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.connection.uris import parameter, split_uri
from virttui.hypervisor.queries.diagnosis import daemon

_MOST_LINKS = 40


class HostFiles:
    """The files below the root of one host's daemon."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def of(cls, connection: Connection) -> HostFiles | None:
        """Those of the host of a connection; None where they cannot be looked at from here."""
        return cls.at(connection.getURI())

    @classmethod
    def at(cls, uri: str) -> HostFiles | None:
        """Those of the host that ``uri`` leads to; None where they cannot be looked at from here,
        or while its daemon does not answer."""
        if not is_here(uri) or in_process(uri):
            return None
        if split_uri(uri).path.startswith("/session"):
            return cls(Path("/"))
        process = daemon(uri)
        if process is None:
            return None
        root = Path(f"/proc/{process}/root")
        return cls(root if os.access(root / "run", os.X_OK) else Path("/"))

    @classmethod
    def usual(cls, uri: str) -> HostFiles | None:
        """As ``at``, but of the daemon that this machine usually has also while it is down."""
        elsewhere = parameter(uri, "socket") or not is_here(uri) or in_process(uri)
        return cls.at(uri) or (None if elsewhere else cls(Path("/")))

    def identity(self, path: str) -> str | None:
        """An identity that two names of one file share; None where that is not known.

        Links of both kinds, and folders mounted at two places, lead to one file. What is not there
        is known by the path that it would have.
        """
        try:
            place = self._followed(path)
            found = place.lstat()
        except FileNotFoundError as error:
            return str(error.filename) if error.filename else None
        except (OSError, ValueError):
            return None
        if stat.S_ISBLK(found.st_mode):
            return f"device {found.st_rdev}"
        return f"file {found.st_dev}:{found.st_ino}"

    def others(self, path: str) -> ReferencedFiles:
        """The files that the image at ``path`` names. Raises OSError, or InvalidHeader."""
        place = self._followed(path)
        mode = place.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
            # To open a device can be to use it.
            raise OSError(f"{path} is not a file")
        with _opened(place) as fd:
            return referenced_files(partial(_at, fd))

    def open(self, path: str) -> BinaryIO:
        """A regular file, to be read; anything else might wait for ever. Raises OSError."""
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW
        handle = os.open(self._followed(path), flags)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(errno.EINVAL, "it is no regular file", path)
        return cast("BinaryIO", os.fdopen(handle, "rb", buffering=0))

    def stat(self, path: str) -> os.stat_result:
        """What is told of a file. Raises OSError."""
        return self._followed(path).lstat()

    def names_in(self, folder: str) -> tuple[str, ...]:
        """The names of what is in a folder, those that are no UTF-8 too. Raises OSError."""
        return tuple(sorted(one.name for one in self._followed(folder).iterdir()))

    def _followed(self, path: str) -> Path:
        """The target of a path within the root, without its links. Raises OSError."""
        todo, at, links = _parts(path), list[str](), 0
        while todo:
            part = todo.pop(0)
            if part == "..":
                at = at[:-1]
                continue
            place = self._root.joinpath(*at, part)
            try:
                leads_to = str(place.readlink())
            except OSError:
                # No link; whether it is there at all the last one tells.
                at.append(part)
                continue
            links += 1
            if links > _MOST_LINKS:
                raise OSError(f"{path} is a link to itself")
            if leads_to.startswith("/"):
                at = []
            todo = _parts(leads_to) + todo
        return self._root.joinpath(*at)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


@contextmanager
def _opened(place: Path) -> Iterator[int]:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW
    fd = os.open(place, flags)
    try:
        yield fd
    finally:
        os.close(fd)


def _at(fd: int, place: int, length: int) -> bytes:
    return os.pread(fd, length, place)
