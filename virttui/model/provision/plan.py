"""How a machine is made: the volumes it needs, its definition, its start, each undone if one fails.

Creating, cloning and importing all come to this; ``hypervisor.provision.run`` carries it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from virttui.model.identity import ObjectId
from virttui.model.provision.file_slice import FileSlice
from virttui.model.volumes import NewVolume


@dataclass(frozen=True, slots=True)
class VolumeStep:
    """A volume to be made in a pool, and what is put into it: nothing, or one of these.

    ``copy_of`` is the volume whose content it gets, by its pool and name: by reference with
    ``reflink``. The pool's key may name another host: the content is then streamed through.
    ``file`` is a path of this machine; ``content`` is written as it is (a seed, no secret in its
    ``repr``). ``files`` says that the pool keeps files. ``streamed`` copies through this machine,
    which can be ended at once, where libvirt would copy by itself. ``disk_of`` is a disk of a
    running domain, by its UUID and target: what it holds when all such copies are whole.
    ``url`` is fetched by this machine and passed on as it comes, held against ``sha256`` where
    there is one. What is ``passing`` is only needed for the first start, and gone after it.
    ``part`` is a part of a file of this machine, held against its digest, and converted first where
    it says.
    """

    pool: ObjectId
    pool_name: str
    new: NewVolume
    copy_of: tuple[ObjectId, str] | None = None
    reflink: bool = False
    file: str = ""
    content: bytes = field(default=b"", repr=False)
    files: bool = True
    streamed: bool = False
    disk_of: tuple[str, str] | None = None
    url: str = ""
    sha256: str = ""
    passing: bool = False
    part: FileSlice | None = None

    @property
    def words(self) -> str:
        """The step in words."""
        where = f"{self.new.name} in {self.pool_name}"
        if self.disk_of is not None:
            return f"make {where}, copied from {self.disk_of[1]} while it runs"
        if self.copy_of is not None:
            how = "by reference" if self.reflink else "copied"
            return f"make {where}, {how} from {self.copy_of[1]}"
        if self.part is not None:
            how = f"convert {self.part.label} and " if self.part.convert else ""
            return f"{how}upload {'it' if how else self.part.label} as {where}"
        if self.file:
            return f"upload {self.file} as {where}"
        if self.url:
            checked = ", held against its SHA-256" if self.sha256 else ""
            return f"fetch {self.url} as {where}{checked}"
        if self.content:
            return f"write {where}"
        return f"make {where}" + (f", on top of {self.new.backing}" if self.new.backing else "")


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A file in no pool, copied on its host, or from another one: a firmware's variables.

    ``part`` is a part of a file of this machine, in the place of a ``source`` on a host.
    """

    host: str
    source: str
    path: str
    part: FileSlice | None = None


@dataclass(frozen=True, slots=True)
class RootFolder:
    """A folder of the host that is made of a tar file of this machine: a container's root."""

    file: str
    path: str


@dataclass(frozen=True, slots=True)
class Sysprep:
    """Disks of a guest that has not run yet, each a path and its format, and its host name: what
    names it is reset there by virt-sysprep."""

    disks: tuple[tuple[str, str], ...]
    host: str


@dataclass(frozen=True, slots=True)
class ProvisionPlan:
    """What is made, in this order: the volumes, its NVRAM, the definition, its start.

    ``xml`` may hold passwords, so no ``repr`` shows it; its name and UUID are nobody's yet.
    ``nvram`` is copied where there is one; ``untouched`` are paths that no domain may write to, or
    nothing is made: bases of its volumes. ``over`` is the definition that is replaced where the
    domain is there already, and is only put on other volumes. ``sysprep`` is done to its volumes.
    nothing is made: bases of its volumes.
    ``scratch`` is the folder of this machine that disks are converted in, "" for the usual one.
    ``line`` makes about the same by hand (virt-install, virt-clone), "" where nothing does.
    ``root`` is unpacked before anything else is made.
    ``first`` is the definition of its first start alone, where that is another one: an installer's
    kernel. It holds no more passwords than ``xml`` does.
    """

    name: str
    xml: str = field(repr=False)
    volumes: tuple[VolumeStep, ...] = ()
    start: bool = False
    autostart: bool = False
    line: str = ""
    nvram: FileCopy | None = None
    untouched: tuple[str, ...] = ()
    first: str = field(default="", repr=False)
    over: str | None = field(default=None, repr=False)
    sysprep: Sysprep | None = None
    root: RootFolder | None = None
    scratch: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """Its steps in words, in order."""
        root = self.root
        steps = [f"unpack {root.file} into {root.path}"] if root is not None else []
        steps += [step.words for step in self.volumes]
        steps += [f"copy its NVRAM to {self.nvram.path}"] if self.nvram is not None else []
        steps += ["reset its identity by virt-sysprep"] if self.sysprep is not None else []
        how = "define" if self.over is None else "put its disks into the definition of"
        steps.append(f"{how} {self.name}, checked against libvirt's schema")
        steps += ["start it with its host"] if self.autostart else []
        if self.first:
            steps.append("start it with its installer's kernel; from the next start on, its disk")
        else:
            steps += ["start it"] if self.start else []
        passing = [step.new.name for step in self.volumes if step.passing]
        steps += [f"delete {' and '.join(passing)} again"] if passing else []
        return tuple(steps)


class ResourceKind(StrEnum):
    """What a recipe makes."""

    VOLUME = "volume"
    FILE = "file"
    FOLDER = "folder"
    DEFINITION = "definition"


@dataclass(frozen=True, slots=True)
class CreatedResource:
    """One thing that a recipe makes: a volume by its name and its pool's UUID, a file by its path,
    a definition by its domain's name."""

    part: ResourceKind
    name: str
    pool: str = ""
    pool_name: str = ""

    @property
    def words(self) -> str:
        """What it is called when it is told that it is there."""
        if self.part is ResourceKind.VOLUME:
            return f"{self.name} in {self.pool_name}"
        return (
            f"the definition of {self.name}" if self.part is ResourceKind.DEFINITION else self.name
        )


@dataclass(frozen=True, slots=True)
class IncompleteDomain:
    """What is left of a machine or volume whose making was cut off, or could not be undone.

    ``id`` names its journal, ``key`` the domain that it would have been, without a UUID for a
    volume by itself. ``what`` is what was done to it. ``pieces`` are there and
    nobody's, ``kept`` says of others why they stay. ``begun_epoch`` is when it began.
    """

    id: str
    key: ObjectId
    name: str
    begun_epoch: float
    pieces: tuple[CreatedResource, ...] = ()
    kept: tuple[str, ...] = ()
    what: str = "making"
