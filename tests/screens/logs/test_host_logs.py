"""``:logs HOST``: what happened on a host, and its daemon's messages."""

from __future__ import annotations

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.domains.logs import (
    HostLogRequest,
    LineTime,
    LogKind,
    LogLine,
    LogSource,
    LogState,
    LogUpdate,
)
from virttui.model.messages import HostEvent
from virttui.model.severity import Severity
from virttui.screens.logs.screen import HostLogsScreen

DAEMON = LogSource("libvirtd", LogKind.DAEMON, LogState.READ, "/var/log/libvirt/libvirtd.log", 99)
NO_FILE = LogSource(
    "virtqemud", LogKind.DAEMON, LogState.ABSENT, "/var/log/libvirt/virtqemud.log",
    reason="there is no such file", advice="its messages are in the journal",
)  # fmt: skip
TOLD = LogSource("libvirt", LogKind.LIBVIRT, LogState.READ, "events and messages seen")


async def opened(ui: RunningApp, name: str) -> int:
    await ui.press("colon")
    await ui.type(f"logs {name}")
    await ui.press("enter")
    await ui.wait_for(lambda: isinstance(ui.top(), HostLogsScreen), "the page")
    ((number, request),) = ui.backend.logs.items()
    assert isinstance(request, HostLogRequest)
    line = LogLine(
        "libvirtd", "2023-11-14 22:13:00.551+0000: 811: error : virNetSocket:18 : End of file",
        fleet.EPOCH - 20, LineTime.OWN, level=Severity.WARNING,
    )  # fmt: skip
    await ui.publish(LogUpdate(number, request, (DAEMON, NO_FILE, TOLD), (line,)))
    return number


async def test_the_daemon_and_all_that_happened_on_the_host_are_in_one_order() -> None:
    host, name = fleet.key("web-01").host, fleet.inventories()[0].host.name
    async with running_app((120, 36)) as ui:
        key = fleet.key("web-01")
        await ui.publish(
            HostEvent(fleet.EPOCH - 10, host, "domain", "web-01", "was started", key=key),
            HostEvent(fleet.EPOCH - 9, "elsewhere", "domain", "far", "was stopped"),
        )
        await opened(ui, name)
        page = ui.text("page")
        assert f"hosts › {name} › logs" in page
        assert page.index("End of file") < page.index("domain web-01: was started")
        assert "was stopped" not in page
        assert "there is no such file; its messages are in the journal" in page
        assert "c console" not in ui.text("keys")
        await ui.press("escape")
        assert ui.top() is ui.console and not ui.backend.logs


async def test_a_domain_that_is_called_like_a_host_comes_first() -> None:
    from virttui.commandline.host_logs import read_host_logs
    from virttui.commandline.tokenizer import split
    from virttui.store.fleet_state import FleetState

    inventories = {one.host.id: one for one in fleet.inventories()}
    domains = [domain.key for one in inventories.values() for domain in one.domains.values()]
    state = FleetState(inventories, domains)
    name = fleet.inventories()[0].host.name
    found = read_host_logs(split(f"logs {name}", 5), state)
    assert found is not None and found.intent is not None
    assert read_host_logs(split("logs web-01", 5), state) is None
    assert read_host_logs(split(f"logs {name} web-01", 5), state) is None


async def test_logs_of_a_host_fill_small_screens() -> None:
    name = fleet.inventories()[0].host.name
    for size in ((80, 24), (200, 60)):
        async with running_app(size) as ui:
            await opened(ui, name)
            painted = ui.painted().splitlines()
            assert len(painted) == size[1] and {len(line) for line in painted} == {size[0]}
