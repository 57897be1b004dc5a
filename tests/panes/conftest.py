"""Goldens of whole screens as plain text: ``GOLDENS=write pytest tests/panes`` makes them anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "goldens"


@pytest.fixture
def golden() -> Callable[[str, list[str]], None]:
    """Compare lines with the golden of that name."""

    def compare(name: str, lines: list[str]) -> None:
        path = FOLDER / f"{name}.txt"
        if os.environ.get("GOLDENS") == "write":
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        assert lines == path.read_text(encoding="utf-8").splitlines()

    return compare
