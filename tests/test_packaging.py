"""The wheel, the sdist and an editable install all start and find their styles and the demo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOOK = (
    "from virttui import settings, demo; from pathlib import Path; import virttui;"
    "assert list(settings.styles_folder().glob('*.tcss')), settings.styles_folder();"
    "assert Path(demo.demo_hosts()[0].uri.removeprefix('test://')).is_file();"
    "print(virttui.__file__)"
)


def pip(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", *arguments],
        check=True,
        cwd=ROOT,
    )


def looks_well(folder: Path, where: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(where), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(where)), "another copy was imported"


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_built_package_is_whole(tmp_path: Path, kind: str) -> None:
    built, installed = tmp_path / "built", tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(built)],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    (package,) = built.iterdir()
    pip("install", "--no-deps", "--no-build-isolation", "--target", str(installed), str(package))
    looks_well(tmp_path, installed)


def test_a_checkout_is_whole(tmp_path: Path) -> None:
    looks_well(tmp_path, ROOT)
