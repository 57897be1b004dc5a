"""What ``scripts/check`` looks at: every script, also those without a suffix."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]


def scripts(interpreter: str) -> set[str]:
    """The scripts of an interpreter, by what their first line says."""
    found = [path for path in (ROOT / "scripts").iterdir() if path.is_file()]
    return {
        f"scripts/{path.name}"
        for path in found
        if path.read_text().partition("\n")[0].endswith(interpreter)
    }


def test_every_python_script_is_linted_and_type_checked() -> None:
    python = scripts("python3")
    assert python <= set(TOOLS["ruff"]["extend-include"])
    assert python <= set(TOOLS["mypy"]["files"])
    assert {"virttui", "tests"} <= set(TOOLS["mypy"]["files"])


def test_there_is_no_script_of_another_kind() -> None:
    known = scripts("python3") | scripts("bash")
    assert known == {f"scripts/{path.name}" for path in (ROOT / "scripts").iterdir()
                     if path.is_file()}  # fmt: skip
