"""The lines of a console stay when its page is left; breaks and shared consoles are told of."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import FixedClock, running_app
from tests.screens.console.test_page import NAME, SERIAL, STOP, VIRTIO, Opened, opened
from virttui.model.domains.consoles import ConsolePhase
from virttui.screens.console import left_terminals as kept
from virttui.screens.console.left_terminals import left_terminals


async def test_lines_stay_when_a_page_is_left_with_a_rule_where_output_may_be_missing() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        console = await opened(ui)
        await console.says(b"before it was left\r\n", "before it was left")
        await ui.press(STOP, "escape")
        console = await opened(ui)
        await ui.wait_for(lambda: "back" in ui.painted(), "the rule")
        painted = ui.painted()
        assert painted.index("before it was left") < painted.index("─ let go ")
        await console.says(b"after it", "after it")


async def test_each_console_has_its_own_lines() -> None:
    async with running_app((120, 36)) as ui:
        console = await opened(ui)
        await console.says(b"lines of web-01\r\n", "lines of web-01")
        await ui.press(STOP, "escape")
        await opened(ui, name="web-02")
        assert "lines of web-01" not in ui.painted()


async def test_a_size_that_was_told_stays_told() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press(STOP, "z", "y", STOP, "escape")
        await opened(ui)
        assert "told by z" in ui.text("side") and "80x24" not in ui.text("rule")


async def test_of_many_consoles_the_first_left_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 1)
    async with running_app((120, 36)) as ui:
        console = await opened(ui)
        await console.says(b"gone\r\n", "gone")
        await ui.press(STOP, "escape")
        await opened(ui, name="web-02")
        await ui.press(STOP, "escape")
        left = left_terminals(ui.app)
        assert left.take((fleet.key(NAME), "serial0")) is None
        found = left.take((fleet.key("web-02"), "serial0"))
        assert found is not None
        found.screen.close()


async def test_a_break_is_refused_with_the_way_that_there_is() -> None:
    async with running_app((160, 36)) as ui:
        await opened(ui)
        await ui.press(STOP, "b")
        said = ui.text("answer")
        assert "libvirt has no call for it" in said and "taints the domain" in said
        assert "chardev-send-break" in said and "charserial0" in said
        assert not ui.backend.written and not ui.backend.commands


async def test_only_a_serial_line_has_a_break() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui, devices=(VIRTIO,))
        await ui.press(STOP, "b")
        assert "only a serial line has one" in ui.text("answer")


async def test_a_containers_console_is_said_to_be_shared() -> None:
    inventories = fleet.inventories()
    made = []
    for inventory in inventories:
        domains = {
            uuid: replace(one, os_type="exe") if one.name == NAME else one
            for uuid, one in inventory.domains.items()
        }
        made.append(replace(inventory, domains=domains))
    async with running_app((120, 36), messages=made) as ui:
        await opened(ui)
        await ui.press(STOP)
        assert "others can open a container's console too" in ui.text("answer")
        assert "shared" in ui.text("side")


async def test_how_often_a_held_console_is_asked_for_is_told_as_it_is() -> None:
    async with running_app((80, 24)) as ui:
        console: Opened = await opened(ui, ConsolePhase.IN_USE, (SERIAL,))
        assert console.number
        assert "asked each second, later every 5 s" in ui.painted()
