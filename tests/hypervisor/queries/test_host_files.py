"""Files of a host by any of their names, within its own root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from virttui.hypervisor.queries.host_files import HostFiles


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "srv/images").mkdir(parents=True)
    (tmp_path / "srv/images/a").write_bytes(b"raw")
    return tmp_path


def test_all_names_of_a_file_are_one(root: Path) -> None:
    files = HostFiles(root)
    (root / "srv/images/near").symlink_to("a")
    (root / "srv/images/far").symlink_to("/srv/images/near")
    (root / "data").symlink_to("srv")
    os.link(root / "srv/images/a", root / "hard")
    names = ("/srv/images/a", "/srv/images/near", "/srv/images/far", "/data/images/a", "/hard",
             "/srv/images/../images//./a", "/data/../srv/images/a",
             "/../../srv/images/a")  # fmt: skip
    assert len({files.identity(name) for name in names}) == 1
    assert files.identity("/srv/images") != files.identity("/srv/images/a")


def test_what_is_not_there_is_known_by_its_place(root: Path) -> None:
    files = HostFiles(root)
    (root / "data").symlink_to("srv/images")
    assert files.identity("/data/gone") == files.identity("/srv/images/gone")
    assert files.identity("/data/gone") != files.identity("/data/other")


def test_links_lead_nowhere_outside_of_the_root_and_do_not_go_on_for_ever(root: Path) -> None:
    files = HostFiles(root)
    (root / "out").symlink_to("../" * 20 + "etc/passwd")
    assert files.identity("/out") == files.identity("/etc/passwd")
    (root / "loop").symlink_to("/loop")
    assert files.identity("/loop") is None


def test_what_is_no_file_is_not_opened(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "null").symlink_to("/dev/null")
    for name in ("/pipe", "/srv", "/null"):
        with pytest.raises(OSError, match=r"not a file|such file"):
            HostFiles(root).others(name)
