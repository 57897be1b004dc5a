"""Where things lie on a host: ``pool/volume``, paths, files of this machine; its pools."""

from __future__ import annotations

from collections.abc import Callable

from virttui.model.documents import Option
from virttui.model.domains.disk_jobs import TargetPool
from virttui.model.inventory import Volume
from virttui.model.provision.create import CreateContext
from virttui.model.volumes import FILE_POOLS

_SUFFIXES = (".iso", ".img")


def local(place: str) -> bool:
    """Whether a place is a file of this machine, to be uploaded."""
    return place.startswith(("~", "./"))


def far(place: str) -> bool:
    """Whether a place is on the web, to be fetched."""
    return place.startswith(("http://", "https://"))


def brought(place: str) -> bool:
    """Whether what is there has to be put into a pool first."""
    return local(place) or far(place)


def file_name(place: str) -> str:
    """What a file or URL is called at its end."""
    return place.partition("?")[0].rstrip("/").rpartition("/")[2]


def shelf_of(context: CreateContext, name: str) -> TargetPool | None:
    """The pool of that name that is on."""
    return next((one for one in context.pools if one.name == name), None)


def taken_from(context: CreateContext) -> dict[str, str]:
    """The volumes and paths that are somebody's disk, each with whose."""
    return dict(context.volume_users)


def volumes(context: CreateContext, wanted: Callable[[Volume], bool]) -> list[Option]:
    """The volumes of all pools that are wanted, as ``pool/volume``, the largest first."""
    found = [(shelf, one) for shelf in context.pools for one in shelf.room.volumes if wanted(one)]
    found.sort(key=lambda pair: -pair[1].capacity)
    return [Option(f"{shelf.name}/{one.name}", one.format) for shelf, one in found]


def volume_at(context: CreateContext, place: str) -> tuple[TargetPool, Volume] | None:
    """The volume called ``pool/volume``, None where there is none (or it is not known yet)."""
    pool, _, name = place.partition("/")
    for shelf in context.pools:
        if shelf.name == pool:
            found = next((one for one in shelf.room.volumes if one.name == name), None)
            return (shelf, found) if found is not None else None
    return None


def is_image(volume: Volume) -> bool:
    """Whether a volume may be a medium by its name."""
    return volume.name.lower().endswith(_SUFFIXES) and volume.format in ("raw", "iso", "")


def pools_of(context: CreateContext, *, files: bool = False) -> tuple[Option, ...]:
    """The pools, ``default`` first as every tool of libvirt's does, then the roomiest."""
    able = [one for one in context.pools if not files or one.room.type in FILE_POOLS]
    able.sort(key=lambda one: (one.name != "default", -one.room.available))
    return tuple(Option(one.name, one.note) for one in able)
