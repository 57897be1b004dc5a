"""Views that were saved by name: ``views.json`` in the state folder, for its owner alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from virttui.local.private_files import write_private

MOST = 100
Record = dict[str, Any]
"""A list as it is saved."""


class SavedViews:
    """Views by name. ``load``, ``save`` and ``drop`` touch the disk: not for the screen's loop."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._records: dict[str, Record] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(sorted(self._records))

    def get(self, name: str) -> Record | None:
        """The view of that name."""
        return self._records.get(name)

    def load(self) -> None:
        """Read what is kept; a file that makes no sense is put aside as ``views.json.bad``."""
        with self._lock:
            try:
                self._records = self._read()
            except OSError:
                self._records = {}

    def save(self, name: str, record: Record) -> None:
        """Keep a view, beside what other runs kept meanwhile. Raises OSError.

        What cannot be read is not written over.
        """
        with self._lock:
            records = {**self._read(), name: record}
            self._records = dict(list(records.items())[-MOST:])
            self._write()

    def drop(self, name: str) -> None:
        """Forget a view. Raises OSError."""
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
