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


async def with_network(ui: RunningApp, **changes: Any) -> Network:
    """Give the first NAT network of the scene leases and records, and go to it."""
    inventory = next(iter(ui.view_state.fleet_state.inventories.values()))
    found = next(one for one in inventory.networks.values() if one.mode == "nat")
    changes.setdefault("stored", changes.get("records", ()))
    network = replace(found, leases=LEASES, subnets=("192.168.122.0/24",), **changes)
    networks = {**inventory.networks, found.key.uuid: network}
    await ui.press("2")
    await ui.publish(replace(inventory, networks=networks))
    assert ui.view_state.view.cursor.jump(network.key, ui.view_state.height)
    ui.console.paint()
    return network


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_only_loose_lease_is_fixed_at_once(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        network = await with_network(ui, records=(FIXED,))
        await ui.press("f")
        (command,) = ui.backend.commands
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
    async with running_app() as ui:
        await with_network(ui)
        await ui.press("f")
        assert "192.168.122.12  00:00:02" in ui.screen_text()
        await ui.press("down", "enter")
        (command,) = ui.backend.commands
        record = arguments_of(command, NetworkRecord)
        assert record is not None and record.name == LEASES[1].mac


async def test_a_network_without_leases_says_so() -> None:
    async with running_app() as ui:
        await with_network(ui, records=(FIXED, replace(FIXED, name=LEASES[0].mac)))
        await ui.press("f")
        assert "every lease is already reserved" in ui.text("answer")
        assert ui.backend.commands == []


async def test_a_record_is_added_from_a_line_that_says_what_is_wrong() -> None:
    async with running_app() as ui:
        await with_network(ui)
        await ui.press("enter")
        await ui.type("dns host")
        await ui.press("enter")
        await ui.type("ten shop.lab")
        assert "ten is not an address" in ui.screen_text()
        await ui.press("enter")
        assert ui.backend.commands == [], "what makes no sense is not taken"
        for _ in range(len("ten shop.lab")):
            await ui.press("backspace")
        await ui.type("192.168.122.5 shop.lab")
        await ui.press("enter")
        (command,) = ui.backend.commands
        record = arguments_of(command, NetworkRecord)
        assert record is not None
        assert record.kind is RecordKind.DNS_HOST and record.value == "shop.lab"


async def test_a_record_is_dropped_after_a_question_that_defaults_to_cancel() -> None:
    async with running_app() as ui:
        await with_network(ui, records=(FIXED,))
        await ui.press("enter", "enter")
        assert "Drop the reservation 52:54:00:00:00:02" in ui.screen_text()
        await ui.press("enter")
        assert ui.backend.commands == []
        await ui.press("enter", "enter", "y")
        (command,) = ui.backend.commands
        assert command.verb is Verb.DELETE_RECORD and arguments_of(command, NetworkRecord) == FIXED


async def test_what_waits_for_the_next_start_is_said_and_a_restart_is_offered() -> None:
    forwards = NetworkRecord(RecordKind.FORWARDER, "10.0.0.53", "for all names", "<forwarder/>")
    async with running_app() as ui:
        network = await with_network(ui, records=(FIXED,), stored=(FIXED, forwards))
        assert "1 change; R restarts it now" in ui.screen_text()
        await ui.press("enter")
        text = ui.screen_text()
        assert "DNS forwarder 10.0.0.53" in text and "next start: for all names" in text
        await ui.type("restart")
        await ui.press("enter", "y")
        commands = ui.backend.commands
        assert [one.verb for one in commands[:2]] == [Verb.STOP, Verb.START]
        assert commands[0].target.key == network.key


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_forwarder_is_added_for_the_next_start(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        await with_network(ui)
        await ui.press("enter")
        await ui.type("forwarder")
        await ui.press("enter")
        assert "from its next start on" in ui.screen_text()
        await ui.type("10.0.0.53 corp.example")
        await ui.press("enter")
        (command,) = ui.backend.commands
        record = arguments_of(command, NetworkRecord)
        assert command.verb is Verb.ADD_RECORD and record is not None
        assert record.kind is RecordKind.FORWARDER


async def test_a_lease_names_its_domain_or_says_that_nobody_here_has_it() -> None:
    async with running_app() as ui:
        inventory = next(iter(ui.view_state.fleet_state.inventories.values()))
        owner = next(one for one in inventory.domains.values() if one.name == "netbox")
        leases = (
            Lease(owner.nics[0].mac.upper(), "192.168.122.61", "other-name", 0),
            Lease("52:54:00:ff:ff:ff", "192.168.122.62", "stranger", 0),
        )
        await with_network(ui)
        network = ui.view_state.view.row.network
        unique = replace(owner, nics=(replace(owner.nics[0], mac="52:54:00:0a:0b:0c"),))
        leases = (replace(leases[0], mac="52:54:00:0A:0B:0C"), leases[1])
        await ui.publish(
            replace(
                inventory,
                domains={**inventory.domains, owner.key.uuid: unique},
                networks={**inventory.networks, network.key.uuid: replace(network, leases=leases)},
            )
        )
        lines = ui.screen_text().splitlines()
        assert any("other-name" in line and "netbox" in line for line in lines)
        assert any("stranger" in line and "no domain" in line for line in lines)
