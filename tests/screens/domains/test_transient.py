"""What is lost with a transient domain is said before it is ended."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app


async def with_transient(ui: RunningApp, *names: str) -> None:
    """Show these domains of kvm01 as transient."""
    for inventory in fleet.inventories():
        found = {
            uuid: replace(domain, persistent=False)
            for uuid, domain in inventory.domains.items()
            if domain.name in names
        }
        await ui.publish(replace(inventory, domains={**inventory.domains, **found}))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_force_off_says_that_the_definition_goes_too(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        await with_transient(ui, "web-01")
        ui.put_cursor("web-01")
        await ui.press("D")
        body = " ".join(ui.text("body").split())
        assert "It is transient: its definition goes with it." in body
        await ui.press("escape")
        assert ui.backend.commands == []


async def test_of_several_those_that_are_transient_are_named() -> None:
    async with running_app((120, 36)) as ui:
        await with_transient(ui, "web-01")
        for name in ("web-01", "web-02"):
            ui.put_cursor(name)
            await ui.press("space")
        await ui.press("D")
        body = " ".join(ui.text("body").split())
        assert "web-01 is transient: its definition goes too." in body


async def test_nothing_is_said_of_what_is_stored() -> None:
    async with running_app((120, 36)) as ui:
        ui.put_cursor("web-01")
        await ui.press("D")
        assert "transient" not in ui.text("body")
