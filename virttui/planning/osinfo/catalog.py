"""The catalog of operating systems: by id, by search, and by their install media."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path

from msgspec.structs import replace

from virttui.model.provision.domain_spec import IsoDescriptor, OperatingSystem, ResourceNeeds
from virttui.planning.osinfo.builtin import BUILTIN, unknown_system
from virttui.planning.osinfo.database import FOLDERS, Iso, Needs, OsRecord, Resources, read

_ARCH = "x86_64"
"""The architecture whose needs are used: few entries have others, and hardly ever different
ones."""


def os_catalog(folders: Sequence[Path] = FOLDERS) -> OsCatalog:
    """Return the systems in these folders, or the few built-in ones where they hold nothing.

    Nothing is read before the first question; then everything is, once, in about 0.2 s.
    """
    return OsCatalog(folders)


_COMMON = re.compile(
    r"(debian|ubuntu|fedora|rhel|centos|almalinux|rocky|opensuse|sles|archlinux|alpinelinux|win|"
    r"freebsd)(-stream)?[\dk]"
)
"""The systems that come first in a list."""


class OsCatalog:
    """The operating systems of one database. It is read at the first question, and kept."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._detected: dict[IsoDescriptor, tuple[OperatingSystem, ...]] = {}

    @cached_property
    def all(self) -> tuple[OperatingSystem, ...]:
        """Every system: by family, the newest of each first."""
        entries, _ = self._database
        every = [self._system(entry) for entry in entries.values()] or list(BUILTIN)
        dates = _dates(every)
        every.sort(key=lambda system: (dates[system.id], _natural(system.version)), reverse=True)
        return tuple(sorted(every, key=lambda system: system.family))

    def by_id(self, id: str) -> OperatingSystem:
        """Return the system of a short id; a placeholder with ``known`` false where there is
        none."""
        return self._ids.get(id) or unknown_system(id)

    def newest_of(self, distro: str) -> tuple[OperatingSystem, ...]:
        """Return the newest release whose id is this word and a version; empty where there is
        none."""
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
        """Every system: the common ones first, the newest of each first."""
        newest = sorted(self.all, key=lambda one: one.released, reverse=True)
        return tuple(sorted(newest, key=lambda one: not _COMMON.match(one.id)))

    def search(self, words: str) -> tuple[OperatingSystem, ...]:
        """Return the systems that match all words; ids and names that begin with them first."""
        terms = words.lower().split()
        found = [
            (system, text) for system, text in self._search_text if all(w in text for w in terms)
        ]
        query = " ".join(terms)

        def place(one: tuple[OperatingSystem, str]) -> int:
            system, text = one
            if query in (system.id, system.name.lower()):
                return 0
            return 1 if text.startswith(query) or system.name.lower().startswith(query) else 2

        return tuple(system for system, _ in sorted(found, key=place))

    def detect(self, media: IsoDescriptor) -> tuple[OperatingSystem, ...]:
        """Return the systems that this is the install medium of, the best match first; empty for
        none.

        A medium that is newer than the database matches patterns of earlier versions: the newest of
        them stands for it, as "Debian 11 or later". The answer is kept, since a form asks again
        with each key, and looking through the database takes 3 ms.
        """
        if media not in self._detected:
            self._detected[media] = self._detect(media)
        return self._detected[media]

    def _detect(self, media: IsoDescriptor) -> tuple[OperatingSystem, ...]:
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
    def _database(self) -> tuple[dict[str, OsRecord], dict[str, str]]:
        entries, devices = read(self._folders)
        return {uri: entry for uri, entry in entries.items() if entry.ids}, devices

    @cached_property
    def _ids(self) -> dict[str, OperatingSystem]:
        entries, _ = self._database
        found = {system.id: system for system in self.all}
        for entry in entries.values():
            for id in entry.ids[1:]:
                found.setdefault(id, found[entry.ids[0]])
        return found

    @cached_property
    def _search_text(self) -> list[tuple[OperatingSystem, str]]:
        entries, _ = self._database
        result = []
        for system in self.all:
            entry = entries.get(system.uri)
            more = (*entry.ids, entry.words.get("codename", "")) if entry is not None else ()
            words = (system.id, *more, system.name, system.distro, system.version)
            result.append((system, " ".join(words).lower()))
        return result

    @cached_property
    def _isos(self) -> list[tuple[OperatingSystem, Iso]]:
        entries, _ = self._database
        return [(self._ids[one.ids[0]], iso) for one in entries.values() for iso in one.isos]

    def _system(self, entry: OsRecord) -> OperatingSystem:
        _, names = self._database
        ancestry = list(self._ancestry(entry))
        devices: dict[str, bool] = {}
        for one in reversed(ancestry):
            devices |= one.devices
        text = entry.words.get
        return OperatingSystem(
            id=entry.ids[0],
            name=text("name") or entry.ids[0],
            family=text("family", ""),
            distro=text("distro", ""),
            version=text("version", ""),
            released=text("release-date", ""),
            end_of_support=text("eol-date", ""),
            minimum=self._sizes(ancestry, "minimum"),
            recommended=self._sizes(ancestry, "recommended"),
            devices=frozenset(names.get(uri) or uri for uri, able in devices.items() if able),
            firmwares=_firmwares(ancestry, text("family", "")),
            uri=entry.uri,
        )

    def _ancestry(self, entry: OsRecord) -> Iterator[OsRecord]:
        """Yield an entry and its ancestors, the nearest first, each once."""
        entries, _ = self._database
        queue, seen = [entry], {entry.uri}
        for one in queue:
            yield one
            for uri in one.parents:
                if uri not in seen and uri in entries:
                    seen.add(uri)
                    queue.append(entries[uri])

    def _sizes(self, ancestry: list[OsRecord], kind: str) -> ResourceNeeds:
        """Return the needs of the nearest entry that has any, with inherited ones where it says
        so."""
        for entry in ancestry:
            needs = [entry.needs[arch] for arch in (_ARCH, "all") if arch in entry.needs]
            resources = [_resources(one, kind) for one in needs]
            if any(one != Resources() for one in resources):
                return ResourceNeeds(
                    *(_first(resources, name) for name in ("cpus", "memory", "storage"))
                )
            if needs and not any(one.inherits for one in needs):
                return ResourceNeeds()
        return ResourceNeeds()


def _resources(needs: Needs, kind: str) -> Resources:
    return needs.minimum if kind == "minimum" else needs.recommended


def _first(resources: list[Resources], name: str) -> int:
    values = [getattr(one, name) for one in resources]
    return max(0, next((value for value in values if value >= 0), 0))


def _firmwares(ancestry: list[OsRecord], family: str) -> frozenset[str]:
    """Return the firmwares that the system boots with, as far as known. BIOS counts where it is not
    ruled out.

    A Windows that boots with UEFI only also asks for secure boot; no entry says so.
    """
    supported: dict[str, bool] = {}
    for entry in reversed(ancestry):
        supported |= {
            type: usable for (arch, type), usable in entry.firmwares.items() if arch == _ARCH
        }
    if not supported:
        return frozenset()
    usable = {type for type, is_able in {"bios": True, **supported}.items() if is_able}
    return frozenset(
        usable | {"efi-secure"} if family == "winnt" and "bios" not in usable else usable
    )


# -- media -------------------------------------------------------------------------------------


def _match(
    iso: Iso, media: IsoDescriptor, compiled: Callable[[str], re.Pattern[str] | None]
) -> tuple[int, ...]:
    """Return how well an image matches: (has a size, matching fields, literal letters); () for
    no match."""
    fields = (
        (iso.volume, media.volume),
        (iso.system, media.system),
        (iso.publisher, media.publisher),
        (iso.application, media.application),
    )
    used_fields = [(pattern, words) for pattern, words in fields if pattern]
    if not used_fields or (iso.size and iso.size != media.size):
        return ()
    for words, field in used_fields:
        pattern = compiled(words)
        if pattern is None or pattern.search(field) is None:
            return ()
    literal_length = sum(
        len(re.sub(r"\\.|\[[^]]*\]|\W", "", pattern)) for pattern, _ in used_fields
    )
    return bool(iso.size), len(used_fields), literal_length


@cache
def _pattern(words: str) -> re.Pattern[str] | None:
    """Return a compiled pattern of the database, None for one in another dialect."""
    try:
        return re.compile(words)
    except re.error:
        return None


_NUMBERS = re.compile(r"(\\.|\[[^]]*\]|\{[^}]*\})|[0-9]+")


@cache
def _any_version(words: str) -> re.Pattern[str] | None:
    """Return the pattern with any number in place of each number, None where it has none."""
    looser = _NUMBERS.sub(lambda found: found[1] or "[0-9]+", words)
    return _pattern(looser) if looser != words else None


def _dates(every: list[OperatingSystem]) -> dict[str, str]:
    """Return the release dates by id; an unknown one is that of the version before it."""
    found: dict[str, str] = {}
    latest: dict[str, str] = {}
    for system in sorted(every, key=lambda system: _natural(system.version)):
        known = latest.get(system.distro, "") if _natural(system.version) else ""
        found[system.id] = system.released or known
        latest[system.distro] = max(known, found[system.id])
    return found


def _natural(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]{1,9}", version)]
