"""Records as CSV and as JSON lines, and whole files of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from virttui.export.fields import Record
from virttui.local.private_files import write_whole
from virttui.model.errors import InvalidInput

FORMATS = ("csv", "jsonl")


def format_of(path: str, named: str = "") -> str:
    """The format that was named, else the one the file's name ends in. Raises InvalidInput."""
    if named:
        return named
    suffix = Path(path).suffix.casefold().removeprefix(".")
    if suffix in FORMATS:
        return suffix
    raise InvalidInput(f"{path} ends neither in .csv nor in .jsonl: name the format")


def lines(records: Iterable[Record], columns: Sequence[str], format: str) -> str:
    """Records as whole lines. Missing and unknown values are empty in CSV, null in JSON."""
    if format == "jsonl":
        return "".join(
            json.dumps({name: record.get(name) for name in columns}, ensure_ascii=False) + "\n"
            for record in records
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_cell(record.get(name)) for name in columns] for record in records)
    return text.getvalue()


def header(columns: Sequence[str], format: str) -> str:
    """The first bytes of a file."""
    return lines([{name: name for name in columns}], columns, format) if format == "csv" else ""


_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula, which may run programs."""


def _cell(value: Any) -> Any:
    """A value as a CSV cell: lists of words are joined, what is deeper is JSON.

    Text that a spreadsheet would compute begins with an apostrophe, as one types it there.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = " ".join(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value


def encoded(text: str) -> bytes:
    """Text as UTF-8; what cannot be said in it, a broken name of a file say, is replaced."""
    return text.encode("utf-8", "replace")


def write_file(path: Path, records: Sequence[Record], format: str, *, replace: bool) -> int:
    """Write a file whole, then put it in its place; returns how many records. Raises InvalidInput.

    A file that is there already is left alone unless ``replace`` says otherwise.
    """
    columns = list(dict.fromkeys(name for record in records for name in record))
    data = encoded(header(columns, format) + lines(records, columns, format))
    try:
        if not replace and path.exists():
            raise InvalidInput(f"{path} exists already")
        if path.exists() and not path.is_file():
            raise InvalidInput(f"{path} is not a file")
        write_whole(path, data, replace=replace)
    except OSError as error:
        if isinstance(error, FileExistsError) and not replace:
            raise InvalidInput(f"{path} exists already") from None
        raise InvalidInput(f"{path} cannot be written: {error.strerror}") from None
    return len(records)
