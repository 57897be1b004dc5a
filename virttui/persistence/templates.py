"""Templates of machines: a TOML file each, in the format of ``virttui create``.

The choices are under ``[defaults]``; with a ``[[machine]]`` added, the file creates machines.
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
    """Return the folder of the templates."""
    return state_folder() / "templates"


def load_all() -> dict[str, dict[str, str]]:
    """Return every template by its name; files that cannot be parsed are left out."""
    try:
        files = sorted(folder().glob("*.toml"))
    except OSError:
        return {}
    found = {file.stem: _read(file) for file in files}
    return {name: values for name, values in found.items() if values}


def _read(file: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    defaults = table.get("defaults")
    return flattened(defaults) if isinstance(defaults, dict) else {}


def flattened(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """Return the choices of a TOML table by their names: ``disk2.size`` is a table there.

    Raises InvalidInput for a value that is neither a text nor a number.
    """
    found: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= flattened(value, f"{prefix}{name}.")
        elif isinstance(value, bool):
            found[prefix + name] = "yes" if value else "no"
        elif isinstance(value, str | int):
            found[prefix + name] = str(value)
        else:
            raise InvalidInput(f"{prefix}{name} is neither a text nor a number")
    return found


def save(name: str, values: Mapping[str, str]) -> Path:
    """Save choices under a name, replacing the template of that name. Raises OSError and
    InvalidInput."""
    if _NAME.fullmatch(name) is None or name.strip() != name or name.startswith("."):
        raise InvalidInput(f"{name[:60]} is not a valid template name: letters, digits, - _ + .")
    lines = ["# A machine to begin with; add [[machine]] with a name to make some of it.", ""]
    lines += ["[defaults]", *(f"{_key(key)} = {_string(value)}" for key, value in values.items())]
    path = folder() / f"{name}.toml"
    write_private(path, "\n".join(lines) + "\n")
    return path


def _key(name: str) -> str:
    return ".".join(part if _PLAIN.fullmatch(part) else _string(part) for part in name.split("."))


def _string(value: str) -> str:
    """Return a TOML string: JSON's escapes are TOML's, except for DEL and surrogates."""
    text = json.dumps(value.encode("utf-8", "replace").decode(), ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")
