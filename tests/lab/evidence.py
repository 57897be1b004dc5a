"""What the daemons of the labs wrote: it goes into the report of a test that fails."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import registry
from .processes import inhabitants

MOST_FILES = 4
MOST_CHARACTERS = 2000


def sections() -> Iterator[tuple[str, str]]:
    """A title and the last words of each log of the labs of this process that were written to."""
    for record in registry.records():
        if record.owner == os.getpid():
            for file in _newest(record.folder / "log"):
                text = file.read_text(errors="backslashreplace")[-MOST_CHARACTERS:]
                if text.strip():
                    yield f"lab {record.name}, {file.name}", text
            yield f"lab {record.name}, processes", _processes(record.folder)


def _newest(folder: Path) -> list[Path]:
    found = [file for file in folder.rglob("*.log") if file.is_file()]
    return sorted(found, key=lambda file: file.stat().st_mtime)[-MOST_FILES:]


def _processes(folder: Path) -> str:
    """Number, state, age, processor time and name of each."""
    pids = ",".join(map(str, inhabitants(folder)))
    asked = ["ps", "-o", "pid,stat,etimes,times,comm", "-p", pids]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout if pids else ""
