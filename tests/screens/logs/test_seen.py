"""What an open console printed is a source of its domain's logs, where no file has it."""

from __future__ import annotations

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from tests.screens.console.test_page import NAME, STOP, opened
from virttui.model.domains.consoles import ConsolePhase
from virttui.model.domains.logs import LogKind, LogLine, LogSource, LogState, LogUpdate
from virttui.screens.console.printed_by import printed_by
from virttui.screens.logs.screen import LogsScreen

NOT_KEPT = LogSource("console", LogKind.CONSOLE, LogState.NOT_KEPT, device="serial0")
READ = LogSource("console", LogKind.CONSOLE, LogState.READ, "/x-serial0.log", device="serial0")
ASKED = LogSource("console", LogKind.CONSOLE, LogState.ASKED)
QEMU = LogSource("qemu", LogKind.QEMU, LogState.READ, "/var/log/libvirt/qemu/web-01.log", 99)
ONE = LogLine("qemu", "said by qemu", fleet.EPOCH - 100)


async def logs_of_printed(ui: RunningApp, source: LogSource) -> None:
    """Have a console print something, then open its logs; ``source`` is its file."""
    console = await opened(ui)
    await console.says(b"Kernel panic - not syncing: VFS\r\nprompt> ", "prompt>")
    await ui.press(STOP)
    await console.tell(ConsolePhase.OFF, "it crashed")
    await ui.press("l")
    await ui.wait_for(lambda: ui.backend.logs, "open logs")
    ((number, request),) = ui.backend.logs.items()
    await ui.publish(LogUpdate(number, request, (QEMU, source), (ONE,)))
    ui.app.update_screen()
    await ui.settle()


async def test_its_lines_stand_among_the_others_with_what_they_mean() -> None:
    async with running_app((120, 36)) as ui:
        await logs_of_printed(ui, NOT_KEPT)
        page = ui.text("page")
        assert "serial0   ● seen" in page and "printed while this app had it open" in page
        assert page.index("said by qemu") < page.index("× Kernel panic - not syncing: VFS")
        assert "web-01 went off at" in page
        assert "prompt>" not in page, "a line comes once it has its end"
        await ui.press("N")
        assert "the guest's kernel stopped: VFS" in ui.text("page")


async def test_a_console_whose_file_is_read_is_not_shown_twice() -> None:
    for source in (READ, ASKED):
        async with running_app((120, 36)) as ui:
            await logs_of_printed(ui, source)
            page = ui.text("page")
            assert "said by qemu" in page and "Kernel panic" not in page, source.state


async def test_lines_go_on_while_its_console_stays_attached_and_come_once() -> None:
    async with running_app((120, 36)) as ui:
        console = await opened(ui)
        number = console.number
        await console.says(b"one\r\n", "one")
        await ui.press(STOP, "l")
        await ui.wait_for(lambda: ui.backend.logs, "open logs")
        ((logs, request),) = ui.backend.logs.items()
        await ui.publish(LogUpdate(logs, request, (QEMU, NOT_KEPT)))
        ui.backend.consoles[number][1](b"two\r\n")
        ui.app.update_screen()
        ui.app.update_screen()
        await ui.settle()
        page = ui.top()
        assert isinstance(page, LogsScreen)
        assert [line.text for line in page.view_state.log.lines] == ["one", "two"]


async def test_reading_along_begins_behind_what_was_seen() -> None:
    async with running_app((120, 36)) as ui:
        console = await opened(ui)
        await console.says(b"seen before\r\n# ", "seen before")
        printed = printed_by(ui.app).of((fleet.key(NAME), "serial0"))
        await ui.press(STOP, "escape")
        again = await opened(ui)
        await again.tell(ConsolePhase.IN_USE)
        request, _ = ui.backend.consoles[again.number]
        assert request.seen == b"" and not request.read_along
        assert printed.last_bytes(100) == b"seen before\r\n# "
        page = again.page
        await page.open_place(0, read_along=True)
        request, _ = ui.backend.consoles[again.number]
        assert request.read_along and request.seen == b"seen before\r\n# "
