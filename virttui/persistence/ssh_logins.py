"""Users and ports of ssh logins: ``ssh-logins.json`` in the state folder, its owner's only.

They are kept by what guests have in common: a tag, else the title, else the one domain's UUID.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from virttui.local.private_files import write_private
from virttui.settings import state_folder

MOST = 500


def keys_of(tags: Sequence[str], title: str, uuid: str) -> list[str]:
    """The keys that a domain's login may be kept under, the one that it is written under first."""
    found = [f"tag {tag}" for tag in tags]
    return [*found, *([f"title {title}"] if title else []), f"uuid {uuid}"]


def recall(keys: Sequence[str]) -> tuple[str, int] | None:
    """The user and port kept under the first key that has any. Reads a file."""
    known = _read()
    for key in keys:
        match known.get(key):
            case {"user": str(user), "port": int(port)}:
                return user, port
    return None


def keep(key: str, user: str, port: int) -> None:
    """Keep a user and port; the oldest of too many are dropped. Raises OSError."""
    known = _read()
    known.pop(key, None)
    known[key] = {"user": user, "port": port}
    write_private(_path(), json.dumps(dict(list(known.items())[-MOST:]), indent=1) + "\n")


def _path() -> Path:
    return state_folder() / "ssh-logins.json"


def _read() -> dict[str, object]:
    try:
        table = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}
