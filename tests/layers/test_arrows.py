"""Which package may import which, held against the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "virttui"

# Package -> what of this project it may import. A name stands for the package or module and all
# below it; every package may import itself.
MAY = {
    "__init__": set(),
    "model": set(),
    "formatting": set(),
    "natural_sort": set(),
    "settings": {"model"},
    "demo": {"model"},
    "local": {"model"},
    "libvirtxml": {"model"},
    "planning": {"formatting", "libvirtxml", "model"},
    "metrics": {"model"},
    "persistence": {"local", "model", "settings"},
    "appliances": {"formatting", "libvirtxml", "local", "model", "planning", "settings"},
    "source_lookup": {"local", "model", "planning"},
    "hypervisor": {
        "appliances", "formatting", "libvirtxml", "local", "metrics", "model", "persistence",
        "planning", "settings",
    },
    "actions": {"formatting", "model"},
    "export": {"local", "model"},
    "store": {"formatting", "model", "natural_sort"},
    "terminal": {"formatting"},
    "render": {"formatting", "model", "natural_sort", "store"},
    "panes": {
        "actions", "export", "formatting", "libvirtxml.text", "model", "natural_sort", "render",
        "store",
    },
    "palette": {"actions", "model", "panes", "render", "store"},
    "commandline": {"actions", "formatting", "local", "model", "palette", "render", "store"},
    "cli": {
        "appliances", "export", "formatting", "hypervisor", "model", "persistence", "planning",
        "render", "settings", "source_lookup", "store",
    },
    "widgets": {"model", "render", "settings", "store", "terminal"},
    "modals": {
        "formatting", "libvirtxml", "local", "model", "natural_sort", "panes", "planning",
        "render", "store", "widgets",
    },
    "screens": {
        "__init__", "actions", "appliances", "commandline", "export", "formatting", "libvirtxml",
        "local", "modals", "model", "palette", "panes", "persistence", "planning", "render",
        "settings", "source_lookup", "store", "terminal", "widgets",
    },
    "app": {"model", "panes", "render", "screens", "settings", "store", "widgets"},
    "__main__": {"__init__", "app", "cli", "demo", "hypervisor", "local", "model", "settings"},
}  # fmt: skip

# Library -> the only packages or modules that may import it.
ONLY = {
    "textual": {"app", "palette", "screens", "modals", "widgets"},
    "libvirt": {"hypervisor"},
    "lxml": {"libvirtxml", "planning"},
    "psutil": {"metrics.host", "metrics.process"},
    "platformdirs": {"settings"},
    "pycdlib": {"planning.domain_spec.cloud_init"},
    "yaml": {"planning.domain_spec.user_data"},
    "pyghostty": {"terminal.ghostty", "terminal.ghostty_abi", "terminal.ghostty_styles"},
    "pyte": {"terminal.pyte_engine", "terminal.pyte_rows", "terminal.pyte_screen"},
    "wcwidth": {"terminal.pyte_rows", "terminal.pyte_screen"},
    "rich": {"render", "terminal", "widgets"},
}


@cache
def modules() -> list[Path]:
    """The files of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """The module's name below the package: "model.errors"; a package's own file is the package."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Everything in a file, in no order that matters; parsed once for all tests."""
    return tuple(ast.walk(ast.parse(path.read_text())))


@cache
def imports(path: Path) -> frozenset[str]:
    """Everything imported anywhere in the file, for types only or not."""
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            if node.module == "virttui":
                found.update(f"virttui.{alias.name}" for alias in node.names)
            else:
                found.add(node.module or "")
    return frozenset(found)


def pairs() -> Iterator[tuple[str, str]]:
    """Each module's name, with each name that it imports."""
    for path in modules():
        yield from ((name_of(path), imported) for imported in sorted(imports(path)))


def is_in(name: str, places: Iterable[str]) -> bool:
    """Whether a name is one of some packages and modules, or below one."""
    return any(name == one or name.startswith(f"{one}.") for one in places)


def test_the_code_is_read() -> None:
    """What finds no offender below has looked at something."""
    assert len(modules()) > 300
    assert {name for name, _ in pairs()} >= {"model.inventory", "app", "__main__"}


def assert_none(offenders: Iterable[str]) -> None:
    """Fail with all of them, a line each."""
    found = sorted(offenders)
    assert not found, "\n".join(found)


def test_every_package_says_what_it_may_import() -> None:
    packages = {name_of(path).partition(".")[0] for path in modules()}
    assert_none(f"{name}: say in MAY what it may import" for name in packages - MAY.keys())


def test_packages_import_only_what_they_may() -> None:
    def allowed(name: str, imported: str) -> bool:
        package = name.partition(".")[0]
        other = imported.removeprefix("virttui.")
        other = "__init__" if other == "__version__" else other
        return is_in(other, {package, *MAY.get(package, ())})

    assert_none(
        f"{name} imports {imported}"
        for name, imported in pairs()
        if imported.startswith("virttui.") and not allowed(name, imported)
    )


def test_libraries_stay_in_their_packages() -> None:
    assert_none(
        f"{name} imports {imported}"
        for name, imported in pairs()
        if (only := ONLY.get(imported.partition(".")[0])) is not None and not is_in(name, only)
    )


def test_the_model_is_made_of_the_standard_library_and_structs() -> None:
    known = {"virttui", "msgspec", *sys.stdlib_module_names}
    assert_none(
        f"{name} imports {imported}"
        for name, imported in pairs()
        if name.startswith("model") and imported.partition(".")[0] not in known
    )


def test_frozen_records_are_structs() -> None:
    """A frozen dataclass takes sixteen times as long to define and to copy."""
    assert_none(
        f"{name_of(path)}.{node.name}"
        for path in modules()
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
        and any("frozen=True" in ast.unparse(one) for one in node.decorator_list)
    )


def graph() -> dict[str, set[str]]:
    """Which modules each module imports, anywhere in its file, for types only or not."""
    paths = {name_of(path): path for path in modules()}
    found: dict[str, set[str]] = {name: set() for name in paths}
    for name, path in paths.items():
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("virttui"):
                package = (node.module or "").removeprefix("virttui").removeprefix(".")
                for alias in node.names:
                    full = f"{package}.{alias.name}".removeprefix(".")
                    found[name].add(full if full in paths else package)
        found[name] &= paths.keys() - {name}
    return found


def reached(start: str, arrows: dict[str, set[str]]) -> set[str]:
    """The modules that ``start`` imports, directly or through others."""
    found: set[str] = set()
    left = [start]
    while left:
        for other in arrows[left.pop()] - found:
            found.add(other)
            left.append(other)
    return found


def circles() -> list[set[str]]:
    """The largest sets of modules in which each imports each other, directly or not."""
    arrows = graph()
    reach = {name: reached(name, arrows) for name in arrows}
    found: list[set[str]] = []
    for name in arrows:
        circle = {other for other in reach[name] if name in reach[other]}
        if circle and circle not in found:
            found.append(circle)
    return found


def test_no_import_goes_round() -> None:
    assert [sorted(circle) for circle in circles()] == []


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
        "import virttui.hypervisor.fleet\nfrom virttui.cli import list_domains, metrics, record"
    )


FIRST_FRAME = (
    "actions", "app", "commandline.parsed", "commandline.prompt_history", "commandline.virsh",
    "commandline.virsh_reads", "export", "formatting", "local.private_files", "model",
    "natural_sort", "panes.action_plan", "panes.domains", "panes.hosts", "panes.main",
    "panes.networks", "panes.row_state", "panes.storage", "panes.targets",
    "panes.virsh_equivalent", "panes.virsh_equivalent_snapshot", "panes.virsh_equivalent_volume",
    "persistence", "render",
    "screens.base", "screens.guest_agent.handlers", "screens.main",
    "screens.backup.handlers",
    "screens.snapshots.handlers",
    "screens.provision.leftovers", "screens.xml_editor.open_document", "settings", "store",
    "widgets",
)  # fmt: skip
"""The packages and modules that may be loaded before the first frame, or beside it.

Dialogs, forms, planners, editors, flows and what reads libvirt's XML are loaded when first used.
"""


def test_nothing_else_is_loaded_before_the_first_frame() -> None:
    code = """
import asyncio, sys
from tests.scenes.running_app import running_app
async def main():
    async with running_app(): pass
    print(*(name for name in sys.modules if name.startswith("virttui.")))
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    names = [name.removeprefix("virttui.") for name in done.stdout.splitlines()[-1].split()]
    packages = {one.rpartition(".")[0] for one in names}
    late = [
        name
        for name in names
        if name not in packages
        and not any(name == known or name.startswith(f"{known}.") for known in FIRST_FRAME)
    ]
    assert not late, late


def test_a_fleet_at_rest_loads_neither_web_nor_images() -> None:
    """Each takes a megabyte or two, and is needed by a creation or a download alone."""
    later = {"pycdlib", "email", "http", "ssl", "yaml"}
    assert not later & loaded("import virttui.hypervisor.fleet")


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_neither(option: str) -> None:
    statement = f"""
from virttui.__main__ import main
try:
    main([{option!r}])
except SystemExit:
    pass"""
    assert not {"textual", "libvirt", "lxml", "msgspec", "psutil"} & loaded(statement)
