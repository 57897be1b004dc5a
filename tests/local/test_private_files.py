"""Files that are written whole, and nothing through what somebody laid in their way."""

from __future__ import annotations

import os
import secrets
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from virttui.export.write import write_file
from virttui.local.private_files import own_folder, write_private, write_whole
from virttui.model.errors import InvalidInput


def test_a_link_at_the_name_of_an_export_s_draft_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / f".a.csv.{os.getpid()}").symlink_to(victim)
    write_file(tmp_path / "a.csv", [{"a": 1}], "csv", replace=False)
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("lies", ["link", "file"])
def test_what_lies_at_the_name_of_a_draft_is_not_opened(
    lies: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda count: "known")
    victim, draft = tmp_path / "victim", tmp_path / ".a.csv.known"
    victim.write_text("precious")
    draft.symlink_to(victim) if lies == "link" else draft.write_text("precious")
    with pytest.raises(InvalidInput, match="cannot be written: File exists"):
        write_file(tmp_path / "a.csv", [{"a": 1}], "csv", replace=True)
    assert victim.read_text() == draft.read_text() == "precious"


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_file_that_came_meanwhile_stays(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*arguments: object) -> None:
        raise PermissionError

    if not links:
        monkeypatch.setattr(os, "link", cannot)
    path = tmp_path / "a"
    write_whole(path, b"mine", replace=False)
    with pytest.raises(FileExistsError):
        write_whole(path, b"again", replace=False)
    assert path.read_text() == "mine" and list(tmp_path.iterdir()) == [path]


def test_what_is_private_is_so_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "own" / "a", "ü")
        write_whole(tmp_path / "b", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "own" / "a").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "own").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o666


def left_behind(above: Path, prefix: str) -> Path:
    """The folder of a run that was killed in the middle."""
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from virttui.local.private_files import own_folder\n"
        "with own_folder(Path(sys.argv[1]), sys.argv[2]) as own:\n"
        "    (own / 'web.xml').write_text('<domain/>'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(above), prefix], check=False)
    (folder,) = above.glob(f"{prefix}*")
    return folder


def test_what_a_killed_run_left_is_taken_away_and_nothing_else(tmp_path: Path) -> None:
    old = left_behind(tmp_path / "run", "edit-")
    other = tmp_path / "run" / "other"
    other.mkdir()
    victim = tmp_path / "victim"
    victim.mkdir()
    (tmp_path / "run" / "edit-link").symlink_to(victim)
    with own_folder(tmp_path / "run", "edit-") as one:
        assert not old.exists() and other.exists() and victim.exists()
        with own_folder(tmp_path / "run", "edit-") as two:
            assert one.exists() and two.exists(), "another run's stays"
        assert stat.S_IMODE(one.stat().st_mode) == 0o700
    assert not one.exists() and not two.exists()


def test_many_runs_at_once_keep_their_folders(tmp_path: Path) -> None:
    def run(number: int) -> bool:
        with own_folder(tmp_path, "edit-") as own:
            (own / "mine").write_text(str(number))
            return (own / "mine").read_text() == str(number)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(run, range(200)))
    assert list(tmp_path.iterdir()) == []
