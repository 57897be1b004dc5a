"""Sources that form fields name: ``pool/volume``, paths, files of this computer, URLs."""

from __future__ import annotations

from collections.abc import Callable

from virttui.model.documents import Option
from virttui.model.domains.disk_jobs import TargetPool
from virttui.model.inventory import Volume
from virttui.model.provision.create import CreateContext
from virttui.model.volumes import FILE_POOLS

_SUFFIXES = (".iso", ".img")


def is_local_file(source: str) -> bool:
    """True if a source is a file of this computer, to be uploaded."""
    return source.startswith(("~", "./"))


def is_url(source: str) -> bool:
    """True if a source is on the web, to be downloaded."""
    return source.startswith(("http://", "https://"))


def is_outside_host(source: str) -> bool:
    """True if a source has to be put into a pool first."""
    return is_local_file(source) or is_url(source)


def file_name(source: str) -> str:
    """Return the last part of a path or URL."""
    return source.partition("?")[0].rstrip("/").rpartition("/")[2]


def pool_named(context: CreateContext, name: str) -> TargetPool | None:
    """Return the active pool of that name, None where there is none."""
    return next((one for one in context.pools if one.name == name), None)


def volume_users(context: CreateContext) -> dict[str, str]:
    """Return the volumes and paths in use, each with its user."""
    return dict(context.volume_users)


def volume_options(context: CreateContext, condition: Callable[[Volume], bool]) -> list[Option]:
    """Return the volumes of all pools that meet a condition, as ``pool/volume``, largest first."""
    found = [
        (target_pool, one)
        for target_pool in context.pools
        for one in target_pool.context.volumes
        if condition(one)
    ]
    found.sort(key=lambda pair: -pair[1].capacity)
    return [Option(f"{target_pool.name}/{one.name}", one.format) for target_pool, one in found]


def volume_at(context: CreateContext, source: str) -> tuple[TargetPool, Volume] | None:
    """Return the volume called ``pool/volume``, None where there is none (or it is not known
    yet)."""
    pool, _, name = source.partition("/")
    for target_pool in context.pools:
        if target_pool.name == pool:
            found = next((one for one in target_pool.context.volumes if one.name == name), None)
            return (target_pool, found) if found is not None else None
    return None


def looks_like_medium(volume: Volume) -> bool:
    """True if a volume may be an ISO image, judging by its name."""
    return volume.name.lower().endswith(_SUFFIXES) and volume.format in ("raw", "iso", "")


def pool_options(context: CreateContext, *, files: bool = False) -> tuple[Option, ...]:
    """Return the pools, ``default`` first as in all of libvirt's tools, then the one with most
    space."""
    usable = [one for one in context.pools if not files or one.context.type in FILE_POOLS]
    usable.sort(key=lambda one: (one.name != "default", -one.context.available))
    return tuple(Option(one.name, one.note) for one in usable)
