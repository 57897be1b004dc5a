"""Names and formats of the files below the state folder, and files of today that are read."""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import inside
from .promise import FROZEN, hold

VARIABLE = (
    (re.compile(r"\d{8}T\d{6}\.\d{6}Z"), "MOMENTZ"),
    (re.compile(r"\b\d{16}\b"), "MICROSECONDS"),
    (re.compile(r'("epoch": )\d+\.\d+'), r"\1EPOCH"),
    (re.compile(r"virttui-import-\w+"), "virttui-import-RANDOM"),
)
WRITERS: dict[str, Callable[[], None]] = {
    "definitions": inside.write_definitions,
    "drafts": inside.write_drafts,
    "journals": inside.write_journals,
    "choices": inside.write_choices,
    "screen": inside.write_screen,
    "locks": inside.write_locks,
}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "virttui"


def without_what_varies(text: str) -> str:
    for pattern, name in VARIABLE:
        text = pattern.sub(name, text)
    return text


def tree(folder: Path) -> Iterator[str]:
    """Every file and folder with its mode; the lines of each file behind it."""
    for path in sorted(folder.rglob("*"), key=lambda one: without_what_varies(str(one))):
        mode = stat.S_IMODE(path.stat().st_mode)
        name = str(path.relative_to(folder))
        yield without_what_varies(f"{mode:o} {name}{'/' if path.is_dir() else ''}")
        if path.is_file():
            text = without_what_varies(path.read_text(encoding="utf-8"))
            yield from (f"    {line}" for line in text.splitlines())


@pytest.mark.parametrize("kind", WRITERS)
def test_files_have_their_names_and_formats(kind: str, state: Path) -> None:
    WRITERS[kind]()
    hold(f"state-{kind}", list(tree(state)))


def test_disks_are_unpacked_below_it(state: Path) -> None:
    assert without_what_varies(inside.unpacked_folder()) == "unpacked/virttui-import-RANDOM"


def test_files_of_today_are_read(state: Path) -> None:
    """Those in ``frozen/state`` were written by the version that this promise was made with."""
    state.parent.mkdir()
    shutil.copytree(FROZEN / "state", state)
    told = json.dumps(inside.read_state(), indent=1, ensure_ascii=False, sort_keys=True)
    hold("state-read", told.splitlines())


def test_what_is_written_is_read(state: Path) -> None:
    for write in WRITERS.values():
        write()
    told = inside.read_state()
    assert all(told.values()), [name for name, found in told.items() if not found]
    assert told.keys() == json.loads("\n".join(lines_of("state-read"))).keys()


def lines_of(name: str) -> list[str]:
    return (FROZEN / f"{name}.txt").read_text(encoding="utf-8").splitlines()
