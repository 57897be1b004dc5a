"""The files that image headers of one host refer to, read where they can be reached.

Where the host is this machine its files are read, elsewhere the first bytes of a volume come
through a stream. What was read of a volume is kept while its stamp is the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from virttui.appliances.header_references import (
    HEAD,
    NO_FILES,
    InvalidHeader,
    ReferencedFiles,
    referenced_files,
)
from virttui.hypervisor.connection.connect import in_process
from virttui.hypervisor.connection.streams import BREAKS, head
from virttui.hypervisor.connection.types import Connection, VolumeHandle
from virttui.hypervisor.queries.host_files import HostFiles
from virttui.libvirtxml.disks.backing_files import named_paths
from virttui.libvirtxml.read import FileStamp
from virttui.model.inventory import Volume

# Seconds that reading through streams may take in all: over a slow link each is some turns of it.
# What is left then is not known.
SECONDS = 20.0
_CACHE_SIZE = 20_000
_PLAIN = frozenset({"raw", "iso", "dir"})
_cache: dict[tuple[str, str, FileStamp], ReferencedFiles] = {}


class PoolVolume(NamedTuple):
    """A volume of an active pool; ``files`` says that the pool keeps files."""

    volume: Volume
    pool: str
    files: bool
    handle: VolumeHandle
    stamp: FileStamp


class HeaderReferences(NamedTuple):
    """The paths that an image names: what it ``lies_on``, and the files of its ``data``."""

    lies_on: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


class ImageHeaderReader:
    """The headers of one host's images. ``cannot`` is told in words what could not be read."""

    def __init__(
        self, connection: Connection, files: HostFiles | None, cannot: Callable[[str], None]
    ) -> None:
        self._connection, self._files, self._cannot = connection, files, cannot
        self._uri = connection.getURI()
        self._until = time.monotonic() + SECONDS
        self._found: dict[str, HeaderReferences] = {}
        self._unread: set[str] = set()

    def of(self, path: str, volume: PoolVolume | None, *, follows: bool = True) -> HeaderReferences:
        """The files that the image at ``path`` names; none for a file that is no image.

        ``volume`` is its volume, where a pool holds it. What cannot be read is only told to be so
        where a guest ``follows`` what it names.
        """
        if path not in self._found:
            others = self._read(path, volume)
            lies_on = self._paths(path, others.backing)
            if volume is not None and volume.volume.backing and not lies_on:
                lies_on = (volume.volume.backing,)
            data = (found for name in others.data for found in self._paths(path, name))
            self._found[path] = HeaderReferences(lies_on, tuple(data))
        if follows and path in self._unread:
            self._cannot(f"the backing file of {path}: it cannot be read from here")
        return self._found[path]

    def _paths(self, path: str, name: str) -> tuple[str, ...]:
        found = named_paths(name, path)
        if found is None:
            self._cannot(f"the backing file of {path}: its header names {name[:60]!r}")
        return found or ()

    def _read(self, path: str, volume: PoolVolume | None) -> ReferencedFiles:
        try:
            if self._files is not None:
                try:
                    return self._files.others(path)
                except FileNotFoundError:
                    return NO_FILES
                except OSError:
                    if volume is None:
                        raise
            if volume is None:
                raise OSError("no pool holds it")
            return self._streamed(volume)
        except InvalidHeader as error:
            self._cannot(f"the backing file of {path}: {error}")
        except OSError:
            self._unread.add(path)
        return NO_FILES

    def _streamed(self, volume: PoolVolume) -> ReferencedFiles:
        """By the first bytes of a volume. Raises InvalidHeader, or OSError where they do not
        come."""
        # The test driver keeps no content.
        if volume.volume.format in _PLAIN or in_process(self._uri):
            return NO_FILES
        key = (self._uri, volume.volume.path, volume.stamp)
        if volume.stamp.times and key in _cache:
            return _cache[key]
        if time.monotonic() > self._until:
            raise OSError("there was no time for it")
        try:
            others = referenced_files(self._reader(volume))
        except BREAKS as error:
            if not self._connection.isAlive():
                raise
            raise OSError(str(error)) from error
        if len(_cache) >= _CACHE_SIZE:
            _cache.clear()
        _cache[key] = others
        return others

    def _reader(self, volume: PoolVolume) -> Callable[[int, int], bytes]:
        begin = head(self._connection, volume.handle, HEAD)

        def read(place: int, length: int) -> bytes:
            if place + length <= len(begin) or len(begin) < HEAD:
                return begin[place : place + length]
            return head(self._connection, volume.handle, length, place)

        return read


def is_utf8(name: str) -> bool:
    """Return true if a file name of the system is valid UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable_name(name: str) -> str:
    """A name that the system told, as it can be written."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


NO_UTF8 = "a file whose name is no UTF-8"
