"""The users of each file of a host, for the lists and for all that deletes or overwrites.

Domains count by both of their definitions, and by all that their disks lie on; so do the snapshots
that need a file, and each image that lies on another one or keeps its data in another file. What
an image names is read from its header: libvirt tells of no data file, and of nothing below a file
that no pool holds. Where the host is this machine two names of one file (links) are one.

What could not be looked at is told beside the users: somebody has to decide what that is worth.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from functools import partial

import libvirt

from virttui.hypervisor.connection.calls import named, or_none, xml_of
from virttui.hypervisor.connection.types import Connection, PoolHandle
from virttui.hypervisor.queries.file_references import FileReference, namings
from virttui.hypervisor.queries.host_files import HostFiles
from virttui.hypervisor.queries.image_headers import (
    NO_UTF8,
    ImageHeaderReader,
    PoolVolume,
    is_utf8,
    printable_name,
)
from virttui.libvirtxml import read
from virttui.libvirtxml.disks.backing_files import normalized
from virttui.libvirtxml.disks.sources import lookup_path
from virttui.model.errors import InvalidInput
from virttui.model.volumes import FILE_POOLS

OVERLAY, DATA = "overlay ", "data of "
"""How the words for images begin that lie on a file, or keep their data in it."""
_DEEPEST = 200
"""Images that lie one on another, and more than anybody has."""


class FileUsers:
    """The users of the files of one host, read now. Raises libvirtError when the connection breaks.

    ``without`` is the UUID of a domain that does not count.
    """

    def __init__(self, connection: Connection, *, without: str = "") -> None:
        self._connection = connection
        self._files = HostFiles.of(connection)
        self._image_headers = ImageHeaderReader(connection, self._files, self._cannot)
        # File -> who, in words -> the images that name it, "" where it is no image that does.
        self._users: dict[str, dict[str, set[str]]] = {}
        self._paths: dict[str, set[str]] = {}
        self._known: dict[str, str] = {}
        self._volumes: dict[str, PoolVolume] = {}
        self._by_name: dict[tuple[str, str], str] = {}
        self._folders: dict[str, str] = {}
        self._unknown: set[tuple[str, str]] = set()
        off = self._read_pools()
        for path, volume in self._volumes.items():
            if volume.files:
                self._take_image(path, volume.volume.name)
        for name, facts in off:
            self._read_off(name, facts)
        found = namings(connection, without, self._cannot)
        for naming in found:
            self._take_naming(naming)
        if self._files is None:
            self._may_be_links()
            self._may_be_elsewhere(found)

    # -- what came of it -------------------------------------------------------------------

    def of(self, path: str, beside: Iterable[str] = ()) -> set[str]:
        """The users of a file, in words; empty for none. Images ``beside`` do not count."""
        out = {self._identity(one) for one in beside}
        users = self._users.get(self._identity(path), {})
        return {who for who, images in users.items() if not images <= out}

    def under(self, path: str) -> tuple[tuple[str, bool], ...]:
        """The files that an image is made of, from the top down; true with what holds data."""
        found: dict[str, bool] = {}
        todo, seen = [path], {self._identity(path)}
        while todo and len(seen) < _DEEPEST:
            one = todo.pop(0)
            named = self._image_headers.of(one, self._volume_at(one))
            for paths, data in ((named.data, True), (named.lies_on, False)):
                for other in paths:
                    if self._identity(other) not in seen:
                        seen.add(self._identity(other))
                        found[other] = data
                        todo.append(other)
        return tuple(found.items())

    def below(self, folder: str) -> set[str]:
        """The users of the files in a folder, or below it."""
        start = normalized(folder).rstrip("/") + "/"
        inside = (
            users
            for identity, users in self._users.items()
            if any(path.startswith(start) for path in self._paths[identity])
        )
        return {who for users in inside for who in users}

    def not_known(self, path: str) -> tuple[str, ...]:
        """Notes about everything that may use a file and could not be read."""
        return tuple(sorted({words for about, words in self._unknown if about in ("", path)}))

    def by_path(self) -> tuple[tuple[str, str], ...]:
        """The paths that somebody uses, by all their names, each with who."""
        return tuple(
            sorted(
                (printable_name(path), who)
                for identity, users in self._users.items()
                for path in self._paths[identity]
                for who in users
            )
        )

    @property
    def unknown(self) -> tuple[tuple[str, str], ...]:
        """All that could not be read, each with the path that it may matter to; "" is any."""
        return tuple(sorted(self._unknown))

    # -- files -----------------------------------------------------------------------------

    def _cannot(self, words: str, path: str = "") -> None:
        self._unknown.add((path, printable_name(words)))

    def _identity(self, path: str) -> str:
        """An identity that all names of one file share, as far as that is known."""
        path = lookup_path(path)
        if path not in self._known:
            found = None
            if self._files is not None and path.startswith("/"):
                found = self._files.identity(path)
            identity = found if found is not None else normalized(path)
            self._known[path] = identity
            self._paths.setdefault(identity, set()).add(normalized(path))
        return self._known[path]

    def _use(self, path: str, who: str, image: str = "") -> None:
        users = self._users.setdefault(self._identity(path), {})
        users.setdefault(who, set()).add(image)

    def _volume_at(self, path: str) -> PoolVolume | None:
        """The volume at a path, by any of its names."""
        identity = self._identity(path)
        names = (path, *self._paths[identity])
        return next((self._volumes[one] for one in names if one in self._volumes), None)

    # -- pools -----------------------------------------------------------------------------

    def _read_pools(self) -> list[tuple[str, read.PoolFacts]]:
        """Take the volumes of the pools that are active; returns the others."""
        off: list[tuple[str, read.PoolFacts]] = []
        for pool in self._connection.listAllStoragePools(0):
            xml = or_none(self._connection, partial(pool.XMLDesc, 0))
            if xml is None:
                continue  # it went meanwhile
            name, facts = pool.name(), read.pool(xml)
            self._folders[name] = facts.path
            if pool.isActive():
                self._read_volumes(pool, name, facts)
            else:
                off.append((name, facts))
        return off

    def _read_volumes(self, pool: PoolHandle, name: str, facts: read.PoolFacts) -> None:
        known = named(pool)
        for called, handle in known.volumes:
            try:
                xml = xml_of(handle)
                volume, stamp = read.volume(xml), read.volume_stamp(xml)
            except libvirt.libvirtError as error:
                if error.get_error_code() != libvirt.VIR_ERR_NO_STORAGE_VOL:
                    raise
                continue
            except InvalidInput:
                self._cannot(
                    f"the backing file of {called} in {name}: its description cannot be read"
                )
                continue
            self._volumes[volume.path] = PoolVolume(
                volume, name, facts.type in FILE_POOLS, handle, stamp
            )
            self._by_name[name, called] = volume.path
            self._identity(volume.path)
        if known.unnamed and not self._read_unnamed(facts.path):
            self._cannot(f"which volume backs which in {name}: {known.rest[0].name}")

    def _read_unnamed(self, folder: str) -> bool:
        """Take the images with a name that is no UTF-8; false where that cannot be."""
        try:
            names = self._files.names_in(folder) if self._files is not None else None
        except OSError:
            names = None
        for name in names or ():
            if not is_utf8(name):
                self._take_image(posixpath.join(folder, name), NO_UTF8)
        return names is not None

    def _read_off(self, name: str, facts: read.PoolFacts) -> None:
        """Take the images in a pool that is off: a plain folder can be looked at all the same."""
        if facts.type not in FILE_POOLS:
            return
        names: Sequence[str] | None = None
        if self._files is not None and facts.type == "dir":
            try:
                names = self._files.names_in(facts.path)
            except FileNotFoundError:
                names = ()
            except OSError:
                names = None
        if names is None:
            self._cannot(in_a_pool_that_is_off(name))
        for one in names or ():
            path = posixpath.join(facts.path, one)
            self._take_image(path, one if is_utf8(one) else NO_UTF8, follows=False)

    # -- who names what --------------------------------------------------------------------

    def _take_image(self, path: str, name: str, *, follows: bool = True) -> None:
        """Take what an image names by itself, whoever uses it."""
        found = self._image_headers.of(path, self._volumes.get(path), follows=follows)
        if not found.lies_on and not found.data:
            return
        identity = self._identity(path)
        for words, others in ((f"{OVERLAY}{name}", found.lies_on), (f"{DATA}{name}", found.data)):
            for other in others:
                if self._identity(other) != identity:
                    self._use(other, words, identity)

    def _take_naming(self, naming: FileReference) -> None:
        """Take what somebody names, and all that it lies on."""
        path = self._path_of(naming)
        todo, seen = [path], set[str]()
        while todo and len(seen) < _DEEPEST:
            one = todo.pop()
            identity = self._identity(one)
            if identity not in seen:
                seen.add(identity)
                self._use(one, naming.who)
                if one.startswith("/"):
                    found = self._image_headers.of(
                        one, self._volume_at(one), follows=naming.follows
                    )
                    todo += [*found.lies_on, *found.data]

    def _path_of(self, naming: FileReference) -> str:
        """Its path; of a volume of a pool that is off, and has no folder, pool and name."""
        pool, place = naming.pool, naming.place
        if not pool:
            return place
        if (pool, place) in self._by_name:
            return self._by_name[pool, place]
        folder = self._folders.get(pool, "")
        return posixpath.join(folder or pool, place)

    # -- where files cannot be looked at -----------------------------------------------------

    def _may_be_links(self) -> None:
        """Two volumes alike to the nanosecond may be one file."""
        alike: dict[read.FileStamp, list[str]] = {}
        for path, volume in self._volumes.items():
            if volume.files and volume.stamp.times and volume.stamp.physical:
                alike.setdefault(volume.stamp, []).append(path)
        for paths in alike.values():
            for path in paths:
                for other in paths:
                    if path != other and (users := self.of(other) - self.of(path)):
                        who = ", ".join(sorted(users))
                        self._cannot(f"whether it is {other}, used by {who}: a link", path)

    def _may_be_elsewhere(self, found: Sequence[FileReference]) -> None:
        """A path that no pool holds may lead to a volume all the same."""
        for naming in found:
            path = normalized(naming.place)
            if naming.pool or not path.startswith("/") or path in self._volumes:
                continue
            size = naming.size(self._connection)
            for one, volume in self._volumes.items():
                if size in (
                    None,
                    volume.volume.capacity if naming.follows else volume.stamp.physical,
                ):
                    self._cannot(f"whether {path}, used by {naming.who}, is it", one)


def in_a_pool_that_is_off(name: str) -> str:
    """The notes for a pool that is off, whose content is not known."""
    return f"what is in the pool {name}, which is off"
