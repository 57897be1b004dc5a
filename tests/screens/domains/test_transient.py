"""What is lost with a transient domain is said before it is ended."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app


async def with_transient(made: RunningApp, *names: str) -> None:
    """Show these domains of kvm01 as transient."""
    for inventory in fleet.inventories():
        found = {
            uuid: replace(domain, persistent=False)
            for uuid, domain in inventory.domains.items()
            if domain.name in names
        }
        await made.publish(replace(inventory, domains={**inventory.domains, **found}))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_force_off_says_that_the_definition_goes_too(size: tuple[int, int]) -> None:
    async with running_app(size) as made:
        await with_transient(made, "web-01")
        made.put_cursor("web-01")
        await made.press("D")
        body = " ".join(made.text("body").split())
        assert "It is transient: its definition goes with it." in body
        await made.press("escape")
        assert made.backend.commands == []


async def test_of_several_those_that_are_transient_are_named() -> None:
    async with running_app((120, 36)) as made:
        await with_transient(made, "web-01")
        for name in ("web-01", "web-02"):
            made.put_cursor(name)
            await made.press("space")
        await made.press("D")
        body = " ".join(made.text("body").split())
        assert "web-01 is transient: its definition goes too." in body


async def test_nothing_is_said_of_what_is_stored() -> None:
    async with running_app((120, 36)) as made:
        made.put_cursor("web-01")
        await made.press("D")
        assert "transient" not in made.text("body")
