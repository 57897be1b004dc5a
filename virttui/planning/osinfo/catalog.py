"""The operating systems that are known: looked up, searched, and told by their install media."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path

from virttui.model.provision.domain_spec import IsoDescriptor, OperatingSystem, ResourceNeeds
from virttui.planning.osinfo.builtin import SHIPPED, unknown
from virttui.planning.osinfo.database import FOLDERS, Iso, Needs, OsRecord, Resources, read

_ARCH = "x86_64"
"""Whose needs are told: few entries tell others, and hardly ever other figures."""


def os_catalog(folders: Sequence[Path] = FOLDERS) -> OsCatalog:
    """What these folders know, or the few that are shipped where they hold nothing.

    Nothing is read before something is asked; then all is, once, in about 0.2 s.
    """
    return OsCatalog(folders)


_USUAL = re.compile(
    r"(debian|ubuntu|fedora|rhel|centos|almalinux|rocky|opensuse|sles|archlinux|alpinelinux|win|"
    r"freebsd)(-stream)?[\dk]"
)
"""The systems that come first in a list."""


class OsCatalog:
    """The operating systems of one database. It is read at the first question, and kept."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    @cached_property
    def all(self) -> tuple[OperatingSystem, ...]:
        """Every system: by family, the newest of each first."""
        entries, _ = self._read
        every = [self._system(entry) for entry in entries.values()] or list(SHIPPED)
        dates = _dates(every)
        every.sort(key=lambda system: (dates[system.id], _natural(system.version)), reverse=True)
        return tuple(sorted(every, key=lambda system: system.family))

    def by_id(self, id: str) -> OperatingSystem:
        """The system of a short id; a stand-in with ``known`` false where there is none."""
        return self._ids.get(id) or unknown(id)

    def newest_of(self, distro: str) -> tuple[OperatingSystem, ...]:
        """The newest release whose id is this word and a version; nothing where there is none."""
        return self._newest.get(distro, ())

    @cached_property
    def _newest(self) -> dict[str, tuple[OperatingSystem, ...]]:
        found: dict[str, tuple[OperatingSystem, ...]] = {}
        for one in sorted(self.all, key=lambda one: one.released):
            release = re.fullmatch(r"([a-z]+)\d+(\.\d+)?", one.id)
            if release is not None:
                found[release[1]] = (one,)
        return found

    @cached_property
    def by_use(self) -> tuple[OperatingSystem, ...]:
        """Every system: those that most people install first, the newest of each first."""
        newest = sorted(self.all, key=lambda one: one.released, reverse=True)
        return tuple(sorted(newest, key=lambda one: not _USUAL.match(one.id)))

    def search(self, words: str) -> tuple[OperatingSystem, ...]:
        """Those that all the words are said of; an id or a name that begins with them first."""
        wanted = words.lower().split()
        found = [(system, said) for system, said in self._said if all(w in said for w in wanted)]
        typed = " ".join(wanted)

        def place(one: tuple[OperatingSystem, str]) -> int:
            system, said = one
            if typed in (system.id, system.name.lower()):
                return 0
            return 1 if said.startswith(typed) or system.name.lower().startswith(typed) else 2

        return tuple(system for system, _ in sorted(found, key=place))

    def detect(self, media: IsoDescriptor) -> tuple[OperatingSystem, ...]:
        """Whose install medium this is, the best match first; nothing where none is.

        A medium that is newer than the database is told by those of earlier versions: the newest
        of them stands for it, as "Debian 11 or later".
        """
        exact = self._matching(media, _pattern)
        if exact and not exact[0].id.endswith("unknown"):
            return exact
        order = {system.id: place for place, system in enumerate(self.all)}
        newer = sorted(self._matching(media, _any_version), key=lambda system: order[system.id])
        if exact and not newer:
            distro = exact[0].distro
            newer = [one for one in self.all if one.distro == distro and one.released]
        return tuple(replace(one, name=f"{one.name} or later") for one in newer[:1]) or exact

    def _matching(
        self, media: IsoDescriptor, compiled: Callable[[str], re.Pattern[str] | None]
    ) -> tuple[OperatingSystem, ...]:
        found: dict[str, tuple[int, ...]] = {}
        for system, iso in self._isos:
            score = _match(iso, media, compiled)
            if score and score > found.get(system.id, ()):
                found[system.id] = score
        best = [self._ids[id] for id in found]
        best.sort(key=lambda system: system.released, reverse=True)
        return tuple(sorted(best, key=lambda system: found[system.id], reverse=True))

    # -- what is read --------------------------------------------------------------------------

    @cached_property
    def _read(self) -> tuple[dict[str, OsRecord], dict[str, str]]:
        entries, devices = read(self._folders)
        return {uri: entry for uri, entry in entries.items() if entry.ids}, devices

    @cached_property
    def _ids(self) -> dict[str, OperatingSystem]:
        entries, _ = self._read
        found = {system.id: system for system in self.all}
        for entry in entries.values():
            for id in entry.ids[1:]:
                found.setdefault(id, found[entry.ids[0]])
        return found

    @cached_property
    def _said(self) -> list[tuple[OperatingSystem, str]]:
        entries, _ = self._read
        told = []
        for system in self.all:
            entry = entries.get(system.uri)
            more = (*entry.ids, entry.words.get("codename", "")) if entry is not None else ()
            words = (system.id, *more, system.name, system.distro, system.version)
            told.append((system, " ".join(words).lower()))
        return told

    @cached_property
    def _isos(self) -> list[tuple[OperatingSystem, Iso]]:
        entries, _ = self._read
        return [(self._ids[one.ids[0]], iso) for one in entries.values() for iso in one.isos]

    def _system(self, entry: OsRecord) -> OperatingSystem:
        _, names = self._read
        line = list(self._line(entry))
        devices: dict[str, bool] = {}
        for one in reversed(line):
            devices |= one.devices
        told = entry.words.get
        return OperatingSystem(
            id=entry.ids[0],
            name=told("name") or entry.ids[0],
            family=told("family", ""),
            distro=told("distro", ""),
            version=told("version", ""),
            released=told("release-date", ""),
            end_of_support=told("eol-date", ""),
            minimum=self._sizes(line, "minimum"),
            recommended=self._sizes(line, "recommended"),
            devices=frozenset(names.get(uri) or uri for uri, able in devices.items() if able),
            firmwares=_firmwares(line, told("family", "")),
            uri=entry.uri,
        )

    def _line(self, entry: OsRecord) -> Iterator[OsRecord]:
        """An entry and those it comes from, the nearest first, each once."""
        entries, _ = self._read
        waiting, seen = [entry], {entry.uri}
        for one in waiting:
            yield one
            for uri in one.parents:
                if uri not in seen and uri in entries:
                    seen.add(uri)
                    waiting.append(entries[uri])

    def _sizes(self, line: list[OsRecord], kind: str) -> ResourceNeeds:
        """What the nearest tells that tells any; those it comes from where it says to."""
        for entry in line:
            needs = [entry.needs[arch] for arch in (_ARCH, "all") if arch in entry.needs]
            told = [_resources(one, kind) for one in needs]
            if any(one != Resources() for one in told):
                return ResourceNeeds(
                    *(_first(told, name) for name in ("cpus", "memory", "storage"))
                )
            if needs and not any(one.inherits for one in needs):
                return ResourceNeeds()
        return ResourceNeeds()


def _resources(needs: Needs, kind: str) -> Resources:
    return needs.minimum if kind == "minimum" else needs.recommended


def _first(told: list[Resources], name: str) -> int:
    values = [getattr(one, name) for one in told]
    return max(0, next((value for value in values if value >= 0), 0))


def _firmwares(line: list[OsRecord], family: str) -> frozenset[str]:
    """Those it boots with, as far as it is told. BIOS counts where it is not ruled out.

    A Windows that boots with UEFI alone is one that asks for secure boot; no entry says it.
    """
    told: dict[str, bool] = {}
    for entry in reversed(line):
        told |= {type: able for (arch, type), able in entry.firmwares.items() if arch == _ARCH}
    if not told:
        return frozenset()
    able = {type for type, is_able in {"bios": True, **told}.items() if is_able}
    return frozenset(able | {"efi-secure"} if family == "winnt" and "bios" not in able else able)


# -- media -------------------------------------------------------------------------------------


def _match(
    iso: Iso, media: IsoDescriptor, compiled: Callable[[str], re.Pattern[str] | None]
) -> tuple[int, ...]:
    """How well an image fits: fields that fit, letters that are meant as they stand; () if not."""
    fields = (
        (iso.volume, media.volume),
        (iso.system, media.system),
        (iso.publisher, media.publisher),
        (iso.application, media.application),
    )
    told = [(pattern, words) for pattern, words in fields if pattern]
    if not told or (iso.size and iso.size != media.size):
        return ()
    for words, field in told:
        pattern = compiled(words)
        if pattern is None or pattern.search(field) is None:
            return ()
    plain = sum(len(re.sub(r"\\.|\[[^]]*\]|\W", "", pattern)) for pattern, _ in told)
    return bool(iso.size), len(told), plain


@cache
def _pattern(words: str) -> re.Pattern[str] | None:
    """A pattern of the database's, None for one of another dialect."""
    try:
        return re.compile(words)
    except re.error:
        return None


_NUMBERS = re.compile(r"(\\.|\[[^]]*\]|\{[^}]*\})|[0-9]+")


@cache
def _any_version(words: str) -> re.Pattern[str] | None:
    """The same for other versions: with any number where it has one. None where it has none."""
    looser = _NUMBERS.sub(lambda found: found[1] or "[0-9]+", words)
    return _pattern(looser) if looser != words else None


def _dates(every: list[OperatingSystem]) -> dict[str, str]:
    """When each was released; as late as the version before it where that is not told."""
    found: dict[str, str] = {}
    latest: dict[str, str] = {}
    for system in sorted(every, key=lambda system: _natural(system.version)):
        known = latest.get(system.distro, "") if _natural(system.version) else ""
        found[system.id] = system.released or known
        latest[system.distro] = max(known, found[system.id])
    return found


def _natural(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]{1,9}", version)]
