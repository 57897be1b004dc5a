"""The details of the selected pool: the source of its storage."""

from __future__ import annotations

from virttui import formatting
from virttui.panes.storage.pool_users import users
from virttui.panes.storage.pools import PoolRow
from virttui.render.chrome import rule
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, fit, within, wrapped


def detail_lines(row: PoolRow, look: RenderContext, width: int, height: int) -> list[Line]:
    """Its place, what it is made of, and who has disks on it, in exactly ``height`` lines."""
    pool = row.pool
    title = f"{pool.name}, its storage"
    lines = [rule(title, row.inventory.host.name, look, width)]
    for label, value in (*pool.origin, ("path", pool.path), ("used by", _users(row))):
        for number, part in enumerate(wrapped(value, max(10, width - 16)) if value else ()):
            name = label if not number else ""
            lines.append((Run(f" {fit(name, 13)} ", Role.MUTED), Run(part)))
    lines.extend([()] * height)
    return [within(line, width) for line in lines[:height]]


def _users(row: PoolRow) -> str:
    on_it = users(row.pool, row.inventory)
    domains = len({domain.key for domain, _ in on_it})
    if not on_it:
        return ""
    return f"{formatting.counted(len(on_it), 'disk')} of {formatting.counted(domains, 'domain')}"
