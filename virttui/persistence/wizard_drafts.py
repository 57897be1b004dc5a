"""Drafts of the create wizard: the choices for a machine, a JSON file for each host.

Values of hidden fields are not saved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from virttui.local.private_files import write_private
from virttui.persistence.file_names import folder_name
from virttui.settings import state_folder


def save(host: str, values: Mapping[str, str]) -> None:
    """Save the choices for a machine on a host, replacing the last ones. Raises OSError."""
    write_private(_path(host), json.dumps(dict(values), indent=1))


def load(host: str) -> dict[str, str]:
    """Return the saved choices; none where there are none, or the file cannot be parsed."""
    try:
        record = json.loads(_path(host).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # the last by JSON of absurd depth
        return {}
    if not isinstance(record, dict):
        return {}
    return {name: value for name, value in record.items() if isinstance(value, str)}


def delete(host: str) -> None:
    """Delete the draft. Raises OSError."""
    _path(host).unlink(missing_ok=True)


def _path(host: str) -> Path:
    return state_folder() / "machines" / f"{folder_name(host)}.json"
