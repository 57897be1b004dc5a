"""Machines of the user's own to begin with: a TOML file each, as ``virttui create`` reads it.

The choices stand under ``[defaults]``; whoever adds a ``[[machine]]`` has a file to make some of.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from virttui.local.private_files import write_private
from virttui.model.errors import InvalidInput
from virttui.settings import state_folder

_NAME = re.compile(r"[A-Za-z0-9_+:.-][A-Za-z0-9_+:. -]{0,59}")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def folder() -> Path:
    """Where they are."""
    return state_folder() / "templates"


def load_all() -> dict[str, dict[str, str]]:
    """Every template by its name; a file that makes no sense is left out."""
    try:
        files = sorted(folder().glob("*.toml"))
    except OSError:
        return {}
    found = {file.stem: _read(file) for file in files}
    return {name: given for name, given in found.items() if given}


def _read(file: Path) -> dict[str, str]:
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    defaults = told.get("defaults")
    return flat(defaults) if isinstance(defaults, dict) else {}


def flat(given: Mapping[str, object], begin: str = "") -> dict[str, str]:
    """Choices as they stand in TOML by their names: ``disk2.size`` is a table there.

    Raises InvalidInput for what is neither a text nor a number.
    """
    found: dict[str, str] = {}
    for name, value in given.items():
        if isinstance(value, dict):
            found |= flat(value, f"{begin}{name}.")
        elif isinstance(value, bool):
            found[begin + name] = "yes" if value else "no"
        elif isinstance(value, str | int):
            found[begin + name] = str(value)
        else:
            raise InvalidInput(f"{begin}{name} is neither a text nor a number")
    return found


def save(name: str, given: Mapping[str, str]) -> Path:
    """Keep choices under a name, in place of what was. Raises OSError and InvalidInput."""
    if _NAME.fullmatch(name) is None or name.strip() != name or name.startswith("."):
        raise InvalidInput(f"{name[:60]} is no name of a template: letters, digits, - _ + .")
    lines = ["# A machine to begin with; add [[machine]] with a name to make some of it.", ""]
    lines += ["[defaults]", *(f"{_key(key)} = {_string(value)}" for key, value in given.items())]
    path = folder() / f"{name}.toml"
    write_private(path, "\n".join(lines) + "\n")
    return path


def _key(name: str) -> str:
    return ".".join(part if _PLAIN.fullmatch(part) else _string(part) for part in name.split("."))


def _string(value: str) -> str:
    """A TOML string: JSON's escapes are TOML's, but for DEL and half characters."""
    text = json.dumps(value.encode("utf-8", "replace").decode(), ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")
