"""Leases fixed by one key; reservations and DNS records added and dropped from a list."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.arguments import arguments_of
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.commands import Verb
from virttui.model.inventory import Lease, Network
from virttui.model.network_records import NetworkRecord, RecordKind

LEASES = (
    Lease("52:54:00:00:00:01", "192.168.122.11", "wiki", 0),
    Lease("52:54:00:00:00:02", "192.168.122.12", "", 0),
)
FIXED = NetworkRecord(RecordKind.RESERVATION, LEASES[1].mac, "192.168.122.12", "<host/>", 0)


async def with_network(made: RunningApp, **changes: Any) -> Network:
    """Give the first NAT network of the scene leases and records, and go to it."""
    inventory = next(iter(made.view_state.fleet_state.inventories.values()))
    found = next(one for one in inventory.networks.values() if one.mode == "nat")
    changes.setdefault("stored", changes.get("records", ()))
    network = replace(found, leases=LEASES, subnets=("192.168.122.0/24",), **changes)
    networks = {**inventory.networks, found.key.uuid: network}
    await made.press("2")
    await made.publish(replace(inventory, networks=networks))
    assert made.view_state.view.cursor.jump(network.key, made.view_state.height)
    made.console.paint()
    return network


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_only_loose_lease_is_fixed_at_once(size: tuple[int, int]) -> None:
    async with running_app(size) as made:
        network = await with_network(made, records=(FIXED,))
        await made.press("f")
        (command,) = made.backend.commands
        assert command.verb is Verb.ADD_RECORD and command.target.key == network.key
        record = arguments_of(command, NetworkRecord)
        assert record is not None
        assert (
            record.name,
            record.value,
        ) == (
            LEASES[0].mac,
            "192.168.122.11 wiki",
        )


async def test_of_several_leases_one_is_chosen() -> None:
    async with running_app() as made:
        await with_network(made)
        await made.press("f")
        assert "192.168.122.12  00:00:02" in made.screen_text()
        await made.press("down", "enter")
        (command,) = made.backend.commands
        record = arguments_of(command, NetworkRecord)
        assert record is not None and record.name == LEASES[1].mac


async def test_a_network_without_leases_says_so() -> None:
    async with running_app() as made:
        await with_network(made, records=(FIXED, replace(FIXED, name=LEASES[0].mac)))
        await made.press("f")
        assert "every lease is already reserved" in made.text("answer")
        assert made.backend.commands == []


async def test_a_record_is_added_from_a_line_that_says_what_is_wrong() -> None:
    async with running_app() as made:
        await with_network(made)
        await made.press("enter")
        await made.type("dns host")
        await made.press("enter")
        await made.type("ten shop.lab")
        assert "ten is not an address" in made.screen_text()
        await made.press("enter")
        assert made.backend.commands == [], "what makes no sense is not taken"
        for _ in range(len("ten shop.lab")):
            await made.press("backspace")
        await made.type("192.168.122.5 shop.lab")
        await made.press("enter")
        (command,) = made.backend.commands
        record = arguments_of(command, NetworkRecord)
        assert record is not None
        assert record.kind is RecordKind.DNS_HOST and record.value == "shop.lab"


async def test_a_record_is_dropped_after_a_question_that_defaults_to_cancel() -> None:
    async with running_app() as made:
        await with_network(made, records=(FIXED,))
        await made.press("enter", "enter")
        assert "Drop the reservation 52:54:00:00:00:02" in made.screen_text()
        await made.press("enter")
        assert made.backend.commands == []
        await made.press("enter", "enter", "y")
        (command,) = made.backend.commands
        assert command.verb is Verb.DELETE_RECORD and arguments_of(command, NetworkRecord) == FIXED


async def test_what_waits_for_the_next_start_is_said_and_a_restart_is_offered() -> None:
    forwards = NetworkRecord(RecordKind.FORWARDER, "10.0.0.53", "for all names", "<forwarder/>")
    async with running_app() as made:
        network = await with_network(made, records=(FIXED,), stored=(FIXED, forwards))
        assert "1 change; R restarts it now" in made.screen_text()
        await made.press("enter")
        text = made.screen_text()
        assert "DNS forwarder 10.0.0.53" in text and "next start: for all names" in text
        await made.type("restart")
        await made.press("enter", "y")
        commands = made.backend.commands
        assert [one.verb for one in commands[:2]] == [Verb.STOP, Verb.START]
        assert commands[0].target.key == network.key


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_forwarder_is_added_for_the_next_start(size: tuple[int, int]) -> None:
    async with running_app(size) as made:
        await with_network(made)
        await made.press("enter")
        await made.type("forwarder")
        await made.press("enter")
        assert "from its next start on" in made.screen_text()
        await made.type("10.0.0.53 corp.example")
        await made.press("enter")
        (command,) = made.backend.commands
        record = arguments_of(command, NetworkRecord)
        assert command.verb is Verb.ADD_RECORD and record is not None
        assert record.kind is RecordKind.FORWARDER


async def test_a_lease_names_its_domain_or_says_that_nobody_here_has_it() -> None:
    async with running_app() as made:
        inventory = next(iter(made.view_state.fleet_state.inventories.values()))
        owner = next(one for one in inventory.domains.values() if one.name == "netbox")
        leases = (
            Lease(owner.nics[0].mac.upper(), "192.168.122.61", "other-name", 0),
            Lease("52:54:00:ff:ff:ff", "192.168.122.62", "stranger", 0),
        )
        await with_network(made)
        network = made.view_state.view.row.network
        unique = replace(owner, nics=(replace(owner.nics[0], mac="52:54:00:0a:0b:0c"),))
        leases = (replace(leases[0], mac="52:54:00:0A:0B:0C"), leases[1])
        await made.publish(
            replace(
                inventory,
                domains={**inventory.domains, owner.key.uuid: unique},
                networks={**inventory.networks, network.key.uuid: replace(network, leases=leases)},
            )
        )
        lines = made.screen_text().splitlines()
        assert any("other-name" in line and "netbox" in line for line in lines)
        assert any("stranger" in line and "no domain" in line for line in lines)
