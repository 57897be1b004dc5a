"""Edits that were not finished: one JSON file each, ``drafts/HOST/KIND-DIGEST.json``.

They are for their owner alone. No password is in them: who saves one takes the passwords out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from virttui.local.private_files import write_private
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.persistence.file_names import folder_name
from virttui.settings import state_folder


@dataclass(frozen=True, slots=True)
class Draft:
    """An unfinished edit: what it began from (``base``), what is typed, and where the cursor is.

    ``base`` is None when the document does not exist on its host; ``line`` and ``column`` count
    from 0; ``saved_epoch`` is when it was saved.
    """

    document: Document
    base: str | None = field(repr=False)
    text: str = field(repr=False)
    line: int = 0
    column: int = 0
    saved_epoch: float = 0.0


def save(draft: Draft) -> None:
    """Write a draft in place of the document's last one. Raises OSError."""
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
    """The document's draft; None without one, or when its file makes no sense."""
    draft = _read(_path(document))
    return draft if draft is not None and _path(draft.document) == _path(document) else None


def drop(document: Document) -> None:
    """Forget the document's draft. Raises OSError."""
    _path(document).unlink(missing_ok=True)


def every() -> tuple[Draft, ...]:
    """The drafts of all hosts, the one saved last first; files that make no sense are left out."""
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
    """A record of ``save`` again; None for one that is none of ours."""
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
