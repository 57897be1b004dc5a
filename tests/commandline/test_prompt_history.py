from __future__ import annotations

from pathlib import Path

from virttui.commandline.prompt_history import KEPT, PromptHistory


def memory(folder: Path) -> PromptHistory:
    made = PromptHistory(lambda: folder)
    made.load()
    return made


def assert_kept(folder: Path, *lines: str) -> None:
    made = memory(folder)
    for line in lines:
        if made.note(":", line):
            made.keep(":", line)


def test_lines_come_back_in_the_next_run(tmp_path: Path) -> None:
    assert_kept(tmp_path, "start web-01", "sort cpu", "start web-01")
    assert memory(tmp_path).earlier(":") == ["sort cpu", "start web-01"]
    assert memory(tmp_path).earlier("/") == []


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    assert_kept(tmp_path, "sort cpu")
    file = tmp_path / "typed" / "command"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in file.parent.iterdir()] == ["command"]


def test_no_more_than_two_hundred_are_kept(tmp_path: Path) -> None:
    assert_kept(tmp_path, *(f"go web-{number}" for number in range(KEPT + 20)))
    lines = memory(tmp_path).earlier(":")
    assert len(lines) == KEPT and lines[-1] == f"go web-{KEPT + 19}"


def test_secrets_and_what_is_no_line_are_never_kept(tmp_path: Path) -> None:
    assert_kept(
        tmp_path, "virsh secret-set-value 1 x", "virsh x --password y", "a\x1b[31m", "  ", "ok"
    )
    assert memory(tmp_path).earlier(":") == ["ok"]
    assert "password" not in (tmp_path / "typed" / "command").read_text()


def test_two_runs_at_once_lose_nothing(tmp_path: Path) -> None:
    one, other = memory(tmp_path), memory(tmp_path)
    one.keep(":", "first")
    other.keep(":", "second")
    assert memory(tmp_path).earlier(":") == ["first", "second"]


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "typed").write_text("in the way")
    made = memory(tmp_path)
    made.note("/", "web")
    made.keep("/", "web")
    assert made.earlier("/") == ["web"]
