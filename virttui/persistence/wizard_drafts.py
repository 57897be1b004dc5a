"""Machines that were thought up and not made yet: what was chosen, a JSON file a host.

Nothing that is typed into a hidden field is in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from virttui.local.private_files import write_private
from virttui.persistence.file_names import folder_name
from virttui.settings import state_folder


def save(host: str, given: Mapping[str, str]) -> None:
    """Keep what was chosen for a machine on a host, in place of what was. Raises OSError."""
    write_private(_path(host), json.dumps(dict(given), indent=1))


def load(host: str) -> dict[str, str]:
    """What was chosen; nothing where nothing was, or where the file makes no sense."""
    try:
        record = json.loads(_path(host).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # the last by JSON of absurd depth
        return {}
    if not isinstance(record, dict):
        return {}
    return {name: value for name, value in record.items() if isinstance(value, str)}


def drop(host: str) -> None:
    """Forget it. Raises OSError."""
    _path(host).unlink(missing_ok=True)


def _path(host: str) -> Path:
    return state_folder() / "machines" / f"{folder_name(host)}.json"
