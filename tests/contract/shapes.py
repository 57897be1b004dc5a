"""The shape of what other programs read, without its figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.openmetrics import read

_TYPES = {str: "text", bool: "true or false", int: "number", float: "number", type(None): "null"}


def keys(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every key in its order, with the types that its values have in JSON."""
    found: dict[str, set[str]] = {}
    for row in json.loads(json.dumps(list(rows))):
        for name, value in row.items():
            found.setdefault(name, set()).add(_type(value))
    return [f"{name}: {' or '.join(sorted(types))}" for name, types in found.items()]


def _type(value: Any) -> str:
    if isinstance(value, list):
        return f"list of {' or '.join(sorted({_type(one) for one in value})) or 'nothing'}"
    if isinstance(value, dict):
        return f"object of {', '.join(f'{name}: {_type(one)}' for name, one in value.items())}"
    return _TYPES[type(value)]


def families(text: str) -> dict[str, str]:
    """Each family of OpenMetrics with its type, unit, help and labels."""
    return {
        name: f"{name}: {one.type}, {one.unit or 'no unit'}, {one.help!r}, "
        f"by {' '.join(dict(next(iter(one.samples))))}"
        for name, one in read(text).items()
    }
