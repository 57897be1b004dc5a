"""The place of a pool: what it is, who has disks on it, what making or losing it means."""

from __future__ import annotations

import posixpath

from virttui import formatting
from virttui.model.inventory import Disk, Domain, Inventory, Pool
from virttui.natural_sort import natural
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, fit

_SHARED = ("", "/", "/dev", "/dev/mapper", "/dev/disk/by-path")
"""Where volumes of several pools are: there a path does not tell whose it is."""
_MOUNTED = ("fs", "netfs", "logical")
"""What libvirt unmounts or switches off at a stop, and the host refuses while it is in use."""


def users(pool: Pool, inventory: Inventory) -> list[tuple[Domain, Disk]]:
    """The disks on a pool, by its name or its folder; those of running domains first."""
    folder = posixpath.normpath(pool.path) + "/" if pool.path not in _SHARED else ""
    found = [
        (domain, disk)
        for domain in inventory.domains.values()
        for disk in domain.disks
        if disk.source
        and (
            disk.pool == pool.name
            if disk.pool
            else bool(folder) and posixpath.normpath(disk.source).startswith(folder)
        )
    ]
    return sorted(
        found, key=lambda pair: (not pair[0].state.active, natural(pair[0].name), pair[1].target)
    )


def stop_warning(pool: Pool, inventory: Inventory) -> str:
    """The cost of stopping a pool, in sentences."""
    on_it = users(pool, inventory)
    if not on_it:
        return "No domain of this host has a disk on it."
    running = len({domain.key for domain, _ in on_it if domain.state.active})
    return f"{_running(pool, running)} {_waiting(pool, on_it)}".strip()


def _running(pool: Pool, count: int) -> str:
    if not count:
        return "No running domain has a disk on it."
    one = count == 1
    who = formatting.counted(count, "running domain")
    if pool.type == "iscsi":
        return f"{who} {'loses its disk' if one else 'lose their disks'}: the host logs out."
    if pool.type in _MOUNTED:
        return f"{who} {'has' if one else 'have'} disks open on it: the host may refuse."
    goes = "keeps its disks" if one else "keep their disks"
    return f"{who} {goes} open."


def _waiting(pool: Pool, on_it: list[tuple[Domain, Disk]]) -> str:
    """The domains that cannot start without the pool: they name it, or lose its files."""
    unusable = pool.type in (*_MOUNTED, "iscsi")
    count = len({domain.key for domain, disk in on_it if unusable or disk.pool})
    if not count:
        return ""
    return f"{formatting.counted(count, 'domain')} cannot start until this pool is active again."


def delete_warning(pool: Pool, inventory: Inventory) -> str:
    """The cost of deleting the definition of a pool for its domains; "" when there is none."""
    count = len({domain.key for domain, disk in users(pool, inventory) if disk.pool})
    if not count:
        return ""
    has = "names it and does" if count == 1 else "name it and do"
    return f"{formatting.counted(count, 'domain')} {has} not start without it."


def user_lines(pool: Pool, inventory: Inventory, look: RenderContext) -> list[Line]:
    """The disks on a pool, a line each: domain, the disk's target, what is in it."""
    lines: list[Line] = []
    for domain, disk in users(pool, inventory):
        on = domain.state.active
        glyph = look.glyphs.running if on else look.glyphs.off
        lines.append(
            (
                Run(f" {glyph}", Role.OK if on else Role.MUTED),
                Run(f" {fit(domain.name, 22)} ", Role.TEXT if on else Role.MUTED),
                Run(f"{fit(disk.target, 5)} {clean(posixpath.basename(disk.source))}", Role.MUTED),
            )
        )
    return lines


# -- making and losing the place -----------------------------------------------------------------


def _on(pool: Pool) -> str:
    """The devices it is made of, by name where they are known."""
    return formatting.listed(list(pool.devices)) if pool.devices else "its device"


def build_warning(pool: Pool) -> str:
    """The effect of building its target, in a sentence."""
    if pool.type == "fs":
        return f"Creates {pool.path}, and a file system on {_on(pool)} only if nothing is on it."
    if pool.type == "disk":
        return f"Creates a partition table on {_on(pool)}, only if nothing is on it."
    if pool.type == "logical":
        return f"Creates a volume group of {_on(pool)}, only if nothing is on it."
    if pool.type == "zfs":
        return f"Creates a zpool of {_on(pool)}."
    return f"Creates the folder {pool.path} if it is missing. Nothing in it is changed."


def format_warning(pool: Pool) -> str:
    """The effect of formatting its target regardless of its content, in a sentence."""
    what = {"fs": "a new file system", "disk": "a new partition table"}
    structure = what.get(pool.type, "a new volume group")
    return f"All that is on {_on(pool)} will be gone for good: {structure} is created on it."


def erase_warning(pool: Pool) -> str:
    """The effect of deleting its target, in a sentence."""
    if pool.type == "logical":
        return f"The volume group {pool.path} and all of its volumes will be gone for good."
    if pool.type == "zfs":
        return "The zpool and all of its volumes will be gone for good."
    stays = {"fs": " What is on its device stays.", "netfs": " What is on the share stays."}
    return f"Removes the folder {pool.path}, which must be empty.{stays.get(pool.type, '')}"
