"""The volumes of one pool, and who uses them."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from virttui import formatting
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Domain, Inventory, Pool, Volume
from virttui.natural_sort import natural
from virttui.panes.domains.rows import word
from virttui.render.columns import Cell, Column, HideRule
from virttui.render.filter import FilterLanguage, NumericField, Unit
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run
from virttui.render.list_pane import Pane
from virttui.store.fleet_state import FleetState
from virttui.store.shared_storage import RemoteDiskUser, seen_elsewhere


class VolumeRow(NamedTuple):
    """One volume, its pool and the domains that use it. The key's uuid is its path.

    ``backs`` is how many volumes of the pool lie on it, ``working`` what is being done to it.
    ``others`` are domains of other hosts that have it, ``needed_by`` who else uses it by its host's
    word: snapshots, images, domains whose disks lie on it. ``unknown`` is what could not be looked
    at of that, in words.
    ``lost`` says that what it lies on belongs into its pool and is not there. ``order`` is what it
    is sorted by: its name. ``plain`` is what a plain word of a filter is looked for in.
    """

    key: ObjectId
    volume: Volume
    pool: ObjectId
    users: tuple[Domain, ...]
    backs: int
    working: str
    lost: bool
    order: tuple[tuple[int, int, str], ...]
    others: tuple[RemoteDiskUser, ...] = ()
    needed_by: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    plain: str = ""

    @property
    def free(self) -> bool:
        """Return true if it has no known user."""
        return not (self.users or self.backs or self.needed_by or any(s.sure for s in self.others))

    @property
    def orphan(self) -> bool:
        """Return true if it has no user, and everything that might use it was read."""
        return self.free and not self.unknown


class VolumeIndex:
    """The volumes of a pool by name, as far as they were told.

    There may be thousands, so they are made anew only when what they are made of is another object.
    """

    def __init__(self, pool: ObjectId) -> None:
        self._pool = pool
        self._basis: tuple[object, ...] = ()
        self._rows: list[VolumeRow] = []
        self._domains: tuple[object, ...] = ()
        self._others: Mapping[str, tuple[RemoteDiskUser, ...]] = {}

    def __call__(self, fleet_state: FleetState) -> Sequence[VolumeRow]:
        """The rows of this moment."""
        inventory, pool = fleet_state.inventories.get(self._pool.host), fleet_state.pool(self._pool)
        volumes = fleet_state.volumes.get(self._pool, ())
        domains = inventory.domains if inventory is not None else None
        needed = fleet_state.users_by_path.get(self._pool.host, _NOTHING)
        unknown = fleet_state.unknown.get(self._pool.host, _NOT_READ)
        others = self._elsewhere(pool, fleet_state)
        name, folder = (pool.name, pool.path) if pool else ("", "")
        basis = (name, folder, volumes, domains, needed, unknown, others)
        if not self._basis or basis[:2] != self._basis[:2] or _other(basis[2:], self._basis[2:]):
            host = _Host(inventory, needed, unknown)
            rows = _rows(volumes, host, self._pool, folder, others)
            self._basis, self._rows = basis, rows
        busy = [key for key, task in fleet_state.at_work.items()
                if task.command.target.kind is Kind.VOLUME]  # fmt: skip
        if not busy:
            return self._rows
        return [
            row._replace(working=_working(fleet_state, row.key)) if row.key in busy else row
            for row in self._rows
        ]

    def _elsewhere(
        self, pool: Pool | None, fleet_state: FleetState
    ) -> Mapping[str, tuple[RemoteDiskUser, ...]]:
        """The users of its volumes on other hosts; the same object while that is unchanged."""
        inventories = fleet_state.inventories
        basis = (pool, *(one.domains for one in inventories.values()))
        if len(basis) != len(self._domains) or _other(basis, self._domains):
            self._domains = basis
            found = seen_elsewhere(pool, inventories) if pool is not None else {}
            if found != self._others:
                self._others = found
        return self._others


_NOTHING: Mapping[str, tuple[str, ...]] = {}
_NOT_READ = (("", "whether another image or a snapshot needs it, which is being read"),)
_OVERLAY = "overlay "


class _Host(NamedTuple):
    """The known users of the volumes of a host."""

    inventory: Inventory | None
    needed_by: Mapping[str, tuple[str, ...]]
    unknown: tuple[tuple[str, str], ...]


def _other(these: tuple[object, ...], those: tuple[object, ...]) -> bool:
    return any(one is not other for one, other in zip(these, those, strict=True))


def _rows(
    volumes: Sequence[Volume],
    host: _Host,
    pool: ObjectId,
    folder: str,
    others: Mapping[str, tuple[RemoteDiskUser, ...]],
) -> list[VolumeRow]:
    users = _users(host.inventory, pool) if host.inventory else {}
    overlays: dict[str, set[str]] = {}
    for volume in volumes:
        if volume.backing:
            overlays.setdefault(posixpath.normpath(volume.backing), set()).add(volume.name)
    paths = {volume.path for volume in volumes}
    anything = tuple(words for about, words in host.unknown if not about)
    found = []
    for volume in volumes:
        path = posixpath.normpath(volume.path)
        mine = tuple(users.get(path, ())) or tuple(users.get(volume.name, ()))
        needed_by = host.needed_by.get(path, ())
        on_it = {who.removeprefix(_OVERLAY) for who in needed_by if who.startswith(_OVERLAY)}
        named = {domain.name for domain in mine}
        row = VolumeRow(
            ObjectId(pool.host, volume.path),
            volume,
            pool,
            mine,
            len(on_it | overlays.get(path, set())),
            "",
            _lost(volume, folder, paths),
            natural(volume.name),
            others.get(volume.name, ()),
            tuple(who for who in needed_by if who not in named and not who.startswith(_OVERLAY)),
            (*anything, *_unknown_of(volume, path, host.unknown)),
        )
        found.append(row)
    found.sort(key=lambda row: row.order)
    return [row._replace(plain=_plain(row)) for row in found]


def _unknown_of(volume: Volume, path: str, unknown: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Notes about unknown users of one volume; of files whose name is not valid UTF-8 nothing
    is known."""
    if not volume.path:
        return ("who uses it: its name is not valid UTF-8",)
    return tuple(words for about, words in unknown if about == path)


def _plain(row: VolumeRow) -> str:
    return "\n".join(words(row) for words in LANGUAGE.words.values()).casefold()


def _lost(volume: Volume, folder: str, paths: set[str]) -> bool:
    """Return true if its backing file is missing; only the pool's own folder is known."""
    backing = posixpath.normpath(volume.backing) if volume.backing else ""
    # A name with other bytes than it could be told with is not looked for.
    return (
        bool(folder and backing)
        and "\ufffd" not in backing
        and (posixpath.dirname(backing) == posixpath.normpath(folder) and backing not in paths)
    )


def _working(fleet_state: FleetState, key: ObjectId) -> str:
    task = fleet_state.at_work.get(key)
    if task is None:
        return ""
    share = task.progress.progress if task.progress is not None else None
    far = (
        formatting.age(task.duration(fleet_state.now))
        if share is None
        else f"{formatting.percent(share)}%"
    )
    return f"{task.command.verb.label} {far}"


def _users(inventory: Inventory, pool: ObjectId) -> dict[str, list[Domain]]:
    """Domains by the path of their disks; a disk that names pool and volume counts by name."""
    name = inventory.pools[pool.uuid].name if pool.uuid in inventory.pools else ""
    users: dict[str, list[Domain]] = {}
    for domain in inventory.domains.values():
        for disk in domain.disks:
            if disk.source.startswith("/") and not disk.pool:
                users.setdefault(posixpath.normpath(disk.source), []).append(domain)
            elif disk.source and disk.pool == name:
                users.setdefault(disk.source, []).append(domain)
    return users


def _share(volume: Volume) -> float | None:
    return min(1.0, volume.allocation / volume.capacity) if volume.capacity else None


def _real(row: VolumeRow) -> int | None:
    return row.volume.allocation if row.volume.known else None


def _size(row: VolumeRow) -> int | None:
    return row.volume.capacity if row.volume.known else None


def _used_by(row: VolumeRow, look: RenderContext) -> Cell:
    if row.working:
        return Run(f"task: {row.working}", Role.ACCENT)
    names = [
        domain.name if domain.state.runs else f"{domain.name} ({word(domain)})"
        for domain in row.users
    ]
    names += [f"{one.domain.name} on {one.host}" for one in row.others if one.sure]
    names += list(row.needed_by)
    names += [formatting.counted(row.backs, "overlay")] if row.backs and not names else []
    if names:
        return ", ".join(names)
    unsure = [f"{one.domain.name} on {one.host}" for one in row.others]
    nobody = "nobody" if row.orphan else "not known"
    return Run(f"maybe {', '.join(unsure)}" if unsure else nobody, Role.WARN)


def _backing(row: VolumeRow, look: RenderContext) -> Cell:
    name = PurePosixPath(row.volume.backing).name
    return Run(f"missing: {name}", Role.BAD) if row.lost else name or formatting.UNKNOWN


COLUMNS: tuple[Column[VolumeRow], ...] = (
    Column(
        "name",
        "NAME",
        22,
        lambda row, look: row.volume.name,
        lambda row: row.order,
        flex=True,
        most=28,
    ),
    Column(
        "format",
        "FORMAT",
        7,
        lambda row, look: row.volume.format or formatting.UNKNOWN,
        lambda row: row.volume.format or None,
    ),
    Column("bar", "", 8, lambda row, look: look.bar(_share(row.volume), 8)),
    Column(
        "real",
        "REAL",
        6,
        lambda row, look: formatting.size(_real(row)),
        _real,
        right=True,
        descends=True,
    ),
    Column(
        "size",
        "SIZE",
        6,
        lambda row, look: formatting.whole_size(_size(row)),
        _size,
        right=True,
        descends=True,
    ),
    Column(
        "backing",
        "BACKED BY",
        25,
        _backing,
        lambda row: row.volume.backing or None,
        gap=3,
    ),
    Column(
        "users",
        "USED BY",
        12,
        _used_by,
        lambda row: row.users[0].name if row.users else None,
        flex=True,
    ),
)

DROPS = (
    HideRule(("backing",)),
    HideRule(("bar",)),
    HideRule(("format",)),
    HideRule(("size",)),
    HideRule(("users",)),
)


LANGUAGE: FilterLanguage[VolumeRow] = FilterLanguage(
    {
        "name": lambda row: row.volume.name,
        "format": lambda row: row.volume.format,
        "path": lambda row: row.volume.path,
        "backing": lambda row: f"missing {row.volume.backing}" if row.lost else row.volume.backing,
        "used": lambda row: (
            "\n".join(
                [
                    *(domain.name for domain in row.users),
                    *(one.domain.name for one in row.others),
                    *row.needed_by,
                ]
            )
            # Filters and views of earlier versions look for "nobody known".
            or ("overlay" if row.backs else "nobody" if row.orphan else "not known\nnobody known")
        ),
    },
    {
        "size": NumericField(Unit.SIZE, _size),
        "real": NumericField(Unit.SIZE, _real),
    },
    lambda row: row.plain,
)
"""What a filter may ask of a volume."""


def status_text(row: VolumeRow, fleet_state: FleetState, look: RenderContext) -> Line:
    """The volume in words."""
    volume = row.volume
    text = volume.path if volume.known else f"{volume.path}  is being read"
    if row.lost:
        text += f"  cannot be opened: {volume.backing} under it is missing"
    unsure = [f"{one.domain.name} on {one.host}" for one in row.others if not one.sure]
    if row.needed_by:
        text += f"  needed by {formatting.listed(row.needed_by)}"
    if unsure and row.free:
        verb = "names" if len(unsure) == 1 else "name"
        text += f"  {formatting.listed(unsure)} {verb} the same path: is it the same storage?"
    elif row.free:
        text += f"  used by no domain of {'any host' if fleet_state.several else 'this host'}"
    if row.free and row.unknown:
        text += f"; not known: {'; '.join(row.unknown)}"
    return Run(volume.name, Role.STRONG), Run(f"  {text}")


_NOT_YET = Volume("", "", known=False)


def volumes_pane(pool: ObjectId) -> Pane[VolumeRow]:
    """The pane of one pool's volumes."""
    return Pane(
        id="volumes",
        kind=Kind.VOLUME,
        columns=COLUMNS,
        drops=DROPS,
        rows=VolumeIndex(pool),
        row_role=lambda row: Role.TEXT,
        language=LANGUAGE,
        status_text=status_text,
        sort="size",
        pins=False,
        ready=lambda fleet_state: all(
            one.known for one in fleet_state.volumes.get(pool, (_NOT_YET,))
        ),
        minimum=lambda width: 12 if width < 80 else 22,
    )
