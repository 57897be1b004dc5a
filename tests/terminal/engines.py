"""Both engines, by name."""

from __future__ import annotations

from virttui.terminal.engine import ENGINES, Engine, engine_of

NAMES = tuple(module.rpartition(".")[2] for module in ENGINES)
GHOSTTY, PYTE = NAMES


def engine(name: str, columns: int = 80, rows: int = 24) -> Engine:
    return engine_of(ENGINES[NAMES.index(name)], columns, rows)
