"""Views saved by name: ``views.json`` in the state folder, readable by its owner only."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from virttui.local.private_files import write_private

MAX_VIEWS = 100
Record = dict[str, Any]
"""A view as it is saved."""


class SavedViews:
    """Views by name. ``load``, ``save`` and ``delete`` read and write files: do not call them in
    the screen's loop."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._records: dict[str, Record] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """The names, sorted."""
        return tuple(sorted(self._records))

    def get(self, name: str) -> Record | None:
        """Return the view of that name."""
        return self._records.get(name)

    def load(self) -> None:
        """Read the file; one that cannot be parsed is renamed to ``views.json.bad``."""
        with self._lock:
            try:
                self._records = self._read()
            except OSError:
                self._records = {}

    def save(self, name: str, record: Record) -> None:
        """Save a view, and keep those that other processes saved meanwhile. Raises OSError.

        A file that cannot be parsed is not overwritten.
        """
        with self._lock:
            records = {**self._read(), name: record}
            self._records = dict(list(records.items())[-MAX_VIEWS:])
            self._write()

    def delete(self, name: str) -> None:
        """Delete a view. Raises OSError."""
        with self._lock:
            self._records = {k: v for k, v in self._read().items() if k != name}
            self._write()

    def _read(self) -> dict[str, Record]:
        try:
            table = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            table = None
        if not isinstance(table, dict):
            self._path.replace(self._path.with_suffix(".json.bad"))
            return {}
        return {str(name): one for name, one in table.items() if isinstance(one, dict)}

    def _write(self) -> None:
        write_private(self._path, json.dumps(self._records, indent=2, ensure_ascii=False))

    @property
    def _path(self) -> Path:
        return self._folder() / "views.json"
