"""Definitions that were replaced or deleted, so that each can be looked at and put back.

One file each below the state folder, with the moment, what was done to it, its kind and its name:
``definitions/HOST/UUID/20260102T030405.678901Z-edit-domain-web-01.xml``. They may hold passwords
(they were read with SECURE, else a restored one would have lost them), so they are for their owner
alone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from virttui.local.private_files import write_private
from virttui.model.documents import Document
from virttui.model.errors import InvalidInput, Refused
from virttui.model.identity import Kind, ObjectId
from virttui.persistence.file_names import folder_name, readable, text_of
from virttui.settings import state_folder

MOST = 500
"""So many of the newest are kept of one document."""

_NAME = re.compile(
    r"(?P<moment>\d{8}T\d{6}\.\d{6})Z-(?P<action>[a-z]+)-(?P<kind>[a-z_]+)-(?P<name>.*)\.xml",
    re.DOTALL,
)
# As it was written before there was more than deletion to keep a definition for.
_OLD_NAME = re.compile(r"(?P<moment>\d{8}T\d{6})Z-(?P<name>.*)\.xml")
_ROOTS = {"<domain": Kind.DOMAIN, "<network": Kind.NETWORK, "<pool": Kind.POOL}


@dataclass(frozen=True, slots=True)
class DefinitionVersion:
    """One kept definition. ``action`` is what was done to it then: "edit", "delete" …

    The document's name is cut when it is longer than a file name can be.
    """

    path: Path
    epoch: float
    action: str
    document: Document


def keep(document: Document, action: str, xml: str) -> Path:
    """Write ``xml`` as what ``document`` was before ``action``; returns where.

    What is the newest entry already, for the same action, is not written again. Raises Refused.
    """
    folder = _folder(document.key)
    try:
        before = entries_of(document)
        if before and before[0].action == action and _reads(before[0].path, xml):
            return before[0].path
        path = _free(folder, action, document)
        write_private(path, xml)
        for old in before[MOST - 1 :]:
            old.path.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(
            f"its definition could not be saved in {folder}; nothing was changed",
            advice="free some space there, or take ownership of it",
            libvirt_message=str(error),
        ) from error
    return path


def entries(key: ObjectId) -> tuple[DefinitionVersion, ...]:
    """Everything kept under ``key``, newest first: a domain's snapshots are there, too.

    Files that are none of ours are left out. Raises OSError.
    """
    try:
        paths = list(_folder(key).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    found = (_entry(key, path) for path in paths)
    newest_first = sorted((entry for entry in found if entry is not None), key=_age)
    return tuple(newest_first)


def entries_of(document: Document) -> tuple[DefinitionVersion, ...]:
    """What is kept of one document, newest first. Raises OSError."""
    return tuple(entry for entry in entries(document.key) if _same(entry.document, document))


def objects(host: str) -> tuple[DefinitionVersion, ...]:
    """The newest entry of each document ever kept of a host, newest first.

    What was deleted is found again here. Raises OSError.
    """
    newest: list[DefinitionVersion] = []
    for key in _keys(host):
        seen: list[Document] = []
        for entry in entries(key):
            if not any(_same(entry.document, document) for document in seen):
                seen.append(entry.document)
                newest.append(entry)
    return tuple(sorted(newest, key=_age))


def text(entry: DefinitionVersion) -> str:
    """The definition itself. Raises InvalidInput."""
    try:
        return entry.path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{entry.path} cannot be read: {error}") from error


def _folder(key: ObjectId) -> Path:
    return _host_folder(key.host) / folder_name(key.uuid)


def _host_folder(host: str) -> Path:
    return state_folder() / "definitions" / folder_name(host)


def _keys(host: str) -> Iterator[ObjectId]:
    try:
        folders = list(_host_folder(host).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    for folder in folders:
        yield ObjectId(host, text_of(folder.name))


def _free(folder: Path, action: str, document: Document) -> Path:
    """A file name that is not taken, a microsecond later for each that is."""
    microseconds = time.time_ns() // 1000
    while True:
        moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(microseconds // 1_000_000))
        kind = document.kind.replace(" ", "_")
        name = f"{moment}.{microseconds % 1_000_000:06}Z-{action}-{kind}-{readable(document.name)}"
        path = folder / f"{name}.xml"
        if not path.exists():
            return path
        microseconds += 1


def _entry(key: ObjectId, path: Path) -> DefinitionVersion | None:
    """What a file's name tells of it; None for a file that is none of ours."""
    if match := _NAME.fullmatch(path.name):
        words, form = match["kind"].replace("_", " "), "%Y%m%dT%H%M%S.%f"
        kind = Kind(words) if words in set(Kind) else None
        action = match["action"]
    elif match := _OLD_NAME.fullmatch(path.name):
        kind, form, action = _old_kind(path), "%Y%m%dT%H%M%S", "delete"
    else:
        return None
    epoch = _epoch(match["moment"], form)
    if kind is None or epoch is None:
        return None
    name = text_of(match["name"])
    part = name if kind is Kind.SNAPSHOT else ""
    return DefinitionVersion(path, epoch, action, Document(kind, key, name, part))


def _epoch(moment: str, form: str) -> float | None:
    try:
        return datetime.strptime(moment, form).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _old_kind(path: Path) -> Kind | None:
    """The kind by the root element, where the file name does not tell it."""
    try:
        begin = path.read_text(encoding="utf-8").lstrip()
    except (OSError, UnicodeDecodeError):
        return None
    return next((kind for root, kind in _ROOTS.items() if begin.startswith(root)), None)


def _same(kept: Document, document: Document) -> bool:
    """True if an entry's document is ``document``, whatever it is called now."""
    if kept.key != document.key or kept.kind is not document.kind:
        return False
    return document.kind is not Kind.SNAPSHOT or readable(kept.part) == readable(document.part)


def _reads(path: Path, xml: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == xml
    except UnicodeDecodeError:
        return False


def _age(entry: DefinitionVersion) -> tuple[float, str]:
    return -entry.epoch, entry.path.name
