"""Which room may import which: the arrows of the house, held against the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "virttui"

# Room -> what of this package it may import. A name stands for the room or module and all below.
MAY = {
    "__init__": set(),
    "model": {"model"},
    "text": set(),
    "settings": {"model"},
    "demo": {"model"},
    "files": set(),
    "children": set(),
    "lookups": {"model", "definitions", "web"},
    "web": {"model"},
    "paths": {"model"},
    "markup": {"markup"},
    "archive": {"files", "model", "settings", "archive"},
    "views": {"files", "panes"},
    "metrics": {"model", "metrics"},
    "definitions": {"markup", "model", "definitions"},
    "parcels": {"children", "definitions", "files", "model", "settings", "text", "parcels"},
    "hypervisor": {
        "archive", "children", "model", "metrics", "definitions", "parcels", "settings", "text",
        "web", "hypervisor",
    },
    "actions": {"model", "text", "actions"},
    "records": {"files", "model", "records"},
    "panes": {"model", "text", "markup", "actions", "records", "panes"},
    "typed": {"files", "model", "text", "actions", "panes", "palette", "paths", "typed"},
    "headless": {
        "archive", "files", "lookups", "model", "text", "settings", "definitions", "panes",
        "parcels", "records", "hypervisor", "headless",
    },
    "widgets": {"model", "text", "panes", "settings", "widgets"},
    "palette": {"model", "text", "panes", "actions", "palette"},
    "modals": {
        "model", "text", "panes", "paths", "settings", "actions", "palette", "widgets", "modals",
    },
    "screens": {
        "__init__", "archive", "files", "lookups", "model", "text", "markup", "definitions",
        "panes", "parcels", "paths", "settings", "actions", "records", "typed", "views", "widgets",
        "modals", "palette", "screens",
    },
    "app": {
        "model", "text", "panes", "settings", "actions", "widgets", "modals", "palette", "screens",
    },
    "__main__": {"__init__", "model", "settings", "demo", "headless", "hypervisor", "app"},
}  # fmt: skip

# Library -> the only rooms or modules that may import it.
ONLY = {
    "textual": {"app", "palette", "screens", "modals", "widgets"},
    "libvirt": {"hypervisor"},
    "lxml": {"definitions"},
    "psutil": {"metrics.host", "metrics.process"},
    "platformdirs": {"settings"},
    "pycdlib": {"definitions.creating.seeding"},
    "yaml": {"definitions.creating.userdata"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """The module's name below the package: "model.errors"; a room's own file is the room."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Everything imported anywhere in the file, for types only or not."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            if node.module == "virttui":
                found.update(f"virttui.{alias.name}" for alias in node.names)
            else:
                found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_rooms_import_only_what_they_may(path: Path) -> None:
    room = name_of(path).partition(".")[0]
    assert room in MAY, f"{room} is a new room: say in MAY what it may import"
    for imported in imports(path):
        if imported.startswith("virttui."):
            other = imported.split(".")[1]
            other = "__init__" if other == "__version__" else other
            assert other in MAY[room], f"{name_of(path)} imports {imported}"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    name = name_of(path)
    for imported in imports(path):
        allowed = ONLY.get(imported.partition(".")[0])
        assert allowed is None or any(
            name == one or name.startswith(f"{one}.") for one in allowed
        ), f"{name} imports {imported}"


@pytest.mark.parametrize(
    "path", [p for p in modules() if name_of(p).startswith("model")], ids=name_of
)
def test_the_model_is_made_of_the_standard_library(path: Path) -> None:
    for imported in imports(path):
        top = imported.partition(".")[0]
        assert top == "virttui" or top in sys.stdlib_module_names


def loaded(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after ``statement``."""
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_screens_run_without_libvirt() -> None:
    assert not {"libvirt", "lxml", "psutil"} & loaded("import virttui.app")


def test_the_engine_runs_without_textual() -> None:
    assert "textual" not in loaded(
        "import virttui.hypervisor.fleet\nfrom virttui.headless import listing, metrics, record"
    )


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_neither(option: str) -> None:
    statement = f"""
from virttui.__main__ import main
try:
    main([{option!r}])
except SystemExit:
    pass"""
    assert not {"textual", "libvirt", "lxml", "psutil"} & loaded(statement)
