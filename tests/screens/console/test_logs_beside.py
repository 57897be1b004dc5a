"""The logs of a domain beside its console, from 160 columns on."""

from __future__ import annotations

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from tests.screens.console.test_page import NAME, STOP, opened
from tests.screens.console.test_side import choose
from virttui.model.domains.logs import (
    LogKind,
    LogLine,
    LogRequest,
    LogSource,
    LogState,
    LogUpdate,
)
from virttui.model.severity import Severity

QEMU = LogSource("qemu", LogKind.QEMU, LogState.READ, "/var/log/libvirt/qemu/web-01.log", 99)


async def tell(ui: RunningApp, *texts: str) -> None:
    ((number, request),) = ui.backend.logs.items()
    lines = tuple(
        LogLine("qemu", text, fleet.EPOCH + place, level=Severity.ERROR if "bad" in text else
                Severity.OK)
        for place, text in enumerate(texts)
    )  # fmt: skip
    await ui.publish(LogUpdate(number, request, (QEMU,), lines))


async def test_the_logs_stand_beside_the_guest_and_go_again() -> None:
    async with running_app((160, 45)) as ui:
        console = await opened(ui)
        await console.says(b"the guest's line", "the guest's line")
        assert "logs beside" not in ui.text("keys"), "while typing every key is the guest's"
        await ui.press("vertical_line")
        assert ui.backend.written and not ui.backend.logs
        await ui.press(STOP)
        await choose(ui, "logs")
        (request,) = ui.backend.logs.values()
        assert isinstance(request, LogRequest) and request.domain == fleet.key(NAME)
        await tell(ui, "one", "two")
        assert f"logs of {NAME}" in ui.text("side") and "two" in ui.text("side")
        assert "the guest's line" in ui.painted()
        await choose(ui, "figures")
        assert not ui.backend.logs and "cpu" in ui.text("side")


async def test_one_side_takes_keys_and_its_rule_says_so() -> None:
    async with running_app((160, 45)) as ui:
        await opened(ui)
        await ui.press(STOP)
        await choose(ui, "logs")
        await tell(ui, "one", "a bad one", "three")
        assert not ui.text("side").startswith("━━")
        await ui.press("tab")
        assert ui.text("side").startswith("━━ logs of web-01")
        await ui.press("N")
        assert "▌ 03:14:23" in ui.text("side")
        await ui.press("down", "x")
        assert not ui.backend.written, "no key of the logs reaches the guest"
        await ui.press("enter")
        assert not ui.text("side").startswith("━━")
        assert "you type into" in ui.text("rule")


async def test_a_narrow_terminal_says_what_is_wanted() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press(STOP, "vertical_line")
        assert "wants 160 columns" in ui.text("answer") and not ui.backend.logs


async def test_the_logs_are_let_go_with_the_page() -> None:
    async with running_app((200, 60)) as ui:
        await opened(ui)
        await ui.press(STOP)
        await choose(ui, "logs")
        assert ui.backend.logs
        await ui.press("escape")
        assert not ui.backend.logs


async def test_every_cell_is_filled_and_the_guest_keeps_its_80_columns() -> None:
    for size in ((160, 24), (160, 45), (200, 60), (240, 60)):
        async with running_app(size) as ui:
            console = await opened(ui)
            await console.says(b"x" * 80, "x" * 80)
            await ui.press(STOP)
            await choose(ui, "logs")
            await tell(ui, "one", "two")
            painted = ui.painted().splitlines()
            assert len(painted) == size[1] and {len(line) for line in painted} == {size[0]}
            assert "x" * 80 in ui.painted()
