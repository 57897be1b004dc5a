"""Plans that create a domain: its volumes, its definition and its start, undone when a step fails.

The create wizard, clones and imports all end in a ``ProvisionPlan``; ``hypervisor.provision.run``
carries it out.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from virttui.model.identity import ObjectId
from virttui.model.provision.file_slice import FileSlice
from virttui.model.secret_value import hides
from virttui.model.volumes import NewVolume


@hides("content")
class VolumeStep(Struct, frozen=True):
    """A volume to create in a pool, and its content: empty, or one of the sources below.

    ``copy_of`` names the pool and volume to copy from, by reference with ``reflink``; the pool may
    be on another host, the content is then streamed. ``streamed`` copies through this computer,
    which can be cancelled at once, where libvirt would copy by itself. ``mirror_of`` is the UUID
    and target of a running domain's disk: the volume gets its content at the moment when all such
    copies are complete.

    ``file`` is a path of this computer, ``slice`` a part of one, checked against its digest and
    converted first where it says so. ``url`` is downloaded by this computer and passed on, checked
    against ``sha256`` where there is one. ``content`` is written as it is; it may be a cloud-init
    seed, so no ``repr`` shows it.

    ``files``: the pool stores its volumes as files. ``temporary``: the volume is needed for the
    first start only, and deleted after it.
    """

    pool: ObjectId
    pool_name: str
    new: NewVolume
    copy_of: tuple[ObjectId, str] | None = None
    reflink: bool = False
    file: str = ""
    content: bytes = b""
    files: bool = True
    streamed: bool = False
    mirror_of: tuple[str, str] | None = None
    url: str = ""
    sha256: str = ""
    temporary: bool = False
    slice: FileSlice | None = None

    @property
    def words(self) -> str:
        """One sentence about the step, without a full stop."""
        where = f"{self.new.name} in {self.pool_name}"
        if self.mirror_of is not None:
            return f"make {where}, copied from {self.mirror_of[1]} while it runs"
        if self.copy_of is not None:
            how = "by reference" if self.reflink else "copied"
            return f"make {where}, {how} from {self.copy_of[1]}"
        if self.slice is not None:
            how = f"convert {self.slice.label} and " if self.slice.convert else ""
            return f"{how}upload {'it' if how else self.slice.label} as {where}"
        if self.file:
            return f"upload {self.file} as {where}"
        if self.url:
            checked = ", checked against its SHA-256" if self.sha256 else ""
            return f"fetch {self.url} as {where}{checked}"
        if self.content:
            return f"write {where}"
        return f"make {where}" + (f", on top of {self.new.backing}" if self.new.backing else "")


class FileCopy(Struct, frozen=True):
    """A file outside of all pools, copied on its host or from another host: a domain's NVRAM.

    ``slice`` is a part of a file of this computer, used instead of ``source`` on a host.
    """

    host: str
    source: str
    path: str
    slice: FileSlice | None = None


class RootFolder(Struct, frozen=True):
    """A container's root folder on the host, unpacked from a tar file of this computer."""

    file: str
    path: str


class Sysprep(Struct, frozen=True):
    """A virt-sysprep run on a guest that has not started yet: its disks, each a path and a
    format, and its new host name."""

    disks: tuple[tuple[str, str], ...]
    host: str


@hides("xml", "first_boot_xml", "replaces_xml")
class ProvisionPlan(Struct, frozen=True):
    """Everything that creates a domain, carried out in the order of ``words``.

    ``xml`` may hold passwords, so no ``repr`` shows it; its name and UUID must not be in use.
    ``root`` is unpacked first of all, then come ``volumes``, ``nvram`` and ``sysprep``, which runs
    on the new volumes. ``read_only_bases`` are the backing files of the new volumes: the plan is
    refused if any domain can write to one of them. ``replaces_xml`` is the definition of a domain
    that exists already and is only moved to other volumes. ``first_boot_xml`` is a definition for
    the first start alone (an installer's kernel); it holds no passwords but those of ``xml``.
    ``scratch`` is the folder of this computer that disks are converted in, "" for the default.
    ``equivalent_command`` does about the same in a shell (virt-install, virt-clone), "" where
    nothing does.
    """

    name: str
    xml: str
    volumes: tuple[VolumeStep, ...] = ()
    start: bool = False
    autostart: bool = False
    equivalent_command: str = ""
    nvram: FileCopy | None = None
    read_only_bases: tuple[str, ...] = ()
    first_boot_xml: str = ""
    replaces_xml: str | None = None
    sysprep: Sysprep | None = None
    root: RootFolder | None = None
    scratch: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """One line for each step, in order."""
        root = self.root
        steps = [f"unpack {root.file} into {root.path}"] if root is not None else []
        steps += [step.words for step in self.volumes]
        steps += [f"copy its NVRAM to {self.nvram.path}"] if self.nvram is not None else []
        steps += ["reset its identity by virt-sysprep"] if self.sysprep is not None else []
        how = "define" if self.replaces_xml is None else "put its disks into the definition of"
        steps.append(f"{how} {self.name}, checked against libvirt's schema")
        steps += ["start it with its host"] if self.autostart else []
        if self.first_boot_xml:
            steps.append("start it with its installer's kernel; from the next start on, its disk")
        else:
            steps += ["start it"] if self.start else []
        temporary = [step.new.name for step in self.volumes if step.temporary]
        steps += [f"delete {' and '.join(temporary)} again"] if temporary else []
        return tuple(steps)


class ResourceKind(StrEnum):
    """Kinds of things that a plan creates."""

    VOLUME = "volume"
    FILE = "file"
    FOLDER = "folder"
    DEFINITION = "definition"
    SNAPSHOT = "snapshot"


class CreatedResource(Struct, frozen=True):
    """Something that a plan created: a volume by its name and its pool's UUID, a file or folder
    by its path, a definition by its domain's name. A snapshot that is being deleted has the UUID
    and name of its domain in place of a pool's."""

    kind: ResourceKind
    name: str
    pool: str = ""
    pool_name: str = ""

    @property
    def words(self) -> str:
        """Its name in messages."""
        if self.kind is ResourceKind.VOLUME:
            return f"{self.name} in {self.pool_name}"
        if self.kind is ResourceKind.SNAPSHOT:
            return f"snapshot {self.name} of {self.pool_name}"
        return (
            f"the definition of {self.name}" if self.kind is ResourceKind.DEFINITION else self.name
        )


class IncompleteDomain(Struct, frozen=True):
    """The remains of a domain or volume whose creation was interrupted, or could not be undone.

    ``id`` is the name of its journal, ``key`` the domain that was to be created, without a UUID for
    a volume by itself. ``operation`` is the verb in messages ("making", "uploading" …).
    ``resources`` still exist and no domain uses them; ``kept_reasons`` are sentences about others
    that must stay. ``snapshots`` are those whose deletion was begun and can be finished.
    ``started_epoch`` is in seconds since 1970.
    """

    id: str
    key: ObjectId
    name: str
    started_epoch: float
    resources: tuple[CreatedResource, ...] = ()
    kept_reasons: tuple[str, ...] = ()
    operation: str = "making"
    snapshots: tuple[str, ...] = ()
