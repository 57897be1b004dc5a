"""Earlier versions of definitions that were replaced or deleted, to be viewed and restored.

Each is a file below the state folder, with the moment, the action, its kind and its name:
``definitions/HOST/UUID/20260102T030405.678901Z-edit-domain-web-01.xml``. They may hold passwords
(they were read with SECURE, else a restored one would have lost them), so only their owner can read
them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from virttui.local.private_files import write_private
from virttui.model.documents import Document
from virttui.model.errors import InvalidInput, Refused
from virttui.model.identity import Kind, ObjectId
from virttui.persistence.file_names import decoded_name, folder_name, readable_name
from virttui.settings import state_folder

MAX_VERSIONS = 500
"""The number of versions kept of one document."""

_NAME = re.compile(
    r"(?P<moment>\d{8}T\d{6}\.\d{6})Z-(?P<action>[a-z]+)-(?P<kind>[a-z_]+)-(?P<name>.*)\.xml",
    re.DOTALL,
)
# As it was written before there was more than deletion to keep a definition for.
_OLD_NAME = re.compile(r"(?P<moment>\d{8}T\d{6})Z-(?P<name>.*)\.xml")
_ROOTS = {"<domain": Kind.DOMAIN, "<network": Kind.NETWORK, "<pool": Kind.POOL}


class DefinitionVersion(Struct, frozen=True):
    """A saved version. ``action`` is the action that replaced it: "edit", "delete" …

    The document's name is shortened when it is longer than a file name can be.
    """

    path: Path
    epoch: float
    action: str
    document: Document


def save_version(document: Document, action: str, xml: str) -> Path:
    """Save ``xml`` as the version of ``document`` before ``action``; return its path.

    A text that is the newest version already, for the same action, is not saved again. Raises
    Refused.
    """
    folder = _folder(document.key)
    try:
        versions = versions_of(document)
        if versions and versions[0].action == action and _has_content(versions[0].path, xml):
            return versions[0].path
        path = _free_path(folder, action, document)
        write_private(path, xml)
        for old in versions[MAX_VERSIONS - 1 :]:
            old.path.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(
            f"its definition could not be saved in {folder}; nothing was changed",
            advice="free some space there, or take ownership of it",
            libvirt_message=str(error),
        ) from error
    return path


def versions_of_key(key: ObjectId) -> tuple[DefinitionVersion, ...]:
    """Return all versions under ``key``, newest first: a domain's snapshots are included.

    Other files are ignored. Raises OSError.
    """
    try:
        paths = list(_folder(key).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    found = (_version(key, path) for path in paths)
    newest_first = sorted((entry for entry in found if entry is not None), key=_age)
    return tuple(newest_first)


def versions_of(document: Document) -> tuple[DefinitionVersion, ...]:
    """Return the versions of one document, newest first. Raises OSError."""
    return tuple(
        entry for entry in versions_of_key(document.key) if _is_same(entry.document, document)
    )


def latest_versions(host: str) -> tuple[DefinitionVersion, ...]:
    """Return the newest version of each document ever saved of a host, newest first.

    Deleted documents are found here. Raises OSError.
    """
    newest: list[DefinitionVersion] = []
    for key in _keys(host):
        documents: list[Document] = []
        for entry in versions_of_key(key):
            if not any(_is_same(entry.document, document) for document in documents):
                documents.append(entry.document)
                newest.append(entry)
    return tuple(sorted(newest, key=_age))


def text(entry: DefinitionVersion) -> str:
    """Return the saved definition. Raises InvalidInput."""
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
        yield ObjectId(host, decoded_name(folder.name))


def _free_path(folder: Path, action: str, document: Document) -> Path:
    """Return a file name that is not taken, a microsecond later for each that is."""
    microseconds = time.time_ns() // 1000
    while True:
        moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(microseconds // 1_000_000))
        kind = document.kind.replace(" ", "_")
        begin = f"{moment}.{microseconds % 1_000_000:06}Z-{action}-{kind}"
        name = f"{begin}-{readable_name(document.name)}"
        path = folder / f"{name}.xml"
        if not path.exists():
            return path
        microseconds += 1


def _version(key: ObjectId, path: Path) -> DefinitionVersion | None:
    """Return the version that a file name describes; None for any other file."""
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
    name = decoded_name(match["name"])
    part = name if kind is Kind.SNAPSHOT else ""
    return DefinitionVersion(path, epoch, action, Document(kind, key, name, part))


def _epoch(moment: str, form: str) -> float | None:
    try:
        return datetime.strptime(moment, form).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _old_kind(path: Path) -> Kind | None:
    """Return the kind by the root element, where the file name does not contain it."""
    try:
        begin = path.read_text(encoding="utf-8").lstrip()
    except (OSError, UnicodeDecodeError):
        return None
    return next((kind for root, kind in _ROOTS.items() if begin.startswith(root)), None)


def _is_same(saved: Document, document: Document) -> bool:
    """True if a version belongs to ``document``, whatever its name is now."""
    if saved.key != document.key or saved.kind is not document.kind:
        return False
    return document.kind is not Kind.SNAPSHOT or readable_name(saved.part) == readable_name(
        document.part
    )


def _has_content(path: Path, xml: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == xml
    except UnicodeDecodeError:
        return False


def _age(entry: DefinitionVersion) -> tuple[float, str]:
    return -entry.epoch, entry.path.name
