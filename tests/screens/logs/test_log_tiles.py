"""The page of several domains' logs in the running app, on scripted updates of them."""

from __future__ import annotations

from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.domains.logs import LogLine, LogRequest, LogState, LogUpdate
from virttui.screens.logs.screen import LogsScreen
from virttui.screens.logs.tiles import LogTilesScreen

from .test_logs_page import CONSOLE, LINES, NO_SPACE, QEMU

NAMES = ("web-01", "gitlab", "web-03", "cache-01", "db-primary-01")


async def opened(ui: RunningApp) -> None:
    for name in NAMES:
        ui.put_cursor(name)
        await ui.press("space")
    await ui.press("l")
    assert isinstance(ui.top(), LogTilesScreen)


async def tell(ui: RunningApp, name: str, *lines: LogLine, shut: bool = False) -> None:
    """What is read of the logs of one domain."""
    for number, request in ui.backend.logs.items():
        if isinstance(request, LogRequest) and request.name == name:
            qemu = replace(QEMU, state=LogState.SHUT, reason="it is root's") if shut else QEMU
            await ui.publish(LogUpdate(number, request, (qemu, CONSOLE), lines))
            return
    raise AssertionError(f"the logs of {name} are not open")


def open_logs(ui: RunningApp) -> set[str]:
    return {one.name for one in ui.backend.logs.values() if isinstance(one, LogRequest)}


async def test_l_on_marks_shows_the_last_lines_of_each() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        assert open_logs(ui) == set(NAMES)
        await tell(ui, "web-01", *LINES)
        await tell(ui, "gitlab", shut=True)
        painted = ui.painted()
        assert "━━ logs 5 guests" in painted and "1 error" in painted
        assert "03:13:40 block I/O error in device 'libvirt-2" in painted
        assert "\x1b" not in painted and "~03:13:40 [541.11] EXT4-fs error (device vdb)" in painted
        assert "qemu shut: it is root's" in painted
        many = [replace(NO_SPACE, text=f"line {n}", at=fleet.EPOCH + n) for n in range(50)]
        await tell(ui, "web-03", *many)
        assert "line 49" in ui.painted() and "line 30" not in ui.painted()


async def test_only_logs_in_view_are_read_and_none_once_the_page_is_left() -> None:
    async with running_app((80, 24)) as ui:
        await opened(ui)
        first = open_logs(ui)
        assert len(first) == 4
        await ui.press("pagedown")
        assert len(open_logs(ui)) == 1 and not open_logs(ui) & first
        await ui.press("g")
        assert open_logs(ui) == first
        await ui.press("escape")
        assert ui.top() is ui.console and not ui.backend.logs


async def test_enter_opens_the_logs_of_one_and_esc_comes_back() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press("right", "enter")
        await ui.wait_for(lambda: isinstance(ui.top(), LogsScreen))
        await ui.press("escape")
        await ui.wait_for(lambda: isinstance(ui.top(), LogTilesScreen))
        assert open_logs(ui) == set(NAMES)
