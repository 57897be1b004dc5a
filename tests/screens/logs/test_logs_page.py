"""The page of a domain's logs in the running app, on scripted updates of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.commands import ApplyWhen, EditArguments, SettingChange, Verb
from virttui.model.domains.consoles import ConsoleDevice
from virttui.model.domains.logs import (
    LineTime,
    LogKind,
    LogLine,
    LogRequest,
    LogSource,
    LogState,
    LogUpdate,
)
from virttui.model.errors import OperationError
from virttui.model.identity import Kind
from virttui.model.messages import HostEvent
from virttui.model.severity import Severity
from virttui.model.tasks import TaskState
from virttui.screens.logs.screen import LogsScreen
from virttui.screens.main.main_screen import MainScreen

NAME = "web-01"
PATH = f"/var/log/libvirt/qemu/{NAME}.log"
QEMU = LogSource("qemu", LogKind.QEMU, LogState.READ, PATH, 41_000, fleet.EPOCH - 42, older=True)
CONSOLE = LogSource(
    "console", LogKind.CONSOLE, LogState.READ, f"/var/log/libvirt/qemu/{NAME}-serial0.log",
    1_200_000, fleet.EPOCH - 42, kept=2, device="serial0",
)  # fmt: skip
LIBVIRT = LogSource("libvirt", LogKind.LIBVIRT, LogState.READ, "events and messages seen")
NO_SPACE = LogLine(
    "qemu",
    "2023-11-14T03:13:40Z qemu-system-x86_64: block I/O error in device 'libvirt-2-format': "
    "No space left on device (28)",
    fleet.EPOCH - 42, level=Severity.ERROR,
)  # fmt: skip
CHECKPOINT = LogLine(
    "console", "LOG:  checkpoint complete: wrote 88120 buffers", fleet.EPOCH - 42.5, LineTime.READ
)
EXT4 = LogLine(
    "console", "\x1b[1;31m[541.11] EXT4-fs\x1b[m error (device vdb)", fleet.EPOCH - 41.8,
    LineTime.READ, level=Severity.WARNING,
)  # fmt: skip
LINES = (CHECKPOINT, NO_SPACE, EXT4)


class Logs:
    """The open page of the logs of ``NAME``."""

    def __init__(self, ui: RunningApp) -> None:
        self.ui = ui

    @property
    def number(self) -> int:
        (number,) = self.ui.backend.logs
        return number

    @property
    def page(self) -> LogsScreen:
        page = self.ui.top()
        assert isinstance(page, LogsScreen)
        return page

    @property
    def under_cursor(self) -> str:
        line = self.page.view_state.log.line
        assert line is not None
        return line.text

    async def tell(
        self,
        *lines: LogLine,
        sources: tuple[LogSource, ...] = (QEMU, CONSOLE, LIBVIRT),
        older: tuple[LogLine, ...] = (),
        unfinished: tuple[LogLine, ...] = (),
    ) -> None:
        number = self.number
        request = self.ui.backend.logs[number]
        await self.ui.publish(LogUpdate(number, request, sources, lines, older, unfinished))


async def opened(ui: RunningApp, name: str = NAME) -> Logs:
    ui.put_cursor(name)
    await ui.press("l")
    assert list(ui.backend.logs.values()) == [LogRequest(fleet.key(name), name)]
    return Logs(ui)


def rows(ui: RunningApp) -> list[str]:
    """The lines of the list, without its head."""
    shown = ui.text("page").splitlines()
    begin = next(n for n, line in enumerate(shown) if "TIME" in line and "LINE" in line)
    end = next(n for n, line in enumerate(shown) if "this line" in line or "this source" in line)
    return [line for line in shown[begin + 1 : end] if line.strip()]


async def test_all_sources_are_in_one_order_of_time_and_each_says_its_state() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        event = HostEvent(
            fleet.EPOCH - 42.2, "kvm01", "domain", NAME, "paused: I/O error",
            level=Severity.ERROR, key=fleet.key(NAME), kind=Kind.DOMAIN,
        )  # fmt: skip
        await ui.publish(event)
        trouble = OperationError("it paused again", advice="free some space")
        await ui.publish(fleet.task(7, Verb.RESUME, NAME, TaskState.FAILED, 20, trouble=trouble))
        await logs.tell(*LINES)
        shown = "\n".join(rows(ui))
        order = ["checkpoint complete", "paused: I/O error", "No space left", "EXT4-fs error",
                 "» resume", "× resume: it paused again. free some space"]  # fmt: skip
        places = [shown.index(words) for words in order]
        assert places == sorted(places)
        assert "\\x1b" not in shown and "\x1b" not in shown, "colours are left out"
        table = ui.text("page")
        assert "● read" in table and PATH in table and "40K" in table and "2 files" in table


async def test_a_time_that_is_not_the_lines_own_is_marked() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        await logs.tell(*LINES)
        by_text = {line.split()[-1]: line.lstrip(" ▌") for line in rows(ui)}
        assert by_text["buffers"].startswith("~03:13:39")
        assert by_text["(28)"].startswith("03:13:40")
        await ui.press("g")
        assert "is when it was read: the line has no time of its own" in ui.text("page")


@pytest.mark.parametrize(
    "state", [LogState.EMPTY, LogState.ABSENT, LogState.SHUT, LogState.UNREADABLE, LogState.AWAY]
)
async def test_what_cannot_be_read_never_looks_like_an_empty_log(state: LogState) -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        size = 0 if state is LogState.EMPTY else None
        why = "" if state is LogState.EMPTY else "the reason"
        source = LogSource("qemu", LogKind.QEMU, state, PATH, size, reason=why, advice=why and "do")
        await logs.tell(sources=(source, LIBVIRT))
        line = next(line for line in ui.text("page").splitlines() if "[x] qemu" in line)
        assert state.value in line
        assert ("the reason; do" in line) is (state is not LogState.EMPTY)
        assert (" 0 " in line) is (state is LogState.EMPTY)
        said = ui.text("answer")
        assert ("the reason" in said) is (
            state in (LogState.SHUT, LogState.UNREADABLE, LogState.AWAY)
        )


async def test_a_line_says_whole_what_it_means_and_what_happened_with_it() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        await logs.tell(*LINES)
        await ui.press("N")
        assert logs.under_cursor == NO_SPACE.text
        below = ui.text("page").partition("this line")[2]
        assert "whole   2023-11-14T03:13:40Z qemu-system-x86_64: block I/O error" in below
        assert "the disk behind libvirt-2-format could not grow" in below
        assert "free some space there" in below
        assert "2 other lines within 1 s, 2 sources" in below
        assert "console  LOG:  checkpoint complete" in below


async def test_trouble_is_gone_to_in_both_directions() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        quiet = [LogLine("qemu", f"quiet {n}", fleet.EPOCH - 30 + n) for n in range(9)]
        await logs.tell(*LINES, *quiet)
        await ui.press("N")
        assert logs.under_cursor == EXT4.text
        await ui.press("N")
        assert logs.under_cursor == NO_SPACE.text
        await ui.press("N")
        assert "no line before this one sounds like trouble" in ui.text("answer")
        await ui.press("n", "n")
        assert "no line after this one sounds like trouble" in ui.text("answer")


async def test_the_newest_line_is_followed_until_one_moves_away() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        await logs.tell(*LINES)
        new = [LogLine("qemu", f"new {n}", fleet.EPOCH + n) for n in range(3)]
        await logs.tell(new[0])
        assert logs.under_cursor == "new 0" and "following" in ui.text("page")
        await ui.press("up")
        before = logs.under_cursor
        await logs.tell(new[1])
        assert logs.under_cursor == before and "2 newer" in ui.text("page")
        await ui.press("f")
        assert logs.under_cursor == "new 1"
        await logs.tell(new[2])
        assert logs.under_cursor == "new 2"


async def test_a_filter_takes_words_and_sources_and_says_what_is_wrong() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        await logs.tell(*LINES)
        await ui.press("slash")
        await ui.type("source:qemu")
        await ui.settle()
        assert len(rows(ui)) == 1 and "No space left" in rows(ui)[0]
        await ui.type("x")
        assert "sources are qemu, console, libvirt, tasks" in ui.painted()
        await ui.press("backspace", "enter")
        assert "/source:qemu" in ui.text("page") and "1 of 3" in ui.text("page")
        await ui.press("slash", "ctrl+u")
        await ui.type("error nowhere")
        await ui.press("enter")
        assert "none of 3 lines matches" in ui.text("page")
        await ui.press("escape")
        assert len(rows(ui)) == 3 and logs.page.is_current


async def test_older_lines_are_read_at_the_top_and_the_cursor_stays_on_its_line() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        await logs.tell(*LINES)
        await ui.press("g")
        at = logs.under_cursor
        assert not ui.backend.older, "nothing is read until one goes further up"
        await ui.press("up")
        assert ui.backend.older == [(logs.number, "qemu")]
        await logs.tell(older=(LogLine("qemu", "yesterday", fleet.EPOCH - 86_400),))
        assert logs.under_cursor == at
        await ui.press("g")
        assert logs.under_cursor == "yesterday"
        assert "13 Nov 03:14:22" in rows(ui)[0], "another day is told"


async def test_marked_lines_are_copied_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        copied: list[str] = []
        monkeypatch.setattr(ui.app, "copy_to_clipboard", copied.append)
        await logs.tell(*LINES)
        await ui.press("g", "space", "down", "space", "y")
        (text,) = copied
        assert "checkpoint complete" in text and "EXT4-fs error" in text
        assert "No space left" not in text and "\x1b" not in text
        assert "copied 2 lines" in ui.text("answer")


async def test_what_is_shown_is_saved_to_a_file_of_ones_own_and_never_over_another(
    tmp_path: Path,
) -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        await logs.tell(*LINES)
        path = tmp_path / "it.txt"
        for answer in ("saved 3 lines to", "nothing was saved: there is such a file already"):
            await ui.press("e", "ctrl+u")
            await ui.type(str(path))
            await ui.press("enter")
            await ui.wait_for(lambda: answer in ui.text("answer"), answer)  # noqa: B023
        saved = path.read_text().splitlines()
        assert len(saved) == 3 and saved[1].endswith("No space left on device (28)")
        assert path.stat().st_mode & 0o777 == 0o600


async def test_a_source_is_hidden_and_shown_again() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        await logs.tell(*LINES)
        await ui.press("tab", "down", "space")
        assert "[ ] console" in ui.text("page") and len(rows(ui)) == 1
        await ui.press("space", "tab")
        assert len(rows(ui)) == 3


async def test_wrapped_lines_are_whole_and_the_cursor_stays_in_view() -> None:
    async with running_app((80, 24)) as ui:
        logs = await opened(ui)
        long = " ".join(f"word{n}" for n in range(60))
        await logs.tell(*(LogLine("qemu", f"{n} {long}", fleet.EPOCH + n) for n in range(9)))
        assert "word59" not in "\n".join(rows(ui))
        await ui.press("L")
        assert "word59" in rows(ui)[-1]
        for _ in range(8):
            await ui.press("up")
            assert any(line.startswith("▌") for line in rows(ui))
        assert rows(ui)[0].startswith("▌") and " 0 word0 " in rows(ui)[0]


async def test_at_80_columns_the_sources_are_in_the_rule() -> None:
    async with running_app((80, 24)) as ui:
        logs = await opened(ui)
        shut = LogSource("qemu", LogKind.QEMU, LogState.SHUT, PATH, reason="root's")
        await logs.tell(CHECKPOINT, sources=(shut, CONSOLE, LIBVIRT))
        rule = next(line for line in ui.text("page").splitlines() if "logs of web-01" in line)
        assert "qemu× console libvirt tasks" in rule
        await ui.press("tab")
        assert "SOURCE    STATE" in ui.text("page")


async def test_an_unfinished_line_is_shown_until_it_is_whole() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        prompt = LogLine("console", "web-01 login: ", fleet.EPOCH, LineTime.READ)
        await logs.tell(*LINES, unfinished=(prompt,))
        assert "login:" in rows(ui)[-1]
        await logs.tell(LogLine("console", "web-01 login: root", fleet.EPOCH, LineTime.READ))
        assert "login: root" in rows(ui)[-1] and len(rows(ui)) == 4


async def test_a_guest_cannot_write_to_the_terminal_through_its_log() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        evil = "a\x1b]0;title\x07b\x9b31mc\u202ed[bold]e"
        await logs.tell(LogLine("console", evil, fleet.EPOCH, LineTime.READ))
        painted = ui.painted()
        assert "\x1b" not in painted and "\u202e" not in painted and "\x9b" not in painted
        assert "[bold]" in painted


async def test_the_logs_are_let_go_when_the_page_is_left_and_c_opens_the_console() -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.press("escape")
        assert isinstance(ui.top(), MainScreen) and not ui.backend.logs
        await opened(ui)
        ui.backend.devices = (ConsoleDevice("serial0", "ttyS0", "isa-serial"),)
        await ui.press("c")
        await ui.wait_for(lambda: ui.top().name == "console", "the console")
        assert not ui.backend.logs


async def test_a_run_that_only_reads_shows_logs() -> None:
    async with running_app(read_only=True) as ui:
        logs = await opened(ui)
        await logs.tell(*LINES)
        assert len(rows(ui)) == 3
        await ui.press("c")
        assert "read-only" in ui.text("answer")


async def test_the_logs_of_a_domain_are_opened_by_name() -> None:
    async with running_app() as ui:
        await ui.press("colon")
        await ui.type(f"logs {NAME}")
        await ui.press("enter")
        assert list(ui.backend.logs.values()) == [LogRequest(fleet.key(NAME), NAME)]


async def test_a_console_that_is_in_no_file_is_logged_from_the_next_start() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        await ui.press("a")
        assert "logged already, or none can be" in ui.text("answer")
        place = f"/var/log/libvirt/qemu/{NAME}-serial0.log"
        bare = LogSource(
            "console", LogKind.CONSOLE, LogState.NOT_KEPT, place, reason="no file",
            advice="a has it logged", device="serial0",
        )  # fmt: skip
        await logs.tell(sources=(QEMU, bare, LIBVIRT))
        assert "– not kept" in ui.text("page") and "a log its console" in ui.text("keys")
        await ui.press("a", "enter")
        assert not ui.backend.commands, "Cancel has the focus"
        await ui.press("a")
        assert place in ui.painted()
        await ui.press("y")
        (made,) = ui.backend.commands
        assert isinstance(made.arguments, EditArguments)
        assert made.arguments.change == SettingChange("log", "serial1", (("", place),))
        assert made.arguments.when is ApplyWhen.NEXT_BOOT


async def test_a_virtio_console_is_logged_under_the_number_that_settings_have() -> None:
    async with running_app() as ui:
        logs = await opened(ui)
        bare = LogSource(
            "console", LogKind.CONSOLE, LogState.NOT_KEPT, "/x-console0.log", device="console0"
        )
        await logs.tell(sources=(QEMU, bare, LIBVIRT))
        await ui.press("a", "y")
        (made,) = ui.backend.commands
        assert isinstance(made.arguments, EditArguments)
        assert made.arguments.change == SettingChange("log", "console1", (("", "/x-console0.log"),))


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 36), (200, 60)])
async def test_every_size_is_filled_and_nothing_is_wider(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        logs = await opened(ui)
        await logs.tell(*LINES)
        painted = ui.painted().splitlines()
        assert len(painted) == size[1] and {len(line) for line in painted} == {size[0]}
        assert "? keys" in painted[-1]
