"""The reader of osinfo's database: a file for each system, merged by their ids.

Field meanings follow libosinfo's "database layout" (``$FOLDER/os/VENDOR/NAME.xml``, further parts
of one in ``NAME.d/``) and its schema. A file of a later folder replaces one of the same name in an
earlier; an empty one removes it. Some 800 files are read and parsed in 0.15 s, so there is no index
beside them that could become stale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree
from msgspec import Struct

from virttui.libvirtxml.parse import PARSER, text, whole

FOLDERS = (Path("/usr/share/osinfo"), Path("/etc/osinfo"), Path("~/.config/osinfo"))
"""The folders of distributions, administrators and users, in this order."""

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_WORDS = ("name", "version", "family", "distro", "codename", "release-date", "eol-date")
_PARENTS = ("derives-from", "clones")


@dataclass(slots=True)
class Resources:
    """The needs of one architecture in bytes; -1 where unknown."""

    cpus: int = -1
    memory: int = -1
    storage: int = -1


@dataclass(slots=True)
class Needs:
    """Minimum and recommended needs of one architecture. ``inherits``: missing ones are those of
    its ancestors."""

    minimum: Resources = field(default_factory=Resources)
    recommended: Resources = field(default_factory=Resources)
    inherits: bool = False


class Iso(Struct, frozen=True):
    """The marks of an image: patterns for fields of its descriptor, "" where a field does not
    count."""

    volume: str = ""
    system: str = ""
    publisher: str = ""
    application: str = ""
    size: int = 0


@dataclass(slots=True)
class OsRecord:
    """An operating system as in its files, without inherited values."""

    uri: str
    ids: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    parents: list[str] = field(default_factory=list)
    devices: dict[str, bool] = field(default_factory=dict)
    firmwares: dict[tuple[str, str], bool] = field(default_factory=dict)
    needs: dict[str, Needs] = field(default_factory=dict)
    isos: list[Iso] = field(default_factory=list)


def read(folders: Sequence[Path]) -> tuple[dict[str, OsRecord], dict[str, str]]:
    """Return the entries by their ids, and the names of devices by theirs.

    Files that cannot be read or parsed are skipped: one broken file must not hide the others.
    """
    entries: dict[str, OsRecord] = {}
    for root in _roots(folders, "os"):
        for element in root.iterfind("os"):
            uri = element.get("id", "")
            if uri:
                _add(entries.setdefault(uri, OsRecord(uri)), element)
    devices = {
        element.get("id", ""): text(element, "name")
        for root in _roots(folders, "device")
        for element in root.iterfind("device")
    }
    return entries, devices


def _roots(folders: Sequence[Path], kind: str) -> Iterator[etree._Element]:
    files: dict[Path, Path] = {}
    for folder in folders:
        try:
            place = folder.expanduser() / kind
        except RuntimeError:  # a user without a home has no database there either
            continue
        files |= {file.relative_to(place): file for file in sorted(place.rglob("*.xml"))}
    for file in files.values():
        try:
            data = file.read_bytes()
            if data.strip():
                yield etree.fromstring(data, PARSER)
        except (OSError, etree.XMLSyntaxError):
            continue


def _add(entry: OsRecord, element: etree._Element) -> None:
    for child in element:
        if child.tag in _WORDS and child.get(_LANGUAGE) is None and child.text:
            entry.words[child.tag] = child.text.strip()
    entry.ids += [id.text.strip() for id in element.iterfind("short-id") if id.text]
    entry.parents += [other.get("id", "") for name in _PARENTS for other in element.iterfind(name)]
    for device in element.iterfind("devices/device"):
        entry.devices[device.get("id", "")] = device.get("supported") != "false"
    for firmware in element.iterfind("firmware"):
        key = firmware.get("arch", ""), firmware.get("type", "")
        entry.firmwares[key] = firmware.get("supported") != "false"
    for resources in element.iterfind("resources"):
        _add_needs(entry.needs.setdefault(resources.get("arch", "all"), Needs()), resources)
    entry.isos += [_iso(iso) for iso in element.iterfind("media/iso")]


def _add_needs(needs: Needs, element: etree._Element) -> None:
    needs.inherits |= element.get("inherit") == "true"
    for name, resources in (("minimum", needs.minimum), ("recommended", needs.recommended)):
        found = element.find(name)
        if found is not None:
            resources.cpus = _number(found, "n-cpus", resources.cpus)
            resources.memory = _number(found, "ram", resources.memory)
            resources.storage = _number(found, "storage", resources.storage)


def _number(element: etree._Element, path: str, default: int = 0) -> int:
    number = whole(text(element, path))
    return default if number is None else number


def _iso(element: etree._Element) -> Iso:
    return Iso(
        volume=text(element, "volume-id"),
        system=text(element, "system-id"),
        publisher=text(element, "publisher-id"),
        application=text(element, "application-id"),
        size=_number(element, "volume-size"),
    )
