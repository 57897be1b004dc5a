"""Leases fixed by one key; reservations and DNS records added and dropped from a list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ui.stand import Stand, stand
from virttui.model.commands import Verb
from virttui.model.inventory import Lease, Network
from virttui.model.records import NetworkRecord, Section

LEASES = (
    Lease("52:54:00:00:00:01", "192.168.122.11", "wiki", 0),
    Lease("52:54:00:00:00:02", "192.168.122.12", "", 0),
)
FIXED = NetworkRecord(Section.RESERVATION, LEASES[1].mac, "192.168.122.12", "<host/>", 0)


async def with_network(made: Stand, **changes: object) -> Network:
    """Give the first NAT network of the scene leases and records, and go to it."""
    inventory = next(iter(made.stage.survey.inventories.values()))
    found = next(one for one in inventory.networks.values() if one.mode == "nat")
    network = replace(found, leases=LEASES, subnets=("192.168.122.0/24",), **changes)  # type: ignore[arg-type]
    networks = {**inventory.networks, found.key.uuid: network}
    await made.press("2")
    await made.publish(replace(inventory, networks=networks))
    assert made.stage.view.hold.jump(network.key, made.stage.height)
    made.console.paint()
    return network


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_only_loose_lease_is_fixed_at_once(size: tuple[int, int]) -> None:
    async with stand(size) as made:
        network = await with_network(made, records=(FIXED,))
        await made.press("f")
        (command,) = made.backend.commands
        assert command.verb is Verb.ADD_RECORD and command.target.key == network.key
        assert command.record is not None
        assert (command.record.name, command.record.value) == (LEASES[0].mac, "192.168.122.11 wiki")


async def test_of_several_leases_one_is_chosen() -> None:
    async with stand() as made:
        await with_network(made)
        await made.press("f")
        assert "192.168.122.12  00:00:02" in made.screen_text()
        await made.press("down", "enter")
        (command,) = made.backend.commands
        assert command.record is not None and command.record.name == LEASES[1].mac


async def test_a_network_without_leases_says_so() -> None:
    async with stand() as made:
        await with_network(made, records=(FIXED, replace(FIXED, name=LEASES[0].mac)))
        await made.press("f")
        assert "every lease is fixed already" in made.text("answer")
        assert made.backend.commands == []


async def test_a_record_is_added_from_a_line_that_says_what_is_wrong() -> None:
    async with stand() as made:
        await with_network(made)
        await made.press("enter")
        await made.type("dns host")
        await made.press("enter")
        await made.type("ten shop.lab")
        assert "ten is no address" in made.screen_text()
        await made.press("enter")
        assert made.backend.commands == [], "what makes no sense is not taken"
        for _ in range(len("ten shop.lab")):
            await made.press("backspace")
        await made.type("192.168.122.5 shop.lab")
        await made.press("enter")
        (command,) = made.backend.commands
        assert command.record is not None
        assert command.record.section is Section.DNS_HOST and command.record.value == "shop.lab"


async def test_a_record_is_dropped_after_a_question_that_defaults_to_cancel() -> None:
    async with stand() as made:
        await with_network(made, records=(FIXED,))
        await made.press("enter", "enter")
        assert "Drop the reservation 52:54:00:00:00:02" in made.screen_text()
        await made.press("enter")
        assert made.backend.commands == []
        await made.press("enter", "enter", "y")
        (command,) = made.backend.commands
        assert command.verb is Verb.DROP_RECORD and command.record == FIXED
