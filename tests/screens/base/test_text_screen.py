"""``:virsh`` and the page its output is on: real processes, one of them a stand-in for virsh."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.modals.base.confirm import ConfirmDialog
from virttui.model.messages import FleetMessage
from virttui.render.text_page import TextPage
from virttui.screens.base.text_screen import TextScreen
from virttui.screens.main import virsh_runner

Script = Callable[[str], Path]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Have ``virsh`` be a shell script; returns the folder it runs beside."""

    def put(body: str) -> Path:
        file = tmp_path / "virsh"
        file.write_text(f'#!/bin/sh\n[ "$1" = help ] && exit\ncd {tmp_path}\n{body}\n')
        file.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        return tmp_path

    return put


def on_the_test_driver() -> list[FleetMessage]:
    """One host whose virsh needs no daemon."""
    inventory = fleet.small("kvm01", ["test"])
    return [replace(inventory, host=replace(inventory.host, uri="test:///default"))]


async def run(ui: RunningApp, words: str) -> TextScreen:
    await ui.press("colon")
    await ui.type(words)
    await ui.press("enter")
    await ui.wait_for(lambda: isinstance(ui.app.screen, TextScreen), "the page")
    screen = ui.app.screen
    assert isinstance(screen, TextScreen)
    return screen


async def wait_for_end(ui: RunningApp, words: str = "exit 0 after") -> None:
    await ui.wait_for(lambda: words in ui.text("rule"), words)


async def test_output_is_a_page_with_title_and_status() -> None:
    async with running_app((80, 24), on_the_test_driver(), hosts=fleet.SPECS[:1]) as ui:
        before = ui.backend.refreshed
        await run(ui, "virsh dominfo test")
        await wait_for_end(ui)
        assert "virsh dominfo test on kvm01" in ui.text("rule")
        assert "Name:           test" in ui.text("page")
        assert ui.backend.refreshed == before + 1
        await ui.press("escape")
        assert ui.top() is ui.console


async def test_a_failure_is_told_with_its_status() -> None:
    async with running_app((80, 24), on_the_test_driver(), hosts=fleet.SPECS[:1]) as ui:
        await run(ui, "!dominfo nowhere")
        await wait_for_end(ui, "exit 1 after")
        assert "error: failed to get domain 'nowhere'" in ui.text("page")


async def test_the_page_is_searched_and_copied() -> None:
    async with running_app((80, 24), on_the_test_driver(), hosts=fleet.SPECS[:1]) as ui:
        screen = await run(ui, "virsh dumpxml test")
        await wait_for_end(ui)
        await ui.press("slash")
        await ui.type("on_")
        assert "1 of 3" in ui.text("note")
        await ui.press("enter", "n")
        assert "2 of 3" in ui.text("answer")
        await ui.press("y")
        assert ui.app.clipboard == screen.page.lines[screen.page.place]
        await ui.press("Y")
        assert ui.app.clipboard.startswith("<domain")
        await ui.press("G")
        assert screen.page.place == len(screen.page.lines) - 1
        await ui.press("escape")
        assert ui.top() is screen and not screen.page.searched
        await ui.press("escape")
        assert ui.top() is ui.console


async def test_what_may_lose_something_asks_first(script: Script) -> None:
    folder = script('echo "$@" >> calls')
    async with running_app() as ui:
        ui.put_cursor("web-02")
        await ui.press("colon")
        await ui.type("virsh destroy web-02")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.app.screen, ConfirmDialog), "the question")
        assert "Run virsh destroy web-02 on kvm02?" in ui.text("body")
        await ui.press("n")
        assert not (folder / "calls").exists()
        await ui.press("colon")
        await ui.type("virsh destroy web-02")
        await ui.press("enter", "y")
        await wait_for_end(ui)
        assert "-c qemu+ssh://root@kvm02/system destroy web-02" in (folder / "calls").read_text()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("vol-download data.qcow2 /root/precious", "write over a file"),
        ("autostart web-02", "may change something"),
    ],
)
async def test_whatever_is_not_known_to_read_only_asks_first(
    line: str, words: str, script: Script
) -> None:
    folder = script('echo "$@" >> calls')
    async with running_app() as ui:
        await ui.press("colon")
        await ui.type(f"virsh {line}")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.app.screen, ConfirmDialog), "the question")
        assert words in ui.text("body").replace("\n", " ")
        await ui.press("enter")
        assert not (folder / "calls").exists(), "Cancel comes first"


@pytest.mark.parametrize("line", ["screenshot web-01 /root/f", "desc web-01 new", "later-verb x"])
async def test_a_read_only_run_refuses_what_is_not_known_to_read_only(
    line: str, script: Script
) -> None:
    folder = script('echo "$@" >> calls')
    async with running_app(read_only=True) as ui:
        await ui.press("colon")
        await ui.type(f"virsh {line}")
        await ui.press("enter")
        assert f"virsh {line.split()[0]}: this run is read-only" in ui.text("answer")
        assert not (folder / "calls").exists()


async def test_a_read_only_run_says_so_to_virsh(script: Script) -> None:
    folder = script('echo "$@" >> calls')
    async with running_app(read_only=True) as ui:
        await run(ui, "virsh list")
        await wait_for_end(ui)
        assert " -r list" in (folder / "calls").read_text()
        await ui.press("escape")
        await ui.press("colon")
        await ui.type("virsh undefine x")
        await ui.press("enter")
        assert "virsh undefine: this run is read-only" in ui.text("answer")


async def test_closing_the_page_ends_the_process_and_its_children(script: Script) -> None:
    folder = script("sleep 1000 & echo $! $$ > pids; echo begun; wait")
    async with running_app() as ui:
        await run(ui, "virsh event --loop")
        await ui.wait_for(lambda: "begun" in ui.text("page"), "its first line")
        assert "running" in ui.text("rule")
        await ui.press("escape")
        for pid in (folder / "pids").read_text().split():
            await ui.wait_for(partial(has_ended, int(pid)), f"the end of {pid}")


def has_ended(pid: int) -> bool:
    """Whether a process has ended; a zombie has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


async def test_it_has_no_input_and_no_terminal(script: Script) -> None:
    script("read line && echo got; (: < /dev/tty) 2>/dev/null && echo terminal; echo none")
    async with running_app() as ui:
        await run(ui, "virsh list")
        await wait_for_end(ui)
        assert ui.text("page").strip() == "▌none"


@pytest.mark.parametrize("chunk", [1000, 1 << 16], ids=["less than comes", "much"])
async def test_endless_output_is_cut_and_told(
    script: Script, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(virsh_runner, "MOST_BYTES", 200_000)
    monkeypatch.setattr(virsh_runner, "_CHUNK", chunk)
    script("yes")
    async with running_app() as ui:
        screen = await run(ui, "virsh list")
        await wait_for_end(ui, "cut after")
        assert "the rest is not shown" in ui.text("answer")
        assert len(screen.page.lines) < 200_000


async def test_a_page_closed_on_endless_output_keeps_no_descriptor(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(virsh_runner, "_CHUNK", 1000)  # the pipe is fuller than what is taken of it
    script("yes")
    async with running_app() as ui:
        before = descriptors()
        for _ in range(3):
            page = (await run(ui, "virsh list")).page
            await ui.wait_for(partial(longer, page, 1000), "some of it")
            await ui.press("escape")
            await ui.wait_for(lambda: descriptors() == before, "its pipe to be closed")


def longer(page: TextPage, lines: int) -> bool:
    """Whether a page has more lines than that."""
    return len(page.lines) > lines


def descriptors() -> int:
    """How many files this process holds open."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_hostile_output_is_made_visible(script: Script) -> None:
    script(r"printf '\033[2Jescape\n\033]0;owned\007\nbroken \377 byte\n[bold]no[/]\nend'")
    async with running_app((80, 24)) as ui:
        await run(ui, "virsh list")
        await wait_for_end(ui)
        shown = ui.text("page")
        assert "\\x1b[2Jescape" in shown and "\x1b" not in shown
        assert "[bold]no[/]" in shown and "broken \ufffd byte" in shown and "end" in shown
        for strip in ui.app.screen._compositor.render_strips():
            assert strip.cell_length == 80


async def test_a_missing_virsh_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with running_app() as ui:
        await run(ui, "virsh list")
        await ui.wait_for(lambda: "not installed" in ui.text("answer"), "the words")


async def test_what_cannot_be_run_is_refused_in_place() -> None:
    async with running_app() as ui:
        await ui.press("colon")
        await ui.type("virsh connect qemu:///system")
        await ui.press("enter")
        assert "the host is that of the selected row" in ui.text("note")
        assert ui.top() is ui.console


async def test_commands_of_virsh_are_completed() -> None:
    async with running_app() as ui:
        ui.put_cursor("web-01")
        await ui.press("colon")
        await ui.type("virsh dominf")
        await ui.wait_for(lambda: "dominfo" in ui.text("popup"), "the catalogue")
        await ui.press("tab", "tab")
        await ui.type("web")
        assert "web-01" in ui.text("popup") and "web-02" not in ui.text("popup")


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (200, 60)])
async def test_the_page_fits_every_size(size: tuple[int, int]) -> None:
    async with running_app(size, on_the_test_driver(), hosts=fleet.SPECS[:1]) as ui:
        await run(ui, "virsh capabilities")
        await wait_for_end(ui, "exit 0")
        for key in ("G", "g", "pagedown", "pageup", "right", "left", "ctrl+d", "j", "k"):
            await ui.press(key)
        for strip in ui.app.screen._compositor.render_strips():
            assert strip.cell_length == size[0]
