"""Drafts of unfinished edits: one JSON file each, ``drafts/HOST/KIND-DIGEST.json``.

Only their owner can read them. They hold no passwords: the caller of ``save`` removes them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from virttui.local.private_files import write_private
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.secret_value import hides
from virttui.persistence.file_names import folder_name
from virttui.settings import state_folder


@hides("base", "text")
class Draft(Struct, frozen=True):
    """An unfinished edit: the definition it began from (``base``), the text, and the cursor.

    ``base`` is None when the document does not exist on its host; ``line`` and ``column`` count
    from 0; ``saved_epoch`` is when it was saved.
    """

    document: Document
    base: str | None
    text: str
    line: int = 0
    column: int = 0
    saved_epoch: float = 0.0


def save(draft: Draft) -> None:
    """Save a draft, replacing the document's last one. Raises OSError."""
    document = draft.document
    record = {
        "kind": document.kind.value,
        "host": document.key.host,
        "uuid": document.key.uuid,
        "name": document.name,
        "part": document.part,
        "base": draft.base,
        "text": draft.text,
        "line": draft.line,
        "column": draft.column,
        "saved_epoch": float(draft.saved_epoch),
    }
    write_private(_path(document), json.dumps(record, indent=1))


def load(document: Document) -> Draft | None:
    """Return the document's draft; None without one, or when its file cannot be parsed."""
    draft = _read(_path(document))
    return draft if draft is not None and _path(draft.document) == _path(document) else None


def delete(document: Document) -> None:
    """Delete the document's draft. Raises OSError."""
    _path(document).unlink(missing_ok=True)


def all_drafts() -> tuple[Draft, ...]:
    """Return the drafts of all hosts, the latest first; files that cannot be parsed are left
    out."""
    found = (_read(path) for path in (state_folder() / "drafts").glob("*/*.json"))
    drafts = [draft for draft in found if draft is not None]
    return tuple(sorted(drafts, key=lambda draft: draft.saved_epoch, reverse=True))


def _path(document: Document) -> Path:
    key = document.key
    # A name of any length and any letters cannot be a file's name: its digest can.
    digest = hashlib.sha256(json.dumps([key.uuid, document.part]).encode()).hexdigest()[:32]
    name = f"{document.kind.replace(' ', '_')}-{digest}.json"
    return state_folder() / "drafts" / folder_name(key.host) / name


def _read(path: Path) -> Draft | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # the last by JSON of absurd depth
        return None
    return _draft(record) if isinstance(record, dict) else None


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "kind": str,
    "host": str,
    "uuid": str,
    "name": str,
    "part": str,
    "base": (str, type(None)),
    "text": str,
    "line": int,
    "column": int,
    "saved_epoch": float,
}


def _draft(record: Mapping[str, Any]) -> Draft | None:
    """Return a draft from a record of ``save``; None for any other record."""
    if not all(name in record and isinstance(record[name], of) for name, of in _TYPES.items()):
        return None
    if record["kind"] not in set(Kind):
        return None
    document = Document(
        Kind(record["kind"]),
        ObjectId(record["host"], record["uuid"]),
        record["name"],
        record["part"],
    )
    return Draft(
        document,
        record["base"],
        record["text"],
        max(0, record["line"]),
        max(0, record["column"]),
        record["saved_epoch"],
    )
