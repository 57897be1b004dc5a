"""A console is kept in a file: what was there before, and what comes."""

from __future__ import annotations

from pathlib import Path

from tests.scenes.running_app import RunningApp, running_app
from tests.screens.console.test_page import STOP, opened


async def keep(ui: RunningApp, path: Path) -> None:
    await ui.press("e", "ctrl+u")
    await ui.type(str(path))
    await ui.press("enter")


async def test_a_file_has_the_lines_of_before_and_then_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    async with running_app((120, 36)) as ui:
        console = await opened(ui)
        await console.says(b"before\r\n", "before")
        await ui.press(STOP)
        await keep(ui, path)
        await ui.wait_for(lambda: "from now on" in ui.text("answer"), "the file")
        await console.says(b"\x1b[1mafter\x1b[m\r\n", "after")
        assert str(path)[:20] in ui.text("side") and "end its file" in ui.text("side")
        await ui.press("e")
        assert "kept no longer" in ui.text("answer")
        await console.says(b"not in it", "not in it")
        await ui.wait_for(lambda: b"after" in path.read_bytes(), "all of it")
        kept = path.read_bytes()
        assert kept.startswith(b"before\n") and b"\x1b[1mafter\x1b[m\r\n" in kept
        assert b"not in it" not in kept and path.stat().st_mode & 0o777 == 0o600


async def test_leaving_the_page_ends_it_and_says_where_it_is(tmp_path: Path) -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press(STOP)
        await keep(ui, tmp_path / "it.txt")
        await ui.wait_for(lambda: "from now on" in ui.text("answer"), "the file")
        await ui.press("escape")
        assert "it.txt" in ui.text("answer")


async def test_no_file_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    path.write_text("before")
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press(STOP)
        await keep(ui, path)
        await ui.wait_for(lambda: "nothing is kept" in ui.text("answer"), "a refusal")
        assert path.read_text() == "before"


async def test_a_disk_that_is_full_is_told(tmp_path: Path) -> None:
    async with running_app((120, 36)) as ui:
        console = await opened(ui)
        await ui.press(STOP)
        await keep(ui, Path("/dev/full"))
        await ui.wait_for(lambda: "nothing is kept" in ui.text("answer"), "no device is a file")
        await keep(ui, tmp_path / "it.txt")
        await ui.wait_for(lambda: "from now on" in ui.text("answer"), "the file")
        file = console.page.file._file
        assert file is not None
        file._on_failure("No space left on device")
        await ui.wait_for(lambda: "No space left on device" in ui.text("answer"), "the reason")
        assert "end its file" not in ui.text("side")
