"""Paths of this machine: how they are completed, and what is said of those that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from virttui.local.paths import check_new, check_readable, common, completions, is_path
from virttui.model.errors import InvalidInput


def test_paths_are_completed_as_a_shell_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "up.img").touch()
    (tmp_path / "upper").mkdir()
    (tmp_path / ".secret").touch()
    (tmp_path / "up\x1b.img").touch()
    assert completions("~/up") == ("~/up.img", "~/upper/")
    assert completions("~/") == completions("~/u") and completions("~") == ("~/",)
    assert completions("~/.s") == ("~/.secret",)
    assert completions(f"{tmp_path}/upp") == (f"{tmp_path}/upper/",)
    assert completions("~nobody-of-that-name/x") == () == completions("/no/such/folder/x")


def test_what_paths_have_in_common() -> None:
    assert common(("/a/up.img", "/a/upper/")) == "/a/up"
    assert common(("/a/x",)) == "/a/x" and common(()) == ""
    assert is_path("~/x") and is_path("/x") and is_path("./x") and not is_path("default/x")


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    check_readable(f"{tmp_path}/there")
    check_new(f"{tmp_path}/new")
    for check, file, said in (
        (check_readable, tmp_path / "no", "No such file"),
        (check_readable, tmp_path, "is a folder"),
        (check_new, tmp_path / "there", "is there already"),
        (check_new, tmp_path / "no" / "x", "there is no folder"),
    ):
        with pytest.raises(InvalidInput) as error:
            check(str(file))
        assert said in error.value.message
